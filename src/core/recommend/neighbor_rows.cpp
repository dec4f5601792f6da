#include "core/recommend/neighbor_rows.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace persona {
namespace {

// 8 bytes each: 0.8 GB, what neighbors => 0 takes for 10,000 items that all occur together.
constexpr std::size_t kMaxNeighbors = 100'000'000;

[[noreturn]] void throw_too_many() {
  throw Error(sqlstate::kProgramLimit,
              "more than " + std::to_string(kMaxNeighbors) + " neighbors would be kept", "",
              "Use a smaller number of neighbors, or a larger min_support.");
}

// Larger for a smaller score.
std::uint32_t falling_bits(float score) noexcept {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &score, sizeof bits);
  return (bits >> 31U) != 0 ? bits : ~bits & 0x7fffffffU;
}

// A stable sort by falling score: by counting digits, since of a matrix that is dense every row is sorted.
void sort_by_score(std::vector<Neighbor>& neighbors) {
  constexpr std::uint32_t kDigits = 1U << 11U;
  std::vector<Neighbor> other(neighbors.size());
  for (std::uint32_t shift = 0; shift < 32; shift += 11) {
    const auto digit = [shift](const Neighbor& each) {
      return (falling_bits(each.score) >> shift) & (kDigits - 1);
    };
    std::vector<std::size_t> place(kDigits + 1, 0);
    for (const Neighbor& each : neighbors) ++place[digit(each) + 1];
    for (std::uint32_t d = 0; d < kDigits; ++d) place[d + 1] += place[d];
    for (const Neighbor& each : neighbors) other[place[digit(each)]++] = each;
    neighbors.swap(other);
  }
}

}  // namespace

std::vector<OptionSpec> neighbor_options(const char* neighbors) {
  return {
      {"neighbors", OptionType::integer, neighbors,
       "Neighbors kept for each item, the closest first; 0 keeps all.", 0, 1e6},
      {"min_support", OptionType::integer, "1",
       "Items in fewer baskets, or without baskets of fewer users, are kept, but have no neighbors and are "
       "nobody's neighbor.",
       1, 2147483647}};
}

void check_neighbor_count(std::size_t most, std::int32_t items) {
  const std::size_t others = items > 0 ? static_cast<std::size_t>(items) - 1 : 0;
  const std::size_t each = most > 0 ? std::min(most, others) : others;
  if (each * (others + 1) > kMaxNeighbors) throw_too_many();
}

void NeighborCollector::add(std::int32_t item, double score) {
  const auto stored = static_cast<float>(score);
  if (!std::isfinite(stored)) {
    throw Error(sqlstate::kNumericOutOfRange, "the similarity of two items is out of range",
                "The weights of their users are too large.", "Divide the weight by a constant.");
  }
  if (stored == 0) return;
  if (most_ > 0) {
    closest_.push({item, stored});
    return;
  }
  ascending_ = ascending_ && (all_.empty() || all_.back().item < item);
  all_.push_back({item, stored});
}

const std::vector<Neighbor>& NeighborCollector::sorted() {
  if (most_ > 0) return closest_.sorted();
  if (ascending_ && all_.size() > 1000) {
    sort_by_score(all_);
  } else {
    std::sort(all_.begin(), all_.end(), NearerNeighbor());
  }
  return all_;
}

void NeighborCollector::finish(NeighborRow& row) {
  const std::vector<Neighbor>& neighbors = sorted();
  kept_ += neighbors.size();
  if (kept_ > kMaxNeighbors) throw_too_many();
  row.neighbors.clear();
  row.scores.clear();
  row.neighbors.reserve(neighbors.size());
  row.scores.reserve(neighbors.size());
  for (const Neighbor& each : neighbors) {
    row.neighbors.push_back(each.item);
    row.scores.push_back(each.score);
  }
  closest_.clear();
  all_.clear();
  ascending_ = true;
}

}  // namespace persona
