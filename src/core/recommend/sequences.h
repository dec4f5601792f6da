// What every user did and in which order: the source's rows by user, in baskets from the oldest to the
// newest. Kinds that look at what follows what are fitted on it, and popularity is counted on it: in how many
// baskets an item is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/recommend/history.h"
#include "core/recommend/interactions.h"
#include "core/recommend/paced_poll.h"

namespace persona {

/// User u has the entries begin[u] to begin[u + 1], the oldest basket first, within a basket by item, each
/// item once a basket.
struct Sequences {
  std::vector<std::size_t> begin;    ///< one more than there are users
  std::vector<std::int32_t> item;    ///< item codes, numbers after number_items
  std::vector<std::int32_t> basket;  ///< of the user, from 0
  std::vector<double> time;          ///< of the basket; empty for events without one

  std::size_t users() const noexcept { return begin.empty() ? 0 : begin.size() - 1; }
};

/// What makes a basket of these events.
Baskets basket_rule(const Events& events) noexcept;

/// `basket_ids`: the dictionary of events.baskets; null without them. Rules as make_history, item codes in
/// place of numbers; weights count only through the sign of an item's total. Throws 22003 as it does.
Sequences make_sequences(const Events& events, const Dictionary* basket_ids, PacedPoll& poll);

/// By item code or number: how many baskets have the item. With a half-life, in the unit of the times, a
/// basket counts 0.5 ^ (its age / half_life), its age being the time from it to the newest; 0: no decay.
std::vector<double> count_popularity(const Sequences& sequences, std::int32_t items, double half_life,
                                     PacedPoll& poll);

/// By code: the place of the label among all in byte order.
std::vector<std::int32_t> rank_labels(const Dictionary& labels, PacedPoll& poll);

/// Puts item numbers in the place of codes and leaves out items without one (a number below 0).
void number_items(Sequences& sequences, const std::vector<std::int32_t>& number, PacedPoll& poll);

}  // namespace persona
