// A loaded recommender: scores the catalogue for one history, and says why. Pure arithmetic over rows that a
// ModelReader reads; who asks turns numbers into ids, filters, ranks and fills up by popularity.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/poll.h"
#include "core/recommend/history.h"
#include "core/recommend/item_scores.h"
#include "core/recommend/model_reader.h"

namespace persona {

/// Why an item is recommended: "goes with" and the items of the history that contributed most; or a sentence
/// that needs none.
struct ItemReason {
  std::string text;
  /// Up to 3, the strongest first, ties by item number; or the whole antecedent of a rule, ascending.
  std::vector<std::int32_t> because;
  bool counts_users = false;  ///< whether how many users have the item belongs to the sentence
};

/// Most items that a reason names.
inline constexpr std::size_t kReasonItems = 3;

/// What a recommender knows of its model beside the options.
struct RecommenderFacts {
  std::string model;       ///< "also@3", for messages
  std::int32_t items = 0;  ///< size of the catalogue: numbers are 0, ..., items - 1
};

/// Immutable; the same history gives the same answer to the last bit. All functions throw 22000 where stored
/// rows are corrupt and 22003 where a score overflows.
class Recommender {
 public:
  virtual ~Recommender() = default;
  /// Whether what the user has already is left out unless asked for.
  virtual bool excludes_seen() const noexcept { return true; }
  /// Whether a list of items given in place of a history is a sequence, the last the newest, or one basket.
  virtual bool is_sequential() const noexcept { return false; }
  /// Whether a history is one session: who asks by an id means that of a session, in the column of option
  /// basket where that is given, and its rows of one time are one basket, as EventNeeds::session has it in
  /// the fit.
  virtual bool is_session_based() const noexcept { return false; }
  /// Adds up what the history says of each item. `scores` is of the model's catalogue and empty.
  virtual void score(const History& history, ModelReader& reader, ItemScores& scores, Poll& poll) const = 0;
  /// For each of these items, that have been scored by the same history, why.
  virtual std::vector<ItemReason> explain(const History& history, ModelReader& reader,
                                          const std::vector<std::int32_t>& items, Poll& poll) const = 0;
  /// Which items are near one item; by default those that a history of it alone speaks for.
  virtual void score_similar(std::int32_t item, ModelReader& reader, ItemScores& scores, Poll& poll) const {
    History history;
    history.items.push_back({item, 0, 1});
    history.baskets = 1;
    score(history, reader, scores, poll);
  }
};

}  // namespace persona
