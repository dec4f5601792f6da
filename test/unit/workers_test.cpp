// Every piece once, errors and stops from any thread, no thread left behind, and signals in the caller's
// thread only.
#include "core/base/workers.h"

#include <atomic>
#include <csignal>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "interactions_support.h"

namespace persona::interactions_test {
namespace {

TEST(Workers, DoEveryPieceOnce) {
  NoPoll poll;
  for (const int threads : {1, 2, 5, 64}) {
    for (const std::size_t count : {0U, 1U, 3U, 1000U}) {
      std::vector<std::atomic<int>> done(count);
      Workers(threads).run(count, poll, [&](int thread, std::size_t index, Poll& own) {
        ASSERT_TRUE(thread >= 0 && thread < threads);
        ++done[index];
        own.check();
      });
      for (const std::atomic<int>& each : done) EXPECT_EQ(each, 1);
    }
  }
}

TEST(Workers, ThrowWhatTheWorkThrows) {
  NoPoll poll;
  for (const int threads : {1, 2, 8}) {
    std::atomic<int> inside{0};
    EXPECT_THROW(Workers(threads).run(500, poll,
                                      [&](int /*thread*/, std::size_t index, Poll& own) {
                                        ++inside;
                                        if (index == 250) {
                                          --inside;
                                          throw std::runtime_error("250");
                                        }
                                        try {
                                          own.check();
                                        } catch (...) {
                                          --inside;
                                          throw;
                                        }
                                        --inside;
                                      }),
                 std::runtime_error);
    EXPECT_EQ(inside, 0);  // nobody works any more
  }
}

TEST(Workers, StopWhenThePollSaysSo) {
  for (const int threads : {1, 3}) {
    StoppingPoll poll(2);
    // Pieces that never end by themselves: they ask.
    EXPECT_THROW(Workers(threads).run(16, poll,
                                      [](int /*thread*/, std::size_t /*index*/, Poll& own) {
                                        for (;;) own.check();
                                      }),
                 StoppingPoll::Stop);
  }
  // The caller has nothing left to do and waits: it still asks.
  StoppingPoll poll(3);
  const std::thread::id caller = std::this_thread::get_id();
  std::atomic<bool> other_started{false};
  EXPECT_THROW(Workers(2).run(2, poll,
                              [&](int /*thread*/, std::size_t /*index*/, Poll& own) {
                                if (std::this_thread::get_id() == caller) {
                                  while (!other_started) std::this_thread::yield();
                                  return;
                                }
                                other_started = true;
                                for (;;) own.check();
                              }),
               StoppingPoll::Stop);
}

TEST(Workers, TakeNoSignals) {
  NoPoll poll;
  sigset_t before;
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
  std::atomic<int> others{0};
  std::atomic<int> blocked{0};
  const std::thread::id caller = std::this_thread::get_id();
  Workers(3).run(3, poll, [&](int /*thread*/, std::size_t /*index*/, Poll& /*own*/) {
    if (std::this_thread::get_id() == caller) {
      while (others == 0) std::this_thread::yield();
      return;
    }
    sigset_t own;
    pthread_sigmask(SIG_SETMASK, nullptr, &own);
    if (sigismember(&own, SIGALRM) == 1 && sigismember(&own, SIGUSR1) == 1) ++blocked;
    ++others;
  });
  EXPECT_GE(others, 1);
  EXPECT_EQ(blocked, others);
  sigset_t after;
  pthread_sigmask(SIG_SETMASK, nullptr, &after);
  EXPECT_EQ(sigismember(&before, SIGALRM), sigismember(&after, SIGALRM));
}

}  // namespace
}  // namespace persona::interactions_test
