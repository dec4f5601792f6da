// Asks a Poll by the work done, not by the loop's steps: one user's history may be ten items or a million,
// and a cancelled statement must stop within 100 ms either way.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "core/base/poll.h"

namespace persona {

class PacedPoll {
 public:
  /// Elementary steps (a few nanoseconds each) between two checks: about a millisecond.
  static constexpr std::size_t kStride = std::size_t{1} << 18U;
  /// No loop of the core runs longer than this many steps without reporting them.
  static constexpr std::size_t kChunk = std::size_t{1} << 16U;

  explicit PacedPoll(Poll& poll) : poll_(poll) {}

  void add(std::size_t steps) {
    steps_ += steps;
    if (steps_ < kStride) return;
    steps_ = 0;
    poll_.check();
  }

 private:
  Poll& poll_;
  std::size_t steps_ = 0;
};

/// As values.resize(size), in pieces: the first touch of fresh memory is the server's slowest step, and a
/// vector of a gigabyte would keep a cancelled statement waiting.
template <typename T>
void grow(std::vector<T>& values, std::size_t size, PacedPoll& poll) {
  values.reserve(size);
  while (values.size() < size) {
    values.resize(std::min(size, values.size() + PacedPoll::kChunk));
    poll.add(PacedPoll::kStride / 4);
  }
}

}  // namespace persona
