// Counted values and sets of hashes against brute force over random data.
#include "core/describe/value_counts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "core/base/random.h"
#include "core/describe/hash_set.h"

namespace persona {
namespace {

// Many values, small ones far more often: floor(n u^power).
std::uint64_t skewed(Random& random, double n, double power) {
  return static_cast<std::uint64_t>(n * std::pow(random.uniform(), power));
}

TEST(ValueCounts, CountsExactlyUpToTheCapacity) {
  Random random(7);
  for (int turn = 0; turn < 50; ++turn) {
    ValueCounts counts(500);
    std::map<std::uint64_t, std::int64_t> model;
    for (int i = 0; i < 3000; ++i) {
      const std::uint64_t value = skewed(random, 500, 3);
      ++model[value];
      EXPECT_EQ(counts.add(mix64(value)).count, model[value]);
    }
    EXPECT_TRUE(counts.exact());
    EXPECT_EQ(counts.size(), model.size());
    std::map<std::uint64_t, std::int64_t> kept;
    counts.for_each([&](const ValueCounts::Entry& entry) {
      EXPECT_EQ(entry.missed, 0);
      kept[entry.key] = entry.count;
    });
    std::map<std::uint64_t, std::int64_t> expected;
    for (const auto& [value, count] : model) expected[mix64(value)] = count;
    EXPECT_EQ(kept, expected);
  }
}

TEST(ValueCounts, ForgetsOnlyWhenOneMoreThanTheCapacityComes) {
  ValueCounts counts(100);
  for (std::uint64_t i = 0; i < 100; ++i) {
    EXPECT_FALSE(counts.must_forget(mix64(i)));
    counts.add(mix64(i));
  }
  for (std::uint64_t i = 0; i < 100; ++i) EXPECT_FALSE(counts.must_forget(mix64(i)));
  counts.add(mix64(5));
  EXPECT_TRUE(counts.exact());
  EXPECT_TRUE(counts.must_forget(mix64(100)));
  const ValueCounts::Entry& entry = counts.add(mix64(100));
  EXPECT_EQ(entry.count, 1);
  EXPECT_EQ(entry.missed, 1);  // all but one value were seen once
  EXPECT_FALSE(counts.exact());
  EXPECT_EQ(counts.size(), 2U);
}

// Anderson et al. (2017): a count is at most 2 n / capacity too low, and `missed` says by how much at most.
TEST(ValueCounts, BoundsHoldBeyondTheCapacity) {
  Random random(8);
  for (int turn = 0; turn < 60; ++turn) {
    const std::size_t capacity = 2 + random.below(100);
    const double values = 50 + static_cast<double>(random.below(3000));
    const double power = 1 + 5 * random.uniform();
    ValueCounts counts(capacity);
    std::map<std::uint64_t, std::int64_t> model;
    const std::int64_t n = 20000;
    for (std::int64_t i = 0; i < n; ++i) {
      const std::uint64_t key = mix64(skewed(random, values, power));
      ++model[key];
      counts.rank(counts.add(key));
    }
    std::int64_t most = 0;
    std::set<std::uint64_t> kept;
    counts.for_each([&](const ValueCounts::Entry& entry) {
      kept.insert(entry.key);
      EXPECT_LE(entry.count, model[entry.key]);
      EXPECT_GE(entry.count + entry.missed, model[entry.key]);
      EXPECT_LE(entry.missed, 2 * n / static_cast<std::int64_t>(capacity));
      most = std::max(most, entry.count + entry.missed);
    });
    EXPECT_EQ(kept.size(), counts.size());
    EXPECT_LE(kept.size(), capacity);
    const ValueCounts::Entry* leader = counts.leader();
    for (const auto& [key, count] : model) {
      if (kept.count(key) != 0) continue;
      EXPECT_LE(count, 2 * n / static_cast<std::int64_t>(capacity));
      if (leader != nullptr) {
        EXPECT_LE(count, leader->count);
      }
    }
    if (leader != nullptr) {
      EXPECT_EQ(leader->count + leader->missed, most);
    }
  }
}

TEST(ValueCounts, AllDifferentValuesHaveNoLeaderForLong) {
  ValueCounts counts(100);
  for (std::uint64_t i = 0; i < 1050; ++i) counts.rank(counts.add(mix64(i)));
  const ValueCounts::Entry* leader = counts.leader();
  EXPECT_TRUE(leader == nullptr || leader->count == 1);
  for (int i = 0; i < 500; ++i) counts.rank(counts.add(mix64(3)));
  ASSERT_NE(counts.leader(), nullptr);
  EXPECT_EQ(counts.leader()->key, mix64(3));
  EXPECT_EQ(counts.leader()->count, 500);
}

TEST(HashSet, AsASetUntilItIsFull) {
  Random random(13);
  HashSet<RowHash> rows(64 * 1024);
  std::set<std::pair<std::uint64_t, std::uint64_t>> model;
  bool full = false;
  for (int i = 0; i < 20000; ++i) {
    // First halves that collide, and the zeros that mark free places.
    const RowHash hash = {random.below(300), random.below(40)};
    const auto key = std::pair(std::max<std::uint64_t>(hash.first, 1), hash.second);
    const HashSet<RowHash>::Answer answer = rows.insert(hash);
    if (model.count(key) != 0) {
      EXPECT_EQ(answer, HashSet<RowHash>::Answer::known);
    } else if (answer == HashSet<RowHash>::Answer::full) {
      full = true;
    } else {
      EXPECT_EQ(answer, HashSet<RowHash>::Answer::added);
      EXPECT_FALSE(full);
      model.insert(key);
    }
  }
  EXPECT_TRUE(full);
  EXPECT_EQ(rows.size(), model.size());
  EXPECT_EQ(rows.size(), 3277U);  // four fifths of 4,096 places of 16 bytes
}

}  // namespace
}  // namespace persona
