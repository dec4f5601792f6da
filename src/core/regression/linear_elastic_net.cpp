#include "core/regression/linear_elastic_net.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/base/error.h"
#include "core/regression/least_squares.h"
#include "core/regression/penalty_path.h"

namespace persona {
namespace {

using Index = Eigen::Index;

// About the mean, or without an intercept about zero.
DoubleDouble sum_of_products(const CrossProducts& products, int i, int j, bool intercept) {
  return intercept ? products.product(i, j) : products.raw_product(i, j);
}

DoubleDouble column_length(const CrossProducts& products, int j, bool intercept) {
  if (intercept && products.constant(j)) return 0.0;
  return sqrt(sum_of_products(products, j, j, intercept));
}

// Columns and target scaled to unit length.
QuadraticForm standardized_form(const CrossProducts& products, const std::vector<int>& terms, int target,
                                bool intercept, const std::vector<DoubleDouble>& lengths,
                                DoubleDouble target_length) {
  const auto size = static_cast<Index>(terms.size());
  QuadraticForm form;
  form.gram = form.gram_low = Matrix::Zero(size, size);
  form.linear = form.linear_low = form.factors = Vector::Zero(size);
  for (Index i = 0; i < size; ++i) {
    const int column = terms[static_cast<std::size_t>(i)];
    const DoubleDouble length = lengths[static_cast<std::size_t>(i)];
    if (!(length.hi > 0)) continue;
    for (Index j = 0; j <= i; ++j) {
      const DoubleDouble other = lengths[static_cast<std::size_t>(j)];
      if (!(other.hi > 0)) continue;
      const DoubleDouble entry =
          sum_of_products(products, column, terms[static_cast<std::size_t>(j)], intercept) / (length * other);
      form.gram(i, j) = form.gram(j, i) = entry.hi;
      form.gram_low(i, j) = form.gram_low(j, i) = entry.lo;
    }
    if (target_length.hi > 0) {
      const DoubleDouble entry =
          sum_of_products(products, column, target, intercept) / (length * target_length);
      form.linear(i) = entry.hi;
      form.linear_low(i) = entry.lo;
    }
    // The deviation in terms of the length over the root of the rows: one, beside an intercept.
    form.factors(i) = intercept                   ? 1.0
                      : products.constant(column) ? 0.0
                                                  : (sqrt(products.product(column, column)) / length).value();
  }
  return form;
}

}  // namespace

LinearElasticNet::LinearElasticNet(const CrossProducts& products, std::vector<int> terms, int target,
                                   bool intercept)
    : products_(&products),
      terms_(std::move(terms)),
      target_(target),
      intercept_(intercept),
      target_length_(column_length(products, target, intercept)),
      target_scale_(target_length_.value() / std::sqrt(products.weight().value())),
      net_(QuadraticForm()) {
  for (const int term : terms_) lengths_.push_back(column_length(products, term, intercept));
  net_ = ElasticNet(standardized_form(products, terms_, target, intercept, lengths_, target_length_));
}

double LinearElasticNet::greatest_lambda(double alpha, Poll& poll) {
  const double greatest = net_.greatest_l1(poll);
  return std::ldexp(greatest * target_scale_ / std::max(alpha, kLeastPathAlpha),
                    products_->exponent(target_));
}

// With columns and target of unit length, coefficients are b_j length_j / length_y, and the objective is
// divided by the target's mean square: lambda alpha becomes lambda alpha / scale, and lambda (1 - alpha)
// remains.
ElasticNetFit LinearElasticNet::fit(double lambda, double alpha, Poll& poll) {
  ElasticNetFit fit;
  fit.lambda = lambda;
  if (target_scale_ > 0) {
    const double l1 = std::ldexp(lambda, -products_->exponent(target_)) * alpha / target_scale_;
    fit.converged = net_.solve(l1, lambda * (1 - alpha), poll);
  } else {
    fit.converged = true;
  }
  fit.nonzero = net_.nonzero();
  const int unit = products_->exponent(target_);
  DoubleDouble at_zero = products_->mean(target_);
  for (std::size_t j = 0; j < terms_.size(); ++j) {
    double estimate = 0;
    const double b = net_.coefficients()(static_cast<Index>(j));
    if (b != 0) {
      const DoubleDouble slope = DoubleDouble(b) * target_length_ / lengths_[j];
      at_zero -= slope * products_->mean(terms_[j]);
      estimate = estimate_in_units(slope, unit - products_->exponent(terms_[j]));
    }
    fit.estimates.push_back(estimate);
  }
  if (intercept_) fit.intercept = estimate_in_units(at_zero, unit);
  return fit;
}

std::vector<ElasticNetFit> LinearElasticNet::fit_path(const std::vector<double>& lambdas, double alpha,
                                                      Poll& poll) {
  std::vector<ElasticNetFit> path;
  path.reserve(lambdas.size());
  for (const double lambda : lambdas) path.push_back(fit(lambda, alpha, poll));
  return path;
}

// y - b_0 - b'x about the means, plus what the means themselves miss.
double squared_error(const CrossProducts& products, const std::vector<int>& terms, int target,
                     const ElasticNetFit& fit) {
  const int unit = products.exponent(target);
  std::vector<std::pair<int, DoubleDouble>> slopes;  // in the units of the cross products
  DoubleDouble miss = products.mean(target) - DoubleDouble(std::ldexp(fit.intercept, -unit));
  for (std::size_t j = 0; j < terms.size(); ++j) {
    if (fit.estimates[j] == 0) continue;
    const DoubleDouble slope(std::ldexp(fit.estimates[j], products.exponent(terms[j]) - unit));
    miss -= slope * products.mean(terms[j]);
    slopes.emplace_back(terms[j], slope);
  }
  DoubleDouble error = products.product(target, target) + products.weight() * miss * miss;
  for (std::size_t j = 0; j < slopes.size(); ++j) {
    const auto& [column, slope] = slopes[j];
    DoubleDouble along = DoubleDouble(-2.0) * products.product(column, target);
    for (std::size_t i = 0; i < j; ++i) {
      along += DoubleDouble(2.0) * slopes[i].second * products.product(slopes[i].first, column);
    }
    error += slope * (along + slope * products.product(column, column));
  }
  return std::ldexp(std::max(error.value(), 0.0), 2 * unit + products.weight_exponent());
}

double squared_total(const CrossProducts& products, int target, bool intercept) {
  if (intercept && products.constant(target)) return 0;
  return std::ldexp(sum_of_products(products, target, target, intercept).value(),
                    2 * products.exponent(target) + products.weight_exponent());
}

CrossValidation cross_validate_linear(const std::vector<CrossProducts>& folds, const std::vector<int>& terms,
                                      int target, bool intercept, const std::vector<double>& lambdas,
                                      double alpha, Poll& poll) {
  std::vector<std::vector<double>> deviance;
  std::vector<double> rows;
  for (std::size_t held = 0; held < folds.size(); ++held) {
    if (folds[held].rows() == 0) continue;
    CrossProducts training(folds[held].columns());
    for (std::size_t f = 0; f < folds.size(); ++f) {
      poll.check();
      if (f != held) training.merge(folds[f]);
    }
    if (training.rows() == 0) throw_one_fold();
    rows.push_back(folds[held].total_weight());
    deviance.emplace_back();
    LinearElasticNet net(training, terms, target, intercept);
    for (const double lambda : lambdas) {
      const ElasticNetFit fit = net.fit(lambda, alpha, poll);
      deviance.back().push_back(squared_error(folds[held], terms, target, fit) / rows.back());
    }
  }
  return summarize_folds(deviance, rows);
}

ElasticNetModel fit_linear_elastic_net(const CrossProducts& products, const std::vector<CrossProducts>& folds,
                                       const std::vector<int>& terms, int target, bool intercept,
                                       const PenaltyOptions& options, Poll& poll) {
  const double alpha = options.alpha();
  LinearElasticNet net(products, terms, target, intercept);
  ElasticNetModel model;
  std::vector<double> lambdas;
  if (options.needs_path()) {
    lambdas =
        penalty_path(net.greatest_lambda(alpha, poll), static_cast<double>(products.rows()), terms.size());
    model.path = net.fit_path(lambdas, alpha, poll);
  }
  if (options.folds > 0) {
    model.folds = cross_validate_linear(folds, terms, target, intercept, lambdas, alpha, poll);
    model.serve_choice(options);
  } else if (options.penalizes()) {
    model.served = net.fit(options.lambda(products.total_weight()), alpha, poll);
  }
  return model;
}

}  // namespace persona
