// The metrics against their definitions, computed here another way: by sets and over all ranks.
#include "core/evaluation/recommendation_metrics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/base/random.h"
#include "shop_events.h"

namespace persona {
namespace {

std::map<std::string, double> by_name(const std::vector<Metric>& metrics) {
  std::map<std::string, double> result;
  for (const Metric& each : metrics) result[each.name] = each.value;
  return result;
}

struct User {
  std::vector<std::int32_t> recommended, relevant;
  std::size_t unknown = 0;
};

std::map<std::string, double> by_definition(std::size_t k, const std::vector<std::int64_t>& support,
                                            double all_users, const std::vector<User>& given) {
  std::map<std::string, double> m;
  std::vector<double> times(support.size(), 0);
  double users = 0;
  double shown = 0;
  for (const User& user : given) {
    const std::set<std::int32_t> relevant(user.relevant.begin(), user.relevant.end());
    const double wanted = static_cast<double>(relevant.size() + user.unknown);
    if (wanted == 0) continue;
    users += 1;
    const auto is_hit = [&](std::size_t rank) { return relevant.count(user.recommended[rank]) > 0; };
    double hits = 0;
    double gain = 0;
    double ideal = 0;
    double precisions = 0;
    double first = 0;
    for (std::size_t rank = 0; rank < user.recommended.size(); ++rank) {
      times[static_cast<std::size_t>(user.recommended[rank])] += 1;
      shown += 1;
      m["novelty"] -= std::log2(
          static_cast<double>(support[static_cast<std::size_t>(user.recommended[rank])]) / all_users);
      if (!is_hit(rank)) continue;
      hits += 1;
      if (first == 0) first = 1 / (static_cast<double>(rank) + 1);
      gain += std::log(2.0) / std::log(static_cast<double>(rank) + 2);
      double up_to = 0;
      for (std::size_t r = 0; r <= rank; ++r) up_to += is_hit(r) ? 1 : 0;
      precisions += up_to / (static_cast<double>(rank) + 1);
    }
    const double best = std::min(wanted, static_cast<double>(k));
    for (double rank = 0; rank < best; ++rank) ideal += std::log(2.0) / std::log(rank + 2);
    m["hit_rate"] += hits > 0 ? 1 : 0;
    m["recall"] += hits / wanted;
    m["precision"] += hits / static_cast<double>(k);
    // The harmonic mean of the two is 2 hits / (k + wanted).
    m["f1"] += 2 * hits / (static_cast<double>(k) + wanted);
    m["ndcg"] += gain / ideal;
    m["map"] += precisions / best;
    m["mrr"] += first;
  }
  for (auto& [name, value] : m) value /= name == "novelty" ? shown : users;
  m["users"] = users;
  // The mean difference of all pairs over twice the mean.
  double differences = 0;
  for (const double a : times) {
    for (const double b : times) differences += std::fabs(a - b);
  }
  const auto n = static_cast<double>(times.size());
  m["gini"] = differences / (2 * n * shown);
  m["coverage"] =
      static_cast<double>(std::count_if(times.begin(), times.end(), [](double t) { return t > 0; })) / n;
  return m;
}

TEST(RecommendationMetrics, EqualTheDefinitions) {
  Random random(17);
  for (int round = 0; round < 100; ++round) {
    const std::size_t k = 1 + random.below(12);
    std::vector<std::int64_t> support(15 + random.below(10));
    for (std::int64_t& each : support) each = 1 + static_cast<std::int64_t>(random.below(50));
    std::vector<User> users(1 + random.below(20));
    for (User& user : users) {
      std::vector<std::int32_t> items(support.size());
      for (std::size_t i = 0; i < items.size(); ++i) items[i] = static_cast<std::int32_t>(i);
      for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random.below(i)]);
      const std::size_t shown = round % 3 == 0 ? random.below(k + 1) : k;  // fewer than k candidates
      user.recommended.assign(items.begin(),
                              items.begin() + static_cast<std::ptrdiff_t>(std::min(shown, items.size())));
      for (std::int32_t item = 0; item < static_cast<std::int32_t>(support.size()); ++item) {
        if (random.below(5) == 0) user.relevant.push_back(item);
      }
      user.unknown = random.below(3);
    }
    users[0].relevant = {3};
    users[0].recommended = {3};
    RecommendationMetrics metrics(k, support, 60);
    for (const User& user : users) metrics.add(user.recommended, user.relevant, user.unknown);
    const auto got = by_name(metrics.results());
    const auto want = by_definition(k, support, 60, users);
    ASSERT_EQ(got.size(), want.size());
    for (const auto& [name, value] : want) EXPECT_NEAR(got.at(name), value, 1e-12 * (1 + value)) << name;
  }
}

// By hand, k = 3: hits at ranks 1 and 3 of two relevant items and one unknown; then a user without a hit.
TEST(RecommendationMetrics, WorkedByHand) {
  RecommendationMetrics metrics(3, {4, 2, 1, 1, 4}, 4);
  metrics.add({0, 1, 2}, {0, 2}, 1);
  metrics.add({0, 4}, {}, 2);
  metrics.add({3}, {}, 0);  // nothing to find: does not count
  EXPECT_EQ(metrics.users(), 2U);
  const auto m = by_name(metrics.results());
  EXPECT_EQ(m.at("users"), 2);
  EXPECT_EQ(m.at("hit_rate"), .5);
  EXPECT_DOUBLE_EQ(m.at("recall"), (2.0 / 3) / 2);
  EXPECT_DOUBLE_EQ(m.at("precision"), (2.0 / 3) / 2);
  EXPECT_DOUBLE_EQ(m.at("f1"), (2.0 / 3) / 2);
  EXPECT_DOUBLE_EQ(m.at("ndcg"), (1 + .5) / (1 + 1 / std::log2(3) + .5) / 2);
  EXPECT_DOUBLE_EQ(m.at("map"), (1 + 2.0 / 3) / 3 / 2);
  EXPECT_DOUBLE_EQ(m.at("mrr"), .5);
  EXPECT_DOUBLE_EQ(m.at("coverage"), .8);
  EXPECT_DOUBLE_EQ(m.at("novelty"), (0.0 + 1 + 2 + 0 + 0) / 5);
  EXPECT_DOUBLE_EQ(m.at("gini"), 8.0 / (5 * 5));  // times 0 1 1 1 2: differences 16 over both orders
}

TEST(RecommendationMetrics, NobodyToEvaluateIsAnError) {
  RecommendationMetrics metrics(5, {1, 1}, 2);
  metrics.add({0, 1}, {}, 0);
  EXPECT_EQ(sqlstate_of([&] { metrics.results(); }), "55000");
}

TEST(RecommendationMetrics, NobodyWhoCouldBeRecommendedAnything) {
  RecommendationMetrics metrics(5, {1, 1}, 2);
  metrics.add({}, {1}, 0);
  const auto m = by_name(metrics.results());
  for (const char* name : {"hit_rate", "recall", "ndcg", "map", "mrr", "coverage", "gini", "novelty"}) {
    EXPECT_EQ(m.at(name), 0) << name;
  }
}

}  // namespace
}  // namespace persona
