// Poisson regression where there is no finite maximum, for long streams, at extremes, and of wrong targets.
#include "core/regression/poisson_regression.h"

#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/random.h"
#include "core/regression/poisson_deviance.h"
#include "fit_support.h"

namespace persona::test {
namespace {

FittedModel fit(const std::vector<TestColumn>& columns, const GivenOptions& options = {}) {
  return fit_columns(poisson_regression(), columns, "y", options);
}

// The means of two groups by hand: log(2) and log(5 / 2), with variances 1 / total of each.
TEST(PoissonRegression, TwoGroups) {
  const FittedModel model = fit({number_column("x", {0, 0, 0, 1, 1}), number_column("y", {1, 2, 3, 4, 6})});
  EXPECT_NEAR(*find_term(model, "(intercept)").estimate, std::log(2.0), 1e-14);
  EXPECT_NEAR(*find_term(model, "x").estimate, std::log(2.5), 1e-14);
  EXPECT_NEAR(*find_term(model, "x").std_error, std::sqrt(1.0 / 6 + 1.0 / 10), 1e-10);
  EXPECT_NEAR(*find_term(model, "x").odds_ratio, 2.5, 1e-13);
}

// A level whose counts are all zero: its estimate runs off to minus infinity, and is named.
TEST(PoissonRegression, LevelOfZeros) {
  for (const double scale : {1.0, 1000.0}) {
    const FittedModel model = fit({label_column("g", {"a", "a", "b", "b", "c", "c"}),
                                   number_column("y", {1 * scale, 3 * scale, 0, 0, 2 * scale, 5 * scale})});
    EXPECT_EQ(find_metric(model, "converged"), 0);
    for (const Coefficient& coefficient : model.coefficients) {
      EXPECT_TRUE(std::isfinite(*coefficient.estimate));
      EXPECT_FALSE(coefficient.std_error.has_value());
    }
    ASSERT_EQ(model.notices.size(), 1U);
    EXPECT_NE(model.notices[0].find("(see \"g=b\")"), std::string::npos) << model.notices[0];
    EXPECT_NEAR(*find_term(model, "g=c").estimate, std::log(3.5 / 2), 1e-6);
  }
}

// The same among many rows and rare events, where the gradient vanishes early.
TEST(PoissonRegression, LevelOfZerosAmongManyRows) {
  Random random(3);
  std::vector<std::string> g;
  std::vector<double> y;
  for (int i = 0; i < 100000; ++i) {
    g.emplace_back(i % 1000 == 7 ? "z" : i % 2 == 0 ? "a" : "b");
    y.push_back(g.back() != "z" && random.uniform() < 1e-3 ? 1 : 0);
  }
  const FittedModel model = fit({label_column("g", g), number_column("y", y)});
  EXPECT_EQ(find_metric(model, "converged"), 0);
  ASSERT_EQ(model.notices.size(), 1U);
  EXPECT_NE(model.notices[0].find("\"g=z\""), std::string::npos) << model.notices[0];
  const FittedModel ridge = fit({label_column("g", g), number_column("y", y)}, {{"l2", 1.0}});
  EXPECT_EQ(find_metric(ridge, "converged"), 1);
}

// At the maximum the score X'(y - mu) vanishes, computed here from the loaded scorer, for a stream long
// enough to start from a fit to its parts, with counts from zero to thousands.
TEST(PoissonRegression, ScoreEquationsHoldForALongStream) {
  Random random(8);
  constexpr int kRows = 60000;
  std::vector<double> a;
  std::vector<std::string> g;
  std::vector<double> exposure;
  std::vector<double> y;
  for (int i = 0; i < kRows; ++i) {
    a.push_back(1000 + 2 * random.normal());
    g.emplace_back(1, static_cast<char>('p' + random.below(3)));
    exposure.push_back(random.exponential());
    const double mu = std::exp(0.8 * (a.back() - 1000) + (g.back() == "r" ? 1 : 0) + exposure.back());
    y.push_back(std::floor(mu * (0.5 + random.uniform())));
  }
  const std::vector<TestColumn> columns = {number_column("a", a), label_column("g", g),
                                           number_column("e", exposure), number_column("y", y)};
  const FittedModel model = fit(columns, {{"offset", "e"}});
  EXPECT_EQ(find_metric(model, "converged"), 1);
  EXPECT_LE(*find_metric(model, "iterations"), 4);
  const auto scorer = load_scorer(poisson_regression(), model, {{"offset", "e"}});
  double score[3] = {};
  double total = 0;
  double deviance = 0;
  for (std::size_t i = 0; i < kRows; ++i) {
    const double x[] = {a[i], scorer->level(1, g[i]), exposure[i]};
    const double mu = scorer->predict(x);
    score[0] += y[i] - mu;
    score[1] += (a[i] - 1000) * (y[i] - mu);
    score[2] += (g[i] == "r" ? 1 : 0) * (y[i] - mu);
    total += y[i];
    deviance += 2 * ((y[i] > 0 ? y[i] * std::log(y[i] / mu) : 0) - (y[i] - mu));
  }
  for (const double sum : score) EXPECT_LE(std::fabs(sum), 1e-9 * total);
  EXPECT_LE(relative(*find_metric(model, "deviance"), deviance), 1e-9);
}

// Large counts: the mean is exact, and so is the deviance where the log likelihoods are 1e10 times it.
TEST(PoissonRegression, LargeCounts) {
  const double n = 1e12;
  const FittedModel model =
      fit({number_column("x", {0, 0, 1, 1}), number_column("y", {n, n + 2, 2 * n, 2 * n + 4})});
  EXPECT_EQ(find_metric(model, "converged"), 1);
  // Each pair lies d from its mean m: 2 (y log(y / m) - (y - m)) is d^2 / m to first order.
  EXPECT_LE(relative(*find_metric(model, "deviance"), 2 * (1 / n) + 2 * (4 / (2 * n))), 1e-3);
}

// An offset of hundreds does not overflow on the way.
TEST(PoissonRegression, LargeOffset) {
  for (const double shift : {-600.0, 600.0}) {
    const FittedModel model = fit({number_column("o", {shift, shift + 1, shift, shift + 1}),
                                   number_column("x", {0, 0, 1, 1}), number_column("y", {1, 3, 2, 6})},
                                  {{"offset", "o"}});
    EXPECT_EQ(find_metric(model, "converged"), 1);
    EXPECT_NEAR(*find_term(model, "(intercept)").estimate, std::log(4 / (1 + std::exp(1.0))) - shift, 1e-10);
    EXPECT_NEAR(*find_term(model, "x").estimate, std::log(2.0), 1e-10);
  }
}

TEST(PoissonRegression, WrongTargets) {
  const TestColumn x = number_column("x", {1, 2, 3});
  EXPECT_EQ(sqlstate_of([&] { fit({x, number_column("y", {0, 0, 0})}); }), "55000");
  EXPECT_EQ(sqlstate_of([&] { fit({number_column("x", {}), number_column("y", {})}); }), "55000");
  EXPECT_EQ(sqlstate_of([&] { fit({x, label_column("y", {"a", "b", "a"})}); }), "42804");
  try {
    fit({x, number_column("y", {0, 1, -2.5})});
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.sqlstate(), "22023");
    EXPECT_EQ(error.detail(), "A row has -2.5.");
  }
}

TEST(PoissonRegression, SaturatedLogLikelihood) {
  EXPECT_EQ(saturated_log_likelihood(0), 0);
  EXPECT_NEAR(saturated_log_likelihood(1), -1, 1e-15);
  for (const double y : {0.5, 15.5, 15.999, 16.0, 20.0, 170.0}) {
    EXPECT_NEAR(saturated_log_likelihood(y), y * std::log(y) - y - std::lgamma(y + 1), 1e-12) << y;
  }
}

}  // namespace
}  // namespace persona::test
