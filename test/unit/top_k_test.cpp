// TopK against the definition: a full sort's first k elements.
#include "core/base/top_k.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "core/base/random.h"

namespace persona {
namespace {

using Element = std::pair<int, int>;  // value, number

// Larger values first, ties by number.
struct Before {
  bool operator()(const Element& a, const Element& b) const {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  }
};

std::vector<Element> sorted_prefix(std::vector<Element> all, std::size_t k) {
  std::sort(all.begin(), all.end(), Before());
  all.resize(std::min(k, all.size()));
  return all;
}

std::vector<Element> top(const std::vector<Element>& all, std::size_t k) {
  TopK<Element, Before> best(k);
  for (const Element& each : all) best.push(each);
  return best.sorted();
}

TEST(TopK, EqualsThePrefixOfAFullSort) {
  Random random(1);
  for (int round = 0; round < 300; ++round) {
    std::vector<Element> all;
    const int n = static_cast<int>(random.below(200));
    const std::uint64_t values = 1 + random.below(30);  // few values: many ties
    for (int i = 0; i < n; ++i) all.emplace_back(static_cast<int>(random.below(values)), i);
    for (std::size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[random.below(i)]);
    const std::size_t k = random.below(60);
    EXPECT_EQ(top(all, k), sorted_prefix(all, k)) << "n " << n << " k " << k;
  }
}

TEST(TopK, RisingFallingAndEqualStreams) {
  std::vector<Element> rising, falling, equal;
  for (int i = 0; i < 1000; ++i) {
    rising.emplace_back(i, i);
    falling.emplace_back(-i, i);
    equal.emplace_back(7, 1000 - i);
  }
  for (const std::size_t k : {1U, 2U, 3U, 64U, 499U, 500U, 501U, 999U, 1000U, 1001U}) {
    EXPECT_EQ(top(rising, k), sorted_prefix(rising, k)) << k;
    EXPECT_EQ(top(falling, k), sorted_prefix(falling, k)) << k;
    EXPECT_EQ(top(equal, k), sorted_prefix(equal, k)) << k;
  }
}

TEST(TopK, NoneAndUnbounded) {
  const std::vector<Element> all = {{1, 0}, {3, 1}, {2, 2}};
  EXPECT_TRUE(top(all, 0).empty());
  EXPECT_TRUE(top({}, 5).empty());
  EXPECT_EQ(top(all, std::numeric_limits<std::size_t>::max()),
            (std::vector<Element>{{3, 1}, {2, 2}, {1, 0}}));
}

TEST(TopK, GoesOnAfterSortedAndStartsAfreshAfterClear) {
  TopK<Element, Before> best(2);
  for (int i = 0; i < 9; ++i) best.push({i, i});
  EXPECT_EQ(best.sorted(), (std::vector<Element>{{8, 8}, {7, 7}}));
  best.push({7, 3});  // beats {7, 7} by its number
  best.push({1, 1});
  EXPECT_EQ(best.sorted(), (std::vector<Element>{{8, 8}, {7, 3}}));
  best.clear();
  EXPECT_TRUE(best.sorted().empty());
  best.push({-5, 0});
  EXPECT_EQ(best.sorted(), (std::vector<Element>{{-5, 0}}));
}

}  // namespace
}  // namespace persona
