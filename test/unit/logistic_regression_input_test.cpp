// Logistic regression on awkward input: separated classes, collinear columns, wrong targets.
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/random.h"
#include "core/regression/linear_predictor.h"
#include "core/regression/logistic_regression.h"
#include "fit_support.h"

namespace persona::test {
namespace {

FittedModel fit(const std::vector<TestColumn>& columns, const GivenOptions& given = {}) {
  return fit_columns(logistic_regression(), columns, "y", given);
}

void expect_finite(const FittedModel& model) {
  for (const Coefficient& coefficient : model.coefficients) {
    EXPECT_TRUE(std::isfinite(coefficient.estimate.value_or(0))) << coefficient.term;
    EXPECT_TRUE(std::isfinite(coefficient.std_error.value_or(0))) << coefficient.term;
  }
  for (const Metric& metric : model.metrics) EXPECT_TRUE(std::isfinite(metric.value)) << metric.name;
}

TEST(LogisticRegressionInput, PerfectSeparationIsReported) {
  const std::vector<TestColumn> columns = {number_column("x", {1, 2, 3, 4, 5, 6}),
                                           number_column("y", {0, 0, 0, 1, 1, 1})};
  const FittedModel model = fit(columns);
  ASSERT_EQ(model.notices.size(), 1U);
  EXPECT_NE(model.notices[0].find("perfectly separates the classes"), std::string::npos);
  EXPECT_NE(model.notices[0].find("l2"), std::string::npos);
  EXPECT_EQ(find_metric(model, "converged"), 0);
  EXPECT_FALSE(find_term(model, "x").std_error.has_value());
  expect_finite(model);
  const auto scorer = load_scorer(logistic_regression(), model);
  const double low = 1;
  const double high = 6;
  EXPECT_LT(scorer->predict(&low), 1e-7);
  EXPECT_GT(scorer->predict(&high), 1 - 1e-7);
  // A penalty makes the maximum finite.
  const FittedModel penalized = fit(columns, {{"l2", 1.0}});
  EXPECT_TRUE(penalized.notices.empty());
  EXPECT_EQ(find_metric(penalized, "converged"), 1);
  EXPECT_LT(*find_term(penalized, "x").estimate, 2);
}

TEST(LogisticRegressionInput, QuasiCompleteSeparationIsReported) {
  // Only x = 3 has both classes.
  const FittedModel model =
      fit({number_column("x", {1, 2, 3, 3, 4, 5}), number_column("y", {0, 0, 0, 1, 1, 1})});
  ASSERT_EQ(model.notices.size(), 1U);
  EXPECT_NE(model.notices[0].find("separates some of the rows"), std::string::npos);
  EXPECT_EQ(find_metric(model, "converged"), 0);
  expect_finite(model);

  // A level whose rows are all positive, among noise.
  Random random(8);
  std::vector<double> x;
  std::vector<std::string> g;
  std::vector<double> y;
  for (int i = 0; i < 3000; ++i) {
    x.push_back(random.normal());
    g.emplace_back(i % 100 == 0 ? "sure" : "other");
    y.push_back(i % 100 == 0 || random.uniform() < 0.3 ? 1 : 0);
  }
  const FittedModel level = fit({number_column("x", x), label_column("g", g), number_column("y", y)});
  ASSERT_EQ(level.notices.size(), 1U);
  EXPECT_NE(level.notices[0].find("separates some of the rows"), std::string::npos);
  expect_finite(level);
}

TEST(LogisticRegressionInput, StrongButOverlappingClassesAreNotSeparated) {
  // Fitted probabilities from 1e-9 to 1 - 1e-9, and yet a finite maximum.
  std::vector<double> x;
  std::vector<double> y;
  for (int i = -200; i <= 200; ++i) {
    x.push_back(i * 0.1);
    y.push_back(i > 0 ? 1 : 0);
  }
  y[201] = 0;
  y[200] = 1;
  y[203] = 0;
  const FittedModel model = fit({number_column("x", x), number_column("y", y)});
  EXPECT_TRUE(model.notices.empty()) << model.notices[0];
  EXPECT_EQ(find_metric(model, "converged"), 1);
  EXPECT_TRUE(find_term(model, "x").std_error.has_value());
}

TEST(LogisticRegressionInput, RareEventsConverge) {
  Random random(2);
  std::vector<double> x;
  std::vector<double> y;
  for (int i = 0; i < 100000; ++i) {
    x.push_back(random.normal());
    y.push_back(random.uniform() < 2e-4 * std::exp(x.back()) ? 1 : 0);
  }
  const FittedModel model = fit({number_column("x", x), number_column("y", y)});
  EXPECT_TRUE(model.notices.empty());
  EXPECT_EQ(find_metric(model, "converged"), 1);
}

// A level of four rows in 60,000, which the sample of the warm start lacks: its estimate is the difference of
// two logits of shares.
TEST(LogisticRegressionInput, LevelsTheSampleLacks) {
  std::vector<std::string> g(60000, "common");
  std::vector<double> y(60000);
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = i % 4 == 0 ? 1 : 0;
  for (std::size_t i = 59996; i < y.size(); ++i)
    g[i] = "rare";  // one positive, three negative: 59996 % 4 = 0
  y[59997] = 1;
  const FittedModel model = fit({label_column("g", g), number_column("y", y)});
  EXPECT_EQ(find_metric(model, "converged"), 1);
  EXPECT_NEAR(*find_term(model, "(intercept)").estimate, std::log(1.0 / 3), 1e-9);
  EXPECT_NEAR(*find_term(model, "g=rare").estimate, std::log(3.0), 1e-7);
}

TEST(LogisticRegressionInput, CollinearColumnsAreNamedAndHarmless) {
  Random random(6);
  std::vector<double> a;
  std::vector<double> twice;
  std::vector<double> constant(400, 0.1);
  std::vector<double> y;
  for (int i = 0; i < 400; ++i) {
    a.push_back(random.normal());
    twice.push_back(2 * a.back() + 1);
    y.push_back(random.uniform() < inverse_logit(a.back()) ? 1 : 0);
  }
  const FittedModel model = fit({number_column("a", a), number_column("twice", twice),
                                 number_column("c", constant), number_column("y", y)});
  EXPECT_EQ(model.notices.at(0),
            "terms \"twice\" and \"c\" are collinear with earlier terms and have no estimate");
  EXPECT_FALSE(find_term(model, "twice").estimate || find_term(model, "c").estimate);
  const FittedModel alone = fit({number_column("a", a), number_column("y", y)});
  EXPECT_NEAR(*find_term(model, "a").estimate, *find_term(alone, "a").estimate, 1e-12);
  EXPECT_EQ(find_metric(model, "rank"), 2);
  const FittedModel ridge = fit({number_column("a", a), number_column("twice", twice),
                                 number_column("c", constant), number_column("y", y)},
                                {{"l2", 0.1}});
  // Equal standardized columns share their effect equally: b_twice sd_twice = b_a sd_a.
  EXPECT_NEAR(2 * *find_term(ridge, "twice").estimate, *find_term(ridge, "a").estimate, 1e-9);
  EXPECT_FALSE(find_term(ridge, "c").estimate.has_value());
}

TEST(LogisticRegressionInput, InterceptOnlyIsTheLogitOfTheShare) {
  const FittedModel model = fit({number_column("y", {0, 1, 1, 1})});
  EXPECT_NEAR(*find_term(model, "(intercept)").estimate, std::log(3.0), 1e-14);
  // Information n p (1 - p) = 3 / 4.
  EXPECT_NEAR(*find_term(model, "(intercept)").std_error, std::sqrt(4.0 / 3), 1e-14);
}

TEST(LogisticRegressionInput, OffsetsAndMagnitudesDoNotMatter) {
  Random random(13);
  std::vector<double> x;
  std::vector<double> far;
  std::vector<double> huge;
  std::vector<double> y;
  for (int i = 0; i < 1000; ++i) {
    x.push_back(std::ldexp(static_cast<double>(random.below(1U << 20U)), -19));
    far.push_back(1e9 + x.back());
    huge.push_back(std::ldexp(x.back(), 1000));
    y.push_back(random.uniform() < inverse_logit(x.back() - 1) ? 1 : 0);
  }
  const FittedModel plain = fit({number_column("x", x), number_column("y", y)});
  const FittedModel offset = fit({number_column("x", far), number_column("y", y)});
  const FittedModel scaled = fit({number_column("x", huge), number_column("y", y)});
  const double estimate = *find_term(plain, "x").estimate;
  EXPECT_NEAR(*find_term(offset, "x").estimate / estimate, 1, 1e-12);
  EXPECT_NEAR(*find_term(offset, "x").std_error / *find_term(plain, "x").std_error, 1, 1e-12);
  EXPECT_NEAR(std::ldexp(*find_term(scaled, "x").estimate, 1000) / estimate, 1, 1e-12);
}

TEST(LogisticRegressionInput, PositiveClass) {
  const std::vector<double> x = {1, 2, 3, 4, 5, 6};
  const auto positive = [&x](const TestColumn& y) {
    return target_of(fit({number_column("x", x), y})).levels;
  };
  using Levels = std::vector<std::string>;
  EXPECT_EQ(positive(number_column("y", {5, -2, 5, -2, 5, 5})), (Levels{"-2", "5"}));
  EXPECT_EQ(positive(number_column("y", {1e6, 0.5, 1e6, 0.5, 0.5, 1e6})), (Levels{"0.5", "1000000"}));
  EXPECT_EQ(positive(label_column("y", {"yes", "no", "yes", "no", "no", "yes"})), (Levels{"no", "yes"}));
  EXPECT_EQ(positive(label_column("y", {"true", "false", "true", "false", "false", "true"})),
            (Levels{"false", "true"}));
  // The same rows with the classes' names exchanged: the sign of every estimate turns.
  const double up =
      *find_term(fit({number_column("x", x), number_column("y", {0, 1, 0, 1, 1, 0})}), "x").estimate;
  const double down =
      *find_term(fit({number_column("x", x), number_column("y", {1, 0, 1, 0, 0, 1})}), "x").estimate;
  EXPECT_NEAR(up, -down, 1e-13);
}

TEST(LogisticRegressionInput, WrongTargets) {
  const TestColumn x = number_column("x", {1, 2, 3, 4});
  EXPECT_EQ(sqlstate_of([&] { fit({x, number_column("y", {1, 1, 1, 1})}); }), "55000");
  EXPECT_EQ(sqlstate_of([&] { fit({x, label_column("y", {"a", "a", "a", "a"})}); }), "55000");
  EXPECT_EQ(sqlstate_of([&] { fit({number_column("x", {}), number_column("y", {})}); }), "55000");
  std::vector<double> many;
  for (int i = 0; i < 500; ++i) many.push_back(i);
  EXPECT_EQ(sqlstate_of([&] { fit({number_column("x", many), number_column("y", many)}); }), "22023");
}

TEST(LogisticRegressionInput, GivesUpWithANotice) {
  const FittedModel model =
      fit({number_column("x", {1, 2, 3, 4, 5, 6}), number_column("y", {0, 0, 1, 0, 1, 1})},
          {{"max_iterations", 1.0}});
  EXPECT_EQ(find_metric(model, "converged"), 0);
  ASSERT_EQ(model.notices.size(), 1U);
  EXPECT_NE(model.notices[0].find("max_iterations"), std::string::npos);
}

TEST(LogisticRegressionInput, PollIsAskedInEveryPass) {
  class CountingPoll final : public Poll {
   public:
    void check() override { ++checks; }
    void progress(const std::string& /*message*/) override { ++milestones; }
    int checks = 0;
    int milestones = 0;
  };
  std::vector<double> x;
  std::vector<double> y;
  Random random(1);
  for (int i = 0; i < 2560; ++i) {
    x.push_back(random.normal());
    y.push_back(random.uniform() < 0.4 ? 1 : 0);
  }
  const std::vector<TestColumn> columns = {number_column("x", x), number_column("y", y)};
  CountingPoll poll;
  const FittedModel model =
      fit_request(logistic_regression(), request_for(logistic_regression(), columns, "y"), columns, poll);
  EXPECT_EQ(poll.milestones, *find_metric(model, "iterations"));
  // Ten blocks, once while streaming and once for each evaluation, of which there is one more than steps.
  EXPECT_GE(poll.checks, 10 + 10 * (poll.milestones + 1));
}

}  // namespace
}  // namespace persona::test
