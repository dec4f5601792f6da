#include "core/recommend/stored_rows.h"

#include <cmath>
#include <cstddef>
#include <string>

#include "core/model/damaged.h"

namespace persona {
namespace {

bool is_known(const RecommenderFacts& facts, std::int32_t item) noexcept {
  return item >= 0 && item < facts.items;
}

[[noreturn]] void throw_unknown(const RecommenderFacts& facts, const std::string& what, std::int32_t item) {
  throw_damaged(facts.model, what + " has item number " + std::to_string(item) + ", and the model has " +
                                 std::to_string(facts.items) + " items.");
}

void check(const RecommenderFacts& facts, const std::string& what, const NeighborView& row) {
  if (row.item_count != row.score_count) {
    throw_damaged(facts.model, what + " has " + std::to_string(row.item_count) + " items and " +
                                   std::to_string(row.score_count) + " scores.");
  }
  for (std::size_t n = 0; n < row.item_count; ++n) {
    if (!is_known(facts, row.items[n])) throw_unknown(facts, what, row.items[n]);
    if (!std::isfinite(row.scores[n])) throw_damaged(facts.model, what + " has a score that is not finite.");
  }
}

}  // namespace

void check_neighbors(const RecommenderFacts& facts, std::int32_t item, const NeighborView& row) {
  check(facts, "The row of neighbors of item number " + std::to_string(item), row);
}

void check_factors(const RecommenderFacts& facts, const FactorBlock& block, std::int32_t dimensions) {
  if (block.factor_count != block.item_count * static_cast<std::size_t>(dimensions)) {
    throw_damaged(facts.model, "A row of factors has " + std::to_string(block.factor_count) +
                                   " numbers for " + std::to_string(block.item_count) + " items of " +
                                   std::to_string(dimensions) + " factors each.");
  }
  for (std::size_t n = 0; n < block.item_count; ++n) {
    if (!is_known(facts, block.items[n])) throw_unknown(facts, "A row of factors", block.items[n]);
  }
}

void check_popularity(const RecommenderFacts& facts, const PopularityView& row) {
  check(facts, "A row of popularity", row);
}

}  // namespace persona
