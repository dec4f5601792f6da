#include "core/regression/least_squares.h"

#include <cmath>
#include <limits>
#include <utility>

#include "core/base/eigen.h"
#include "core/base/error.h"

namespace persona {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// Eigenvalues of more columns than this take longer than a cancelled query may go on.
constexpr int kMaxConditioned = 250;

// The smallest eigenvalue from this part of the largest on has ten digits.
constexpr double kWellDetermined = 1e-5;

// The normal equations of columns scaled to unit length: centered with an intercept, else about zero.
class Scaled {
 public:
  Scaled(const CrossProducts& products, const std::vector<int>& terms, bool intercept)
      : products_(products), terms_(terms), intercept_(intercept), lengths_(terms.size()) {
    for (std::size_t j = 0; j < terms.size(); ++j) {
      if (intercept && products.constant(terms[j])) continue;
      lengths_[j] = sqrt(sum_of_products(terms[j], terms[j]));
    }
  }

  DoubleDouble sum_of_products(int i, int j) const {
    return intercept_ ? products_.product(i, j) : products_.raw_product(i, j);
  }

  /// Zero for a column that is all zero, or constant beside an intercept.
  DoubleDouble length(std::size_t j) const { return lengths_[j]; }

  PackedMatrix matrix(double l2) const {
    PackedMatrix matrix;
    matrix.reserve(terms_.size() * (terms_.size() + 1) / 2);
    for (std::size_t i = 0; i < terms_.size(); ++i) {
      for (std::size_t j = 0; j <= i; ++j) {
        const bool zero = !(lengths_[i].hi > 0) || !(lengths_[j].hi > 0);
        matrix.push_back(zero ? DoubleDouble()
                              : sum_of_products(terms_[i], terms_[j]) / (lengths_[i] * lengths_[j]));
      }
      if (lengths_[i].hi > 0 && l2 > 0) {
        // (sd_j b_j)^2 in terms of the scaled coefficient length_j b_j.
        const DoubleDouble variance = products_.product(terms_[i], terms_[i]) / products_.weight();
        matrix.back() += DoubleDouble(l2) * variance / (lengths_[i] * lengths_[i]);
      }
    }
    return matrix;
  }

  std::vector<DoubleDouble> with_target(int target) const {
    std::vector<DoubleDouble> column(terms_.size());
    for (std::size_t j = 0; j < terms_.size(); ++j) {
      if (lengths_[j].hi > 0) column[j] = sum_of_products(terms_[j], target) / lengths_[j];
    }
    return column;
  }

 private:
  const CrossProducts& products_;
  const std::vector<int>& terms_;
  bool intercept_;
  std::vector<DoubleDouble> lengths_;
};

// sqrt(largest eigenvalue of A times that of A^-1), which is well determined where the smallest of A is not.
// An aliased column's row of zeros makes the smallest zero.
double condition_number(const PackedMatrix& matrix, const PackedMatrix& inverse_factor, int size) {
  if (size == 0 || size > kMaxConditioned) return kNan;
  Matrix a = Matrix::Zero(size, size);
  Matrix w = Matrix::Zero(size, size);
  std::size_t next = 0;
  for (int i = 0; i < size; ++i) {
    for (int j = 0; j <= i; ++j, ++next) {
      w(i, j) = inverse_factor[next].value();
      a(i, j) = matrix[next].value();
    }
    if (w(i, i) != 0) continue;  // aliased
    a.row(i).setZero();
  }
  for (int j = 0; j < size; ++j) {
    if (w(j, j) == 0) a.col(j).setZero();
  }
  const Eigen::SelfAdjointEigenSolver<Matrix> of_a(a, Eigen::EigenvaluesOnly);
  const double largest = of_a.eigenvalues()(size - 1);
  const double smallest = of_a.eigenvalues()(0);
  if (smallest > kWellDetermined * largest) return std::sqrt(largest / smallest);
  const Matrix inverse = w.transpose() * w;
  const Eigen::SelfAdjointEigenSolver<Matrix> of_inverse(inverse, Eigen::EigenvaluesOnly);
  return std::sqrt(largest * of_inverse.eigenvalues()(size - 1));
}

}  // namespace

