#include "core/regression/folded_cross_products.h"

#include <algorithm>

namespace persona {

// The weights go first, since later columns are added at the end.
FoldSorter::Sink FoldedCrossProducts::sink() {
  return [this](int fold, const std::vector<const double*>& numbers, const std::vector<const std::int32_t*>&,
                int rows) {
    const std::size_t first = weighted_ ? 1 : 0;
    CrossProductsAccumulator& accumulator = accumulators_[static_cast<std::size_t>(fold)];
    const int grown = static_cast<int>(numbers.size() - first) - accumulator.columns();
    if (grown > 0) accumulator.append_columns(grown);
    accumulator.consume(numbers.data() + first, rows, weighted_ ? numbers.front() : nullptr);
  };
}

void FoldedCrossProducts::consume(const std::vector<StreamColumn>& stream, const RowBlock& block,
                                  const std::vector<const double*>& columns, const double* weights) {
  while (accumulators_.size() < static_cast<std::size_t>(folds_.folds())) accumulators_.emplace_back(0);
  weighted_ = weights != nullptr;
  std::vector<const double*> numbers;
  if (weighted_) numbers.push_back(weights);
  numbers.insert(numbers.end(), columns.begin(), columns.end());
  sorter_.add(numbers, {}, block.rows(), folds_.assign(stream, block), sink());
}

std::vector<CrossProducts> FoldedCrossProducts::finish(CrossProductsAccumulator& all) {
  sorter_.flush(sink());
  int columns = all.columns();
  for (const CrossProductsAccumulator& accumulator : accumulators_) {
    columns = std::max(columns, accumulator.columns());
  }
  all.append_columns(columns - all.columns());
  std::vector<CrossProducts> folds;
  for (CrossProductsAccumulator& accumulator : accumulators_) {
    accumulator.append_columns(columns - accumulator.columns());
    folds.push_back(accumulator.result());
    all.merge(accumulator);
  }
  return folds;
}

}  // namespace persona
