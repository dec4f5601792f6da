// Recommending through pairs of items: score_j = sum over the history h of w_h sim(h, j), whatever the
// similarities are and however the history is weighed.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/model/options.h"
#include "core/recommend/recommender.h"

namespace persona {

/// The option decay: what a basket counts against the one after it, in weighing a history.
OptionSpec decay_option(const char* default_value);

/// What each item of the history weighs, by item number, each once.
using WeighHistory = std::function<std::vector<WeightedItem>(const History& history)>;

/// As kinds that know no order do: every basket with the item counts decay^age, however often the item is in
/// it; with a weight column what it weighs there, and where users have no baskets the number of rows.
WeighHistory weigh_by_options(const Options& options);

class PairRecommender final : public Recommender {
 public:
  /// `phrase`: "goes with", for reasons. A sequential one reads a list of items as a sequence.
  PairRecommender(RecommenderFacts facts, std::string phrase, WeighHistory weigh, bool sequential = false)
      : facts_(std::move(facts)),
        phrase_(std::move(phrase)),
        weigh_(std::move(weigh)),
        sequential_(sequential) {}

  bool is_sequential() const noexcept override { return sequential_; }
  void score(const History& history, ModelReader& reader, ItemScores& scores, Poll& poll) const override;
  std::vector<ItemReason> explain(const History& history, ModelReader& reader,
                                  const std::vector<std::int32_t>& items, Poll& poll) const override;

 private:
  RecommenderFacts facts_;
  std::string phrase_;
  WeighHistory weigh_;
  bool sequential_;
};

}  // namespace persona
