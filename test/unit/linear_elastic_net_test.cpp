// The elastic net of least squares against glmnet run to its last digits, against a lasso solved by hand, and
// against the conditions that any minimum fulfills.
#include "core/regression/linear_elastic_net.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/regression/cross_products_accumulator.h"
#include "core/regression/least_squares.h"
#include "elastic_net_support.h"
#include "glmnet_values.h"
#include "regression_data.h"

namespace persona::test {
namespace {

using Columns = std::vector<std::vector<double>>;

CrossProducts products_of(const Columns& columns) {
  CrossProductsAccumulator accumulator(static_cast<int>(columns.size()));
  const std::size_t rows = columns.front().size();
  constexpr std::size_t kBlock = CrossProductsAccumulator::kMaxRows;
  for (std::size_t first = 0; first < rows; first += kBlock) {
    std::vector<const double*> pointers;
    for (const std::vector<double>& column : columns) pointers.push_back(&column[first]);
    accumulator.consume(pointers.data(), static_cast<int>(std::min(rows - first, kBlock)));
  }
  return accumulator.result();
}

// The target is the last column.
std::vector<int> terms_of(const Columns& columns) {
  std::vector<int> terms(columns.size() - 1);
  std::iota(terms.begin(), terms.end(), 0);
  return terms;
}

Columns prostate() {
  return {kProstateLcavol, kProstateLweight, kProstateAge,   kProstateLbph, kProstateSvi,
          kProstateLcp,    kProstateGleason, kProstatePgg45, kProstateLpsa};
}

// How far the gradient at the fit is from what a minimum asks for, in units of s_j s_y; from the rows
// themselves.
double violation(const Columns& columns, bool intercept, const ElasticNetFit& fit, double alpha) {
  const std::vector<double>& y = columns.back();
  const auto n = static_cast<double>(y.size());
  std::vector<double> residual(y);
  for (double& value : residual) value -= fit.intercept;
  for (std::size_t j = 0; j + 1 < columns.size(); ++j) {
    for (std::size_t r = 0; r < y.size(); ++r) residual[r] -= fit.estimates[j] * columns[j][r];
  }
  const double unit = deviation_of(y);
  double worst = intercept ? std::fabs(mean_of(residual)) / unit : 0;
  for (std::size_t j = 0; j + 1 < columns.size(); ++j) {
    const double s = deviation_of(columns[j]);
    if (!(s > 0)) {
      EXPECT_EQ(fit.estimates[j], 0) << j;
      continue;
    }
    double gradient = 0;
    for (std::size_t r = 0; r < y.size(); ++r) gradient += residual[r] * columns[j][r] / n;
    const double b = fit.estimates[j];
    const double l1 = fit.lambda * alpha * s;
    const double off = b == 0
                           ? std::max(0.0, std::fabs(gradient) - l1)
                           : std::fabs(gradient - (b > 0 ? l1 : -l1) - fit.lambda * (1 - alpha) * s * s * b);
    worst = std::max(worst, off / (s * unit));
  }
  return worst;
}

double objective(const Columns& columns, const ElasticNetFit& fit, double alpha) {
  const std::vector<double>& y = columns.back();
  double sum = 0;
  for (std::size_t r = 0; r < y.size(); ++r) {
    double residual = y[r] - fit.intercept;
    for (std::size_t j = 0; j + 1 < columns.size(); ++j) residual -= fit.estimates[j] * columns[j][r];
    sum += residual * residual;
  }
  double penalty = 0;
  for (std::size_t j = 0; j + 1 < columns.size(); ++j) {
    const double b = deviation_of(columns[j]) * fit.estimates[j];
    penalty += alpha * std::fabs(b) + (1 - alpha) / 2 * b * b;
  }
  return sum / (2 * static_cast<double>(y.size())) + fit.lambda * penalty;
}

Columns random_columns(std::uint64_t seed, int rows, int terms, double shared) {
  Random random(seed);
  Columns columns(static_cast<std::size_t>(terms) + 1, std::vector<double>(static_cast<std::size_t>(rows)));
  for (std::size_t r = 0; r < static_cast<std::size_t>(rows); ++r) {
    const double common = random.normal();
    double y = random.normal();
    for (std::size_t j = 0; j < static_cast<std::size_t>(terms); ++j) {
      columns[j][r] = static_cast<double>(j) + shared * common + random.normal();
      if (j < 5) y += (j % 2 == 0 ? 1 : -1) * columns[j][r];
    }
    columns.back()[r] = y;
  }
  return columns;
}

std::vector<ElasticNetFit> whole_path(const Columns& columns, bool intercept, double alpha) {
  const CrossProducts products = products_of(columns);
  const std::vector<int> terms = terms_of(columns);
  NoPoll poll;
  LinearElasticNet net(products, terms, static_cast<int>(terms.size()), intercept);
  const std::vector<double> lambdas =
      penalty_path(net.greatest_lambda(alpha, poll), static_cast<double>(products.rows()), terms.size());
  return net.fit_path(lambdas, alpha, poll);
}

void expect_near(double got, double want, double relative, const std::string& what) {
  EXPECT_LE(std::fabs(got - want), relative * std::fabs(want) + 1e-13)
      << what << ": " << got << ", want " << want;
}

// `expected`: every 11th of glmnet's path; its penalties are `scale` times those of `path`.
void expect_path(const std::vector<ElasticNetFit>& path, const Columns& expected, double scale,
                 double relative) {
  ASSERT_EQ(path.size(), 100U);
  for (std::size_t k = 0; k < expected.size(); ++k) {
    const ElasticNetFit& fit = path[11 * k];
    const std::string place = "step " + std::to_string(11 * k);
    EXPECT_TRUE(fit.converged) << place;
    expect_near(fit.lambda * scale, expected[k][0], 1e-12, place + " lambda");
    expect_near(fit.intercept, expected[k][1], relative, place + " intercept");
    for (std::size_t j = 0; j < fit.estimates.size(); ++j) {
      const std::string what = place + " term " + std::to_string(j);
      EXPECT_EQ(fit.estimates[j] == 0, expected[k][j + 2] == 0) << what;
      expect_near(fit.estimates[j], expected[k][j + 2], relative, what);
    }
  }
}

TEST(LinearElasticNet, LassoPathOfProstateIsGlmnets) {
  expect_path(whole_path(prostate(), true, 1), kLassoPath, 1, 1e-11);
}

// With y in units of its deviation s, glmnet minimizes for alpha 0.5 what is here lambda alpha : lambda (1 -
// alpha) = 0.5 s : 0.5.
TEST(LinearElasticNet, ElasticNetPathOfProstateIsGlmnets) {
  const double s = deviation_of(kProstateLpsa);
  const double alpha = s / (s + 1);
  expect_path(whole_path(prostate(), true, alpha), kHalfPath, alpha / 0.5, 1e-11);
}

TEST(LinearElasticNet, LassoPathWithoutInterceptIsGlmnets) {
  expect_path(whole_path(prostate(), false, 1), kOriginPath, 1, 1e-10);
}

// The choice by cross-validation, with the folds 1, 2, ..., 10, 1, 2, ... that glmnet was given.
TEST(LinearElasticNet, CrossValidationOfProstateIsGlmnets) {
  const Columns columns = prostate();
  std::vector<CrossProducts> folds;
  for (std::size_t f = 0; f < 10; ++f) {
    Columns part(columns.size());
    for (std::size_t r = f; r < columns.front().size(); r += 10) {
      for (std::size_t j = 0; j < columns.size(); ++j) part[j].push_back(columns[j][r]);
    }
    folds.push_back(products_of(part));
  }
  const std::vector<ElasticNetFit> path = whole_path(columns, true, 1);
  std::vector<double> lambdas;
  for (const ElasticNetFit& fit : path) lambdas.push_back(fit.lambda);
  NoPoll poll;
  const CrossValidation choice = cross_validate_linear(folds, terms_of(columns), 8, true, lambdas, 1, poll);
  expect_near(lambdas[choice.minimum], kLassoChoice[0], 1e-12, "lambda.min");
  expect_near(lambdas[choice.one_se], kLassoChoice[1], 1e-12, "lambda.1se");
  expect_near(choice.deviance[choice.minimum], kLassoChoice[2], 1e-11, "cvm");
  expect_near(choice.std_error[choice.minimum], kLassoChoice[3], 1e-10, "cvsd");
}

// One column of deviation 1 with covariance 2 to y: the lasso's estimate is 2 - lambda, the elastic net's
// (2 - lambda alpha) / (1 + lambda (1 - alpha)).
TEST(LinearElasticNet, OneColumnByHand) {
  const Columns columns = {{-1, 1, -1, 1}, {-1, 1, -3, 3}};
  const CrossProducts products = products_of(columns);
  NoPoll poll;
  LinearElasticNet net(products, {0}, 1, true);
  EXPECT_DOUBLE_EQ(net.greatest_lambda(1, poll), 2);
  EXPECT_DOUBLE_EQ(net.greatest_lambda(0.5, poll), 4);
  EXPECT_DOUBLE_EQ(net.greatest_lambda(0, poll), 2000);
  EXPECT_DOUBLE_EQ(net.fit(0.5, 1, poll).estimates[0], 1.5);
  EXPECT_DOUBLE_EQ(net.fit(0.5, 0.5, poll).estimates[0], 1.75 / 1.25);
  EXPECT_EQ(net.fit(2, 1, poll).estimates[0], 0);
  EXPECT_EQ(net.fit(2, 1, poll).nonzero, 0);
  EXPECT_DOUBLE_EQ(squared_error(products, {0}, 1, net.fit(0.5, 1, poll)), 0.25 * 2 + 2.25 * 2);
}

TEST(LinearElasticNet, RandomProblemsFulfillTheConditions) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const int rows = 20 + static_cast<int>(seed % 5) * 30;
    const int terms = 3 + static_cast<int>(seed * 7 % 40);
    const Columns columns = random_columns(seed, rows, terms, static_cast<double>(seed % 4) * 5);
    const double alpha = std::vector<double>{1, 0.9, 0.5, 0.1, 0}[seed % 5];
    for (const bool intercept : {true, false}) {
      for (const ElasticNetFit& fit : whole_path(columns, intercept, alpha)) {
        EXPECT_TRUE(fit.converged) << seed;
        ASSERT_LE(violation(columns, intercept, fit, alpha), 1e-11) << seed << " lambda " << fit.lambda;
      }
    }
  }
}

