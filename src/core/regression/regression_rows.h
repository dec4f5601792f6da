// What a regression keeps of its rows for later passes: the design's base columns, the target, and the
// columns of the options weight, offset and cluster.
#pragma once

#include <string>
#include <vector>

#include "core/regression/cross_products_accumulator.h"
#include "core/regression/design.h"
#include "core/regression/row_cache.h"

namespace persona {

class RegressionRows {
 public:
  /// Beyond the option memory rows are stored, where the request has a store.
  RegressionRows(const Design& design, const FitRequest& request);

  /// The rows of the block that `design` observed last; `target` has a value for each.
  void append(const Design& design, const double* target, int rows);
  const RowCache& cache() const noexcept { return cache_; }
  std::int64_t rows() const noexcept { return cache_.rows(); }

  // Numbers of the cache; -1 where the option is not given.
  int target() const noexcept { return target_; }
  int weight() const noexcept { return weight_; }
  int offset() const noexcept { return offset_; }
  /// A label of the cache: codes of the stream's dictionary; -1 where the option is not given.
  int cluster() const noexcept { return cluster_; }

 private:
  int target_;
  int weight_;
  int offset_;
  int cluster_;
  RowCache cache_;
};

/// The options weight, offset, standard_errors, cluster and memory.
std::vector<OptionSpec> row_options();

/// The row of persona.feature for the option offset: a column of the row that is scored, whose coefficient is
/// 1. `column` is its place in the accumulator.
Feature describe_offset(const std::string& name, const CrossProducts& products,
                        const CrossProductsAccumulator& accumulator, int column);

}  // namespace persona
