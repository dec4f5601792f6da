#include "core/regression/likelihood_elastic_net.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace persona {
namespace {

using Index = Eigen::Index;

constexpr int kMostHalvings = 30;
// A step with an old Hessian that leaves more than this share of the violation makes the next ask for a new
// one.
constexpr double kGoodStep = 0.02;
// A penalty that no coefficient stands.
constexpr double kProhibitive = 1e300;

Vector penalized_factors(Vector factors) {
  for (double& factor : factors) {
    if (!std::isfinite(factor)) factor = 0;
  }
  return factors;
}

double sign(double x) { return x > 0 ? 1.0 : x < 0 ? -1.0 : 0.0; }

}  // namespace

LikelihoodElasticNet::LikelihoodElasticNet(Likelihood& likelihood, const Vector& factors,
                                           const LikelihoodNetOptions& options)
    : likelihood_(&likelihood),
      options_(options),
      factors_(penalized_factors(factors)),
      theta_(Vector::Zero(factors.size())),
      net_(QuadraticForm()) {
  for (const double factor : factors) excluded_.push_back(!std::isfinite(factor));
}

void LikelihoodElasticNet::evaluate(Vector theta, Derivatives derivatives, Poll& poll) {
  theta_ = std::move(theta);
  at_ = likelihood_->evaluate(theta_, derivatives, poll);
  at_.gradient /= likelihood_->rows();
  is_fresh_ = derivatives == Derivatives::both;
  if (is_fresh_) hessian_ = at_.hessian / likelihood_->rows();
}

double LikelihoodElasticNet::objective(double l1, double l2) const {
  const Vector penalized = factors_.cwiseProduct(theta_);
  return -at_.objective / likelihood_->rows() + l1 * penalized.lpNorm<1>() + l2 / 2 * penalized.squaredNorm();
}

double LikelihoodElasticNet::violation(double l1, double l2) const {
  double worst = 0;
  for (Index j = 0; j < theta_.size(); ++j) {
    if (excluded_[static_cast<std::size_t>(j)]) continue;
    const double threshold = l1 * factors_(j);
    const double off = theta_(j) == 0 ? std::fabs(at_.gradient(j)) - threshold
                                      : std::fabs(at_.gradient(j) - sign(theta_(j)) * threshold -
                                                  l2 * factors_(j) * factors_(j) * theta_(j));
    worst = std::max(worst, off);
  }
  return worst * likelihood_->rows() / likelihood_->gradient_scale();
}

// To the minimum of the quadratic, or part of the way where the objective would rise. False when nothing
// lowers it.
bool LikelihoodElasticNet::step(double l1, double l2, Derivatives derivatives, Poll& poll) {
  QuadraticForm form;
  form.gram = hessian_;
  form.linear = hessian_ * theta_ + at_.gradient;
  form.factors = factors_;
  for (Index j = 0; j < theta_.size(); ++j) {
    if (!excluded_[static_cast<std::size_t>(j)]) continue;
    form.gram.row(j).setZero();
    form.gram.col(j).setZero();
    form.linear(j) = 0;
  }
  net_.set_problem(std::move(form), theta_);
  net_.solve(l1, l2, poll);
  const Vector from = theta_;
  const Vector direction = net_.coefficients() - from;
  const double before = objective(l1, l2);
  // Near the minimum rounding decides which of two values is smaller.
  const double slack = 1e-12 * (std::fabs(before) + 1);
  double length = 1;
  for (int halving = 0; halving <= kMostHalvings; ++halving, length /= 2) {
    evaluate(halving == 0 ? net_.coefficients() : Vector(from + length * direction), derivatives, poll);
    if (objective(l1, l2) <= before + slack) return true;
  }
  evaluate(from, Derivatives::both, poll);
  return false;
}

// A pass for the gradient alone takes half of the time of one for the Hessian too, and near the minimum the
// Hessian of the step before is as good. The first step at a new penalty is long enough to ask for a new one.
bool LikelihoodElasticNet::minimize(double l1, double l2, int& iterations, Poll& poll) {
  if (hessian_.size() == 0) evaluate(theta_, Derivatives::both, poll);
  double violated = violation(l1, l2);
  Derivatives next = Derivatives::both;
  for (iterations = 0; violated > options_.tolerance; ++iterations) {
    if (iterations == options_.max_iterations) return false;
    const bool was_fresh = is_fresh_;
    if (!step(l1, l2, next, poll) && was_fresh) return false;
    const double left = violation(l1, l2);
    next = left > kGoodStep * violated && !is_fresh_ ? Derivatives::both : Derivatives::gradient;
    violated = left;
  }
  return true;
}

double LikelihoodElasticNet::greatest_lambda(double alpha, Poll& poll) {
  int iterations = 0;
  minimize(kProhibitive, 0, iterations, poll);
  double greatest = 0;
  for (Index j = 0; j < theta_.size(); ++j) {
    if (!excluded_[static_cast<std::size_t>(j)] && factors_(j) > 0) {
      greatest = std::max(greatest, std::fabs(at_.gradient(j)) / factors_(j));
    }
  }
  return greatest / std::max(alpha, kLeastPathAlpha);
}

LikelihoodNetFit LikelihoodElasticNet::fit(double lambda, double alpha, Poll& poll) {
  LikelihoodNetFit fit;
  fit.lambda = lambda;
  fit.converged = minimize(lambda * alpha, lambda * (1 - alpha), fit.iterations, poll);
  fit.theta = theta_;
  fit.log_likelihood = at_.log_likelihood;
  for (Index j = 0; j < theta_.size(); ++j) {
    if (factors_(j) > 0 && theta_(j) != 0) ++fit.nonzero;
  }
  return fit;
}

std::vector<LikelihoodNetFit> LikelihoodElasticNet::fit_path(const std::vector<double>& lambdas, double alpha,
                                                             Poll& poll, const std::string& what) {
  std::vector<LikelihoodNetFit> path;
  path.reserve(lambdas.size());
  for (const double lambda : lambdas) {
    path.push_back(fit(lambda, alpha, poll));
    poll.progress(what + "penalty " + std::to_string(path.size()) + " of " + std::to_string(lambdas.size()) +
                  ": " + std::to_string(path.back().nonzero) + " terms");
  }
  return path;
}

CrossValidation cross_validate_likelihood(const std::vector<LikelihoodFold>& folds,
                                          const std::vector<double>& lambdas, double alpha,
                                          const LikelihoodNetOptions& options, Poll& poll) {
  if (folds.size() < 2) throw_one_fold();
  std::vector<std::vector<double>> deviance;
  std::vector<double> rows;
  for (const LikelihoodFold& fold : folds) {
    LikelihoodElasticNet net(*fold.training, fold.factors, options);
    rows.push_back(fold.held->rows());
    const std::string what =
        "fold " + std::to_string(rows.size()) + " of " + std::to_string(folds.size()) + ", ";
    deviance.emplace_back();
    for (const LikelihoodNetFit& fit : net.fit_path(lambdas, alpha, poll, what)) {
      const double log_likelihood =
          fold.held->evaluate(fit.theta, Derivatives::gradient, poll).log_likelihood;
      deviance.back().push_back(2 * (fold.saturated - log_likelihood) / rows.back());
    }
  }
  return summarize_folds(deviance, rows);
}

}  // namespace persona
