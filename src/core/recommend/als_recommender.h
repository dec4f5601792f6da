// Recommending by factors: the user's vector is folded in from the history as it is now, by the same linear
// system as in the fit, and its inner products with the items' vectors are the scores. Stored vectors of
// users are not read, so that a new user, a basket and a known user are one case.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/linalg/normal_equations.h"
#include "core/recommend/als_fit.h"
#include "core/recommend/pair_recommender.h"
#include "core/recommend/recommender.h"

namespace persona {

class AlsRecommender final : public Recommender {
 public:
  AlsRecommender(RecommenderFacts facts, AlsSettings settings, WeighHistory weigh)
      : facts_(std::move(facts)), settings_(settings), weigh_(std::move(weigh)) {}

  /// Scores every item that has factors, unless none of the history has.
  void score(const History& history, ModelReader& reader, ItemScores& scores, Poll& poll) const override;
  /// "like": the items of the history whose parts of the score are largest (Hu, Koren and Volinsky 2008,
  /// section 5).
  std::vector<ItemReason> explain(const History& history, ModelReader& reader,
                                  const std::vector<std::int32_t>& items, Poll& poll) const override;
  /// By the cosine of their vectors.
  void score_similar(std::int32_t item, ModelReader& reader, ItemScores& scores, Poll& poll) const override;

 private:
  // The items of a history that have factors.
  struct Known {
    std::vector<std::int32_t> items;
    std::vector<double> weights;
    std::vector<float> vectors;
  };

  Known known_items(const History& history, ModelReader& reader) const;
  // The system of a user's vector, factored.
  NormalEquations fold_in(const Known& known, ModelReader& reader, PacedPoll& poll) const;
  void prepare(ModelReader& reader, PacedPoll& poll) const;

  RecommenderFacts facts_;
  AlsSettings settings_;
  WeighHistory weigh_;
  // Y'Y of all items' vectors and their number, found by the first user of this object and the same for all
  // others: a server process has one thread. 64 factors of 50,000 items take 10 ms, once.
  mutable std::vector<double> gram_;
  mutable double items_ = 0;
};

}  // namespace persona
