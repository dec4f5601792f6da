#include "core/base/workers.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace persona {
namespace {

struct Stopped {};

// Ends the work of a thread that does not ask the server.
class StopPoll final : public Poll {
 public:
  explicit StopPoll(const std::atomic<bool>& stop) : stop_(stop) {}
  void check() override {
    if (stop_) throw Stopped();
  }
  void progress(const std::string& /*message*/) override {}

 private:
  const std::atomic<bool>& stop_;
};

// While it lives, threads start with all signals blocked, so that the server's handlers run in its own
// thread.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~BlockedSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;

 private:
  sigset_t before_{};
};

class Run {
 public:
  Run(std::size_t count, const Workers::Work& work) : count_(count), work_(work) {}
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  ~Run() {
    stop_ = true;
    for (std::thread& each : threads_) each.join();
  }

  void start(int others) {
    threads_.reserve(static_cast<std::size_t>(others));
    const BlockedSignals blocked;
    for (int thread = 1; thread <= others; ++thread) {
      const std::lock_guard<std::mutex> lock(mutex_);
      try {
        threads_.emplace_back([this, thread] { run_thread(thread); });
      } catch (const std::system_error&) {
        return;  // the system has no more
      }
      ++running_;
    }
  }

  void do_pieces(int thread, Poll& poll) {
    for (std::size_t index = next_++; index < count_ && !stop_; index = next_++) work_(thread, index, poll);
  }

  void wait(Poll& poll) {
    std::unique_lock<std::mutex> lock(mutex_);
    while (running_ > 0) {
      finished_.wait_for(lock, std::chrono::milliseconds(10));
      lock.unlock();
      poll.check();
      lock.lock();
    }
    if (error_) std::rethrow_exception(error_);
  }

 private:
  void run_thread(int thread) noexcept {
    StopPoll poll(stop_);
    std::exception_ptr error;
    try {
      do_pieces(thread, poll);
    } catch (const Stopped&) {  // whoever stopped it knows why
    } catch (...) {
      error = std::current_exception();
      stop_ = true;
    }
    const std::lock_guard<std::mutex> lock(mutex_);
    if (error && !error_) error_ = error;
    --running_;
    finished_.notify_one();
  }

  std::size_t count_;
  const Workers::Work& work_;
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> stop_{false};
  std::mutex mutex_;  // of what follows
  std::condition_variable finished_;
  int running_ = 0;
  std::exception_ptr error_;
  std::vector<std::thread> threads_;
};

}  // namespace

void Workers::run(std::size_t count, Poll& poll, const Work& work) const {
  Run all(count, work);
  const auto others = std::min(static_cast<std::size_t>(std::max(threads_ - 1, 0)), count);
  if (others > 0) all.start(static_cast<int>(others));
  all.do_pieces(0, poll);
  all.wait(poll);
}

}  // namespace persona
