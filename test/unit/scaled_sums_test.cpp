// Mean and deviation over the whole range of float8, against figures by hand, NIST StRD
// (https://www.itl.nist.gov/div898/strd/) where that is said, and long double.
#include "core/describe/scaled_sums.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "core/base/random.h"

namespace persona {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

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

}  // namespace
}  // namespace persona
