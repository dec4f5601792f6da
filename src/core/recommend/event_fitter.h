// What the fits of all recommenders have in common: the rows are collected as events, made into interactions
// and sequences, and the catalogue of items with its popularity is described; the kind adds what is its own.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/model/kind.h"
#include "core/recommend/event_columns.h"
#include "core/recommend/interactions.h"
#include "core/recommend/sequences.h"

namespace persona {

/// What a kind is fitted on. Item numbers are places in FittedModel::neighbors.
struct Training {
  Interactions interactions;
  Sequences sequences;               ///< empty unless the kind wants them or the rows have a time or basket
  std::vector<std::int32_t> number;  ///< by item code: its number, -1 for an item without one
  const Dictionary& users;
};

struct EventWants {
  EventNeeds needs;
  bool sequences = false;  ///< in any case, in one basket a user where the rows have neither time nor basket
};

class EventFitter : public Fitter {
 public:
  const std::vector<StreamColumn>& columns() const noexcept override { return columns_.stream; }
  void consume(const RowBlock& block, Poll& poll) override;
  /// Throws 55000 without any row, and where no pair of user and item has a positive weight.
  FittedModel finish(const RowBlock& last, std::int64_t skipped, Poll& poll) override;

 protected:
  EventFitter(const FitRequest& request, const std::string& kind, EventWants wants = {});

  /// Fills in what the kind stores. `model` has the catalogue (item, support, attribute), its popularity, and
  /// the metrics users, items, interactions and density, and baskets where there are any.
  virtual void complete(Training& training, FittedModel& model, Poll& poll) = 0;

 private:
  void describe_items(const RowBlock& last, Training& training, const std::vector<std::int32_t>& attributes,
                      FittedModel& model, PacedPoll& poll) const;
  void describe_segments(const RowBlock& last, const Training& training,
                         const std::vector<std::int32_t>& rank_of_code,
                         const std::vector<std::int32_t>& segment_of, FittedModel& model,
                         PacedPoll& poll) const;

  EventColumns columns_;
  EventWants wants_;
  Events events_;
  double half_life_ = 0;  // in the unit of the times; 0 for kinds without that option
  int rows_since_check_ = 0;
};

/// How many of the first items are in at least `min_support` baskets (without baskets: have as many users):
/// items are numbered by falling popularity.
std::int32_t supported_items(const Interactions& interactions, double min_support) noexcept;

/// Says how many items have fewer, if any, and so "get no neighbors".
void note_unsupported(std::int32_t supported, double min_support, FittedModel& model,
                      const char* lack = "neighbors");

}  // namespace persona