TEST(LinearElasticNet, MoreTermsThanRows) {
  const Columns columns = random_columns(7, 40, 120, 1);
  const std::vector<ElasticNetFit> path = whole_path(columns, true, 1);
  EXPECT_DOUBLE_EQ(path.back().lambda / path.front().lambda, 1e-2);
  EXPECT_EQ(path.front().nonzero, 0);
  for (const ElasticNetFit& fit : path) {
    EXPECT_TRUE(fit.converged);
    EXPECT_LE(fit.nonzero, 39);
    ASSERT_LE(violation(columns, true, fit, 1), 1e-11) << fit.lambda;
  }
}

// Copies, sums and a constant: the minimum is not unique, but each answer is one, and equal columns are not
// both used.
TEST(LinearElasticNet, CollinearColumns) {
  Columns columns = random_columns(3, 60, 6, 0);
  const std::size_t rows = 60;
  std::vector<double> copy = columns[1];
  std::vector<double> sum(rows);
  for (std::size_t r = 0; r < rows; ++r) sum[r] = 2 * columns[0][r] - columns[2][r] + 7;
  columns.insert(columns.begin() + 2, copy);
  columns.insert(columns.begin() + 4, sum);
  columns.insert(columns.begin() + 5, std::vector<double>(rows, 5.0));
  Columns distinct = columns;
  distinct.erase(distinct.begin() + 5);
  distinct.erase(distinct.begin() + 2);
  const std::vector<ElasticNetFit> path = whole_path(columns, true, 1);
  const std::vector<ElasticNetFit> expected = whole_path(distinct, true, 1);
  for (std::size_t k = 0; k < path.size(); ++k) {
    EXPECT_TRUE(path[k].converged) << k;
    ASSERT_LE(violation(columns, true, path[k], 1), 1e-11) << k;
    expect_near(objective(columns, path[k], 1), objective(distinct, expected[k], 1), 1e-13, "objective");
    EXPECT_EQ(path[k].estimates[2], 0) << "the copy, step " << k;
  }
  // With a ridge part the answer is unique and equal columns share alike.
  for (const ElasticNetFit& fit : whole_path(columns, true, 0.5)) {
    EXPECT_TRUE(fit.converged);
    ASSERT_LE(violation(columns, true, fit, 0.5), 1e-11);
    expect_near(fit.estimates[1], fit.estimates[2], 1e-10, "shares");
  }
}

