#include "core/regression/logistic_likelihood.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace persona {

LogisticLikelihood::LogisticLikelihood(const RowCache& cache, std::vector<LogisticColumn> columns,
                                       std::uint8_t positive, double l2, const LogisticKernel& kernel)
    : cache_(&cache), columns_(std::move(columns)), positive_(positive), l2_(l2), kernel_(&kernel) {
  const std::size_t padded = (columns_.size() + kLogisticTile - 1) / kLogisticTile * kLogisticTile;
  scratch_.resize((padded + 1) * (kLogisticRows / 8));
  for (std::size_t j = 0; j < padded; ++j) pointers_.push_back(column(j));
}

void LogisticLikelihood::multiply(const Factor& factor, const RowCache::Block& block, double* z) const {
  const auto place = [&block](int column) { return static_cast<std::size_t>(column * block.rows); };
  multiply_by(factor, factor.number >= 0 ? block.numbers + place(factor.number) : nullptr,
              factor.label >= 0 ? block.levels + place(factor.label) : nullptr, block.rows, z);
}

void LogisticLikelihood::fill(const RowCache::Block& block) {
  const int rows = block.rows;
  const int padded = (rows + 3) / 4 * 4;
  for (std::size_t j = 0; j < columns_.size(); ++j) {
    const LogisticColumn& source = columns_[j];
    double* z = column(j);
    const Factor& first = source.recipe.first;
    const bool product = !source.recipe.second.constant();
    if (first.plain() && !product) {
      kernel_->standardize(&block.numbers[static_cast<std::size_t>(first.number * rows)], rows, source.center,
                           1 / source.scale, z);
    } else if (first.label >= 0 && !product) {
      const std::int32_t* levels = &block.levels[static_cast<std::size_t>(first.label * rows)];
      const double off = -source.center / source.scale;
      const double on = (1 - source.center) / source.scale;
      for (int r = 0; r < rows; ++r) z[r] = levels[r] == first.level ? on : off;
    } else {
      std::fill_n(z, rows, 1.0);
      if (!first.constant()) {
        multiply(first, block, z);
        multiply(source.recipe.second, block, z);
        kernel_->standardize(z, rows, source.center, 1 / source.scale, z);
      }
    }
    std::fill(z + rows, z + padded, 0.0);
  }
  double* target = column(pointers_.size());
  for (int r = 0; r < rows; ++r) target[r] = block.classes[static_cast<std::size_t>(r)] == positive_ ? 1 : 0;
  std::fill(target + rows, target + padded, 0.0);
}

LikelihoodEvaluation LogisticLikelihood::evaluate(const Vector& theta, Poll& poll) {
  const std::size_t count = columns_.size();
  std::vector<double> coefficients(theta.data(), theta.data() + theta.size());
  coefficients.resize(pointers_.size());
  std::vector<double> gradient(count);
  std::vector<double> hessian(count * (count + 1) / 2);

  LogisticBlock input;
  input.columns = pointers_.data();
  input.count = size();
  input.padded_count = static_cast<int>(pointers_.size());
  input.target = column(pointers_.size());
  input.theta = coefficients.data();
  LogisticSums sums;
  sums.gradient = gradient.data();
  sums.hessian = hessian.data();
  sums.least_margin = std::numeric_limits<double>::infinity();

  double log_products = 0;
  for (const RowCache::Block& block : cache_->blocks()) {
    poll.check();
    fill(block);
    input.rows = block.rows;
    kernel_->accumulate(input, sums);
    for (const double product : sums.product) log_products += std::log(product);
  }

  LikelihoodEvaluation result;
  result.log_likelihood = sums.lower - log_products;
  result.objective = result.log_likelihood;
  result.least_margin = sums.least_margin;
  result.greatest_eta = sums.greatest_eta;
  result.gradient = Eigen::Map<const Vector>(gradient.data(), size());
  result.hessian = Matrix(size(), size());
  std::size_t next = 0;
  for (int j = 0; j < size(); ++j) {
    for (int i = 0; i <= j; ++i) {
      result.hessian(i, j) = result.hessian(j, i) = hessian[next++];
    }
    const double penalty = l2_ * columns_[static_cast<std::size_t>(j)].penalty;
    result.objective -= penalty / 2 * theta(j) * theta(j);
    result.gradient(j) -= penalty * theta(j);
    result.hessian(j, j) += penalty;
  }
  return result;
}

}  // namespace persona
