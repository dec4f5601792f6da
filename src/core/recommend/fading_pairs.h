// The neighbors of kinds that look at what follows what: directed pairs of items that fade with the number of
// baskets between them, held against the items' popularity.
#pragma once

#include <cstddef>
#include <vector>

#include "core/recommend/event_fitter.h"

namespace persona {

struct FadingPairs {
  std::vector<double> forward;        ///< see OrderedPairs
  std::vector<double> backward;       ///< the same
  double exponents[2] = {0.5, 0.25};  ///< of the popularity of the item and of its neighbor
  std::size_t neighbors = 0;          ///< kept of an item, 0: all
  double min_support = 1;
};

/// Those of next_item: forward g ^ -lag_exponent for g up to 50 baskets, backward `backward` times that.
FadingPairs lagged_pairs(double lag_exponent, double backward);

/// Fills in the neighbors of `model`: row i, M_ij = C_ij d_i^-a d_j^-b of the sums C of OrderedPairs and the
/// exponents (a, b), an item being its own neighbor too. Adds the metric mean_neighbors; answers how many
/// were kept. Throws as NeighborCollector does.
std::size_t fill_fading_pairs(const Training& training, const FadingPairs& pairs, FittedModel& model,
                              Poll& poll);

}  // namespace persona