// Columns that double precision cannot tell apart: powers of a year. The conditions hold, and at a vanishing
// penalty the lasso is least squares.
TEST(LinearElasticNet, IllConditioned) {
  const std::vector<double> years = kLongleyX6;
  Columns columns(4);
  for (std::size_t r = 0; r < years.size(); ++r) {
    for (std::size_t power = 1; power <= 3; ++power) {
      columns[power - 1].push_back(std::pow(years[r], static_cast<double>(power)));
    }
    columns.back().push_back(kLongleyY[r]);
  }
  const CrossProducts products = products_of(columns);
  NoPoll poll;
  const LeastSquares exact = solve_least_squares(products, {0, 1, 2}, 3, true, 0, poll);
  LinearElasticNet net(products, {0, 1, 2}, 3, true);
  const ElasticNetFit fit = net.fit(0, 1, poll);
  EXPECT_TRUE(fit.converged);
  for (std::size_t j = 0; j < 3; ++j) {
    expect_near(fit.estimates[j], exact.terms[j].estimate, 1e-9, "term " + std::to_string(j));
  }
  for (const ElasticNetFit& on_path : whole_path(columns, true, 1)) {
    EXPECT_TRUE(on_path.converged) << on_path.lambda;
  }
}

// Ridge by coordinate descent is the closed form, whose penalty is n lambda.
TEST(LinearElasticNet, RidgeIsTheClosedForm) {
  const Columns columns = prostate();
  const CrossProducts products = products_of(columns);
  NoPoll poll;
  LinearElasticNet net(products, terms_of(columns), 8, true);
  const ElasticNetFit fit = net.fit(0.25, 0, poll);
  const LeastSquares exact = solve_least_squares(products, terms_of(columns), 8, true, 0.25 * 97, poll);
  expect_near(fit.intercept, exact.intercept.estimate, 1e-13, "intercept");
  for (std::size_t j = 0; j < 8; ++j) expect_near(fit.estimates[j], exact.terms[j].estimate, 1e-13, "term");
  expect_near(squared_error(products, terms_of(columns), 8, fit), exact.rss, 1e-13, "rss");
}