double estimate_in_units(DoubleDouble value, int exponent) {
  const double result = std::ldexp(value.value(), exponent);
  if (!std::isfinite(result)) {
    throw Error(sqlstate::kNumericOutOfRange, "an estimate is out of range",
                "The target's values are too large beside those of a feature.",
                "Divide the target or multiply the feature by a power of ten in the source.");
  }
  return result;
}

namespace {

// The diagonal of the inverse of L L'.
std::vector<DoubleDouble> inverse_diagonal(const PackedMatrix& inverse_factor, std::size_t size) {
  std::vector<DoubleDouble> diagonal(size);
  std::size_t next = 0;
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t j = 0; j <= i; ++j, ++next) diagonal[j] += inverse_factor[next] * inverse_factor[next];
  }
  return diagonal;
}

std::vector<bool> dependent_terms(const Cholesky& cholesky) {
  std::vector<bool> dependent;
  dependent.reserve(static_cast<std::size_t>(cholesky.size()));
  for (int j = 0; j < cholesky.size(); ++j) dependent.push_back(cholesky.dependent(j));
  return dependent;
}

}  // namespace

std::vector<bool> find_aliased(const CrossProducts& products, const std::vector<int>& terms, bool intercept,
                               double tolerance, Poll& poll) {
  const int size = static_cast<int>(terms.size());
  return dependent_terms(Cholesky(Scaled(products, terms, intercept).matrix(0), size, tolerance, poll));
}

Collinearity find_collinearity(const CrossProducts& products, const std::vector<int>& terms, bool intercept,
                               double tolerance, Poll& poll) {
  const int size = static_cast<int>(terms.size());
  const PackedMatrix matrix = Scaled(products, terms, intercept).matrix(0);
  const Cholesky cholesky(matrix, size, tolerance, poll);
  const PackedMatrix inverse_factor = cholesky.inverse_factor(poll);
  Collinearity result;
  result.aliased = dependent_terms(cholesky);
  for (const DoubleDouble& variance : inverse_diagonal(inverse_factor, terms.size())) {
    result.inflation.push_back(variance.value());
  }
  result.condition_number = condition_number(matrix, inverse_factor, size);
  return result;
}

namespace {

// With the Gram matrix of the standardized columns diag(weight, L L'), the estimate v'theta is v' Gram^-1
// times the sum over rows of w z y.
void add_influences(const CrossProducts& products, const Cholesky& cholesky,
                    const std::vector<DoubleDouble>& relative_mean, bool intercept, LeastSquares* fit) {
  const auto influence = [&](double constant, std::vector<DoubleDouble> v) {
    std::vector<double> result;
    if (intercept) result.push_back(constant / products.weight().value());
    v = cholesky.backward_solve(cholesky.forward_solve(std::move(v)));
    for (std::size_t j = 0; j < v.size(); ++j) {
      if (!fit->terms[j].aliased) result.push_back(v[j].value());
    }
    return result;
  };
  for (std::size_t j = 0; j < fit->terms.size(); ++j) {
    if (fit->terms[j].aliased) continue;
    std::vector<DoubleDouble> v(fit->terms.size());
    v[j] = 1.0;
    fit->terms[j].influence = influence(0, std::move(v));
    for (double& x : fit->terms[j].influence) x /= fit->scales[j];
  }
  if (!intercept) return;
  std::vector<DoubleDouble> v = relative_mean;
  for (DoubleDouble& x : v) x = -x;
  fit->intercept.influence = influence(1, std::move(v));
}

}  // namespace

