// Cross products of the rows of each fold: all that cross-validation of least squares asks of them.
#pragma once

#include <cstdint>
#include <vector>

#include "core/regression/cross_products_accumulator.h"
#include "core/regression/row_folds.h"

namespace persona {

class FoldedCrossProducts {
 public:
  FoldedCrossProducts(int folds, std::uint64_t seed) : folds_(folds, seed), sorter_(folds) {}

  /// `columns`: as CrossProductsAccumulator takes them, of the rows of the block; there may be more than
  /// before.
  void consume(const std::vector<StreamColumn>& stream, const RowBlock& block,
               const std::vector<const double*>& columns, const double* weights);
  /// The cross products of each fold, which are added to `all`.
  std::vector<CrossProducts> finish(CrossProductsAccumulator& all);

 private:
  FoldSorter::Sink sink();

  RowFolds folds_;
  FoldSorter sorter_;
  bool weighted_ = false;
  std::vector<CrossProductsAccumulator> accumulators_;
};

}  // namespace persona
