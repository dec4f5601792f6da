// repurchase and next_item against their definitions, computed here over dense tables from the rows
// themselves.
#include "core/recommend/repurchase.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/base/random.h"
#include "core/recommend/fitted_reader.h"
#include "core/recommend/next_item.h"
#include "core/recommend/recommender.h"
#include "shop_events.h"

namespace persona {
namespace {

// user -> baskets from the oldest -> items
using Baskets_ = std::map<std::string, std::vector<std::set<std::string>>>;
using Table = std::map<std::string, std::map<std::string, double>>;

std::vector<EventRow> random_rows(Random& random) {
  std::vector<EventRow> rows;
  for (int r = 0; r < 120; ++r) {
    rows.push_back({"u" + std::to_string(random.below(8)),
                    std::string(1, static_cast<char>('a' + std::min(random.below(9), random.below(9)))),
                    static_cast<double>(random.below(10))});
  }
  return rows;
}

Baskets_ baskets_of(const std::vector<EventRow>& rows) {
  std::map<std::string, std::map<double, std::set<std::string>>> timed;
  for (const EventRow& row : rows) timed[row.user][row.time].insert(row.item);
  Baskets_ result;
  for (const auto& [user, baskets] : timed) {
    for (const auto& [time, items] : baskets) result[user].push_back(items);
  }
  return result;
}

// M_ij = C_ij d_i^-a d_j^-b with C_ij the sum of fade(t' - t) over pairs of baskets t of i and t' of j.
Table pairs_of(const Baskets_& users, double a, double b, const std::function<double(int)>& fade) {
  Table pairs;
  std::map<std::string, double> count;
  for (const auto& [user, baskets] : users) {
    for (std::size_t t = 0; t < baskets.size(); ++t) {
      for (const std::string& i : baskets[t]) {
        count[i] += 1;
        for (std::size_t later = 0; later < baskets.size(); ++later) {
          const double weight = fade(static_cast<int>(later) - static_cast<int>(t));
          if (weight == 0) continue;
          for (const std::string& j : baskets[later]) pairs[i][j] += weight;
        }
      }
    }
  }
  for (auto& [i, row] : pairs) {
    for (auto& [j, sum] : row) sum *= std::pow(count[i], -a) * std::pow(count[j], -b);
  }
  return pairs;
}

void expect_pairs(const FittedModel& model, Table pairs) {
  for (const NeighborRow& i : model.neighbors) {
    std::size_t stored = 0;
    for (const NeighborRow& j : model.neighbors) {
      const double want = pairs[i.item][j.item];
      EXPECT_NEAR(stored_score(model, i.item, j.item), want, 1e-6 * want) << i.item << ' ' << j.item;
      stored += want > 0 ? 1 : 0;
    }
    EXPECT_EQ(i.neighbors.size(), stored);
  }
}

History history_of(const FittedModel& model, const std::vector<std::set<std::string>>& baskets) {
  std::vector<HistoryEvent> events;
  for (std::size_t t = 0; t < baskets.size(); ++t) {
    for (const std::string& item : baskets[t])
      events.push_back({number_of(model, item), 1, static_cast<double>(t)});
  }
  return make_history(std::move(events), Baskets::by_time);
}

std::map<std::string, double> personal_of(const std::vector<std::set<std::string>>& baskets, double decay) {
  std::map<std::string, double> personal;
  for (std::size_t t = 0; t < baskets.size(); ++t) {
    for (const std::string& item : baskets[t]) {
      personal[item] += std::pow(decay, static_cast<double>(baskets.size() - 1 - t));
    }
  }
  return personal;
}

void add_share(const std::map<std::string, double>& part, double weight,
               std::map<std::string, double>& scores) {
  double largest = 0;
  for (const auto& [item, value] : part) largest = std::max(largest, value);
  for (const auto& [item, value] : part) scores[item] += largest > 0 ? weight * value / largest : 0;
}

const Given kTimed = {{"time", std::string("sold_at")}};

TEST(Repurchase, EqualsTheDefinition) {
  Random random(31);
  NoPoll poll;
  for (int round = 0; round < 12; ++round) {
    const std::vector<EventRow> rows = random_rows(random);
    const Baskets_ users = baskets_of(rows);
    const double decay = round % 3 == 0 ? 1 : .8;
    Given given = kTimed;
    given.emplace("decay", decay);
    given.emplace("popularity_weight", .2);
    given.emplace("pairs_weight", .5);
    const FittedModel model = fit_events(repurchase(), rows, given);
    const Table pairs =
        pairs_of(users, .5, .25, [](int gap) { return gap > 0 && gap <= 5 ? std::pow(2, 1 - gap) : 0; });
    expect_pairs(model, pairs);

    std::map<std::string, double> popularity;
    for (const auto& [user, baskets] : users) {
      for (const auto& basket : baskets) {
        for (const std::string& item : basket) popularity[item] += 1;
      }
    }
    const auto items = static_cast<std::int32_t>(model.neighbors.size());
    const auto recommender =
        repurchase().load_recommender({"m@1", items}, event_request(repurchase(), given).options);
    EXPECT_FALSE(recommender->excludes_seen());
    FittedReader reader(model);
    for (const auto& [user, baskets] : users) {
      const std::map<std::string, double> personal = personal_of(baskets, decay);
      std::map<std::string, double> follow;
      for (const auto& [h, weight] : personal) {
        if (pairs.count(h) == 0) continue;
        for (const auto& [j, value] : pairs.at(h)) follow[j] += weight * value;
      }
      std::map<std::string, double> expected;
      add_share(personal, 1, expected);
      add_share(popularity, .2, expected);
      add_share(follow, .5, expected);
      ItemScores scores(items);
      recommender->score(history_of(model, baskets), reader, scores, poll);
      for (std::int32_t item = 0; item < items; ++item) {
        EXPECT_NEAR(scores[item], expected[model.neighbors[static_cast<std::size_t>(item)].item], 1e-6);
      }
    }
  }
}

TEST(Repurchase, SaysHowOftenOrAfterWhatOrThatItIsPopular) {
  NoPoll poll;
  const std::vector<EventRow> rows = {{"1", "milk", 1}, {"1", "milk", 2}, {"1", "tea", 2}, {"2", "tea", 1},
                                      {"2", "cup", 2},  {"3", "ink", 1},  {"3", "ink", 1}};
  const FittedModel model = fit_events(repurchase(), rows, kTimed);
  const auto recommender =
      repurchase().load_recommender({"m@1", 4}, event_request(repurchase(), kTimed).options);
  FittedReader reader(model);
  const std::vector<std::int32_t> items = {number_of(model, "milk"), number_of(model, "tea"),
                                           number_of(model, "cup"), number_of(model, "ink")};
  const History history = history_of(model, {{"milk"}, {"milk", "tea"}});
  const std::vector<ItemReason> reasons = recommender->explain(history, reader, items, poll);
  EXPECT_EQ(reasons[0].text, "bought 2 times before");
  EXPECT_EQ(reasons[1].text, "bought before");
  EXPECT_EQ(reasons[2].text, "often bought after");
  EXPECT_EQ(reasons[2].because, (std::vector<std::int32_t>{number_of(model, "tea")}));
  EXPECT_EQ(reasons[3].text, "popular");
  EXPECT_TRUE(reasons[3].counts_users);
  // Without the pairs no reason names them, and none are fitted.
  Given own = kTimed;
  own.emplace("pairs_weight", 0.0);
  const FittedModel plain = fit_events(repurchase(), rows, own);
  for (const NeighborRow& row : plain.neighbors) EXPECT_TRUE(row.neighbors.empty());
  const auto alone = repurchase().load_recommender({"m@1", 4}, event_request(repurchase(), own).options);
  EXPECT_EQ(alone->explain(history, reader, {items[2]}, poll)[0].text, "popular");
  // A history of nothing says nothing, not even what is popular: whoever ranks fills up, by segment first.
  ItemScores scores(4);
  recommender->score(History(), reader, scores, poll);
  for (std::int32_t item = 0; item < 4; ++item) EXPECT_FALSE(scores.scored().contains(item));
}

TEST(NextItem, EqualsTheDefinition) {
  Random random(33);
  NoPoll poll;
  for (int round = 0; round < 12; ++round) {
    const std::vector<EventRow> rows = random_rows(random);
    const Baskets_ users = baskets_of(rows);
    Given given = kTimed;
    given.emplace("neighbors", 0.0);
    double a = .5, b = .25, backward = .3, lag = .5;
    if (round % 2 == 1) {
      given.emplace("exponents", std::vector<double>{.75, 0});
      given.emplace("backward", 0.0);
      given.emplace("lag_exponent", 1.0);
      a = .75, b = 0, backward = 0, lag = 1;
    }
    const Table pairs = pairs_of(users, a, b, [&](int gap) {
      return gap == 0 ? 0 : std::pow(std::abs(gap), -lag) * (gap > 0 ? 1 : backward);
    });
    const FittedModel model = fit_events(next_item(), rows, given);
    expect_pairs(model, pairs);
    const auto items = static_cast<std::int32_t>(model.neighbors.size());
    const auto recommender =
        next_item().load_recommender({"m@1", items}, event_request(next_item(), given).options);
    EXPECT_TRUE(recommender->is_sequential());
    FittedReader reader(model);
    for (const auto& [user, baskets] : users) {
      std::map<std::string, double> expected;
      for (const auto& [h, weight] : personal_of(baskets, .7)) {
        if (pairs.count(h) == 0) continue;
        for (const auto& [j, value] : pairs.at(h)) expected[j] += weight * value;
      }
      ItemScores scores(items);
      recommender->score(history_of(model, baskets), reader, scores, poll);
      for (std::int32_t item = 0; item < items; ++item) {
        EXPECT_NEAR(scores[item], expected[model.neighbors[static_cast<std::size_t>(item)].item], 1e-5);
      }
    }
  }
}

TEST(NextItem, NeedsTimeAndSaysWhereNothingFollows) {
  EXPECT_EQ(sqlstate_of([] { fit_events(next_item(), {{"1", "a"}}); }), "22023");
  EXPECT_EQ(sqlstate_of([] { fit_events(repurchase(), {{"1", "a"}}); }), "22023");
  Given three = kTimed;
  three.emplace("exponents", std::vector<double>{1, 2, 1});
  EXPECT_EQ(sqlstate_of([&] { fit_events(next_item(), {{"1", "a"}}, three); }), "22023");
  const FittedModel model = fit_events(next_item(), {{"1", "a", 1}, {"1", "b", 1}, {"2", "a", 3}}, kTimed);
  ASSERT_EQ(model.notices.size(), 1U);
  EXPECT_NE(model.notices[0].find("no item follows another"), std::string::npos);
}

}  // namespace
}  // namespace persona