TEST(LinearElasticNet, OrderOfRowsAndUnitsDoNotMatter) {
  Columns columns = random_columns(11, 500, 20, 3);
  const std::vector<ElasticNetFit> path = whole_path(columns, true, 0.8);
  Columns other = columns;
  for (std::vector<double>& column : other) std::reverse(column.begin(), column.end());
  const std::vector<ElasticNetFit> reversed = whole_path(other, true, 0.8);
  for (double& value : other[0]) value *= 0x1p900;
  for (double& value : other[1]) value *= 0x1p-900;
  const std::vector<ElasticNetFit> scaled = whole_path(other, true, 0.8);
  for (std::size_t k = 0; k < path.size(); ++k) {
    for (std::size_t j = 0; j < 20; ++j) {
      expect_near(reversed[k].estimates[j], path[k].estimates[j], 1e-14, "reversed");
      const double unit = j == 0 ? 0x1p900 : j == 1 ? 0x1p-900 : 1;
      expect_near(scaled[k].estimates[j] * unit, path[k].estimates[j], 1e-14, "scaled");
    }
  }
}

TEST(LinearElasticNet, NothingToFit) {
  const Columns flat_target = {{1, 2, 3}, {4, 4, 4}};
  const std::vector<ElasticNetFit> path = whole_path(flat_target, true, 1);
  ASSERT_EQ(path.size(), 1U);
  EXPECT_EQ(path[0].lambda, 0);
  EXPECT_EQ(path[0].intercept, 4);
  EXPECT_EQ(path[0].estimates[0], 0);
  const Columns flat_column = {{5, 5, 5}, {1, 2, 6}};
  EXPECT_EQ(whole_path(flat_column, true, 1).size(), 1U);
  // Without an intercept a constant is a column like others, but has no deviation to penalize.
  const std::vector<ElasticNetFit> origin = whole_path({{5, 5, 5}, {1, 2, 0}, {1, 2, 6}}, false, 1);
  EXPECT_EQ(origin.front().nonzero, 1);
  EXPECT_DOUBLE_EQ(origin.front().estimates[0], 0.6);
  const std::vector<ElasticNetFit> no_terms = whole_path({{1, 2, 6}}, true, 1);
  EXPECT_EQ(no_terms.front().intercept, 3);
  const CrossProducts one = products_of({{1, 2}, {3, 4}});
  NoPoll poll;
  EXPECT_THROW(cross_validate_linear({one, CrossProducts(2)}, {0}, 1, true, {1.0}, 1, poll), Error);
}

TEST(LinearElasticNet, EstimateOutOfRange) {
  const CrossProducts products = products_of({{1e-200, 2e-200, 4e-200}, {1e200, 3e200, 2e200}});
  NoPoll poll;
  LinearElasticNet net(products, {0}, 1, true);
  EXPECT_THROW(net.fit(net.greatest_lambda(1, poll) / 2, 1, poll), Error);
}

TEST(PenaltyPath, Choice) {
  const std::vector<double> path = penalty_path(8, 100, 3);
  ASSERT_EQ(path.size(), 100U);
  EXPECT_EQ(path.front(), 8);
  EXPECT_DOUBLE_EQ(path.back(), 8e-4);
  EXPECT_DOUBLE_EQ(penalty_path(8, 2, 3).back(), 8e-2);
  EXPECT_EQ(penalty_path(0, 2, 3), std::vector<double>{0});
  // Means 5, 3, 2, 2: the spread at the minimum is (0.25 * 9 + 0.75 * 1) / 1 = 3, its root 1.73.
  const CrossValidation choice = summarize_folds({{5, 3, 5, 5}, {5, 3, 1, 1}}, {1, 3});
  EXPECT_DOUBLE_EQ(choice.deviance[2], 2);
  EXPECT_EQ(choice.minimum, 2U);
  EXPECT_DOUBLE_EQ(choice.std_error[2], std::sqrt(3));
  EXPECT_EQ(choice.one_se, 1U);
}

}  // namespace
}  // namespace persona::test
