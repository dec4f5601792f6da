// Checks of a recommender's stored rows, which may have been forged.
#pragma once

#include <cstdint>

#include "core/recommend/recommender.h"

namespace persona {

/// Throws 22000 where arrays differ in length, an item is outside the catalogue, or a score is not finite.
void check_neighbors(const RecommenderFacts& facts, std::int32_t item, const NeighborView& row);

/// The same of a block of factors, `dimensions` an item; of the factors themselves it asks nothing.
void check_factors(const RecommenderFacts& facts, const FactorBlock& block, std::int32_t dimensions);

/// As check_neighbors of a row of popularity.
void check_popularity(const RecommenderFacts& facts, const PopularityView& row);

}  // namespace persona
