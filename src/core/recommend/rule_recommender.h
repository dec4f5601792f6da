// Recommending by rules: an item's score is the highest confidence of a rule for it whose antecedent the
// history has in full. Whoever asks leaves out what the history has already.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "core/recommend/recommender.h"

namespace persona {

class RuleRecommender final : public Recommender {
 public:
  explicit RuleRecommender(RecommenderFacts facts) : facts_(std::move(facts)) {}

  void score(const History& history, ModelReader& reader, ItemScores& scores, Poll& poll) const override;
  /// "in 81% of baskets with" and the antecedent, in full: of the rules of the highest confidence that of the
  /// highest lift, then the one with the fewest items, then by item numbers.
  std::vector<ItemReason> explain(const History& history, ModelReader& reader,
                                  const std::vector<std::int32_t>& items, Poll& poll) const override;

 private:
  RecommenderFacts facts_;
};

}  // namespace persona