LeastSquares solve_least_squares(const CrossProducts& products, const std::vector<int>& terms, int target,
                                 bool intercept, double l2, Poll& poll, bool influences) {
  const int size = static_cast<int>(terms.size());
  const DoubleDouble weight = products.weight();
  const int weight_unit = products.weight_exponent();
  l2 = std::ldexp(l2, -weight_unit);
  const Scaled scaled(products, terms, intercept);
  const PackedMatrix matrix = scaled.matrix(l2);
  const Cholesky cholesky(matrix, size, kAliasTolerance, poll);
  const std::vector<DoubleDouble> with_target = scaled.with_target(target);
  const std::vector<DoubleDouble> half = cholesky.forward_solve(with_target);
  std::vector<DoubleDouble> solution = cholesky.backward_solve(half);
  const PackedMatrix inverse_factor = cholesky.inverse_factor(poll);

  LeastSquares fit;
  fit.rank = cholesky.rank() + (intercept ? 1 : 0);
  fit.residual_df = static_cast<double>(products.rows()) - fit.rank;
  fit.condition_number = condition_number(matrix, inverse_factor, size);

  // Residual sum of squares, in the target's unit: total - |L^-1 X'y|^2 without a penalty; with one,
  // total - b'(X'y) - l2 * penalty, since RSS = total - 2 b'X'y + b'X'X b and (X'X + P) b = X'y.
  const bool flat = intercept && products.constant(target);
  const DoubleDouble total = flat ? DoubleDouble() : scaled.sum_of_products(target, target);
  DoubleDouble rss = total;
  for (std::size_t j = 0; j < terms.size(); ++j) {
    rss -= half[j] * half[j];
    if (l2 > 0 && scaled.length(j).hi > 0) {
      const DoubleDouble b = solution[j] / scaled.length(j);
      rss -= DoubleDouble(l2) * b * b * products.product(terms[j], terms[j]) / weight;
    }
  }
  const int unit = products.exponent(target);
  fit.exact = !(rss.hi > kAliasTolerance * total.hi);
  if (fit.exact) rss = 0.0;
  fit.rss = std::ldexp(rss.value(), 2 * unit + weight_unit);
  fit.log_rss = std::log(rss.value()) + (2 * unit + weight_unit) * std::log(2.0);
  fit.explained = total.hi > 0 ? ((total - rss) / total).value() : kNan;
  fit.ratio = fit.exact ? 0 : ((total - rss) / rss).value();
  fit.has_std_errors = fit.residual_df > 0 && !(l2 > 0);
  const double sigma = fit.residual_df > 0 ? std::sqrt(rss.value() / fit.residual_df) : 0;
  fit.sigma = std::ldexp(sigma, unit + weight_unit / 2);  // the unit of weights is even

  // Variances from the columns of L^-1; the intercept's is 1 / weight + |L^-1 (mean / length)|^2. Sigma and
  // lengths are both in units of the weights.
  const std::vector<DoubleDouble> variance = inverse_diagonal(inverse_factor, terms.size());
  std::vector<DoubleDouble> relative_mean(terms.size());
  DoubleDouble at_zero = products.mean(target);
  for (std::size_t j = 0; j < terms.size(); ++j) {
    LeastSquaresTerm term;
    term.aliased = cholesky.dependent(static_cast<int>(j));
    fit.centers.push_back(intercept ? products.mean_value(terms[j]) : 0);
    fit.scales.push_back(std::ldexp(scaled.length(j).value(), products.exponent(terms[j])));
    if (!term.aliased) {
      const DoubleDouble length = scaled.length(j);
      const int exponent = unit - products.exponent(terms[j]);
      term.estimate = estimate_in_units(solution[j] / length, exponent);
      term.std_error = estimate_in_units(sqrt(variance[j]) / length * DoubleDouble(sigma), exponent);
      term.inflation = variance[j].value();
      relative_mean[j] = products.mean(terms[j]) / length;
      at_zero -= relative_mean[j] * solution[j];
    }
    fit.terms.push_back(std::move(term));
  }
  fit.target_mean = intercept ? products.mean_value(target) : 0;
  if (intercept) {
    DoubleDouble intercept_variance = DoubleDouble(1.0) / weight;
    for (const DoubleDouble& part : cholesky.forward_solve(relative_mean)) {
      intercept_variance += part * part;
    }
    fit.intercept.estimate = estimate_in_units(at_zero, unit);
    fit.intercept.std_error = estimate_in_units(sqrt(intercept_variance) * DoubleDouble(sigma), unit);
  }
  if (influences) add_influences(products, cholesky, relative_mean, intercept, &fit);
  return fit;
}

}  // namespace persona
