// Re-ranking for variety by maximal marginal relevance (Carbonell and Goldstein, "The use of MMR,
// diversity-based reranking for reordering documents and producing summaries", SIGIR 1998): one item after
// the other, each the best of what is left by (1 - d) score - d (likeness to the nearest one that is chosen).
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <vector>

#include "core/recommend/ranking.h"

namespace persona {

/// How alike two items are, from 0 to 1.
using ItemLikeness = std::function<double(std::int32_t a, std::int32_t b)>;

/// How many of the best are looked at for k of them.
inline std::size_t diversity_pool(std::size_t k) {
  return k < 20 ? 100 : std::max<std::size_t>(k, std::min<std::size_t>(5 * k, 1'000'000));
}

/// The `k` that are chosen of `ranked`, in the order chosen. Scores are compared as shares of the largest.
/// `diversity`: d, from 0, which changes nothing, to 1. Ties go to the better rank. After each choice
/// `likeness` is asked of all that is left with the item chosen as b. O(k * ranked).
std::vector<RankedItem> diversify(const std::vector<RankedItem>& ranked, std::size_t k, double diversity,
                                  const ItemLikeness& likeness, Poll& poll);

}  // namespace persona
