// The penalized log likelihood of binary logistic regression over cached rows, with gradient and Hessian, in
// terms of standardized columns z = (x - center) / scale: a pass over the rows for each evaluation.
//   objective(theta) = sum_i log P(y_i | z_i theta) - l2 / 2 * sum_j penalty_j theta_j^2
#pragma once

#include <cstdint>
#include <vector>

#include "core/regression/likelihood.h"
#include "core/regression/logistic_kernel.h"
#include "core/regression/recipe.h"
#include "core/regression/row_cache.h"

namespace persona {

/// One column of the model.
struct LogisticColumn {
  Recipe recipe;    ///< from the numbers and labels of the cache; the constant 1 is the intercept
  int column = -1;  ///< the design column; -1 for the intercept
  double center = 0;
  double scale = 1;
  double penalty = 0;  ///< weight of theta_j^2
};

class LogisticLikelihood final : public Likelihood {
 public:
  /// `cache` must outlive this. `positive` is the class with y = 1.
  LogisticLikelihood(const RowCache& cache, std::vector<LogisticColumn> columns, std::uint8_t positive,
                     double l2, const LogisticKernel& kernel = logistic_kernel());

  int size() const noexcept override { return static_cast<int>(columns_.size()); }
  double rows() const noexcept override { return static_cast<double>(cache_->rows()); }
  LikelihoodEvaluation evaluate(const Vector& theta, Poll& poll) override;

 private:
  struct alignas(64) Line {
    double values[8];
  };

  double* column(std::size_t j) { return scratch_[j * (kLogisticRows / 8)].values; }
  void fill(const RowCache::Block& block);
  void multiply(const Factor& factor, const RowCache::Block& block, double* z) const;

  const RowCache* cache_;
  std::vector<LogisticColumn> columns_;
  std::uint8_t positive_;
  double l2_;
  const LogisticKernel* kernel_;
  std::vector<Line> scratch_;  // standardized columns of a block, padded with zeros, then the target
  std::vector<const double*> pointers_;
};

}  // namespace persona
