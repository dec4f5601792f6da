// Metrics against scikit-learn 1.2.1 and SciPy, and by hand.
#include "core/evaluation/metrics.h"

#include <cmath>
#include <optional>

#include <gtest/gtest.h>

#include "core/base/random.h"
#include "core/regression/inference.h"
#include "fit_support.h"

namespace persona::test {
namespace {

std::optional<double> find(const std::vector<Metric>& metrics, const std::string& name) {
  for (const Metric& metric : metrics) {
    if (metric.name == name) return metric.value;
  }
  return std::nullopt;
}

// sklearn.metrics: roc_auc_score, log_loss, brier_score_loss, ...; scipy.stats.ks_2samp for ks.
TEST(BinaryMetrics, AgreeWithScikitLearn) {
  const double scores[] = {.1, .4, .35, .8, .5, .5, .9, .2, .5, .65};
  const int targets[] = {0, 0, 1, 1, 0, 1, 1, 0, 1, 0};
  BinaryMetrics metrics(0.5);
  for (int i = 0; i < 10; ++i) metrics.add(scores[i], targets[i] == 1);
  NoPoll poll;
  const std::vector<Metric> results = metrics.results(poll);
  EXPECT_EQ(find(results, "rows"), 10);
  EXPECT_DOUBLE_EQ(*find(results, "positive_share"), 0.5);
  EXPECT_DOUBLE_EQ(*find(results, "auc"), 0.76);
  EXPECT_DOUBLE_EQ(*find(results, "ks"), 0.4);
  EXPECT_DOUBLE_EQ(*find(results, "log_loss"), 0.5346919548387254);
  EXPECT_DOUBLE_EQ(*find(results, "brier"), 0.1855);
  EXPECT_DOUBLE_EQ(*find(results, "accuracy"), 0.7);
  EXPECT_DOUBLE_EQ(*find(results, "precision"), 2.0 / 3);
  EXPECT_DOUBLE_EQ(*find(results, "recall"), 0.8);
  EXPECT_DOUBLE_EQ(*find(results, "f1"), 0.7272727272727272);
}

// The definition: the share of pairs in the right order, ties counting half.
TEST(BinaryMetrics, AucCountsPairs) {
  Random random(17);
  std::vector<double> scores[2];
  BinaryMetrics metrics(0.5);
  for (int i = 0; i < 2000; ++i) {
    const bool positive = random.uniform() < 0.3;
    const double score = static_cast<double>(random.below(50) + (positive ? 10U : 0U)) / 64;  // many ties
    metrics.add(score, positive);
    scores[positive ? 1 : 0].push_back(score);
  }
  double pairs = 0;
  for (const double p : scores[1]) {
    for (const double n : scores[0]) pairs += p > n ? 1 : p == n ? 0.5 : 0;
  }
  NoPoll poll;
  EXPECT_DOUBLE_EQ(*find(metrics.results(poll), "auc"),
                   pairs / static_cast<double>(scores[0].size() * scores[1].size()));
}

TEST(BinaryMetrics, SortsLongStreams) {
  // More scores than one sorted run: score k / n with the upper half positive is perfect, AUC 1 and KS 1.
  constexpr int kRows = 700000;
  BinaryMetrics metrics(0.5);
  for (int i = 0; i < kRows; ++i) {
    const int k = static_cast<int>(static_cast<long long>(i) * 7919 % kRows);
    metrics.add(static_cast<double>(k) / kRows, k >= kRows / 2);
  }
  NoPoll poll;
  const std::vector<Metric> results = metrics.results(poll);
  EXPECT_EQ(find(results, "auc"), 1);
  EXPECT_EQ(find(results, "ks"), 1);
  EXPECT_EQ(find(results, "accuracy"), 1);
}

TEST(BinaryMetrics, LeavesOutWhatDoesNotExist) {
  NoPoll poll;
  BinaryMetrics one_class(0.5);
  one_class.add(0.2, false);
  one_class.add(0, false);
  const std::vector<Metric> results = one_class.results(poll);
  EXPECT_FALSE(find(results, "auc") || find(results, "precision") || find(results, "recall"));
  EXPECT_EQ(find(results, "accuracy"), 1);
  BinaryMetrics wrong(0.5);
  wrong.add(0, true);
  EXPECT_TRUE(std::isfinite(*find(wrong.results(poll), "log_loss")));
  BinaryMetrics none(0.5);
  EXPECT_EQ(sqlstate_of([&] { none.results(poll); }), "55000");
}

// sklearn.metrics.r2_score's own example.
TEST(RegressionMetrics, AgreeWithScikitLearn) {
  RegressionMetrics metrics;
  metrics.add(2.5, 3);
  metrics.add(0, -0.5);
  metrics.add(2, 2);
  metrics.add(8, 7);
  const std::vector<Metric> results = metrics.results();
  EXPECT_DOUBLE_EQ(*find(results, "r_squared"), 0.9486081370449679);
  EXPECT_DOUBLE_EQ(*find(results, "rmse"), 0.6123724356957945);
  EXPECT_DOUBLE_EQ(*find(results, "mae"), 0.5);
  RegressionMetrics constant;
  constant.add(1, 5);
  EXPECT_FALSE(find(constant.results(), "r_squared").has_value());
  EXPECT_EQ(sqlstate_of([] { RegressionMetrics().results(); }), "55000");
}

// sklearn.metrics: mean_poisson_deviance, d2_tweedie_score(power=1), r2_score.
TEST(PoissonMetrics, AgreeWithScikitLearn) {
  const double targets[] = {0, 1, 0, 3, 2, 0, 5, 1};
  const double scores[] = {.2, .9, .4, 2.5, 2.2, .05, 3.1, 1.7};
  PoissonMetrics metrics;
  for (int i = 0; i < 8; ++i) metrics.add(scores[i], targets[i]);
  const std::vector<Metric> results = metrics.results();
  EXPECT_EQ(find(results, "rows"), 8);
  EXPECT_DOUBLE_EQ(*find(results, "poisson_deviance"), 0.34281389502096726);
  EXPECT_DOUBLE_EQ(*find(results, "deviance_explained"), 0.8256229645603784);
  EXPECT_DOUBLE_EQ(*find(results, "r_squared"), 0.7907954545454545);
  EXPECT_EQ(sqlstate_of([] { PoissonMetrics().add(1, -1); }), "22003");
  EXPECT_EQ(sqlstate_of([] { PoissonMetrics().results(); }), "55000");
  PoissonMetrics zeros;  // all zero: 2 score a row, and nothing to explain
  zeros.add(0.5, 0);
  zeros.add(1.5, 0);
  EXPECT_EQ(find(zeros.results(), "poisson_deviance"), 2);
  EXPECT_FALSE(find(zeros.results(), "deviance_explained").has_value());
  PoissonMetrics underflow;  // exp(-800) is 0 in a double
  underflow.add(0, 2);
  EXPECT_TRUE(find(underflow.results(), "poisson_deviance").has_value());
}

// sklearn.metrics: log_loss, accuracy_score, precision_score, recall_score and f1_score with average = macro
// and zero_division = 0.
TEST(MulticlassMetrics, AgreeWithScikitLearn) {
  const double probabilities[][3] = {{.6, .3, .1}, {.2, .5, .3},   {.1, .2, .7}, {.4, .35, .25},
                                     {.3, .4, .3}, {.45, .45, .1}, {.2, .3, .5}, {.8, .1, .1}};
  const std::size_t targets[] = {0, 1, 2, 1, 0, 1, 1, 0};
  MulticlassMetrics metrics(3);
  for (int i = 0; i < 8; ++i) metrics.add(probabilities[i], targets[i]);
  const std::vector<Metric> results = metrics.results();
  EXPECT_EQ(find(results, "rows"), 8);
  EXPECT_DOUBLE_EQ(*find(results, "log_loss"), 0.7550083411184);
  EXPECT_DOUBLE_EQ(*find(results, "accuracy"), 0.5);
  EXPECT_DOUBLE_EQ(*find(results, "macro_precision"), 0.5);
  EXPECT_DOUBLE_EQ(*find(results, "macro_recall"), 0.6388888888888888);
  EXPECT_DOUBLE_EQ(*find(results, "macro_f1"), 0.5238095238095238);
  // A class that is called but never there counts 0; one that is neither does not count.
  const std::size_t without[] = {0, 1, 0, 1, 0, 1, 1, 0};
  MulticlassMetrics absent(4);
  for (int i = 0; i < 8; ++i) {
    const double padded[] = {probabilities[i][0], probabilities[i][1], probabilities[i][2], 0};
    absent.add(padded, without[i]);
  }
  EXPECT_DOUBLE_EQ(*find(absent.results(), "macro_f1"), 0.27777777777777773);
  EXPECT_DOUBLE_EQ(*find(absent.results(), "macro_precision"), 1.0 / 3);
  EXPECT_DOUBLE_EQ(*find(absent.results(), "macro_recall"), 0.25);
  EXPECT_EQ(sqlstate_of([] { MulticlassMetrics(3).results(); }), "55000");
}

TEST(Metrics, HaveADirection) {
  EXPECT_EQ(better("auc"), Better::higher);
  EXPECT_EQ(better("log_loss"), Better::lower);
  EXPECT_EQ(better("rows"), Better::neither);
}

// scipy.stats 1.10: t.sf, norm.ppf, norm.sf, f.sf. Its t.ppf has eleven digits only: the t quantile is the
// root that mpmath finds with 40 digits, 2.26215716279820554...
TEST(Inference, AgreesWithSciPy) {
  EXPECT_NEAR(t_multiplier(0.95, 9), 2.2621571627982055, 1e-14);
  EXPECT_NEAR(t_p_value(-2.5, 9), 0.03386182768298571, 1e-15);
  EXPECT_NEAR(t_p_value(60, 50) / 2.951830983192969e-48, 1, 1e-12);
  EXPECT_NEAR(normal_multiplier(0.95), 1.959963984540054, 1e-14);
  EXPECT_NEAR(normal_p_value(3.1), 0.0019352064264367126, 1e-16);
  EXPECT_NEAR(f_p_value(4.2, 3, 17), 0.02143785785239705, 1e-15);
}

}  // namespace
}  // namespace persona::test
