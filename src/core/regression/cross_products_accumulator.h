// Streams blocks of rows into cross products. Products are of x - c, where the shift c of a column is near
// its mean and has 24 bits: for x between c / 2 and 2 c the difference is exact (Sterbenz 1974), and
// elsewhere it is rounded by at most 2^-53 of itself. Shifts are taken from the first block and again
// whenever the number of blocks has doubled, the rows so far being merged into a centered state. Rows with a
// weight w are multiplied by sqrt(w), the constant 1 among them, as R's lm does.
#pragma once

#include <vector>

#include "core/regression/cross_products.h"
#include "core/regression/cross_products_kernel.h"

namespace persona {

enum class SumPrecision {
  full,    ///< 106 bits
  double_  ///< beyond the first blocks each block's sums are rounded as doubles: enough for means, deviations
           ///< and for finding collinear columns, in a fourth of the time
};

class CrossProductsAccumulator {
 public:
  static constexpr int kMaxRows = kMaxSteps * static_cast<int>(kLanes);

  explicit CrossProductsAccumulator(int columns, const CrossProductsKernel& kernel = cross_products_kernel(),
                                    SumPrecision precision = SumPrecision::full);

  int columns() const noexcept { return static_cast<int>(columns_.size()); }
  /// Appends columns that are zero in all rows so far.
  void append_columns(int count);
  /// columns()[j] points to `rows` finite values, 1 <= rows <= kMaxRows. With `weights`, which are positive
  /// and finite, every call must have them.
  void consume(const double* const* columns, int rows, const double* weights = nullptr);
  /// Least and greatest value of a column so far; 0, 0 before the first row.
  double minimum(int j) const { return columns_[static_cast<std::size_t>(j)].minimum; }
  double maximum(int j) const { return columns_[static_cast<std::size_t>(j)].maximum; }
  /// All rows so far.
  CrossProducts result();
  /// Adds the rows of another with the same columns.
  void merge(CrossProductsAccumulator& other);
  /// Forgets all rows and keeps the memory, for the next.
  void clear();

 private:
  struct Column {
    double minimum = 0;
    double maximum = 0;
    double block_minimum = 0;
    double block_maximum = 0;
    int exponent = 0;  // values are divided by 2^exponent
    double shift = 0;  // and then lessened by this
  };
  struct alignas(64) Line {
    double values[8];
  };

  double* scratch(int column) { return scratch_[static_cast<std::size_t>(column) * scratch_lines_].values; }
  void resize_scratch(std::size_t lines);
  void update_ranges(const double* const* columns, int rows);
  void take_roots(const double* weights, int rows);
  double shift_and_scale(const Column& column, const double* x, int rows, double* u) const;
  bool units_fit() const;
  void choose_units();
  void choose_shifts();
  bool sums_plainly() const;
  void flush();

  const CrossProductsKernel* kernel_;
  SumPrecision precision_;
  std::vector<Column> columns_;
  CrossProducts merged_;           // rows before the last flush
  std::vector<double> state_;      // the kernel's, of the rows since; column 0 is constant 1, or sqrt(w)
  std::vector<Line> scratch_;      // shifted columns of the block, padded with zeros
  std::size_t scratch_lines_ = 0;  // of a column: as many as the largest block so far needs
  std::vector<double> bounds_;
  std::vector<const double*> pointers_;
  bool weighted_ = false;
  int weight_exponent_ = 0;  // even; weights are divided by 2^weight_exponent_
  std::int64_t rows_ = 0;    // since the last flush
  std::int64_t blocks_ = 0;  // in all
  std::int64_t next_flush_ = 1;
};

}  // namespace persona
