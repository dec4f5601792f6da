// What a regression keeps of its rows for later passes: the design's base columns, the target, and the
// columns of the options weight, offset and cluster.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/regression/cross_products_accumulator.h"
#include "core/regression/design.h"
#include "core/regression/row_cache.h"
#include "core/regression/row_folds.h"

namespace persona {

class RegressionRows {
 public:
  /// Beyond the option memory rows are stored, where the request has a store.
  RegressionRows(const Design& design, const FitRequest& request);

  /// Each block of the cache is of one fold from now on, and finish() is to be called after the last row.
  void set_folds(int folds, std::uint64_t seed);

  /// The rows of the block that `design` observed last; `target` has a value for each.
  void append(const Design& design, const RowBlock& block, const double* target);
  void finish();
  const RowCache& cache() const noexcept { return cache_; }
  std::int64_t rows() const noexcept { return cache_.rows(); }

  // Numbers of the cache; -1 where the option is not given.
  int target() const noexcept { return target_; }
  int weight() const noexcept { return weight_; }
  int offset() const noexcept { return offset_; }
  /// A label of the cache: codes of the stream's dictionary; -1 where the option is not given.
  int cluster() const noexcept { return cluster_; }

 private:
  FoldSorter::Sink sink();

  int target_;
  int weight_;
  int offset_;
  int cluster_;
  RowCache cache_;
  std::optional<RowFolds> folds_;
  std::optional<FoldSorter> sorter_;
};

/// The options weight, offset, standard_errors, cluster and memory.
std::vector<OptionSpec> row_options();

/// The row of persona.feature for the option offset: a column of the row that is scored, whose coefficient is
/// 1. `column` is its place in the accumulator.
Feature describe_offset(const std::string& name, const CrossProducts& products,
                        const CrossProductsAccumulator& accumulator, int column);

}  // namespace persona
