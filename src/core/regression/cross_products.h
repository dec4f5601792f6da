// The sufficient statistics of least squares: how many rows and their total weight, the mean of each column,
// and the centered cross products of all pairs of columns, as double-doubles (about 106 bits). States of
// disjoint sets of rows merge into the state of their union (Chan, Golub and LeVeque, "Updating formulae and
// a pairwise algorithm for computing sample variances", 1979, extended to pairs of columns).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/double_double.h"

namespace persona {

/// Column j is held in units of 2^exponent(j), a choice of whoever accumulates, so that squares of very large
/// or very small values stay in range, and weights in units of 2^weight_exponent(). All means, products and
/// the total weight below are in these units.
class CrossProducts {
 public:
  CrossProducts() = default;
  explicit CrossProducts(int columns) { append_columns(columns); }

  int columns() const noexcept { return static_cast<int>(means_.size()); }
  std::int64_t rows() const noexcept { return rows_; }
  /// sum over rows of their weights; rows() where rows have none.
  DoubleDouble weight() const noexcept { return weight_; }
  int weight_exponent() const noexcept { return weight_exponent_; }
  /// weight(), in its own unit.
  double total_weight() const noexcept;
  int exponent(int j) const { return exponents_[static_cast<std::size_t>(j)]; }
  DoubleDouble mean(int j) const { return means_[static_cast<std::size_t>(j)]; }
  /// sum over rows of w (x_i - mean_i) (x_j - mean_j).
  DoubleDouble product(int i, int j) const { return products_[index(i, j)]; }
  /// sum over rows of w x_i x_j.
  DoubleDouble raw_product(int i, int j) const;
  /// True when all values of the column are equal. Rounding leaves at most about 2^-152 of the mean's square
  /// in the product of a constant column (the accumulator's shift removes the upper 24 bits), while two
  /// doubles that differ leave at least 2^-106 / rows.
  bool constant(int j) const;

  /// In the column's own units. The population deviation is sqrt(product / weight), and the sample deviation
  /// sqrt(rows / (rows - 1)) times that.
  double mean_value(int j) const;
  double sample_deviation(int j) const;
  double population_deviation(int j) const;

  /// Rows of weight 1.
  void set_rows(std::int64_t rows) noexcept { set_rows(rows, DoubleDouble(static_cast<double>(rows)), 0); }
  void set_rows(std::int64_t rows, DoubleDouble weight, int weight_exponent) noexcept {
    rows_ = rows;
    weight_ = weight;
    weight_exponent_ = weight_exponent;
  }
  void set_mean(int j, DoubleDouble mean) { means_[static_cast<std::size_t>(j)] = mean; }
  void set_product(int i, int j, DoubleDouble product) { products_[index(i, j)] = product; }
  /// Changes the unit of a column, or of the weights, keeping the values.
  void set_exponent(int j, int exponent);
  void set_weight_exponent(int exponent);
  /// Appends columns that are zero in all rows so far.
  void append_columns(int count);
  /// Adds `factor` times column k to column j, k != j.
  void add_multiple(int j, int k, DoubleDouble factor);
  /// Adds the rows of a state with the same columns; units may differ.
  void merge(CrossProducts other);

 private:
  static std::size_t index(int i, int j) noexcept {
    const auto low = static_cast<std::size_t>(i < j ? i : j);
    const auto high = static_cast<std::size_t>(i < j ? j : i);
    return high * (high + 1) / 2 + low;
  }

  std::int64_t rows_ = 0;
  DoubleDouble weight_;
  int weight_exponent_ = 0;
  std::vector<int> exponents_;
  std::vector<DoubleDouble> means_;
  std::vector<DoubleDouble> products_;
};

}  // namespace persona
