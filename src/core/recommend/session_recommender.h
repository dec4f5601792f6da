// Recommending what similar sessions went on with: the serving side of session_knn, whose header has the
// formula.
#pragma once

#include <cstdint>
#include <vector>

#include "core/recommend/pair_recommender.h"
#include "core/recommend/recommender.h"
#include "core/recommend/session_neighbors.h"

namespace persona {

struct SessionOptions {
  std::size_t sessions = 500;     ///< k
  double decay = 0.8;             ///< q
  double item_exponent = 0.5;     ///< a
  double session_exponent = 0.5;  ///< un
  double position_scale = 3;      ///< w3
  double next_item_weight = 0.2;
  double next_item_decay = 0.7;
};

class SessionRecommender final : public Recommender {
 public:
  SessionRecommender(const RecommenderFacts& facts, const SessionOptions& options);

  bool is_sequential() const noexcept override { return true; }
  bool is_session_based() const noexcept override { return true; }
  void score(const History& history, ModelReader& reader, ItemScores& scores, Poll& poll) const override;
  /// "in 12 similar sessions with" and the items of the history by which most of the score came; "often
  /// follows" for an item that no similar session has.
  std::vector<ItemReason> explain(const History& history, ModelReader& reader,
                                  const std::vector<std::int32_t>& items, Poll& poll) const override;

 private:
  struct Prefix {
    std::vector<PrefixItem> items;
    std::vector<NumberView> postings;  // of each item
  };

  Prefix weigh(const History& history, ModelReader& reader) const;
  /// Calls use(item, part of its score, similar session, its items) for each item of each similar session.
  template <typename Use>
  void for_each_part(const Prefix& prefix, ModelReader& reader, PacedPoll& poll, Use use) const;

  RecommenderFacts facts_;
  SessionOptions options_;
  InversePower size_factor_;
  std::vector<double> distance_factor_;  // e^-(d / w3), d = 0, 1, ...; 0 beyond
  PairRecommender next_;
};

}  // namespace persona
