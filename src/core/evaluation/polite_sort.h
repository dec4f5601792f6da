// Sorting millions of values without being deaf to a cancel meanwhile.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "core/base/poll.h"

namespace persona {

/// Sorts runs, then merges neighbors, so that no step goes on for long without asking `poll`.
template <class Value, class Less>
void sort_politely(std::vector<Value>& values, const Less& less, Poll& poll) {
  constexpr std::size_t kRun = std::size_t{1} << 17U;
  const auto place = [&values](std::size_t i) {
    return values.begin() + static_cast<std::ptrdiff_t>(std::min(i, values.size()));
  };
  for (std::size_t i = 0; i < values.size(); i += kRun) {
    poll.check();
    std::sort(place(i), place(i + kRun), less);
  }
  for (std::size_t run = kRun; run < values.size(); run *= 2) {
    for (std::size_t i = 0; i + run < values.size(); i += 2 * run) {
      poll.check();
      std::inplace_merge(place(i), place(i + run), place(i + 2 * run), less);
    }
  }
}

}  // namespace persona
