// Measuring scorers: which metrics a model gets, folds, several models ranked, metrics over folds.
#include "core/evaluation/evaluator.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "core/evaluation/fold.h"
#include "core/evaluation/fold_summary.h"
#include "core/evaluation/ranking.h"
#include "fit_support.h"

namespace persona::test {
namespace {

// Scores a row with its first input, or gives the classes its inputs as probabilities.
class Echo final : public Scorer {
 public:
  explicit Echo(std::vector<std::string> classes = {}) : classes_(std::move(classes)) { inputs_.resize(3); }
  double level(int /*input*/, std::string_view /*label*/) const override { return -1; }
  double predict(const double* x) const override { return x[0]; }
  std::vector<Contribution> explain(const double* /*x*/) const override { return {}; }
  std::vector<ClassProbability> probabilities(const double* x) const override {
    std::vector<ClassProbability> result;
    for (std::size_t k = 0; k < classes_.size(); ++k) result.push_back({classes_[k], x[k]});
    return result;
  }
  std::string classify(const double* /*x*/) const override { return ""; }
  double average(int /*input*/) const override { return 0; }

 private:
  std::vector<std::string> classes_;
};

std::vector<std::string> names(const std::vector<Metric>& metrics) {
  std::vector<std::string> result;
  for (const Metric& metric : metrics) result.push_back(metric.name);
  return result;
}

using Names = std::vector<std::string>;

TEST(Evaluator, MeasuresWhatTheModelPredicts) {
  NoPoll poll;
  const Echo scorer({"a", "b", "c"});
  const double x[] = {0.5, 0.3, 0.2};
  const double y[] = {0.1, 0.2, 0.7};
  const auto number = make_evaluator(scorer, {}, Distribution::normal, 0);
  number->add(x, 1);
  number->add(y, 0);
  EXPECT_EQ(names(number->results(poll)), (Names{"rows", "r_squared", "rmse", "mae"}));
  const auto count = make_evaluator(scorer, {}, Distribution::poisson, 0);
  count->add(x, 1);
  count->add(y, 0);
  EXPECT_EQ(names(count->results(poll)),
            (Names{"rows", "r_squared", "rmse", "mae", "poisson_deviance", "deviance_explained"}));
  const auto two = make_evaluator(scorer, {"no", "yes"}, Distribution::normal, 0.5);
  two->add(x, 1);
  two->add(y, 0);
  const std::vector<Metric> metrics = two->results(poll);
  EXPECT_EQ(metrics.size(), 10U);
  EXPECT_EQ(metrics[2].name, "auc");
  EXPECT_EQ(metrics[2].value, 1);
  const auto three = make_evaluator(scorer, {"a", "b", "c"}, Distribution::normal, 0);
  three->add(x, 0);
  three->add(y, 1);
  const std::vector<Metric> classes = three->results(poll);
  EXPECT_EQ(names(classes),
            (Names{"rows", "log_loss", "accuracy", "macro_precision", "macro_recall", "macro_f1"}));
  EXPECT_DOUBLE_EQ(classes[1].value, -(std::log(0.5) + std::log(0.2)) / 2);
  EXPECT_EQ(classes[2].value, 0.5);
}

TEST(Evaluator, RefusesScoresThatAreNoNumbers) {
  const Echo scorer({"a", "b", "c"});
  for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    const double x[] = {bad, 0, 0};
    EXPECT_EQ(sqlstate_of([&] { make_evaluator(scorer, {}, Distribution::normal, 0)->add(x, 1); }), "22003");
    EXPECT_EQ(sqlstate_of([&] {
                make_evaluator(scorer, {"n", "y"}, Distribution::normal, 0)->add(x, 1);
              }),
              "22003");
  }
  const double x[] = {0.5, std::nan(""), 0.5};
  EXPECT_EQ(sqlstate_of([&] {
              make_evaluator(scorer, {"a", "b", "c"}, Distribution::normal, 0)->add(x, 1);
            }),
            "22003");
}

// The values of the formula in Python: docs/evaluation.md.
TEST(Fold, IsTheSameEverywhere) {
  EXPECT_EQ(fold_of("", 10, 0), 5);
  EXPECT_EQ(fold_of("a", 1000, 0), 175);
  EXPECT_EQ(fold_of("17850", 10, 0), 10);
  EXPECT_EQ(fold_of("17850", 10, -1), 7);
  EXPECT_EQ(fold_of("-9223372036854775808", 2147483647, 0), 980449217);
  EXPECT_EQ(fold_of("Zo\xc3\xab", 1000000, 42), 608490);
}

TEST(RankModels, ByMetric) {
  const std::vector<RankedMetric> lines =
      rank_models({{{"rows", 5}, {"rmse", 2}, {"r_squared", .5}},
                   {{"rows", 5}, {"rmse", 1}, {"r_squared", .5}},
                   {{"rows", 5}, {"auc", .7}, {"rmse", 2}, {"r_squared", .6}}});
  ASSERT_EQ(lines.size(), 10U);
  const auto expect = [&lines](std::size_t at, const char* name, std::size_t model, std::optional<int> rank) {
    EXPECT_EQ(lines[at].name, name) << at;
    EXPECT_EQ(lines[at].model, model) << at;
    EXPECT_EQ(lines[at].rank, rank) << at;
  };
  expect(0, "rows", 0, std::nullopt);
  expect(2, "rows", 2, std::nullopt);
  expect(3, "rmse", 1, 1);
  expect(4, "rmse", 0, 2);
  expect(5, "rmse", 2, 2);
  expect(6, "r_squared", 2, 1);
  expect(7, "r_squared", 0, 2);
  expect(8, "r_squared", 1, 2);
  expect(9, "auc", 2, 1);
}

TEST(SummarizeFolds, TakesTheFoldsThatHaveTheMetric) {
  const std::vector<MetricSummary> lines =
      summarize_folds({{{"rows", 4}}, {{"rows", 6}, {"auc", .5}}, {{"rows", 5}, {"auc", .7}}, {{"rows", 5}}});
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].mean, 5);
  EXPECT_DOUBLE_EQ(*lines[0].deviation, std::sqrt(2.0 / 3));
  EXPECT_DOUBLE_EQ(lines[1].mean, .6);
  EXPECT_DOUBLE_EQ(*lines[1].deviation, std::sqrt(.02));
  EXPECT_FALSE(summarize_folds({{{"auc", .5}}})[0].deviation.has_value());
}

}  // namespace
}  // namespace persona::test
