// Directed pairs against the definition, summed over all pairs of entries of each user.
#include "core/recommend/ordered_pairs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "core/base/random.h"
#include "shop_events.h"

namespace persona {
namespace {

using Table = std::vector<std::vector<double>>;

Table by_definition(const Sequences& sequences, std::size_t items, const std::vector<double>& forward,
                    const std::vector<double>& backward) {
  Table sums(items, std::vector<double>(items, 0));
  for (std::size_t user = 0; user < sequences.users(); ++user) {
    for (std::size_t a = sequences.begin[user]; a < sequences.begin[user + 1]; ++a) {
      for (std::size_t b = sequences.begin[user]; b < sequences.begin[user + 1]; ++b) {
        const auto i = static_cast<std::size_t>(sequences.item[a]);
        const auto j = static_cast<std::size_t>(sequences.item[b]);
        if (i >= items || j >= items) continue;
        const int gap = sequences.basket[b] - sequences.basket[a];
        if (gap > 0 && gap <= static_cast<int>(forward.size()))
          sums[i][j] += forward[static_cast<std::size_t>(gap - 1)];
        if (gap < 0 && -gap <= static_cast<int>(backward.size())) {
          sums[i][j] += backward[static_cast<std::size_t>(-gap - 1)];
        }
      }
    }
  }
  return sums;
}

// Up to `baskets` baskets a user, some of them empty, of up to 4 items each.
Sequences random_sequences(Random& random, std::size_t users, std::uint64_t baskets, std::int32_t items) {
  Sequences result;
  result.begin.push_back(0);
  for (std::size_t user = 0; user < users; ++user) {
    const std::uint64_t count = random.below(baskets + 1);
    for (std::uint64_t basket = 0; basket < count; ++basket) {
      for (std::int32_t item = 0; item < items; ++item) {
        if (random.below(static_cast<std::uint64_t>(items)) > 1) continue;
        result.item.push_back(item);
        result.basket.push_back(static_cast<std::int32_t>(basket));
      }
    }
    result.begin.push_back(result.item.size());
  }
  return result;
}

TEST(OrderedPairs, EqualTheDefinition) {
  Random random(21);
  NoPoll poll;
  PacedPoll paced(poll);
  const std::vector<std::vector<double>> fades = {
      {}, {1}, {1, .5, .25, .125, .0625}, power_fade(50, .5), {0, 1}};
  for (int round = 0; round < 60; ++round) {
    const std::int32_t all = 1 + static_cast<std::int32_t>(random.below(12));
    const Sequences sequences = random_sequences(random, random.below(9), round % 7 == 0 ? 70 : 9, all);
    const auto items = static_cast<std::int32_t>(1 + random.below(static_cast<std::uint64_t>(all)));
    const std::vector<double>& forward = fades[random.below(fades.size())];
    const std::vector<double>& backward = fades[random.below(fades.size())];
    const Table expected = by_definition(sequences, static_cast<std::size_t>(items), forward, backward);
    OrderedPairs pairs(sequences, items, forward, backward, paced);
    for (std::int32_t item = 0; item < items; ++item) {
      std::vector<double> row(static_cast<std::size_t>(items), 0);
      for (const PairCount& pair : pairs.row(item)) {
        EXPECT_GT(pair.count, 0);
        EXPECT_EQ(row.at(static_cast<std::size_t>(pair.item)), 0) << "twice in the row";
        row.at(static_cast<std::size_t>(pair.item)) = pair.count;
      }
      for (std::size_t other = 0; other < row.size(); ++other) {
        EXPECT_NEAR(row[other], expected[static_cast<std::size_t>(item)][other], 1e-12 * (1 + row[other]));
      }
    }
  }
}

// By hand: a, then b with c, then a: with itself two apart, with b and c one apart each way.
TEST(OrderedPairs, WorkedByHand) {
  NoPoll poll;
  PacedPoll paced(poll);
  Sequences sequences;
  sequences.begin = {0, 4};
  sequences.item = {0, 1, 2, 0};
  sequences.basket = {0, 1, 1, 2};
  OrderedPairs pairs(sequences, 3, {1, .5}, {.25}, paced);
  std::vector<double> row(3, 0);
  for (const PairCount& pair : pairs.row(0)) row.at(static_cast<std::size_t>(pair.item)) = pair.count;
  EXPECT_EQ(row, (std::vector<double>{.5, 1.25, 1.25}));
  ASSERT_EQ(pairs.row(1).size(), 1U);  // nothing with c, which was in the same basket
  EXPECT_EQ(pairs.row(1)[0].count, 1.25);
}

TEST(OrderedPairs, PowersFade) {
  EXPECT_EQ(power_fade(3, 0), (std::vector<double>{1, 1, 1}));
  EXPECT_EQ(power_fade(4, 1), (std::vector<double>{1, .5, 1.0 / 3, .25}));
  EXPECT_DOUBLE_EQ(power_fade(50, .5)[48], 1.0 / 7);
  EXPECT_TRUE(power_fade(0, 1).empty());
}

}  // namespace
}  // namespace persona
