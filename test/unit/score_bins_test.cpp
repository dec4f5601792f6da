// Bins of equal size by score: calibration and gains, by hand, against SciPy and statsmodels, and by a count
// that is written differently.
#include "core/evaluation/score_bins.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "core/base/random.h"
#include "fit_support.h"

namespace persona::test {
namespace {

TEST(Calibration, BinsWithoutTiesDifferByAtMostOneRow) {
  NoPoll poll;
  for (int n = 1; n < 60; ++n) {
    std::vector<ScoredRow> rows;
    for (int i = 0; i < n; ++i) rows.push_back({static_cast<double>(i * 37 % 61), 0});
    std::int64_t total = 0;
    std::int64_t least = n;
    std::int64_t most = 0;
    for (const CalibrationBin& bin : calibrate(rows, true, 7, poll)) {
      total += bin.rows;
      least = std::min(least, bin.rows);
      most = std::max(most, bin.rows);
    }
    EXPECT_EQ(total, n);
    EXPECT_LE(most - least, 1) << n;
    EXPECT_LE(most, (n + 6) / 7) << n;
  }
}

TEST(Calibration, NeverSplitsOneScore) {
  // Scores 1 1 1 1 1 1 2 3 3 3 in 5 bins of two: the ones' middle is at 3 of 10, in bin 2; 2 is at 6.5, in
  // bin 4; the threes' middle is at 8.5, in bin 5.
  std::vector<ScoredRow> rows;
  for (const double score : {3, 1, 1, 2, 1, 3, 1, 1, 3, 1}) rows.push_back({score, score});
  NoPoll poll;
  const std::vector<CalibrationBin> bins = calibrate(rows, false, 5, poll);
  ASSERT_EQ(bins.size(), 3U);
  EXPECT_EQ(bins[0].bin, 2);
  EXPECT_EQ(bins[0].rows, 6);
  EXPECT_EQ(bins[1].bin, 4);
  EXPECT_EQ(bins[1].rows, 1);
  EXPECT_FALSE(bins[1].lower.has_value());  // one row has no interval
  EXPECT_EQ(bins[2].bin, 5);
  EXPECT_EQ(bins[2].rows, 3);
  EXPECT_EQ(bins[2].lower, 3);  // no spread
  // From the top the same groups are bins 1, 2 and 4: middles 1.5, 3.5 and 7 of 10.
  const std::vector<GainsBin> gains = gains_by_bin(rows, 5, poll);
  ASSERT_EQ(gains.size(), 3U);
  EXPECT_EQ(gains[0].bin, 1);
  EXPECT_EQ(gains[1].bin, 2);
  EXPECT_EQ(gains[2].bin, 4);
}

// statsmodels.stats.proportion.proportion_confint(k, 10, method = "wilson").
TEST(Calibration, HasWilsonLimits) {
  const double limits[][3] = {
      {0, 0, 0.27753279986288926}, {3, 0.10779126740630104, 0.6032218525388546}, {10, 0.7224672001371106, 1}};
  NoPoll poll;
  for (const auto& want : limits) {
    std::vector<ScoredRow> rows;
    for (int i = 0; i < 10; ++i) rows.push_back({0.25, i < want[0] ? 1.0 : 0.0});
    const std::vector<CalibrationBin> bins = calibrate(rows, true, 4, poll);
    ASSERT_EQ(bins.size(), 1U);
    EXPECT_EQ(bins[0].predicted, 0.25);
    EXPECT_DOUBLE_EQ(bins[0].observed, want[0] / 10);
    EXPECT_NEAR(*bins[0].lower, want[1], 1e-15);
    EXPECT_NEAR(*bins[0].upper, want[2], 1e-15);
  }
}

// scipy.stats.t.interval(.95, 3, 3.75, scipy.stats.sem([1, 4, 2, 8])), whose quantile has eleven digits.
TEST(Calibration, HasStudentsLimitsForNumbers) {
  std::vector<ScoredRow> rows = {{1, 1}, {2, 4}, {3, 2}, {4, 8}};
  NoPoll poll;
  const std::vector<CalibrationBin> bins = calibrate(rows, false, 1, poll);
  ASSERT_EQ(bins.size(), 1U);
  EXPECT_EQ(bins[0].predicted, 2.5);
  EXPECT_EQ(bins[0].lowest, 1);
  EXPECT_EQ(bins[0].highest, 4);
  EXPECT_NEAR(*bins[0].lower, -1.1759430482311535, 1e-9);
  EXPECT_NEAR(*bins[0].upper, 8.675943048231154, 1e-9);
}

TEST(Gains, ByHand) {
  // Best first: 1 1 | 1 0 | 0 1 | 0 0 | 0 0: 4 of 10 are positive.
  std::vector<ScoredRow> rows;
  const double targets[] = {1, 1, 1, 0, 0, 1, 0, 0, 0, 0};
  for (int i = 9; i >= 0; --i) rows.push_back({1 - i / 10.0, targets[i]});
  NoPoll poll;
  const std::vector<GainsBin> bins = gains_by_bin(rows, 5, poll);
  ASSERT_EQ(bins.size(), 5U);
  const double lifts[] = {2.5, 1.25, 1.25, 0, 0};
  const double gained[] = {.5, .75, 1, 1, 1};
  for (int i = 0; i < 5; ++i) {
    const GainsBin& bin = bins[static_cast<std::size_t>(i)];
    EXPECT_EQ(bin.bin, i + 1);
    EXPECT_EQ(bin.rows, 2);
    EXPECT_DOUBLE_EQ(*bin.lift, lifts[i]);
    EXPECT_DOUBLE_EQ(*bin.cumulative_gain, gained[i]);
    EXPECT_DOUBLE_EQ(bin.cumulative_share, (i + 1) / 5.0);
    EXPECT_DOUBLE_EQ(*bin.cumulative_lift, gained[i] / ((i + 1) / 5.0));
    EXPECT_EQ(bin.threshold, 1 - (2 * i + 1) / 10.0);
  }
}

TEST(Gains, HasNoLiftWithoutAPositiveTotal) {
  NoPoll poll;
  std::vector<ScoredRow> rows = {{1, 0}, {2, 0}, {3, 0}};
  for (const GainsBin& bin : gains_by_bin(rows, 3, poll)) {
    EXPECT_FALSE(bin.lift || bin.cumulative_gain || bin.cumulative_lift);
  }
  std::vector<ScoredRow> none;
  EXPECT_EQ(sqlstate_of([&] { gains_by_bin(none, 10, poll); }), "55000");
  EXPECT_EQ(sqlstate_of([&] { calibrate(none, true, 10, poll); }), "55000");
}

TEST(Gains, OfLongStreamsWithTies) {
  // 400,000 rows in several sorted runs, 1,000 different scores: totals and thresholds stay what a count by
  // score says, whatever the order the rows come in.
  constexpr int kRows = 400000;
  Random random(5);
  std::vector<ScoredRow> rows;
  std::vector<double> totals(1000);
  for (int i = 0; i < kRows; ++i) {
    const auto score = static_cast<std::size_t>(random.below(1000));
    const double target = random.below(1000) < score ? 1 : 0;
    totals[score] += target;
    rows.push_back({static_cast<double>(score), target});
  }
  NoPoll poll;
  double upto = 1000;
  for (const GainsBin& bin : gains_by_bin(rows, 10, poll)) {
    double total = 0;
    for (double score = bin.threshold; score < upto; ++score)
      total += totals[static_cast<std::size_t>(score)];
    upto = bin.threshold;
    EXPECT_EQ(bin.total, total) << bin.bin;
    EXPECT_NEAR(static_cast<double>(bin.rows), kRows / 10.0, 1000);
  }
  EXPECT_EQ(upto, 0);
}

}  // namespace
}  // namespace persona::test
