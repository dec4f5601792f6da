#include "core/regression/model_matrix.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace persona {
namespace {

void multiply(const Factor& factor, const RowCache::Block& block, double* z) {
  multiply_by(factor, factor.number >= 0 ? block.number(factor.number) : nullptr,
              factor.label >= 0 ? block.label(factor.label) : nullptr, block.rows, z);
}

}  // namespace

ModelMatrix::ModelMatrix(std::vector<ModelColumn> columns, const GlmKernel& kernel)
    : columns_(std::move(columns)), kernel_(&kernel) {
  const auto padded = static_cast<std::size_t>(padded_columns(count()));
  scratch_.resize(padded * (kGlmRows / 8));
  for (std::size_t j = 0; j < padded; ++j) {
    places_.push_back(scratch_[j * (kGlmRows / 8)].values);
    pointers_.push_back(places_.back());
  }
}

void ModelMatrix::fill(const RowCache::Block& block) {
  rows_ = block.rows;
  for (std::size_t j = 0; j < columns_.size(); ++j) {
    fill_column(columns_[j], block, places_[j]);
    std::fill(places_[j] + rows_, places_[j] + padded_rows(), 0.0);
  }
}

void ModelMatrix::fill_column(const ModelColumn& column, const RowCache::Block& block, double* z) const {
  const Factor& first = column.recipe.first;
  const Factor& second = column.recipe.second;
  if (first.constant() && second.constant()) {
    std::fill_n(z, block.rows, 1.0);
    return;
  }
  if (first.plain() && second.constant()) {
    kernel_->standardize(block.number(first.number), block.rows, column.center, 1 / column.scale, z);
    return;
  }
  if (first.label >= 0 && second.constant()) {
    const std::int32_t* levels = block.label(first.label);
    const double off = -column.center / column.scale;
    const double on = (1 - column.center) / column.scale;
    for (int r = 0; r < block.rows; ++r) z[r] = levels[r] == first.level ? on : off;
    return;
  }
  std::fill_n(z, block.rows, 1.0);
  multiply(first, block, z);
  multiply(second, block, z);
  kernel_->standardize(z, block.rows, column.center, 1 / column.scale, z);
}

}  // namespace persona
