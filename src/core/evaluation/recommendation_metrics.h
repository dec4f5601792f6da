// How good recommendations are on what users took up later, over the whole catalogue: no sampled negatives,
// which change the order of models (Krichene and Rendle, "On sampled metrics for item recommendation", KDD
// 2020).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/model/rows.h"

namespace persona {

/// The NDCG at k of one user: see below.
double discounted_gain(const std::vector<std::int32_t>& recommended,
                       const std::vector<std::int32_t>& relevant, std::size_t unknown, std::size_t k);

/// Of the k items recommended to each user, in order, against the items he took up, his relevant ones:
///   hit_rate   share of users with a hit
///   recall     hits / relevant items, mean over users
///   precision  hits / k
///   f1         2 precision recall / (precision + recall), 0 without a hit
///   ndcg       sum over hits of 1 / log2(rank + 1), over that of the best order possible
///   map        sum over hits of (hits up to that rank / rank), over min(k, relevant items)
///   mrr        1 / rank of the first hit, 0 without one
///   coverage   share of the catalogue that is recommended to anybody
///   gini       inequality of how often the items are recommended: 0 all alike, towards 1 one only
///   novelty    -log2 of the share of users who have an item, mean over all recommended
class RecommendationMetrics {
 public:
  /// `support`: users who have each item, by item number; `users`: all users of the fit.
  RecommendationMetrics(std::size_t k, std::vector<std::int64_t> support, double users);

  /// `recommended`: item numbers, the best first, at most k. `relevant`: those the user took up, sorted, each
  /// once; `unknown`: how many of his relevant items the model does not know, beside them. A user without any
  /// is not counted.
  void add(const std::vector<std::int32_t>& recommended, const std::vector<std::int32_t>& relevant,
           std::size_t unknown);

  /// Users counted so far.
  std::size_t users() const noexcept { return counted_; }
  /// In the order above, after `users`. Throws 55000 without a user.
  std::vector<Metric> results() const;

 private:
  double gini() const;

  std::size_t k_;
  std::vector<std::int64_t> support_;
  double all_users_;
  std::size_t counted_ = 0;
  double hit_ = 0, recall_ = 0, precision_ = 0, f1_ = 0, ndcg_ = 0, map_ = 0, mrr_ = 0;
  double novelty_ = 0;
  double recommended_ = 0;
  std::vector<std::int64_t> times_;  // by item: how often it is recommended
};

}  // namespace persona
