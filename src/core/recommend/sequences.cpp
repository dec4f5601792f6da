// The events are scattered by user in linear time; each user's are then ordered as a history is.
#include "core/recommend/sequences.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/base/at.h"

namespace persona {
std::vector<std::int32_t> rank_labels(const Dictionary& labels, PacedPoll& poll) {
  std::vector<std::int32_t> order(at(labels.size()));
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
    poll.add(16);
    return labels.label(a) < labels.label(b);
  });
  std::vector<std::int32_t> rank(order.size());
  for (std::size_t place = 0; place < order.size(); ++place) {
    rank[at(order[place])] = static_cast<std::int32_t>(place);
  }
  return rank;
}

Baskets basket_rule(const Events& events) noexcept {
  if (!events.baskets.empty()) return Baskets::by_id;
  return events.times.empty() ? Baskets::one : Baskets::by_time;
}

Sequences make_sequences(const Events& events, const Dictionary* basket_ids, PacedPoll& poll) {
  const std::vector<std::int32_t> rank =
      basket_ids == nullptr ? std::vector<std::int32_t>{} : rank_labels(*basket_ids, poll);
  std::int32_t users = 0;
  for (const std::int32_t user : events.users) users = std::max(users, user + 1);
  std::vector<std::size_t> next(at(users) + 1, 0);
  for (const std::int32_t user : events.users) ++next[at(user) + 1];
  std::partial_sum(next.begin(), next.end(), next.begin());
  const std::vector<std::size_t> begin = next;
  poll.add(events.users.size());
  std::vector<HistoryEvent> rows;
  grow(rows, events.users.size(), poll);
  for (std::size_t e = 0; e < events.users.size(); ++e) {
    HistoryEvent& row = rows[next[at(events.users[e])]++];
    row.item = events.items[e];
    if (!events.weights.empty()) row.weight = events.weights[e];
    if (!events.times.empty()) row.time = events.times[e];
    if (!rank.empty()) row.basket = rank[at(events.baskets[e])];
    poll.add(16);
  }

  Sequences sequences;
  grow(sequences.begin, begin.size(), poll);
  const Baskets rule = basket_rule(events);
  for (std::size_t user = 0; user < at(users); ++user) {
    const auto first = rows.begin() + static_cast<std::ptrdiff_t>(begin[user]);
    const auto last = rows.begin() + static_cast<std::ptrdiff_t>(begin[user + 1]);
    const History history = make_history(std::vector<HistoryEvent>(first, last), rule);
    for (const HistoryItem& each : history.items) {
      if (each.weight <= 0) continue;
      sequences.item.push_back(each.item);
      sequences.basket.push_back(history.baskets - 1 - each.age);
      if (rule != Baskets::one && !events.times.empty()) sequences.time.push_back(each.time);
    }
    sequences.begin[user + 1] = sequences.item.size();
    poll.add(32 * (begin[user + 1] - begin[user]) + 32);
  }
  return sequences;
}

std::vector<double> count_popularity(const Sequences& sequences, std::int32_t items, double half_life,
                                     PacedPoll& poll) {
  std::vector<double> popularity(at(items), 0);
  const bool decays = half_life > 0 && !sequences.time.empty();
  const double newest = decays ? *std::max_element(sequences.time.begin(), sequences.time.end()) : 0;
  for (std::size_t e = 0; e < sequences.item.size(); ++e) {
    popularity[at(sequences.item[e])] += decays ? std::exp2((sequences.time[e] - newest) / half_life) : 1;
    poll.add(4);
  }
  return popularity;
}

void number_items(Sequences& sequences, const std::vector<std::int32_t>& number, PacedPoll& poll) {
  std::size_t kept = 0;
  std::size_t from = 0;
  for (std::size_t user = 0; user < sequences.users(); ++user) {
    const std::size_t first = kept;
    for (; from < sequences.begin[user + 1]; ++from) {
      const std::int32_t item = number[at(sequences.item[from])];
      if (item < 0) continue;
      sequences.item[kept] = item;
      sequences.basket[kept] = sequences.basket[from];
      if (!sequences.time.empty()) sequences.time[kept] = sequences.time[from];
      ++kept;
    }
    // Within a basket the items go by number now.
    for (std::size_t e = first; e < kept;) {
      std::size_t end = e;
      while (end < kept && sequences.basket[end] == sequences.basket[e]) ++end;
      std::sort(sequences.item.begin() + static_cast<std::ptrdiff_t>(e),
                sequences.item.begin() + static_cast<std::ptrdiff_t>(end));
      e = end;
    }
    poll.add(8 * (kept - first) + 8);
    sequences.begin[user + 1] = kept;
  }
  sequences.item.resize(kept);
  sequences.basket.resize(kept);
  if (!sequences.time.empty()) sequences.time.resize(kept);
}

}  // namespace persona
