// Ordering and merging by sorts: a history is short.
#include "core/recommend/history.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <tuple>

#include "core/base/error.h"
#include "core/recommend/net_weight.h"

namespace persona {
namespace {

// Gives every row of a basket the time of its earliest.
void date_baskets(std::vector<HistoryEvent>& events) {
  std::sort(events.begin(), events.end(), [](const HistoryEvent& a, const HistoryEvent& b) {
    return std::tie(a.basket, a.time) < std::tie(b.basket, b.time);
  });
  for (std::size_t row = 1; row < events.size(); ++row) {
    if (events[row].basket == events[row - 1].basket) events[row].time = events[row - 1].time;
  }
}

double checked(const NetWeight& net) {
  const double weight = net.value();
  if (!std::isfinite(weight)) {
    throw Error(sqlstate::kNumericOutOfRange, "total weight of an item in the history is out of range");
  }
  return weight;
}

// Leaves out the items whose total is not positive.
void drop_returned(History& history) {
  const auto positive = [](const HistoryItem& each) { return each.weight > 0; };
  if (std::all_of(history.items.begin(), history.items.end(), positive)) return;
  std::vector<HistoryItem> by_item = history.items;
  std::sort(by_item.begin(), by_item.end(), [](const HistoryItem& a, const HistoryItem& b) {
    return std::tie(a.item, a.weight) < std::tie(b.item, b.weight);
  });
  std::vector<std::int32_t> returned;
  for (std::size_t row = 0; row < by_item.size();) {
    const std::int32_t item = by_item[row].item;
    NetWeight net;
    for (; row < by_item.size() && by_item[row].item == item; ++row) net.add(by_item[row].weight);
    if (checked(net) <= 0) returned.push_back(item);
  }
  if (returned.empty()) return;
  const auto is_returned = [&](const HistoryItem& each) {
    return std::binary_search(returned.begin(), returned.end(), each.item);
  };
  history.items.erase(std::remove_if(history.items.begin(), history.items.end(), is_returned),
                      history.items.end());
}

// Adds up `weight_of` over the baskets of each item.
template <typename WeightOf>
std::vector<WeightedItem> sum_baskets(const History& history, double decay, WeightOf weight_of) {
  std::vector<HistoryItem> by_item = history.items;
  std::sort(by_item.begin(), by_item.end(), [](const HistoryItem& a, const HistoryItem& b) {
    return std::tie(a.item, a.age) < std::tie(b.item, b.age);
  });
  std::vector<WeightedItem> sums;
  for (std::size_t row = 0; row < by_item.size();) {
    const std::int32_t item = by_item[row].item;
    NetWeight net;
    for (; row < by_item.size() && by_item[row].item == item; ++row) {
      const double aged = decay == 1 ? 1 : std::pow(decay, by_item[row].age);
      net.add(weight_of(by_item[row]) * aged);
    }
    const double sum = checked(net);
    if (sum > 0) sums.push_back({item, sum});
  }
  return sums;
}

}  // namespace

History make_history(std::vector<HistoryEvent> events, Baskets baskets) {
  if (baskets == Baskets::by_id) date_baskets(events);
  const auto same_basket = [&](const HistoryEvent& a, const HistoryEvent& b) {
    return baskets == Baskets::one ||
           (a.time == b.time && (baskets == Baskets::by_time || a.basket == b.basket));
  };
  const auto place = [&](const HistoryEvent& e) {
    return std::make_tuple(baskets == Baskets::one ? 0 : e.time, baskets == Baskets::by_id ? e.basket : 0);
  };
  // By weight within an item, so that the sum does not depend on the order in which the rows were read.
  std::sort(events.begin(), events.end(), [&](const HistoryEvent& a, const HistoryEvent& b) {
    const auto pa = place(a);
    const auto pb = place(b);
    return pa != pb ? pa < pb : std::tie(a.item, a.weight) < std::tie(b.item, b.weight);
  });
  History history;
  for (std::size_t row = 0; row < events.size();) {
    const HistoryEvent first = events[row];
    if (row == 0 || !same_basket(events[row - 1], first)) ++history.baskets;
    NetWeight positive;  // the sum as such, with what rounding leaves of a difference taken for 0
    NetWeight negative;
    for (; row < events.size() && same_basket(events[row], first) && events[row].item == first.item; ++row) {
      positive.add(events[row].weight);
      negative.add(-events[row].weight);
    }
    const double weight = checked(positive) - checked(negative);
    if (weight != 0 && first.item != kUnknownItem)
      history.items.push_back({first.item, history.baskets, weight, first.time});
  }
  for (HistoryItem& each : history.items) each.age = history.baskets - each.age;
  drop_returned(history);
  return history;
}

std::vector<WeightedItem> weigh_items(const History& history, double decay) {
  return sum_baskets(history, decay, [](const HistoryItem& each) { return each.weight; });
}

std::vector<WeightedItem> count_baskets(const History& history, double decay) {
  return sum_baskets(history, decay, [](const HistoryItem& each) { return each.weight > 0 ? 1.0 : 0.0; });
}

}  // namespace persona
