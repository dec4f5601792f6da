// Two passes over the neighbors of the history: one adds up, the other finds, for few items only, what
// contributed.
#include "core/recommend/pair_recommender.h"

#include <cmath>
#include <cstddef>

#include "core/base/error.h"
#include "core/recommend/contributions.h"
#include "core/recommend/paced_poll.h"
#include "core/recommend/stored_rows.h"

namespace persona {
namespace {

std::vector<std::int32_t> items_of(const std::vector<WeightedItem>& weighed) {
  std::vector<std::int32_t> items;
  items.reserve(weighed.size());
  for (const WeightedItem& each : weighed) items.push_back(each.item);
  return items;
}

// Calls use(item of the history, neighbor, contribution) for all, by item of the history.
template <typename Use>
void for_each_neighbor(const std::vector<WeightedItem>& weighed, const RecommenderFacts& facts,
                       ModelReader& reader, PacedPoll& poll, Use use) {
  const std::vector<NeighborView> rows = reader.neighbors(items_of(weighed));
  for (std::size_t h = 0; h < weighed.size(); ++h) {
    const NeighborView& row = rows[h];
    check_neighbors(facts, weighed[h].item, row);
    poll.add(row.item_count + 1);
    for (std::size_t n = 0; n < row.item_count; ++n) {
      use(weighed[h].item, row.items[n], weighed[h].weight * static_cast<double>(row.scores[n]));
    }
  }
}

}  // namespace

OptionSpec decay_option(const char* default_value) {
  return {
      "decay",
      OptionType::number,
      default_value,
      "What a basket of the history counts against the one after it; 1 counts all alike. Needs option time.",
      0,
      1};
}

WeighHistory weigh_by_options(const Options& options) {
  const double decay = options.number("decay");
  const bool has_baskets = options.has("time") || (options.has("basket") && options.has("user"));
  if (has_baskets && !options.has("weight")) {
    return [decay](const History& history) { return count_baskets(history, decay); };
  }
  return [decay](const History& history) { return weigh_items(history, decay); };
}

void PairRecommender::score(const History& history, ModelReader& reader, ItemScores& scores,
                            Poll& poll) const {
  PacedPoll paced(poll);
  for_each_neighbor(weigh_(history), facts_, reader, paced,
                    [&](std::int32_t /*cause*/, std::int32_t item, double part) { scores.add(item, part); });
}

std::vector<ItemReason> PairRecommender::explain(const History& history, ModelReader& reader,
                                                 const std::vector<std::int32_t>& items, Poll& poll) const {
  PacedPoll paced(poll);
  Contributions contributions(facts_.items, items);
  for_each_neighbor(
      weigh_(history), facts_, reader, paced,
      [&](std::int32_t cause, std::int32_t item, double part) { contributions.add(item, cause, part); });
  std::vector<ItemReason> reasons(items.size());
  for (std::size_t place = 0; place < items.size(); ++place) {
    reasons[place].text = phrase_;
    reasons[place].because = contributions.because(place);
  }
  return reasons;
}

}  // namespace persona
