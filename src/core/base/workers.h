// Arithmetic on several threads inside a server process, which is itself single-threaded: the other threads
// take no signals, call nothing of the server, and are gone before run() is left, however it is left.
#pragma once

#include <cstddef>
#include <functional>

#include "core/base/poll.h"

namespace persona {

class Workers {
 public:
  /// `threads`: how many work at once, the caller's among them.
  explicit Workers(int threads) : threads_(threads) {}

  int threads() const noexcept { return threads_; }

  /// Does piece `index` with what belongs to `thread`, below threads(). Asks `poll` at least every few
  /// milliseconds; in another thread than the caller's this throws when the work must stop.
  using Work = std::function<void(int thread, std::size_t index, Poll& poll)>;

  /// Calls work for every index below `count`, each once, in no particular order. The caller's thread works
  /// too, and asks `poll`. What it or any work throws is thrown when no thread is left. Where the system
  /// gives fewer threads than wanted, fewer work.
  void run(std::size_t count, Poll& poll, const Work& work) const;

 private:
  int threads_;
};

}  // namespace persona
