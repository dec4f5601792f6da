// Sequences against make_history, user by user, and popularity against counting in a set.
#include "core/recommend/sequences.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "core/base/random.h"
#include "shop_events.h"

namespace persona {
namespace {

Dictionary dictionary(const std::vector<std::string>& labels) {
  Dictionary result;
  for (const std::string& label : labels) result.intern(std::string_view(label));
  return result;
}

Events random_events(Random& random, int rows, bool timed, bool in_baskets, bool weighted) {
  Events events;
  for (int e = 0; e < rows; ++e) {
    events.users.push_back(static_cast<std::int32_t>(random.below(7)));
    events.items.push_back(static_cast<std::int32_t>(random.below(6)));
    if (timed) events.times.push_back(static_cast<double>(random.below(8)));
    if (in_baskets) events.baskets.push_back(static_cast<std::int32_t>(random.below(12)));
    if (weighted) events.weights.push_back(static_cast<double>(random.below(5)) - 1);
  }
  return events;
}

TEST(Sequences, AreTheUsersHistories) {
  Random random(3);
  NoPoll poll;
  PacedPoll paced(poll);
  // Twelve baskets whose codes are in another order than their ids.
  std::vector<std::string> ids;
  for (int b = 0; b < 12; ++b) ids.push_back("order " + std::to_string(100 - 7 * b));
  const Dictionary baskets = dictionary(ids);
  const std::vector<std::int32_t> rank = rank_labels(baskets, paced);
  for (int round = 0; round < 64; ++round) {
    const bool timed = (round & 1) != 0;
    const bool in_baskets = (round & 2) != 0;
    const Events events =
        random_events(random, 1 + static_cast<int>(random.below(90)), timed, in_baskets, (round & 4) != 0);
    const Sequences sequences = make_sequences(events, in_baskets ? &baskets : nullptr, paced);
    std::map<std::int32_t, std::vector<HistoryEvent>> rows;
    for (std::size_t e = 0; e < events.users.size(); ++e) {
      rows[events.users[e]].push_back({events.items[e], events.weights.empty() ? 1 : events.weights[e],
                                       timed ? events.times[e] : 0,
                                       in_baskets ? rank[static_cast<std::size_t>(events.baskets[e])] : 0});
    }
    ASSERT_EQ(static_cast<std::int32_t>(sequences.users()), rows.rbegin()->first + 1);
    const Baskets rule = in_baskets ? Baskets::by_id : timed ? Baskets::by_time : Baskets::one;
    for (std::size_t user = 0; user < sequences.users(); ++user) {
      const History history = make_history(rows[static_cast<std::int32_t>(user)], rule);
      std::size_t e = sequences.begin[user];
      for (const HistoryItem& each : history.items) {
        if (each.weight <= 0) continue;
        ASSERT_LT(e, sequences.begin[user + 1]);
        EXPECT_EQ(sequences.item[e], each.item);
        EXPECT_EQ(sequences.basket[e], history.baskets - 1 - each.age);
        if (timed) {
          EXPECT_EQ(sequences.time[e], each.time);
        }
        ++e;
      }
      EXPECT_EQ(e, sequences.begin[user + 1]);
    }
    EXPECT_EQ(sequences.time.size(), timed ? sequences.item.size() : 0U);
  }
}

TEST(Sequences, PopularityCountsTheBasketsOfAnItem) {
  Random random(9);
  NoPoll poll;
  PacedPoll paced(poll);
  const Events events = random_events(random, 300, true, false, false);
  const Sequences sequences = make_sequences(events, nullptr, paced);
  std::set<std::tuple<std::int32_t, double, std::int32_t>> seen;
  std::vector<double> plain(6, 0);
  std::vector<double> faded(6, 0);
  for (std::size_t e = 0; e < events.users.size(); ++e) {
    if (!seen.insert({events.users[e], events.times[e], events.items[e]}).second) continue;
    plain[static_cast<std::size_t>(events.items[e])] += 1;
    faded[static_cast<std::size_t>(events.items[e])] += std::pow(.5, (7 - events.times[e]) / 2.5);
  }
  EXPECT_EQ(count_popularity(sequences, 6, 0, paced), plain);
  const std::vector<double> decayed = count_popularity(sequences, 6, 2.5, paced);
  for (std::size_t item = 0; item < 6; ++item) EXPECT_NEAR(decayed[item], faded[item], 1e-12 * faded[item]);
}

TEST(Sequences, HalfLivesOfAnySizeAreFinite) {
  NoPoll poll;
  PacedPoll paced(poll);
  Events events;
  events.users = {0, 0};
  events.items = {0, 1};
  events.times = {-1e300, 1e300};
  const Sequences sequences = make_sequences(events, nullptr, paced);
  EXPECT_EQ(count_popularity(sequences, 2, 1e-300, paced), (std::vector<double>{0, 1}));
  EXPECT_EQ(count_popularity(sequences, 2, 1e300, paced), (std::vector<double>{.25, 1}));
}

TEST(Sequences, NumbersReplaceCodesAndOrderBaskets) {
  NoPoll poll;
  PacedPoll paced(poll);
  Events events;
  events.users = {0, 0, 0, 1, 2, 2};
  events.items = {0, 1, 2, 1, 2, 0};
  events.times = {1, 1, 2, 5, 1, 1};
  Sequences sequences = make_sequences(events, nullptr, paced);
  number_items(sequences, {1, -1, 0}, paced);  // item 1 has no number
  EXPECT_EQ(sequences.begin, (std::vector<std::size_t>{0, 2, 2, 4}));
  EXPECT_EQ(sequences.item, (std::vector<std::int32_t>{1, 0, 0, 1}));
  EXPECT_EQ(sequences.basket, (std::vector<std::int32_t>{0, 1, 0, 0}));
  EXPECT_EQ(sequences.time, (std::vector<double>{1, 2, 1, 1}));
}

TEST(Sequences, LabelsRankByTheirBytes) {
  NoPoll poll;
  PacedPoll paced(poll);
  EXPECT_EQ(rank_labels(dictionary({"b", "10", "9", "é", "a\"b", ""}), paced),
            (std::vector<std::int32_t>{4, 1, 2, 5, 3, 0}));
  EXPECT_TRUE(rank_labels(Dictionary(), paced).empty());
}

}  // namespace
}  // namespace persona
