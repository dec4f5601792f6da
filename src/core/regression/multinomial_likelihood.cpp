#include "core/regression/multinomial_likelihood.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace persona {

MultinomialLikelihood::MultinomialLikelihood(const RowCache& cache, GlmRows rows,
                                             std::vector<int> rank_of_code, std::vector<ModelColumn> columns,
                                             double l2, std::size_t stride, const GlmKernel& kernel)
    : cache_(&cache),
      rows_(std::move(rows)),
      rank_of_code_(std::move(rank_of_code)),
      classes_(static_cast<int>(rank_of_code_.size())),
      l2_(l2),
      stride_(stride),
      share_(share_of_blocks(cache, stride)),
      matrix_(std::move(columns), kernel),
      class_(kGlmRows),
      weight_(kGlmRows) {
  for (std::vector<double>* values : {&probability_, &rest_, &score_}) {
    values->resize(rank_of_code_.size() * kGlmRows);
  }
}

void MultinomialLikelihood::fill(const RowCache::Block& block) {
  matrix_.fill(block);
  const double* codes = block.number(rows_.target);
  for (int r = 0; r < block.rows; ++r) {
    class_[static_cast<std::size_t>(r)] = rank_of_code_[static_cast<std::size_t>(codes[r])];
  }
  fill_weights(rows_, block, matrix_.padded_rows(), weight_.data());
}

// Probabilities and scores of the block's rows. Exponents are taken less the greatest, so that none
// overflows; the probability of all other classes is a sum, so that it keeps its digits when it is small.
void MultinomialLikelihood::predict(const std::vector<double>& coefficients, Extremes& extremes) {
  const int rows = matrix_.rows();
  const int padded = matrix_.padded_rows();
  const auto count = static_cast<std::size_t>(matrix_.count());
  const auto stride = static_cast<std::size_t>(padded_columns(matrix_.count()));
  std::vector<double> greatest(kGlmRows);  // of the linear predictors; the reference's is 0
  std::vector<double> own(kGlmRows);       // of a row's class
  std::vector<double> other(kGlmRows, -std::numeric_limits<double>::infinity());
  std::fill_n(of_class(probability_, 0), padded, 0.0);
  for (int k = 1; k < classes_; ++k) {
    matrix_.kernel().predict(matrix_.pointers(), static_cast<int>(count), padded,
                             &coefficients[static_cast<std::size_t>(k - 1) * stride],
                             of_class(probability_, k));
  }
  for (int k = 0; k < classes_; ++k) {
    const double* eta = of_class(probability_, k);
    for (std::size_t r = 0; r < static_cast<std::size_t>(rows); ++r) {
      greatest[r] = std::max(greatest[r], eta[r]);
      extremes.greatest_eta = std::max(extremes.greatest_eta, std::fabs(eta[r]));
      if (class_[r] == k) {
        own[r] = eta[r];
      } else {
        other[r] = std::max(other[r], eta[r]);
      }
    }
  }
  std::vector<double> sum(kGlmRows);
  for (int k = 0; k < classes_; ++k) {
    double* values = of_class(probability_, k);
    for (std::size_t r = 0; r < static_cast<std::size_t>(padded); ++r) values[r] -= greatest[r];
    matrix_.kernel().exponentials(values, padded, values);
    for (std::size_t r = 0; r < static_cast<std::size_t>(padded); ++r) sum[r] += values[r];
  }
  for (std::size_t r = 0; r < static_cast<std::size_t>(rows); ++r) {
    extremes.log_likelihood += weight_[r] * (own[r] - greatest[r] - std::log(sum[r]));
    extremes.least_margin = std::min(extremes.least_margin, own[r] - other[r]);
  }
  for (int k = 0; k < classes_; ++k) {
    double* rest = of_class(rest_, k);
    std::fill_n(rest, padded, 0.0);
    for (int l = 0; l < classes_; ++l) {
      const double* others = of_class(probability_, l);
      for (int r = 0; r < padded && l != k; ++r) rest[r] += others[r];
    }
  }
  for (int k = 0; k < classes_; ++k) {
    double* values = of_class(probability_, k);
    double* rest = of_class(rest_, k);
    double* score = of_class(score_, k);
    for (std::size_t r = 0; r < static_cast<std::size_t>(padded); ++r) {
      values[r] /= sum[r];
      rest[r] /= sum[r];
      score[r] = weight_[r] * (class_[r] == k ? rest[r] : -values[r]);
    }
  }
}

