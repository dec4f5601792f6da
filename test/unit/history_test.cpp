// Histories against what a reader of the definition works out by hand: baskets, ages, returns.
#include "core/recommend/history.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <tuple>
#include <utility>
#include <vector>

#include "core/base/random.h"
#include "shop_events.h"

namespace persona {
namespace {

using Line = std::tuple<std::int32_t, std::int32_t, double>;  // item, age, weight

std::vector<Line> lines(const History& history) {
  std::vector<Line> result;
  for (const HistoryItem& each : history.items) result.emplace_back(each.item, each.age, each.weight);
  return result;
}

std::vector<std::pair<std::int32_t, double>> pairs(const std::vector<WeightedItem>& weighed) {
  std::vector<std::pair<std::int32_t, double>> result;
  for (const WeightedItem& each : weighed) result.emplace_back(each.item, each.weight);
  return result;
}

using Pairs = std::vector<std::pair<std::int32_t, double>>;

TEST(History, RowsOfOneTimeAreOneBasket) {
  const History history = make_history({{3, 1, 20}, {1, 2, 10}, {3, 4, 10}, {1, 5, 10}}, Baskets::by_time);
  EXPECT_EQ(history.baskets, 2);
  EXPECT_EQ(lines(history), (std::vector<Line>{{1, 1, 7}, {3, 1, 4}, {3, 0, 1}}));
}

TEST(History, ABasketStandsAtItsEarliestRowAndIdsBreakTies) {
  // Basket 7 begins at 5, before basket 2 at 6, though it ends after it; basket 1 is as old as basket 2.
  const History history =
      make_history({{0, 1, 9, 7}, {1, 1, 5, 7}, {2, 1, 6, 2}, {3, 1, 6, 1}}, Baskets::by_id);
  EXPECT_EQ(history.baskets, 3);
  EXPECT_EQ(lines(history), (std::vector<Line>{{0, 2, 1}, {1, 2, 1}, {3, 1, 1}, {2, 0, 1}}));
  EXPECT_EQ(history.items[0].time, 5);
}

TEST(History, WithoutBasketsAllIsOne) {
  const History history = make_history({{4, 1, 1}, {2, 1, 2}, {4, 1, 3}}, Baskets::one);
  EXPECT_EQ(history.baskets, 1);
  EXPECT_EQ(lines(history), (std::vector<Line>{{2, 0, 1}, {4, 0, 2}}));
}

TEST(History, WhatWasReturnedIsLeftOutAndItsBasketStays) {
  // Item 1 is wholly returned a basket later, item 2 by half; .1 + .2 - .3 leaves nothing of item 3.
  const History history = make_history(
      {{1, 2, 1}, {1, -2, 2}, {2, 2, 1}, {2, -1, 3}, {3, .1, 1}, {3, .2, 1}, {3, -.3, 1}}, Baskets::by_time);
  EXPECT_EQ(history.baskets, 3);
  EXPECT_EQ(lines(history), (std::vector<Line>{{2, 2, 2}, {2, 0, -1}}));
  EXPECT_EQ(pairs(weigh_items(history, 1)), (Pairs{{2, 1}}));
  EXPECT_EQ(pairs(count_baskets(history, 1)), (Pairs{{2, 1}}));
  EXPECT_TRUE(make_history({{1, -4, 0}, {2, 0, 0}}, Baskets::one).items.empty());
}

TEST(History, UnknownItemsMakeBasketsAndAreLeftOut) {
  // The last basket has nothing the model knows: what came before is one basket older for it.
  const History history =
      make_history({{5, 1, 1}, {kUnknownItem, 1, 2}, {5, 1, 3}, {kUnknownItem, 1, 4}}, Baskets::by_time);
  EXPECT_EQ(history.baskets, 4);
  EXPECT_EQ(lines(history), (std::vector<Line>{{5, 3, 1}, {5, 1, 1}}));
  // And dates a basket that begins with it.
  const History dated = make_history({{kUnknownItem, 1, 1, 9}, {1, 1, 8, 9}, {2, 1, 5, 3}}, Baskets::by_id);
  EXPECT_EQ(lines(dated), (std::vector<Line>{{1, 1, 1}, {2, 0, 1}}));
}

TEST(History, DecayCountsBasketsByTheirAge) {
  const History history =
      make_history({{1, 3, 1}, {2, 1, 2}, {1, 1, 3}, {2, 5, 3}, {2, 1, 3}}, Baskets::by_time);
  EXPECT_EQ(pairs(weigh_items(history, .5)), (Pairs{{1, 3 * .25 + 1}, {2, .5 + 6}}));
  EXPECT_EQ(pairs(count_baskets(history, .5)), (Pairs{{1, 1.25}, {2, 1.5}}));
  EXPECT_EQ(pairs(count_baskets(history, 1)), (Pairs{{1, 2}, {2, 2}}));
  // Only the last basket counts.
  EXPECT_EQ(pairs(count_baskets(history, 0)), (Pairs{{1, 1}, {2, 1}}));
  EXPECT_TRUE(weigh_items(History(), .5).empty());
}

TEST(History, TheOrderOfTheRowsDoesNotChangeABit) {
  Random random(5);
  std::vector<HistoryEvent> events;
  for (int e = 0; e < 200; ++e) {
    events.push_back({static_cast<std::int32_t>(random.below(9)), random.uniform() - .2,
                      static_cast<double>(random.below(6)), static_cast<std::int32_t>(random.below(12))});
  }
  for (const Baskets rule : {Baskets::by_id, Baskets::by_time, Baskets::one}) {
    const History history = make_history(events, rule);
    for (int round = 0; round < 10; ++round) {
      std::vector<HistoryEvent> shuffled = events;
      for (std::size_t e = shuffled.size(); e > 1; --e) std::swap(shuffled[e - 1], shuffled[random.below(e)]);
      EXPECT_EQ(lines(make_history(shuffled, rule)), lines(history));
    }
  }
}

TEST(History, LargeTotalsAreExactOrAnError) {
  EXPECT_EQ(lines(make_history({{0, 1e6, 0}, {0, 1 - 1e6, 0}}, Baskets::one)),
            (std::vector<Line>{{0, 0, 1}}));
  for (const double sign : {1.0, -1.0}) {
    EXPECT_EQ(sqlstate_of([&] {
                make_history({{0, sign * 1.7e308, 0}, {0, sign * 1.7e308, 0}}, Baskets::one);
              }),
              "22003");
  }
  const History two = make_history({{0, 1.7e308, 1}, {0, 1.7e308, 2}}, Baskets::by_time);
  EXPECT_EQ(sqlstate_of([&] { weigh_items(two, 1); }), "22003");
  EXPECT_EQ(count_baskets(two, 1).at(0).weight, 2);
}

}  // namespace
}  // namespace persona
