// The best neighbors of each item, as rows of a model: what every pair kind stores.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/top_k.h"
#include "core/model/options.h"
#include "core/model/rows.h"
#include "core/recommend/interactions.h"

namespace persona {

/// Declares the options neighbors (with this default) and min_support.
std::vector<OptionSpec> neighbor_options(const char* neighbors);

/// Throws 54000 where `most` neighbors, 0: all, of each of so many items are more than a model may have: for
/// kinds in which every item is every other's neighbor.
void check_neighbor_count(std::size_t most, std::int32_t items);

/// By falling score, ties by item number. Scores are ranked as the single precision numbers they are stored
/// as, so that equal scores in the table are ties by popularity.
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
  NeighborCollector(std::size_t most, std::int32_t items) : most_(most), closest_(most) {
    if (most == 0 && items > 0) all_.reserve(static_cast<std::size_t>(items));
  }

  /// A score of 0 says nothing and is not kept. Throws 22003 for one that is not finite.
  void add(std::int32_t item, double score);
  /// Writes the row and starts the next. Throws 54000 where more neighbors are kept in all than a model may
  /// have.
  void finish(NeighborRow& row);

  /// How many were kept in all.
  std::size_t kept() const noexcept { return kept_; }

 private:
  const std::vector<Neighbor>& sorted();

  std::size_t most_;
  TopK<Neighbor, NearerNeighbor> closest_;
  std::vector<Neighbor> all_;  // in place of closest_
  bool ascending_ = true;      // all_ is, by item
  std::size_t kept_ = 0;
};

}  // namespace persona
