// How often two items occur together: X'X of the user-by-item matrix X, one row at a time by Gustavson's
// sparse row product (ACM TOMS 4(3), 1978), so that the whole product never stands in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/recommend/interactions.h"
#include "core/recommend/paced_poll.h"

namespace persona {

struct PairCount {
  std::int32_t item = 0;  ///< item number
  double count = 0;       ///< sum over common users of w_ui w_uj: their number where all weights are 1
};

class PairCounts {
 public:
  /// Only pairs within the first `items` item numbers (the most popular) are counted. `interactions` and
  /// `poll` must outlive this object.
  PairCounts(const Interactions& interactions, std::int32_t items, PacedPoll& poll);

  /// Row `item` of X'X without its diagonal: the items that share a user with it, in no particular order,
  /// counts positive. Valid until the next call. O(sum of the history lengths of its users).
  const std::vector<PairCount>& row(std::int32_t item);

 private:
  template <typename Cell>
  void form_row(std::vector<Cell>& cells, std::int32_t item);

  const Interactions& interactions_;
  PacedPoll& poll_;
  std::int32_t items_;
  std::vector<std::size_t> user_end_;  // where each user's items below items_ end
  std::vector<std::int32_t> counts_;   // one cell an item, all 0 between calls: integers without weights
  std::vector<double> sums_;           // the same with weights
  std::vector<std::int32_t> touched_;  // the cells a short row has filled
  std::vector<PairCount> row_;
};

}  // namespace persona
