// Drift of one column, against the same sums by numpy and by hand.
#include "core/explanation/drift.h"

#include <cmath>
#include <limits>
#include <string>

#include <gtest/gtest.h>

namespace persona::test {
namespace {

// 0, .05, ..., 1: the quantiles of the uniform distribution, and their ranks.
std::vector<double> uniform_quantiles() {
  std::vector<double> quantiles;
  for (int k = 0; k <= 20; ++k) quantiles.push_back(k / 20.0);
  return quantiles;
}

TEST(NumberDrift, OfTheSameDistributionIsNothing) {
  NumberDrift same(uniform_quantiles(), uniform_quantiles());
  for (int i = 0; i < 1000; ++i) same.add((i + 0.5) / 1000);
  const Drift drift = same.result(std::nullopt);
  EXPECT_EQ(drift.rows, 1000);
  EXPECT_EQ(drift.bins, 10);
  EXPECT_NEAR(*drift.psi, 0, 1e-30);
  EXPECT_NEAR(*drift.ks, 0, 1e-15);
  EXPECT_EQ(drift.outside, 0);
  EXPECT_NEAR(*drift.mean, 0.5, 1e-14);
  EXPECT_DOUBLE_EQ(drift_by_chance(drift), 0.009);
}

// numpy: shares of the squares of i / 9999 between the deciles of the uniform distribution;
// scipy.stats.ks_2samp has its largest distance at 0.25, a quantile.
TEST(NumberDrift, AgreesWithNumpy) {
  NumberDrift squares(uniform_quantiles(), uniform_quantiles());
  for (int i = 0; i < 10000; ++i) squares.add(i / 9999.0 * (i / 9999.0));
  const Drift drift = squares.result(std::nullopt);
  EXPECT_NEAR(*drift.psi, 0.3816535588981334, 1e-12);
  EXPECT_NEAR(*drift.ks, 0.25, 1e-12);
}

TEST(NumberDrift, CountsRepeatedQuantilesOnce) {
  // 70 % zeros in training, then 0.05 a step up to 6.
  std::vector<double> quantiles(15, 0.0);
  std::vector<double> ranks(15, 0.7);
  for (int k = 15; k <= 20; ++k) {
    quantiles.push_back(k - 14);
    ranks.push_back(k / 20.0);
  }
  NumberDrift same(quantiles, ranks);
  for (int i = 0; i < 100; ++i) same.add(i < 70 ? 0 : (i - 70) / 5 + 1);
  const Drift drift = same.result(std::nullopt);
  EXPECT_EQ(drift.bins, 5);  // below 0, 0, and up to .8, .9 and 1
  EXPECT_NEAR(*drift.psi, 0, 1e-30);
  EXPECT_NEAR(*drift.ks, 0, 1e-15);
  // What is below the zeros now was never there.
  NumberDrift lower(quantiles, ranks);
  for (int i = 0; i < 100; ++i) lower.add(i < 70 ? -1 : (i - 70) / 5 + 1);
  const Drift moved = lower.result(std::nullopt);
  EXPECT_NEAR(*moved.psi, (.7 - 1e-4) * std::log(.7 / 1e-4) * 2, 1e-12);
  EXPECT_DOUBLE_EQ(*moved.ks, .7);
  EXPECT_DOUBLE_EQ(*moved.outside, .7);
}

TEST(NumberDrift, OfAConstant) {
  const std::vector<double> quantiles(21, 5.0);
  const std::vector<double> ranks(21, 1.0);
  NumberDrift same(quantiles, ranks);
  NumberDrift above(quantiles, ranks);
  for (int i = 0; i < 10; ++i) same.add(5);
  for (int i = 0; i < 10; ++i) above.add(i < 5 ? 5 : 6);
  EXPECT_EQ(same.result(std::nullopt).psi, 0);
  EXPECT_EQ(same.result(std::nullopt).ks, 0);
  EXPECT_NEAR(*above.result(std::nullopt).psi, -.5 * std::log(.5) + (.5 - 1e-4) * std::log(.5 / 1e-4), 1e-12);
  EXPECT_EQ(above.result(std::nullopt).ks, .5);
  EXPECT_EQ(above.result(std::nullopt).outside, .5);
}

TEST(NumberDrift, WithoutRanks) {
  NumberDrift numbers(uniform_quantiles(), {});
  numbers.add(0.5);
  numbers.add(1.5);
  const Drift drift = numbers.result(0.5);
  EXPECT_FALSE(drift.psi || drift.ks);
  EXPECT_EQ(drift.rows, 2);
  EXPECT_EQ(drift.outside, 0.5);
  EXPECT_EQ(drift.mean, 1);
}

TEST(NumberDrift, WithoutQuantiles) {
  NumberDrift numbers({}, {});
  numbers.add(2);
  numbers.add(4);
  numbers.add_missing();
  const Drift drift = numbers.result(0.5);
  EXPECT_FALSE(drift.psi || drift.ks || drift.outside);
  EXPECT_EQ(drift.rows, 2);
  EXPECT_EQ(drift.missing, 1);
  EXPECT_EQ(drift.mean, 3);
}

TEST(NumberDrift, WithoutValues) {
  NumberDrift none(uniform_quantiles(), uniform_quantiles());
  EXPECT_FALSE(none.result(std::nullopt).psi || none.result(std::nullopt).ks ||
               none.result(std::nullopt).mean);
  none.add_missing();
  EXPECT_FALSE(none.result(std::nullopt).psi.has_value());
  const Drift gone = none.result(0.0);  // never missing before
  EXPECT_EQ(gone.missing, 1);
  EXPECT_NEAR(*gone.psi, (1 - 1e-4) * std::log(1 / 1e-4) + 10 * (1e-4 - .1) * std::log(1e-4 / .1), 1e-12);
  NumberDrift extreme(uniform_quantiles(), uniform_quantiles());
  for (const double x :
       {1e300, -1e300, std::numeric_limits<double>::max(), -std::numeric_limits<double>::max()}) {
    extreme.add(x);
  }
  EXPECT_EQ(extreme.result(std::nullopt).outside, 1);
}

// numpy.
TEST(LabelDrift, AgreesWithNumpy) {
  LabelDrift labels({.6, .3, .1});
  for (int i = 0; i < 100; ++i) labels.add(i < 50 ? 0 : i < 80 ? 1 : i < 95 ? 2 : -1);
  const Drift drift = labels.result(std::nullopt);
  EXPECT_NEAR(*drift.psi, 0.348614355196071, 1e-14);
  EXPECT_EQ(drift.bins, 4);
  EXPECT_EQ(drift.outside, .05);
  EXPECT_FALSE(drift.ks || drift.mean);
  for (int i = 0; i < 20; ++i) labels.add_missing();
  EXPECT_NEAR(*labels.result(.1).psi, 0.32981213574286705, 1e-14);
  EXPECT_EQ(labels.result(std::nullopt).psi, drift.psi);
}

// What the shares lack to 1 is that of other labels, then as now: sum of (now - then) log(now / then) by
// hand.
TEST(LabelDrift, KnowsTheShareOfOtherLabels) {
  LabelDrift same({.5, .3});
  for (int i = 0; i < 100; ++i) same.add(i < 50 ? 0 : i < 80 ? 1 : -1);
  EXPECT_NEAR(*same.result(std::nullopt).psi, 0, 1e-30);
  EXPECT_EQ(same.result(std::nullopt).bins, 3);
  EXPECT_EQ(same.result(std::nullopt).outside, .2);
  LabelDrift none({.5, .3});
  for (int i = 0; i < 100; ++i) none.add(i < 50 ? 0 : 1);
  EXPECT_NEAR(*none.result(std::nullopt).psi, .2 * std::log(.5 / .3) - .1999 * std::log(.0001 / .2), 1e-14);
}

TEST(Drift, HasConventionalThresholds) {
  EXPECT_EQ(std::string(assess_drift(0.0999)), "stable");
  EXPECT_EQ(std::string(assess_drift(0.1)), "moderate");
  EXPECT_EQ(std::string(assess_drift(0.25)), "moderate");
  EXPECT_EQ(std::string(assess_drift(0.2501)), "major");
}

}  // namespace
}  // namespace persona::test
