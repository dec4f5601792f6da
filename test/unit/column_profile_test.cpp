// What persona.describe says of a column and the quantiles it says it by, against brute force over random
// data, and against NumPy 1.24 and pandas 1.5 where that is said.
#include "core/describe/column_profile.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/random.h"
#include "core/describe/order_statistics.h"

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

}  // namespace
}  // namespace persona
