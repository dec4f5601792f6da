// The sufficient statistics of least squares: how many rows, the mean of each column, and the centered cross
// products of all pairs of columns, as double-doubles (about 106 bits). States of disjoint sets of rows merge
// into the state of their union (Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for
// computing sample variances", 1979, extended to pairs of columns).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/double_double.h"

namespace persona {

/// Column j is held in units of 2^exponent(j), a choice of whoever accumulates, so that squares of very large
/// or very small values stay in range. All means and products below are in these units.
class CrossProducts {
 public:
  CrossProducts() = default;
  explicit CrossProducts(int columns) { append_columns(columns); }

  int columns() const noexcept { return static_cast<int>(means_.size()); }
  std::int64_t rows() const noexcept { return rows_; }
  int exponent(int j) const { return exponents_[static_cast<std::size_t>(j)]; }
  DoubleDouble mean(int j) const { return means_[static_cast<std::size_t>(j)]; }
  /// sum over rows of (x_i - mean_i) (x_j - mean_j).
  DoubleDouble product(int i, int j) const { return products_[index(i, j)]; }
  /// sum over rows of x_i x_j.
  DoubleDouble raw_product(int i, int j) const;
  /// True when all values of the column are equal. Rounding leaves at most about 2^-152 of the mean's square
  /// in the product of a constant column (the accumulator's shift removes the upper 24 bits), while two
  /// doubles that differ leave at least 2^-106 / rows.
  bool constant(int j) const;

  /// In the column's own units; the deviation has divisor rows - 1 (sample) or rows (population).
  double mean_value(int j) const;
  double sample_deviation(int j) const;
  double population_deviation(int j) const;

  void set_rows(std::int64_t rows) noexcept { rows_ = rows; }
  void set_mean(int j, DoubleDouble mean) { means_[static_cast<std::size_t>(j)] = mean; }
  void set_product(int i, int j, DoubleDouble product) { products_[index(i, j)] = product; }
  /// Changes the unit of a column, keeping its values.
  void set_exponent(int j, int exponent);
  /// Appends columns that are zero in all rows so far.
  void append_columns(int count);
  /// Adds `factor` times column k to column j, k != j.
  void add_multiple(int j, int k, double factor);
  /// Adds the rows of a state with the same columns; units may differ.
  void merge(CrossProducts other);

 private:
  static std::size_t index(int i, int j) noexcept {
    const auto low = static_cast<std::size_t>(i < j ? i : j);
    const auto high = static_cast<std::size_t>(i < j ? j : i);
    return high * (high + 1) / 2 + low;
  }

  std::int64_t rows_ = 0;
  std::vector<int> exponents_;
  std::vector<DoubleDouble> means_;
  std::vector<DoubleDouble> products_;
};

}  // namespace persona
