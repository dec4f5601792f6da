#include "core/regression/sandwich.h"

#include <algorithm>
#include <cmath>

#include "core/base/error.h"
#include "core/regression/glm_likelihood.h"

namespace persona {

ErrorKind error_kind(const Options& options) {
  const std::string kind = options.text("standard_errors");
  const bool cluster = options.has("cluster");
  if (kind == "cluster" && !cluster) {
    throw Error(sqlstate::kInvalidParameter, "standard errors by cluster need a cluster", "",
                "Name the column whose values say which rows belong together in the option \"cluster\".");
  }
  if (kind != "cluster" && cluster) {
    throw Error(sqlstate::kInvalidParameter,
                "the option \"cluster\" is for standard errors by cluster, not " + kind + " ones", "",
                "Set the option \"standard_errors\" to \"cluster\".");
  }
  return kind == "cluster" ? ErrorKind::cluster : kind == "robust" ? ErrorKind::robust : ErrorKind::classical;
}

ScoreProducts::ScoreProducts(int columns, int residuals, bool clustered)
    : columns_(columns), residuals_(residuals), clustered_(clustered) {
  const auto pairs = static_cast<std::size_t>(residuals * (residuals + 1) / 2);
  const auto products = static_cast<std::size_t>(columns * (columns + 1) / 2);
  if (!clustered) products_.resize(pairs * products);
}

void ScoreProducts::add(const ModelMatrix& matrix, const double* const* residuals,
                        const std::int32_t* clusters) {
  if (!clustered_) {
    add_products(matrix, residuals);
    return;
  }
  const auto count = static_cast<std::size_t>(columns_);
  const std::size_t size = count * static_cast<std::size_t>(residuals_);
  const auto most = static_cast<std::size_t>(*std::max_element(clusters, clusters + matrix.rows()));
  if (most >= seen_.size()) {
    seen_.resize(most + 1);
    sums_.resize(seen_.size() * size);
  }
  for (int r = 0; r < matrix.rows(); ++r) {
    const auto cluster = static_cast<std::size_t>(clusters[r]);
    seen_[cluster] = true;
    double* sum = &sums_[cluster * size];
    for (int k = 0; k < residuals_; ++k) {
      for (std::size_t j = 0; j < count; ++j) *sum++ += matrix.pointers()[j][r] * residuals[k][r];
    }
  }
}

void ScoreProducts::add_products(const ModelMatrix& matrix, const double* const* residuals) {
  alignas(32) double weight[kGlmRows];
  double* products = products_.data();
  for (int l = 0; l < residuals_; ++l) {
    for (int k = 0; k <= l; ++k) {
      for (int r = 0; r < matrix.padded_rows(); ++r) weight[r] = residuals[k][r] * residuals[l][r];
      matrix.kernel().add_hessian(matrix.pointers(), columns_, matrix.padded_rows(), weight, products);
      products += columns_ * (columns_ + 1) / 2;
    }
  }
}

double ScoreProducts::clusters() const {
  return static_cast<double>(std::count(seen_.begin(), seen_.end(), true));
}

Matrix ScoreProducts::result() const {
  if (clustered_) {
    const Eigen::Index size = Eigen::Index{columns_} * residuals_;
    const Eigen::Map<const Matrix> sums(sums_.data(), size, static_cast<Eigen::Index>(seen_.size()));
    return sums * sums.transpose();
  }
  return unpack_blocks(products_, residuals_, columns_);
}

double small_sample_factor(ErrorKind kind, double rows, double estimates, double clusters) {
  if (kind == ErrorKind::robust) return rows / (rows - estimates);
  return clusters / (clusters - 1) * ((rows - 1) / (rows - estimates));
}

double StandardErrors::of(const Vector& v) const {
  if (scores_.size() == 0) {
    const Vector half = factor_.matrixL().solve(v);
    return half.norm();
  }
  const Vector influence = factor_.solve(v);
  return std::sqrt(std::max(influence.dot(scores_ * influence), 0.0));
}

}  // namespace persona
