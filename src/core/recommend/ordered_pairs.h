// How often one item comes before another, and how soon: directed pairs of items over the users' sequences of
// baskets, one row at a time, as PairCounts forms the undirected ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/recommend/pair_counts.h"
#include "core/recommend/paced_poll.h"
#include "core/recommend/sequences.h"

namespace persona {

class OrderedPairs {
 public:
  /// `forward[g - 1]`: what a pair counts whose second item comes g baskets after the first; `backward[g -
  /// 1]`: g baskets before it. Pairs farther apart count nothing, nor do pairs within a basket. Only items
  /// below `items` are counted. `sequences` (of item numbers) and `poll` must outlive this object.
  OrderedPairs(const Sequences& sequences, std::int32_t items, std::vector<double> forward,
               std::vector<double> backward, PacedPoll& poll);

  /// Row `item`: sum over the users and over their baskets t with `item`, of forward[g - 1] for each `other`
  /// in basket t + g, and of backward[g - 1] for each in basket t - g. `other` may be the item itself. In no
  /// particular order, sums positive. Valid until the next call.
  const std::vector<PairCount>& row(std::int32_t item);

 private:
  const Sequences& sequences_;
  std::int32_t items_;
  std::vector<double> forward_;
  std::vector<double> backward_;
  PacedPoll& poll_;
  std::vector<std::size_t> begin_;  // by item: its occurrences
  std::vector<std::size_t> entry_;  // of an occurrence: its place in the sequences
  std::vector<std::size_t> first_;  // by place: where its user begins
  std::vector<std::size_t> last_;   // by place: where its user ends
  std::vector<double> sums_;        // one cell an item, all 0 between calls
  std::vector<std::int32_t> touched_;
  std::vector<PairCount> row_;
};

/// count^-exponent for 1, ..., most: how pairs fade with their distance.
std::vector<double> power_fade(std::size_t most, double exponent);

}  // namespace persona
