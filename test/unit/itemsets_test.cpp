// Frequent itemsets against a count of the baskets of every set: all subsets of few items, and for many items
// an enumeration that intersects sorted lists of baskets.
#include "core/recommend/itemsets.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/random.h"
#include "event_support.h"

namespace persona {
namespace {

using Set = std::vector<std::int32_t>;  // ascending
using Counts = std::map<Set, std::uint32_t>;

SparseRows rows_of(const std::vector<Set>& baskets) {
  SparseRows rows;
  rows.begin.push_back(0);
  for (const Set& basket : baskets) {
    rows.index.insert(rows.index.end(), basket.begin(), basket.end());
    rows.begin.push_back(rows.index.size());
  }
  return rows;
}

void collect(const ItemsetTree& tree, std::uint32_t node, const Set& set, Counts& counts) {
  for (std::uint32_t c = 0; c < tree[node].children; ++c) {
    const std::uint32_t child = tree[node].first_child + c;
    Set longer = set;
    longer.insert(longer.begin(), tree[child].item);
    EXPECT_TRUE(std::is_sorted(longer.begin(), longer.end()));
    EXPECT_EQ(tree.child(node, tree[child].item), child);
    EXPECT_TRUE(counts.emplace(longer, tree[child].count).second);
    collect(tree, child, longer, counts);
  }
}

Counts mined(const std::vector<Set>& baskets, std::int32_t items, const ItemsetLimits& limits) {
  NoPoll poll;
  PacedPoll paced(poll);
  const ItemsetTree tree = find_itemsets(rows_of(baskets), items, limits, paced);
  EXPECT_EQ(tree[0].count, baskets.size());
  Counts counts;
  collect(tree, 0, {}, counts);
  EXPECT_EQ(counts.size() + 1, tree.size());
  return counts;
}

Counts by_all_subsets(const std::vector<Set>& baskets, std::int32_t items, const ItemsetLimits& limits) {
  Counts counts;
  for (unsigned subset = 1; subset < 1U << static_cast<unsigned>(items); ++subset) {
    Set set;
    for (std::int32_t item = 0; item < items; ++item) {
      if ((subset >> static_cast<unsigned>(item) & 1U) != 0) set.push_back(item);
    }
    if (set.size() > static_cast<std::size_t>(limits.max_length)) continue;
    const auto count = std::count_if(baskets.begin(), baskets.end(), [&](const Set& basket) {
      return std::includes(basket.begin(), basket.end(), set.begin(), set.end());
    });
    if (count > 0 && count >= static_cast<std::ptrdiff_t>(limits.min_count)) {
      counts[set] = static_cast<std::uint32_t>(count);
    }
  }
  return counts;
}

void intersect(const std::vector<Set>& holders, const Set& set, const Set& in, const ItemsetLimits& limits,
               Counts& counts) {
  if (set.size() == static_cast<std::size_t>(limits.max_length)) return;
  for (std::size_t item = set.empty() ? 0 : static_cast<std::size_t>(set.back()) + 1; item < holders.size();
       ++item) {
    Set both;
    std::set_intersection(in.begin(), in.end(), holders[item].begin(), holders[item].end(),
                          std::back_inserter(both));
    if (both.size() < limits.min_count) continue;
    Set longer = set;
    longer.push_back(static_cast<std::int32_t>(item));
    counts[longer] = static_cast<std::uint32_t>(both.size());
    intersect(holders, longer, both, limits, counts);
  }
}

std::vector<Set> random_baskets(Random& random, int baskets, std::int32_t items, double share) {
  std::vector<Set> result(static_cast<std::size_t>(baskets));
  for (Set& basket : result) {
    const double own = share * 2 * random.uniform();
    for (std::int32_t item = 0; item < items; ++item) {
      if (random.uniform() < own) basket.push_back(item);
    }
  }
  return result;
}

TEST(Itemsets, EqualTheCountsOfAllSubsets) {
  Random random(5);
  for (int round = 0; round < 60; ++round) {
    const auto items = static_cast<std::int32_t>(1 + random.below(10));
    const std::vector<Set> baskets =
        random_baskets(random, 1 + static_cast<int>(random.below(80)), items, .1 + .8 * random.uniform());
    ItemsetLimits limits;
    limits.min_count = static_cast<std::uint32_t>(random.below(6));
    limits.max_length = static_cast<int>(1 + random.below(11));
    EXPECT_EQ(mined(baskets, items, limits), by_all_subsets(baskets, items, limits)) << round;
  }
}

// More than 64 items that go with one item: lists first, words below.
TEST(Itemsets, EqualAnEnumerationOfManyItems) {
  Random random(6);
  for (int round = 0; round < 6; ++round) {
    const auto items = static_cast<std::int32_t>(90 + random.below(80));
    const std::vector<Set> baskets = random_baskets(random, 300, items, round < 3 ? .3 : .12);
    ItemsetLimits limits;
    limits.min_count = round < 3 ? 38 : 9;
    limits.max_length = round % 3 == 2 ? 3 : 10;
    std::vector<Set> holders(static_cast<std::size_t>(items));
    Set all;
    for (std::int32_t b = 0; b < 300; ++b) {
      all.push_back(b);
      for (const std::int32_t item : baskets[static_cast<std::size_t>(b)]) {
        holders[static_cast<std::size_t>(item)].push_back(b);
      }
    }
    Counts expected;
    intersect(holders, {}, all, limits, expected);
    EXPECT_EQ(mined(baskets, items, limits), expected) << round << ": " << expected.size();
    EXPECT_GT(expected.size(), 500U);
  }
}

TEST(Itemsets, ExactlySixtyFourAndSixtyFiveItemsLeft) {
  for (const std::int32_t items : {64, 65, 66, 67}) {
    Set every;
    for (std::int32_t item = 0; item < items; ++item) every.push_back(item);
    ItemsetLimits limits;
    limits.min_count = 2;
    limits.max_length = 3;
    const Counts counts = mined({every, every, {0, items - 1}}, items, limits);
    const auto n = static_cast<std::size_t>(items);
    EXPECT_EQ(counts.size(), n + n * (n - 1) / 2 + n * (n - 1) * (n - 2) / 6);
    EXPECT_EQ(counts.at({0, items - 1}), 3U);
    EXPECT_EQ(counts.at({items - 3, items - 2, items - 1}), 2U);
  }
}

TEST(Itemsets, OfNothing) {
  EXPECT_TRUE(mined({}, 0, {}).empty());
  EXPECT_TRUE(mined({{}, {}}, 3, {}).empty());
  EXPECT_EQ(mined({{0}}, 1, {}), (Counts{{{0}, 1}}));
}

TEST(Itemsets, TooManyAreAnErrorBeforeTheyTakeMemory) {
  Set every;
  for (std::int32_t item = 0; item < 200; ++item) every.push_back(item);
  ItemsetLimits limits;
  limits.max_length = 50;  // 2^200 sets but for these bounds
  limits.max_itemsets = 100'000;
  try {
    mined({every, every}, 200, limits);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.sqlstate(), "54000");
    EXPECT_NE(error.hint().find("min_support"), std::string::npos);
  }
  limits.max_length = 2;
  limits.max_itemsets = 200 + 200 * 199 / 2;
  EXPECT_EQ(mined({every, every}, 200, limits).size(), limits.max_itemsets);
  --limits.max_itemsets;
  EXPECT_THROW(mined({every, every}, 200, limits), Error);
}

TEST(Itemsets, ArePolledByTheWorkAndCanBeStopped) {
  Random random(8);
  const SparseRows rows = rows_of(random_baskets(random, 4000, 100, .2));
  ItemsetLimits limits;
  limits.min_count = 120;
  limits.max_length = 3;
  const auto mine = [&](Poll& poll) {
    PacedPoll paced(poll);
    find_itemsets(rows, 100, limits, paced);
  };
  test::StoppingPoll never(-1);
  mine(never);
  EXPECT_GT(never.checks(), 20);
  for (long at = 1; at <= never.checks(); at += 1 + never.checks() / 20) {
    test::StoppingPoll stop(at);
    EXPECT_THROW(mine(stop), test::StoppingPoll::Stop);
    EXPECT_EQ(stop.checks(), at);
  }
}

}  // namespace
}  // namespace persona
