#include "core/regression/glm_likelihood.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/regression/linear_predictor.h"

namespace persona {

GlmLikelihood::GlmLikelihood(const RowCache& cache, GlmRows rows, std::vector<ModelColumn> columns, double l2,
                             std::size_t stride, const GlmKernel& kernel)
    : cache_(&cache),
      rows_(std::move(rows)),
      l2_(l2),
      stride_(stride),
      share_(rows_.fold < 0 ? share_of_blocks(cache, stride) : 1),
      matrix_(std::move(columns), kernel),
      weighted_(rows_.weight >= 0 || !rows_.class_weights.empty()) {
  for (std::vector<double>* values : {&target_, &weight_, &offset_, &eta_, &mean_, &score_}) {
    values->resize(kGlmRows);
  }
}

void GlmLikelihood::fill(const RowCache::Block& block) {
  matrix_.fill(block);
  const auto rows = static_cast<std::size_t>(block.rows);
  const auto padded = static_cast<std::size_t>(matrix_.padded_rows());
  const double* target = block.number(rows_.target);
  if (rows_.family == GlmFamily::logit) {
    for (std::size_t r = 0; r < rows; ++r) target_[r] = target[r] == rows_.positive ? 1.0 : 0.0;
  } else {
    std::copy_n(target, rows, target_.begin());
  }
  std::fill(target_.data() + rows, target_.data() + padded, 0.0);
  if (weighted_) fill_weights(rows_, block, matrix_.padded_rows(), weight_.data());
  if (rows_.offset >= 0) {
    std::copy_n(block.number(rows_.offset), rows, offset_.begin());
    std::fill(offset_.data() + rows, offset_.data() + padded, 0.0);
  }
}

LikelihoodEvaluation GlmLikelihood::evaluate(const Vector& theta, Derivatives derivatives, Poll& poll) {
  const auto count = static_cast<std::size_t>(size());
  std::vector<double> coefficients(theta.data(), theta.data() + theta.size());
  coefficients.resize(static_cast<std::size_t>(padded_columns(size())));
  LikelihoodEvaluation result;
  result.gradient = Vector::Zero(size());
  std::vector<double> hessian(derivatives == Derivatives::both ? count * (count + 1) / 2 : 0);

  GlmSums sums;
  sums.gradient = result.gradient.data();
  sums.hessian = hessian.empty() ? nullptr : hessian.data();
  sums.least_margin = rows_.family == GlmFamily::logit ? std::numeric_limits<double>::infinity()
                                                       : -std::numeric_limits<double>::infinity();
  GlmBlock input;
  input.columns = matrix_.pointers();
  input.count = size();
  input.theta = coefficients.data();
  input.target = target_.data();
  input.weight = weighted_ ? weight_.data() : nullptr;
  input.offset = rows_.offset >= 0 ? offset_.data() : nullptr;
  const auto accumulate = rows_.family == GlmFamily::logit ? matrix_.kernel().accumulate_logit
                                                           : matrix_.kernel().accumulate_poisson;
  for (std::size_t i = 0; i < cache_->blocks(); i += stride_) {
    poll.check();
    if (!reads(i)) continue;
    fill(cache_->block(i));
    input.rows = matrix_.rows();
    accumulate(input, sums);
  }

  result.log_likelihood = sums.log_likelihood;
  result.objective = sums.log_likelihood;
  result.least_margin = sums.least_margin;
  result.greatest_eta = sums.greatest_eta;
  if (derivatives == Derivatives::both) result.hessian = unpack_symmetric(hessian, size());
  for (int j = 0; j < size(); ++j) {
    const double penalty = share_ * l2_ * matrix_.columns()[static_cast<std::size_t>(j)].penalty;
    result.objective -= penalty / 2 * theta(j) * theta(j);
    result.gradient(j) -= penalty * theta(j);
    if (derivatives == Derivatives::both) result.hessian(j, j) += penalty;
  }
  return result;
}

// Means and scores from the linear predictor, without cancellation in the tails.
void GlmLikelihood::compare_with_mean() {
  const auto rows = static_cast<std::size_t>(matrix_.rows());
  std::fill(score_.begin(), score_.end(), 0.0);
  for (std::size_t r = 0; r < rows; ++r) {
    double residual = 0;
    if (rows_.family == GlmFamily::logit) {
      mean_[r] = inverse_logit(eta_[r]);
      residual = target_[r] == 1 ? inverse_logit(-eta_[r]) : -mean_[r];
    } else {
      mean_[r] = std::exp(eta_[r]);
      residual = target_[r] - mean_[r];
    }
    score_[r] = weighted_ ? weight_[r] * residual : residual;
  }
}

void GlmLikelihood::visit(const Vector& theta, const std::function<void(const VisitedRows&)>& visit,
                          Poll& poll) {
  std::vector<double> coefficients(theta.data(), theta.data() + theta.size());
  coefficients.resize(static_cast<std::size_t>(padded_columns(size())));
  for (std::size_t i = 0; i < cache_->blocks(); i += stride_) {
    poll.check();
    if (!reads(i)) continue;
    const RowCache::Block& block = cache_->block(i);
    fill(block);
    const auto padded = static_cast<std::size_t>(matrix_.padded_rows());
    matrix_.kernel().predict(matrix_.pointers(), size(), matrix_.padded_rows(), coefficients.data(),
                             eta_.data());
    for (std::size_t r = 0; r < padded && rows_.offset >= 0; ++r) eta_[r] += offset_[r];
    compare_with_mean();
    visit({block, matrix_, target_.data(), weighted_ ? weight_.data() : nullptr,
           rows_.offset >= 0 ? offset_.data() : nullptr, eta_.data(), mean_.data(), score_.data()});
  }
}

void fill_weights(const GlmRows& rows, const RowCache::Block& block, int padded, double* weight) {
  if (rows.weight >= 0) {
    std::copy_n(block.number(rows.weight), block.rows, weight);
  } else {
    std::fill_n(weight, block.rows, 1.0);
  }
  if (!rows.class_weights.empty()) {
    const double* codes = block.number(rows.target);
    for (int r = 0; r < block.rows; ++r) weight[r] *= rows.class_weights[static_cast<std::size_t>(codes[r])];
  }
  std::fill(weight + block.rows, weight + padded, 0.0);
}

double share_of_blocks(const RowCache& cache, std::size_t stride) {
  if (cache.rows() == 0) return 1;
  std::int64_t read = 0;
  for (std::size_t i = 0; i < cache.blocks(); i += stride) read += cache.block_rows(i);
  return static_cast<double>(read) / static_cast<double>(cache.rows());
}

Matrix unpack_symmetric(const std::vector<double>& packed, int size) {
  Matrix result(size, size);
  std::size_t next = 0;
  for (int j = 0; j < size; ++j) {
    for (int i = 0; i <= j; ++i) result(i, j) = result(j, i) = packed[next++];
  }
  return result;
}

}  // namespace persona
