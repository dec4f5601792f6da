#include "core/recommend/stored_rows.h"

#include <cmath>
#include <cstddef>
#include <string>

#include "core/model/damaged.h"

namespace persona {
namespace {

void check(const RecommenderFacts& facts, const std::string& what, const NeighborView& row) {
  if (row.item_count != row.score_count) {
    throw_damaged(facts.model, what + " has " + std::to_string(row.item_count) + " items and " +
                                   std::to_string(row.score_count) + " scores.");
  }
  for (std::size_t n = 0; n < row.item_count; ++n) {
    if (row.items[n] < 0 || row.items[n] >= facts.items) {
      throw_damaged(facts.model, what + " has item number " + std::to_string(row.items[n]) +
                                     ", and the model has " + std::to_string(facts.items) + " items.");
    }
    if (!std::isfinite(row.scores[n])) throw_damaged(facts.model, what + " has a score that is not finite.");
  }
}

}  // namespace

void check_neighbors(const RecommenderFacts& facts, std::int32_t item, const NeighborView& row) {
  check(facts, "The row of neighbors of item number " + std::to_string(item), row);
}

void check_popularity(const RecommenderFacts& facts, const PopularityView& row) {
  check(facts, "A row of popularity", row);
}

}  // namespace persona
