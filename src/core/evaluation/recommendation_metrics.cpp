#include "core/evaluation/recommendation_metrics.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/base/error.h"

namespace persona {

RecommendationMetrics::RecommendationMetrics(std::size_t k, std::vector<std::int64_t> support, double users)
    : k_(k), support_(std::move(support)), all_users_(users), times_(support_.size(), 0) {}

double discounted_gain(const std::vector<std::int32_t>& recommended,
                       const std::vector<std::int32_t>& relevant, std::size_t unknown, std::size_t k) {
  const auto worth = [](std::size_t rank) { return 1 / std::log2(static_cast<double>(rank) + 2); };
  double gain = 0;
  for (std::size_t rank = 0; rank < recommended.size(); ++rank) {
    if (std::binary_search(relevant.begin(), relevant.end(), recommended[rank])) gain += worth(rank);
  }
  if (gain == 0) return 0;
  double best = 0;
  for (std::size_t rank = 0; rank < std::min(k, relevant.size() + unknown); ++rank) best += worth(rank);
  return gain / best;
}

void RecommendationMetrics::add(const std::vector<std::int32_t>& recommended,
                                const std::vector<std::int32_t>& relevant, std::size_t unknown) {
  const std::size_t wanted = relevant.size() + unknown;
  if (wanted == 0) return;
  ++counted_;
  double hits = 0;
  double precisions = 0;
  double first = 0;
  for (std::size_t rank = 0; rank < recommended.size(); ++rank) {
    const std::int32_t item = recommended[rank];
    const auto place = static_cast<std::size_t>(item);
    ++times_[place];
    recommended_ += 1;
    novelty_ -= std::log2(static_cast<double>(std::max<std::int64_t>(support_[place], 1)) / all_users_);
    if (!std::binary_search(relevant.begin(), relevant.end(), item)) continue;
    hits += 1;
    const double number = static_cast<double>(rank) + 1;
    precisions += hits / number;
    if (first == 0) first = 1 / number;
  }
  if (hits == 0) return;
  const double recall = hits / static_cast<double>(wanted);
  const double precision = hits / static_cast<double>(k_);
  hit_ += 1;
  recall_ += recall;
  precision_ += precision;
  f1_ += 2 * precision * recall / (precision + recall);
  ndcg_ += discounted_gain(recommended, relevant, unknown, k_);
  map_ += precisions / static_cast<double>(std::min(k_, wanted));
  mrr_ += first;
}

double RecommendationMetrics::gini() const {
  std::vector<std::int64_t> sorted = times_;
  std::sort(sorted.begin(), sorted.end());
  double weighted = 0;
  const auto n = static_cast<double>(sorted.size());
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    weighted += (2 * static_cast<double>(i + 1) - n - 1) * static_cast<double>(sorted[i]);
  }
  return recommended_ > 0 ? weighted / (n * recommended_) : 0;
}

std::vector<Metric> RecommendationMetrics::results() const {
  if (counted_ == 0) {
    throw Error(sqlstate::kNotInPrerequisiteState, "there is no user to evaluate on",
                "No user of the source has an item that could have been recommended to him.",
                "The source needs the rows of the model's users that came after those it was fitted on.");
  }
  const auto users = static_cast<double>(counted_);
  const auto covered = static_cast<double>(
      std::count_if(times_.begin(), times_.end(), [](std::int64_t times) { return times > 0; }));
  return {{"users", users},
          {"hit_rate", hit_ / users},
          {"recall", recall_ / users},
          {"precision", precision_ / users},
          {"f1", f1_ / users},
          {"ndcg", ndcg_ / users},
          {"map", map_ / users},
          {"mrr", mrr_ / users},
          {"coverage", times_.empty() ? 0 : covered / static_cast<double>(times_.size())},
          {"gini", gini()},
          {"novelty", recommended_ > 0 ? novelty_ / recommended_ : 0}};
}

}  // namespace persona
