// The columns of a model, standardized, block by block from cached rows: z = (x - center) / scale.
#pragma once

#include <vector>

#include "core/regression/glm_kernel.h"
#include "core/regression/recipe.h"
#include "core/regression/row_cache.h"

namespace persona {

/// One column of the model.
struct ModelColumn {
  Recipe recipe;    ///< from the numbers and labels of the cache; the constant 1 is the intercept
  int column = -1;  ///< the design column; -1 for the intercept
  double center = 0;
  double scale = 1;
  double penalty = 0;  ///< weight of theta_j^2 in a ridge penalty
};

class ModelMatrix {
 public:
  explicit ModelMatrix(std::vector<ModelColumn> columns, const GlmKernel& kernel = glm_kernel());

  int count() const noexcept { return static_cast<int>(columns_.size()); }
  const std::vector<ModelColumn>& columns() const noexcept { return columns_; }
  const GlmKernel& kernel() const noexcept { return *kernel_; }

  /// Makes the columns of a block's rows, padded with zeros to padded_rows().
  void fill(const RowCache::Block& block);
  /// Of the block filled in last: padded_columns(count()) pointers, as the kernel takes them.
  const double* const* pointers() const noexcept { return pointers_.data(); }
  int rows() const noexcept { return rows_; }
  int padded_rows() const noexcept { return (rows_ + 3) / 4 * 4; }

 private:
  struct alignas(64) Line {
    double values[8];
  };

  void fill_column(const ModelColumn& column, const RowCache::Block& block, double* z) const;

  std::vector<ModelColumn> columns_;
  const GlmKernel* kernel_;
  int rows_ = 0;
  std::vector<Line> scratch_;
  std::vector<double*> places_;
  std::vector<const double*> pointers_;
};

}  // namespace persona
