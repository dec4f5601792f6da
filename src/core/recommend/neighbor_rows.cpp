#include "core/recommend/neighbor_rows.h"

#include <cmath>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace persona {
namespace {

// 8 bytes each: 0.8 GB, what neighbors => 0 takes for 10,000 items that all occur together.
constexpr std::size_t kMaxNeighbors = 100'000'000;

}  // namespace

std::vector<OptionSpec> neighbor_options(const char* neighbors) {
  return {{"neighbors", OptionType::integer, neighbors,
           "Neighbors kept for each item, the closest first; 0 keeps all.", 0, 1e6},
          {"min_support", OptionType::integer, "1",
           "Items in fewer baskets, or without baskets of fewer users, are kept, but have no neighbors and are "
           "nobody's neighbor.",
           1, 2147483647}};
}

void NeighborCollector::add(std::int32_t item, double score) {
  const auto stored = static_cast<float>(score);
  if (!std::isfinite(stored)) {
    throw Error(sqlstate::kNumericOutOfRange, "the similarity of two items is out of range",
                "The weights of their users are too large.", "Divide the weight by a constant.");
  }
  if (stored != 0) closest_.push({item, stored});
}

void NeighborCollector::finish(NeighborRow& row) {
  const std::vector<Neighbor>& sorted = closest_.sorted();
  kept_ += sorted.size();
  if (kept_ > kMaxNeighbors) {
    throw Error(sqlstate::kProgramLimit,
                "more than " + std::to_string(kMaxNeighbors) + " neighbors would be kept", "",
                "Use a smaller number of neighbors, or a larger min_support.");
  }
  row.neighbors.clear();
  row.scores.clear();
  row.neighbors.reserve(sorted.size());
  row.scores.reserve(sorted.size());
  for (const Neighbor& each : sorted) {
    row.neighbors.push_back(each.item);
    row.scores.push_back(each.score);
  }
  closest_.clear();
}

}  // namespace persona
