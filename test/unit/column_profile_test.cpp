// What persona.describe computes of a column, against brute force over random data, and against NumPy 1.24
// (numpy.quantile, numpy.std with ddof = 1) and NIST StRD (https://www.itl.nist.gov/div898/strd/) where that
// is said.
#include "core/describe/column_profile.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/base/random.h"
#include "core/describe/order_statistics.h"
#include "core/describe/hash_set.h"
#include "core/describe/scaled_sums.h"
#include "core/describe/value_counts.h"

namespace persona {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Many values, small ones far more often: floor(n u^power).
std::uint64_t skewed(Random& random, double n, double power) {
  return static_cast<std::uint64_t>(n * std::pow(random.uniform(), power));
}

// Adds a value as the server does: by its key, its number when it is asked for, its text when it may lead.
void add(ColumnProfile& profile, double number) {
  ColumnProfile::Entry& entry = profile.count(mix64(static_cast<std::uint64_t>(std::llround(number * 64))));
  if (entry.count == 1) entry.number = number;
  const ValueCounts::Standing standing = profile.observe(entry);
  if (standing != ValueCounts::Standing::behind) profile.offer(entry, standing, std::to_string(number));
}

ColumnFigures profiled(const std::vector<double>& numbers, Measure measure, std::size_t capacity = 10000) {
  ColumnProfile profile(measure, capacity, 1);
  for (const double number : numbers) add(profile, number);
  return profile.figures();
}

template <typename T>
void shuffle(std::vector<T>& values, Random& random) {
  for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[random.below(i)]);
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

// 1, 2, 4 have mean 7/3 and variance 7/3, at any scale.
TEST(ScaledSums, WholeRangeOfFloat8) {
  for (const double scale : {1e-323, 1e-310, 1e-300, 1e-160, 1e-100, 1.0, 1e100, 1e160, 4e307}) {
    ScaledSums sums;
    for (const double x : {1.0, 2.0, 4.0}) sums.add(x * scale);
    const double step = scale < 1e-307 ? 5e-324 : 0;  // denormal numbers have few digits
    EXPECT_NEAR(*sums.mean(), scale * (7.0 / 3), scale * 1e-15 + step) << scale;
    EXPECT_NEAR(*sums.stddev(), scale * std::sqrt(7.0 / 3), scale * 1e-15 + step) << scale;
  }
}

TEST(ScaledSums, ScalesMixInAnyOrder) {
  std::vector<double> numbers = {1e-300, 1e300, 1.0, -1e300, 0.0, 2e300, 1e-10};
  std::sort(numbers.begin(), numbers.end());
  do {
    ScaledSums sums;
    for (const double x : numbers) sums.add(x);
    EXPECT_NEAR(*sums.mean(), 2e300 / 7, 1e285);
    // In units of 1e300: -1, 0 four times, 1, 2: sum 2, squares 6, (6 - 4/7) / 6 = 38/42.
    EXPECT_NEAR(*sums.stddev(), 1e300 * std::sqrt(38.0 / 42), 1e285);
  } while (std::next_permutation(numbers.begin(), numbers.end()));
}

TEST(ScaledSums, Ends) {
  ScaledSums sums;
  EXPECT_FALSE(sums.mean().has_value());
  EXPECT_FALSE(sums.stddev().has_value());
  sums.add(-1.7e308);
  EXPECT_EQ(*sums.mean(), -1.7e308);
  EXPECT_FALSE(sums.stddev().has_value());
  sums.add(1.7e308);
  EXPECT_EQ(*sums.mean(), 0);
  EXPECT_EQ(*sums.stddev(), kInfinity);  // 1.7e308 sqrt(2) is beyond float8
  ScaledSums constant;
  for (int i = 0; i < 1000; ++i) constant.add(0.1);
  EXPECT_EQ(*constant.mean(), 0.1);
  EXPECT_EQ(*constant.stddev(), 0);
}

// NIST StRD NumAcc3 and NumAcc4 by their construction: 1000000.2 (10000000.2), then 500 times .1 and .3 added
// to 1000000 (10000000). Certified: mean the first value, deviation 0.1; the doubles nearest to the data
// deviate by what is allowed here.
TEST(ScaledSums, NistNumericalAccuracy) {
  for (const auto& [base, tolerance] : {std::pair{1e6, 1e-10}, {1e7, 1e-9}}) {
    ScaledSums sums;
    sums.add(base + 0.2);
    for (int i = 0; i < 500; ++i) {
      sums.add(base + 0.1);
      sums.add(base + 0.3);
    }
    EXPECT_NEAR(*sums.mean(), base + 0.2, 1e-9);
    EXPECT_NEAR(*sums.stddev(), 0.1, tolerance);
  }
}

// A first value far from the rest: what is cancelled is more than a double holds.
TEST(ScaledSums, TimesIsRepetitionAndTheFirstValueDoesNotMatter) {
  Random random(9);
  for (int turn = 0; turn < 100; ++turn) {
    ScaledSums once;
    ScaledSums times;
    long double sum = 0;
    std::vector<long double> all;
    const double far = turn % 2 == 0 ? 1e9 : 0;
    for (int i = 0; i < 50; ++i) {
      const double x = i == 0 ? far : random.normal();
      const std::int64_t repeats = i == 0 ? 1 : 1 + static_cast<std::int64_t>(random.below(20));
      times.add(x, repeats);
      for (std::int64_t k = 0; k < repeats; ++k) {
        once.add(x);
        all.push_back(x);
        sum += static_cast<long double>(x);
      }
    }
    const long double mean = sum / static_cast<long double>(all.size());
    long double squares = 0;
    for (const long double x : all) squares += (x - mean) * (x - mean);
    const auto deviation = static_cast<double>(std::sqrt(squares / static_cast<long double>(all.size() - 1)));
    EXPECT_NEAR(*once.stddev(), deviation, 4e-16 * deviation);
    EXPECT_DOUBLE_EQ(*times.stddev(), *once.stddev());
    EXPECT_DOUBLE_EQ(*times.mean(), *once.mean());
  }
}

// numpy.quantile([1, 2, 2, 3, 7, 8, 20], p), and with method='inverted_cdf'.
TEST(OrderStatistics, AsNumpy) {
  const OrderStatistics order({{20, 1}, {2, 2}, {1, 1}, {8, 1}, {7, 1}, {3, 1}});
  EXPECT_EQ(order.count(), 7);
  EXPECT_DOUBLE_EQ(order.interpolated(0.05), 1.3);
  EXPECT_DOUBLE_EQ(order.interpolated(0.25), 2);
  EXPECT_DOUBLE_EQ(order.interpolated(0.5), 3);
  EXPECT_DOUBLE_EQ(order.interpolated(0.75), 7.5);
  EXPECT_DOUBLE_EQ(order.interpolated(0.95), 16.4);
  EXPECT_EQ(order.discrete(0.05), 1);
  EXPECT_EQ(order.discrete(0.25), 2);
  EXPECT_EQ(order.discrete(0.75), 8);
  EXPECT_EQ(order.discrete(0.95), 20);
  EXPECT_EQ(order.outliers(2, 7.5), 1);  // the fences are -6.25 and 15.75
}

TEST(OrderStatistics, ValuesOnAFenceAreNotOutside) {
  const OrderStatistics order({{-15, 1}, {-15.5, 2}, {0, 3}, {10, 3}, {25, 1}, {25.5, 4}});
  EXPECT_EQ(order.outliers(0, 10), 6);
}

TEST(OrderStatistics, RangesBeyondFloat8) {
  const OrderStatistics order({{-1.7e308, 1}, {-1e308, 1}, {1e308, 1}, {1.7e308, 1}});
  EXPECT_EQ(order.interpolated(0.5), 0);
  const double q25 = order.interpolated(0.25);
  const double q75 = order.interpolated(0.75);
  EXPECT_DOUBLE_EQ(q25, -1.175e308);
  EXPECT_DOUBLE_EQ(q75, 1.175e308);
  EXPECT_EQ(order.outliers(q25, q75), 0);
  EXPECT_EQ(OrderStatistics({{-1.7e308, 1}, {1e307, 9}, {2e307, 9}, {1.7e308, 2}}).outliers(1e307, 2e307), 3);
}

TEST(OrderStatistics, AsBruteForce) {
  Random random(10);
  for (int turn = 0; turn < 300; ++turn) {
    std::vector<double> all;
    std::vector<CountedNumber> counted;
    const std::uint64_t different = 1 + random.below(30);
    for (std::uint64_t i = 0; i < different; ++i) {
      const double number = random.normal() * std::exp(random.normal()) + 100 * static_cast<double>(i % 3);
      const auto count = static_cast<std::int64_t>(1 + random.below(5));
      counted.push_back({number, count});
      all.insert(all.end(), static_cast<std::size_t>(count), number);
    }
    std::sort(all.begin(), all.end());
    const OrderStatistics order(counted);
    for (const double p : {0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0}) {
      const double position = p * static_cast<double>(all.size() - 1);
      const auto below = static_cast<std::size_t>(position);
      const std::size_t above = std::min(below + 1, all.size() - 1);
      EXPECT_NEAR(order.interpolated(p),
                  all[below] + (position - static_cast<double>(below)) * (all[above] - all[below]), 1e-12);
      const double discrete = order.discrete(p);
      const auto upper = std::upper_bound(all.begin(), all.end(), discrete) - all.begin();
      const auto lower = std::lower_bound(all.begin(), all.end(), discrete) - all.begin();
      EXPECT_GE(static_cast<double>(upper), p * static_cast<double>(all.size()));
      EXPECT_TRUE(lower == 0 || static_cast<double>(lower) < p * static_cast<double>(all.size()));
    }
    const double q25 = order.interpolated(0.25);
    const double q75 = order.interpolated(0.75);
    const auto outside = std::count_if(all.begin(), all.end(), [&](double x) {
      return x < q25 - 1.5 * (q75 - q25) || x > q75 + 1.5 * (q75 - q25);
    });
    EXPECT_EQ(order.outliers(q25, q75), outside);
  }
}

// pandas.Series([1, 2, 2, 3, 7, 8, 20]).describe(): mean 6.142857, std 6.669047; NaN stands for what is no
// number.
TEST(ColumnProfile, AsPandas) {
  const ColumnFigures figures = profiled({7, 1, 2, 20, kNan, 8, 2, 3}, Measure::continuous);
  EXPECT_EQ(figures.values, 8);
  EXPECT_EQ(figures.distinct, 7);
  EXPECT_NEAR(*figures.mean, 6.142857142857143, 1e-15);
  EXPECT_NEAR(*figures.stddev, 6.66904719402933, 2e-15);
  EXPECT_EQ((*figures.quantiles)[2], 3);
  EXPECT_EQ((*figures.quantiles)[3], 7.5);
  EXPECT_EQ(figures.outliers, 1);
  EXPECT_EQ(figures.commonest, "2.000000");
  EXPECT_EQ(figures.commonest_count, 2);
}

TEST(ColumnProfile, PointsHaveNoMeanAndQuantilesThatOccur) {
  const ColumnFigures figures = profiled({7, 1, 2, 20, 8, 2}, Measure::point);
  EXPECT_FALSE(figures.mean.has_value());
  EXPECT_FALSE(figures.stddev.has_value());
  EXPECT_EQ((*figures.quantiles)[2], 2);  // between 2 and 7
  EXPECT_EQ(figures.outliers, 1);         // q25 2, q75 8: above 17
}

TEST(ColumnProfile, LabelsAreCountedOnly) {
  const ColumnFigures figures = profiled({3, 1, 3}, Measure::label);
  EXPECT_EQ(figures.distinct, 2);
  EXPECT_FALSE(figures.quantiles.has_value());
  EXPECT_FALSE(figures.outliers.has_value());
  EXPECT_EQ(figures.commonest, "3.000000");
}

TEST(ColumnProfile, Ends) {
  const ColumnFigures none = profiled({}, Measure::continuous);
  EXPECT_EQ(none.values, 0);
  EXPECT_EQ(none.distinct, 0);
  EXPECT_FALSE(none.mean.has_value() || none.quantiles.has_value() || none.commonest.has_value());
  const ColumnFigures one = profiled({5}, Measure::continuous);
  EXPECT_EQ(one.mean, 5);
  EXPECT_FALSE(one.stddev.has_value());
  EXPECT_EQ((*one.quantiles)[0], 5);
  EXPECT_EQ(one.outliers, 0);
  EXPECT_EQ(one.commonest, "5.000000");
  EXPECT_FALSE(profiled({5, 6}, Measure::continuous).commonest.has_value());
  EXPECT_FALSE(profiled({kNan, kNan}, Measure::continuous).quantiles.has_value());
}

TEST(ColumnProfile, BeyondFloat8ThereIsNoMean) {
  ColumnProfile profile(Measure::continuous, 10, 1);
  double numbers[] = {1, 2, 3, kInfinity};
  for (std::uint64_t i = 0; i < 4; ++i) {
    ColumnProfile::Entry& entry = profile.count(mix64(i));
    entry.number = numbers[i];
    profile.observe(entry);
  }
  const ColumnFigures figures = profile.figures();
  EXPECT_FALSE(figures.mean.has_value());
  EXPECT_FALSE(figures.stddev.has_value());
  EXPECT_EQ((*figures.quantiles)[2], 2.5);
}

// Up to the capacity nothing depends on the order of the rows, and the commonest of several is the smallest.
TEST(ColumnProfile, OrderDoesNotMatter) {
  Random random(11);
  for (int turn = 0; turn < 100; ++turn) {
    std::vector<double> numbers;
    for (int i = 0; i < 300; ++i) numbers.push_back(static_cast<double>(skewed(random, 100, 1.5)) - 20);
    const ColumnFigures first = profiled(numbers, Measure::continuous, 100);
    std::map<double, int> counts;
    for (const double number : numbers) ++counts[number];
    const auto commonest = std::max_element(counts.begin(), counts.end(),
                                            [](const auto& a, const auto& b) { return a.second < b.second; });
    EXPECT_EQ(first.commonest, std::to_string(commonest->first));
    EXPECT_EQ(first.commonest_count, commonest->second);
    EXPECT_EQ(first.distinct, static_cast<std::int64_t>(counts.size()));
    shuffle(numbers, random);
    const ColumnFigures second = profiled(numbers, Measure::continuous, 100);
    EXPECT_EQ(first.commonest, second.commonest);
    EXPECT_EQ(*first.quantiles, *second.quantiles);
    EXPECT_EQ(first.outliers, second.outliers);
    EXPECT_DOUBLE_EQ(*first.mean, *second.mean);
    EXPECT_DOUBLE_EQ(*first.stddev, *second.stddev);
  }
}

// Ten times the capacity is counted, in whatever order and however often values come and are forgotten.
TEST(ColumnProfile, DifferentValuesAreCountedTenfold) {
  Random random(14);
  for (const int different : {100, 101, 500, 999, 1000, 1001, 2000}) {
    std::vector<double> numbers;
    for (int i = 0; i < 5000; ++i) numbers.push_back(i % different);
    shuffle(numbers, random);
    const ColumnFigures figures = profiled(numbers, Measure::label, 100);
    EXPECT_EQ(figures.exact, different == 100);
    EXPECT_EQ(figures.distinct, different <= 1000 ? std::optional<std::int64_t>(different) : std::nullopt);
  }
}

TEST(ColumnProfile, TiedLabelsGoByTheBytesOfTheirText) {
  ColumnProfile profile(Measure::label, 10, 1);
  for (const char* text : {"b", "a", "c", "b", "c", "a"}) {
    ColumnProfile::Entry& entry = profile.count(mix64(static_cast<std::uint64_t>(text[0])));
    const ValueCounts::Standing standing = profile.observe(entry);
    if (standing != ValueCounts::Standing::behind) profile.offer(entry, standing, text);
  }
  EXPECT_EQ(profile.figures().commonest, "a");
}

// Beyond the capacity: sums go on exactly, what was seen before counts, the rest is within what a sample of
// 1,000 allows.
TEST(ColumnProfile, EstimatesBeyondTheCapacity) {
  Random random(12);
  std::vector<double> numbers;
  for (int i = 0; i < 40000; ++i) {
    numbers.push_back(i % 20 == 0 ? 2 : std::floor(random.normal() * 64e4) / 64);
  }
  const ColumnFigures few = profiled(numbers, Measure::continuous, 1000);
  const ColumnFigures all = profiled(numbers, Measure::continuous, 100000);
  EXPECT_FALSE(few.exact);
  EXPECT_FALSE(few.distinct.has_value());
  EXPECT_TRUE(all.exact);
  EXPECT_DOUBLE_EQ(*few.mean, *all.mean);
  EXPECT_DOUBLE_EQ(*few.stddev, *all.stddev);
  EXPECT_EQ(few.commonest, "2.000000");
  EXPECT_EQ(few.commonest_count, 2000);  // counted from the first row on
  std::sort(numbers.begin(), numbers.end());
  for (std::size_t i = 0; i < kProfileQuantiles.size(); ++i) {
    const double p = kProfileQuantiles[i];
    const double slack = 4 * std::sqrt(p * (1 - p) / 1000);
    const auto at = [&](double share) {
      return numbers[static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * 39999)];
    };
    EXPECT_GE((*few.quantiles)[i], at(p - slack));
    EXPECT_LE((*few.quantiles)[i], at(p + slack));
  }
  EXPECT_NEAR(static_cast<double>(*few.outliers), static_cast<double>(*all.outliers),
              40000 * 4 * std::sqrt(0.01 / 1000));
  EXPECT_EQ(*few.outliers % 40, 0);  // a row of the sample stands for 40
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
