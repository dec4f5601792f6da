// The elastic net of logistic and Poisson regression against glmnet run to its last digits, and against the
// conditions that any minimum fulfills. The likelihoods here are as plain as the textbook has them.
#include "core/regression/likelihood_elastic_net.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/error.h"
#include "core/base/random.h"
#include "elastic_net_support.h"
#include "glmnet_values.h"
#include "regression_data.h"

namespace persona::test {
namespace {

using Columns = std::vector<std::vector<double>>;

// The last column is the target. Columns are standardized by those of `all`; the first coefficient is the
// intercept.
class PlainLikelihood final : public Likelihood {
 public:
  PlainLikelihood(Columns rows, const Columns& all, bool counts)
      : z_(std::move(rows)), y_(z_.back()), counts_(counts) {
    z_.pop_back();
    for (std::size_t j = 0; j < z_.size(); ++j) {
      const double center = mean_of(all[j]);
      const double scale = deviation_of(all[j]);
      for (double& value : z_[j]) value = scale > 0 ? (value - center) / scale : 0;
    }
    z_.insert(z_.begin(), std::vector<double>(y_.size(), 1.0));
  }

  int size() const noexcept override { return static_cast<int>(z_.size()); }
  double rows() const noexcept override { return static_cast<double>(y_.size()); }

  LikelihoodEvaluation evaluate(const Vector& theta, Derivatives derivatives, Poll& poll) override {
    poll.check();
    ++passes;
    LikelihoodEvaluation at;
    at.gradient = Vector::Zero(size());
    if (derivatives == Derivatives::both) at.hessian = Matrix::Zero(size(), size());
    Vector z(size());
    for (std::size_t r = 0; r < y_.size(); ++r) {
      for (std::size_t j = 0; j < z_.size(); ++j) z(static_cast<Eigen::Index>(j)) = z_[j][r];
      const double eta = z.dot(theta);
      const double mean = counts_ ? std::exp(eta) : 1 / (1 + std::exp(-eta));
      at.log_likelihood += y_[r] * eta - (counts_ ? mean : std::log1p(std::exp(eta)));
      at.gradient += (y_[r] - mean) * z;
      if (derivatives == Derivatives::both)
        at.hessian += (counts_ ? mean : mean * (1 - mean)) * z * z.transpose();
    }
    at.objective = at.log_likelihood;
    return at;
  }

  // The log likelihood with a parameter for each row.
  double saturated() const {
    double sum = 0;
    for (const double y : y_) sum += counts_ && y > 0 ? y * std::log(y) - y : 0;
    return sum;
  }

  int passes = 0;

