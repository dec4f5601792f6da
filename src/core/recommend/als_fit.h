// Matrix factorization of implicit feedback by alternating least squares (Hu, Koren and Volinsky,
// "Collaborative filtering for implicit feedback datasets", ICDM 2008) with the regularization of Rendle,
// Krichene, Zhang and Koren, "Revisiting the performance of iALS on item recommendation benchmarks", RecSys
// 2022: with S the pairs of user and item that occur and w their weights, the least of
//   sum_S w (x_u'y_i - 1)^2 + alpha sum_all (x_u'y_i)^2
//     + lambda (sum_u (n_u + alpha |I|)^nu |x_u|^2 + sum_i (n_i + alpha |U|)^nu |y_i|^2),
// where n_u and n_i are sums of weights. Given all items' vectors, that is one small linear system a user,
// and the other way round.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/poll.h"
#include "core/recommend/interactions.h"

namespace persona {

struct AlsSettings {
  std::int32_t factors = 64;
  double alpha = 0.1;
  double lambda = 0.005;
  double exponent = 1;  ///< nu
  int iterations = 16;
  std::uint64_t seed = 0;
  int threads = 1;

  /// What the square of the length of a vector costs: `weight` of its own pairs, of so many on the other
  /// side.
  double ridge(double weight, double others) const;
};

/// By user code and item number, `factors` numbers each; zeros for a user without items.
struct AlsFactors {
  std::vector<float> users;
  std::vector<float> items;
  double loss = 0;
};

/// Of the first `items` items. Every iteration solves for the users, then the items, and reports the loss; at
/// the end the users are solved for once more, so that a user's vector is what his items make of the vectors
/// that are kept. The result does not depend on the number of threads. Throws 55000 where a system is
/// singular, which takes a lambda of about 0, and 22003 where weights are too large.
AlsFactors fit_als(const Interactions& interactions, std::int32_t items, const AlsSettings& settings,
                   Poll& poll);

}  // namespace persona
