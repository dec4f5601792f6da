// The best neighbors of each item, as rows of a model: what every pair kind stores.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/top_k.h"
#include "core/model/options.h"
#include "core/model/rows.h"
#include "core/recommend/interactions.h"

namespace persona {

/// Declares the options neighbors (with this default) and min_support.
std::vector<OptionSpec> neighbor_options(const char* neighbors);

/// By falling score, ties by item number. Scores are ranked as the single precision numbers they are stored as,
/// so that equal scores in the table are ties by popularity.
struct Neighbor {
  std::int32_t item;
  float score;
};
struct NearerNeighbor {
  bool operator()(const Neighbor& a, const Neighbor& b) const noexcept {
    return a.score != b.score ? a.score > b.score : a.item < b.item;
  }
};

class NeighborCollector {
 public:
  /// `most`: neighbors kept of an item, 0: all of `items`.
  NeighborCollector(std::size_t most, std::int32_t items)
      : closest_(most > 0 ? most : static_cast<std::size_t>(items)) {}

  /// A score of 0 says nothing and is not kept. Throws 22003 for one that is not finite.
  void add(std::int32_t item, double score);
  /// Writes the row and starts the next. Throws 54000 where more neighbors are kept in all than a model may
  /// have.
  void finish(NeighborRow& row);

  /// How many were kept in all.
  std::size_t kept() const noexcept { return kept_; }

 private:
  TopK<Neighbor, NearerNeighbor> closest_;
  std::size_t kept_ = 0;
};

}  // namespace persona