 private:
  Columns z_;
  std::vector<double> y_;
  bool counts_;
};

Columns births() {
  std::vector<double> white;
  for (const double race : kBirthRace) white.push_back(race == 1 ? 1 : 0);
  return {kBirthAge, kBirthLwt, white, kBirthSmoke, kBirthPtl, kBirthHt, kBirthUi, kBirthFtv, kBirthLow};
}

// Visits to the physician by all that precedes them.
Columns visits() {
  Columns columns = births();
  columns.pop_back();
  return columns;
}

Vector factors_for(const Columns& columns) {
  Vector factors = Vector::Ones(static_cast<Eigen::Index>(columns.size()));
  factors(0) = 0;
  return factors;
}

std::vector<LikelihoodNetFit> whole_path(PlainLikelihood& likelihood, const Columns& columns, double alpha) {
  NoPoll poll;
  LikelihoodElasticNet net(likelihood, factors_for(columns), {});
  return net.fit_path(penalty_path(net.greatest_lambda(alpha, poll), likelihood.rows(), columns.size() - 1),
                      alpha, poll);
}

void expect_near(double got, double want, double relative, const std::string& what) {
  EXPECT_LE(std::fabs(got - want), relative * std::fabs(want) + 1e-12)
      << what << ": " << got << ", want " << want;
}

void expect_path(const std::vector<LikelihoodNetFit>& path, const Columns& columns, const Columns& expected) {
  ASSERT_EQ(path.size(), 100U);
  for (std::size_t k = 0; k < expected.size(); ++k) {
    const LikelihoodNetFit& fit = path[11 * k];
    const std::string place = "step " + std::to_string(11 * k);
    EXPECT_TRUE(fit.converged) << place;
    expect_near(fit.lambda, expected[k][0], 1e-10, place + " lambda");
    double intercept = fit.theta(0);
    for (std::size_t j = 0; j + 1 < columns.size(); ++j) {
      const double estimate = fit.theta(static_cast<Eigen::Index>(j) + 1) / deviation_of(columns[j]);
      intercept -= estimate * mean_of(columns[j]);
      EXPECT_EQ(estimate == 0, expected[k][j + 2] == 0) << place << " term " << j;
      expect_near(estimate, expected[k][j + 2], 1e-8, place + " term " + std::to_string(j));
    }
    EXPECT_NEAR(intercept, expected[k][1], 1e-8) << place;  // a difference of greater numbers
  }
}

TEST(LikelihoodElasticNet, LogisticPathOfBirthsIsGlmnets) {
  const Columns columns = births();
  PlainLikelihood likelihood(columns, columns, false);
  expect_path(whole_path(likelihood, columns, 0.7), columns, kBinomialPath);
  // A path is paid for in passes over the rows.
  EXPECT_LT(likelihood.passes, 240);
}

TEST(LikelihoodElasticNet, PoissonPathOfVisitsIsGlmnets) {
  const Columns columns = visits();
  PlainLikelihood likelihood(columns, columns, true);
  expect_path(whole_path(likelihood, columns, 0.7), columns, kPoissonPath);
  EXPECT_LT(likelihood.passes, 240);
}

CrossValidation choose(const Columns& columns, bool counts, std::vector<double>& lambdas) {
  PlainLikelihood all(columns, columns, counts);
  for (const LikelihoodNetFit& fit : whole_path(all, columns, 0.7)) lambdas.push_back(fit.lambda);
  std::vector<PlainLikelihood> held_out;
  std::vector<PlainLikelihood> training;
  std::vector<Vector> factors;
  for (std::size_t f = 0; f < 5; ++f) {
    Columns held(columns.size());
    Columns others(columns.size());
    for (std::size_t r = 0; r < columns.front().size(); ++r) {
      for (std::size_t j = 0; j < columns.size(); ++j)
        (r % 5 == f ? held : others)[j].push_back(columns[j][r]);
    }
    held_out.emplace_back(held, columns, counts);
    training.emplace_back(others, columns, counts);
    factors.push_back(factors_for(columns));
    for (std::size_t j = 0; j + 1 < columns.size(); ++j) {
      factors.back()(static_cast<Eigen::Index>(j) + 1) = deviation_of(others[j]) / deviation_of(columns[j]);
    }
  }
  std::vector<LikelihoodFold> folds;
  for (std::size_t f = 0; f < 5; ++f) {
    folds.push_back({&training[f], factors[f], &held_out[f], held_out[f].saturated()});
  }
  NoPoll poll;
  return cross_validate_likelihood(folds, lambdas, 0.7, {}, poll);
}

void expect_choice(const CrossValidation& choice, const std::vector<double>& lambdas,
                   const std::vector<double>& expected) {
  expect_near(lambdas[choice.minimum], expected[0], 1e-10, "lambda.min");
  expect_near(lambdas[choice.one_se], expected[1], 1e-10, "lambda.1se");
  expect_near(choice.deviance[choice.minimum], expected[2], 1e-9, "cvm");
  expect_near(choice.std_error[choice.minimum], expected[3], 1e-7, "cvsd");
}

TEST(LikelihoodElasticNet, CrossValidationIsGlmnets) {
  std::vector<double> lambdas;
  expect_choice(choose(births(), false, lambdas), lambdas, kBinomialChoice);
  lambdas.clear();
  expect_choice(choose(visits(), true, lambdas), lambdas, kPoissonChoice);
}

// Classes that a column separates: without a penalty there is no maximum, with one there is.
TEST(LikelihoodElasticNet, SeparatedClasses) {
  const Columns columns = {{1, 2, 3, 4, 5, 6, 7, 8}, {2, 1, 2, 1, 3, 1, 2, 3}, {0, 0, 0, 0, 1, 1, 1, 1}};
  PlainLikelihood likelihood(columns, columns, false);
  double last = 0;
  for (const LikelihoodNetFit& fit : whole_path(likelihood, columns, 1)) {
    EXPECT_TRUE(fit.converged) << fit.lambda;
    EXPECT_GE(fit.theta(1), last);
    last = fit.theta(1);
  }
  EXPECT_GT(last, 5);
}

TEST(LikelihoodElasticNet, CollinearAndExcludedColumns) {
  Random random(5);
  Columns columns(6, std::vector<double>(200));
  for (std::size_t r = 0; r < 200; ++r) {
    for (std::size_t j = 0; j < 4; ++j) columns[j][r] = random.normal();
    columns[2][r] = columns[0][r];
    columns[4][r] = 3;
    columns[5][r] = random.uniform() < 1 / (1 + std::exp(-columns[0][r] + columns[1][r])) ? 1 : 0;
  }
  PlainLikelihood likelihood(columns, columns, false);
  Vector factors = factors_for(columns);
  factors(2) = 2;
  factors(5) = std::numeric_limits<double>::infinity();
  NoPoll poll;
  LikelihoodElasticNet net(likelihood, factors, {});
  for (const double lambda : penalty_path(net.greatest_lambda(1, poll), 200, 5)) {
    const LikelihoodNetFit fit = net.fit(lambda, 1, poll);
    EXPECT_TRUE(fit.converged) << lambda;
    EXPECT_TRUE(fit.theta(1) == 0 || fit.theta(3) == 0);
    EXPECT_EQ(fit.theta(5), 0);
    // The conditions, from the likelihood itself.
    const Vector gradient = likelihood.evaluate(fit.theta, Derivatives::gradient, poll).gradient / 200;
    EXPECT_LE(std::fabs(gradient(0)), 1e-9);
    for (Eigen::Index j = 1; j < 5; ++j) {
      const double threshold = lambda * factors(j);
      if (fit.theta(j) == 0) {
        EXPECT_LE(std::fabs(gradient(j)), threshold + 1e-9) << j;
      } else {
        EXPECT_NEAR(gradient(j), std::copysign(threshold, fit.theta(j)), 1e-9) << j;
      }
    }
  }
}

TEST(LikelihoodElasticNet, TooFewIterationsIsNoConvergence) {
  const Columns columns = births();
  PlainLikelihood likelihood(columns, columns, false);
  NoPoll poll;
  LikelihoodNetOptions options;
  options.max_iterations = 1;
  LikelihoodElasticNet net(likelihood, factors_for(columns), options);
  EXPECT_FALSE(net.fit(1e-3, 1, poll).converged);
  EXPECT_THROW(
      cross_validate_likelihood({{&likelihood, factors_for(columns), &likelihood, 0}}, {1.0}, 1, {}, poll),
      Error);
}

}  // namespace
}  // namespace persona::test
