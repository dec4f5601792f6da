// What one user did, as recommendation needs it: the rows of the source, read live, in baskets from the
// oldest to the newest, with the rows of one item in one basket added up.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace persona {

/// In place of the number of an item that the model does not know.
inline constexpr std::int32_t kUnknownItem = -1;

/// One row of the source.
struct HistoryEvent {
  std::int32_t item = 0;    ///< item number, or code in a fit
  double weight = 1;        ///< of the source's weight column; 1 for a row of a source without one
  double time = 0;          ///< 0 for a source without one
  std::int32_t basket = 0;  ///< numbered in the order of the baskets' ids; 0 for a source without them
};

/// How rows make baskets: those of one basket id, those of one time, or all rows of a user.
enum class Baskets { by_id, by_time, one };

struct HistoryItem {
  std::int32_t item = 0;
  std::int32_t age = 0;  ///< how many baskets the user has had since: 0 in the last one
  double weight = 1;     ///< added over the rows of the item in the basket; may be negative: a return
  double time = 0;       ///< of the basket
};

/// The oldest basket first, and within a basket by item number, each item once.
struct History {
  std::vector<HistoryItem> items;
  std::int32_t baskets = 0;
  std::string segment;  ///< the user's; empty where it is not known
};

/// A basket stands at the time of its earliest row; baskets of one time are ordered by their ids. An item
/// whose weights do not add to more than 0 over all baskets (NetWeight) is left out, as in the fit. The
/// result does not depend on the order of the rows. An unknown item is left out too, but a basket of it is a
/// basket. Throws 22003 where a total is not finite.
History make_history(std::vector<HistoryEvent> events, Baskets baskets);

/// An item of a history with one weight.
struct WeightedItem {
  std::int32_t item = 0;
  double weight = 1;
};

/// One entry an item, by item number: the sum over its baskets of weight * decay^age. Items whose sum is not
/// positive are left out.
std::vector<WeightedItem> weigh_items(const History& history, double decay);

/// The same with every basket that has the item counted once, whatever its weight there: how often, not how
/// much. A basket in which more came back than went out does not count.
std::vector<WeightedItem> count_baskets(const History& history, double decay);

}  // namespace persona