// The block of classes k and l is X' w P(k) ((k == l) - P(l)) X.
void MultinomialLikelihood::add_hessian(std::vector<double>& hessian, Poll& poll) {
  const int count = matrix_.count();
  const auto padded = static_cast<std::size_t>(matrix_.padded_rows());
  alignas(32) double weight[kGlmRows];
  double* products = hessian.data();
  for (int l = 1; l < classes_; ++l) {
    poll.check();
    for (int k = 1; k <= l; ++k) {
      const double* left = of_class(probability_, k);
      const double* right = k == l ? of_class(rest_, k) : of_class(probability_, l);
      const double sign = k == l ? 1 : -1;
      for (std::size_t r = 0; r < padded; ++r) weight[r] = sign * weight_[r] * left[r] * right[r];
      matrix_.kernel().add_hessian(matrix_.pointers(), count, matrix_.padded_rows(), weight, products);
      products += count * (count + 1) / 2;
    }
  }
}

Matrix MultinomialLikelihood::unpack(const std::vector<double>& hessian) const {
  const int count = matrix_.count();
  const auto length = static_cast<std::ptrdiff_t>(count * (count + 1) / 2);
  Matrix result(size(), size());
  auto next = hessian.begin();
  for (int l = 0; l < classes_ - 1; ++l) {
    for (int k = 0; k <= l; ++k, next += length) {
      const Matrix block = unpack_symmetric({next, next + length}, count);
      result.block(k * count, l * count, count, count) = block;
      result.block(l * count, k * count, count, count) = block;
    }
  }
  return result;
}

namespace {

// Theta with each class's coefficients padded as the kernel takes them.
std::vector<double> padded_coefficients(const Vector& theta, int count) {
  const auto stride = static_cast<std::size_t>(padded_columns(count));
  const std::size_t predictors = count == 0 ? 0 : static_cast<std::size_t>(theta.size() / count);
  std::vector<double> result(predictors * stride);
  for (std::size_t k = 0; k < predictors; ++k) {
    std::copy_n(theta.data() + static_cast<std::ptrdiff_t>(k) * count, count, &result[k * stride]);
  }
  return result;
}

}  // namespace

LikelihoodEvaluation MultinomialLikelihood::evaluate(const Vector& theta, Derivatives derivatives,
                                                     Poll& poll) {
  const int count = matrix_.count();
  const auto pairs = static_cast<std::size_t>((classes_ - 1) * classes_ / 2);
  const std::vector<double> coefficients = padded_coefficients(theta, count);
  const bool both = derivatives == Derivatives::both;
  std::vector<double> hessian(both ? pairs * static_cast<std::size_t>(count * (count + 1) / 2) : 0);
  Extremes extremes;
  extremes.least_margin = std::numeric_limits<double>::infinity();
  LikelihoodEvaluation result;
  result.gradient = Vector::Zero(size());
  for (std::size_t i = 0; i < cache_->blocks(); i += stride_) {
    poll.check();
    fill(cache_->block(i));
    predict(coefficients, extremes);
    for (int k = 1; k < classes_; ++k) {
      matrix_.kernel().add_gradient(matrix_.pointers(), count, matrix_.padded_rows(), of_class(score_, k),
                                    result.gradient.data() + std::ptrdiff_t{k - 1} * count);
    }
    if (both) add_hessian(hessian, poll);
  }
  result.log_likelihood = extremes.log_likelihood;
  result.objective = extremes.log_likelihood;
  result.least_margin = extremes.least_margin;
  result.greatest_eta = extremes.greatest_eta;
  if (both) result.hessian = unpack(hessian);
  for (int j = 0; j < size(); ++j) {
    const double penalty = share_ * l2_ * matrix_.columns()[static_cast<std::size_t>(j % count)].penalty;
    result.objective -= penalty / 2 * theta(j) * theta(j);
    result.gradient(j) -= penalty * theta(j);
    if (both) result.hessian(j, j) += penalty;
  }
  return result;
}

void MultinomialLikelihood::visit(
    const Vector& theta,
    const std::function<void(const RowCache::Block&, const ModelMatrix&, const double* const*)>& visit,
    Poll& poll) {
  const std::vector<double> coefficients = padded_coefficients(theta, matrix_.count());
  std::vector<const double*> scores;
  for (int k = 1; k < classes_; ++k) scores.push_back(of_class(score_, k));
  Extremes ignored;
  for (std::size_t i = 0; i < cache_->blocks(); i += stride_) {
    poll.check();
    const RowCache::Block& block = cache_->block(i);
    fill(block);
    predict(coefficients, ignored);
    visit(block, matrix_, scores.data());
  }
}

}  // namespace persona
