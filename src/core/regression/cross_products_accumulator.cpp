#include "core/regression/cross_products_accumulator.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace persona {
namespace {

// Units are changed when a column's largest value leaves 2^+-kUnitRange: products of two columns and their
// low-order parts then stay far from overflow and underflow.
constexpr int kUnitRange = 200;

// Squared ratio of mean to standard deviation from which on a column is shifted.
constexpr double kFarSquared = 64;

// With SumPrecision::double_ so many blocks are summed to 106 bits all the same: few rows are exact, and the
// shifts of all others are means of many.
constexpr std::int64_t kExactBlocks = 64;

// Rounded to 24 bits, as float would, without its range.
double short_number(double x) {
  int exponent = 0;
  const double fraction = std::frexp(x, &exponent);
  return std::ldexp(std::nearbyint(std::ldexp(fraction, 24)), exponent - 24);
}

// The least power of two that is >= x; tiny but positive for x = 0.
double power_of_two_above(double x) {
  if (!(x > 0)) return std::ldexp(1.0, -2 * kUnitRange);
  int exponent = 0;
  const double fraction = std::frexp(x, &exponent);
  return std::ldexp(1.0, fraction == 0.5 ? exponent - 1 : exponent);
}

int exponent_of(double x) {
  int exponent = 0;
  std::frexp(x, &exponent);
  return exponent;
}

// The middle of a range when subtracting it is exact for every value of the range, else 0.
double exact_shift(double low, double high) {
  const double middle = short_number(low / 2 + high / 2);
  const double near = std::fabs(middle) / 2;
  const double least = std::fmin(std::fabs(low), std::fabs(high));
  const double most = std::fmax(std::fabs(low), std::fabs(high));
  return low * high > 0 && least >= near && most <= 4 * near ? middle : 0;
}

// The four lanes of a pair: their high parts exactly, and all that is below them in one double.
DoubleDouble sum_of_lanes(const double* pair) {
  static_assert(kLanes == 4, "two pairs of lanes");
  const double* low = pair + kLanes;
  const DoubleDouble a = two_sum(pair[0], pair[1]);
  const DoubleDouble b = two_sum(pair[2], pair[3]);
  const DoubleDouble sum = two_sum(a.hi, b.hi);
  return two_sum(sum.hi, sum.lo + ((a.lo + b.lo) + ((low[0] + low[1]) + (low[2] + low[3]))));
}

}  // namespace

CrossProductsAccumulator::CrossProductsAccumulator(int columns, const CrossProductsKernel& kernel,
                                                   SumPrecision precision)
    : kernel_(&kernel), precision_(precision), bounds_(1, 1.0) {
  append_columns(columns);
}

void CrossProductsAccumulator::append_columns(int count) {
  const std::size_t all = columns_.size() + static_cast<std::size_t>(count) + 1;
  columns_.resize(all - 1);
  merged_.append_columns(count);
  state_.resize(kPairState * (all * (all + 1) / 2));
  bounds_.resize(all);
  pointers_.resize(all);
  resize_scratch(scratch_lines_);
}

void CrossProductsAccumulator::resize_scratch(std::size_t lines) {
  if (lines == 0) return;  // before the first block
  scratch_lines_ = lines;
  scratch_.resize(pointers_.size() * lines);
  for (std::size_t j = 0; j < pointers_.size(); ++j) pointers_[j] = scratch(static_cast<int>(j));
  std::fill_n(scratch(0), lines * 8, 1.0);
}

void CrossProductsAccumulator::update_ranges(const double* const* columns, int rows) {
  for (std::size_t j = 0; j < columns_.size(); ++j) {
    Column& column = columns_[j];
    kernel_->range(columns[j], rows, &column.block_minimum, &column.block_maximum);
    column.minimum = blocks_ == 0 ? column.block_minimum : std::min(column.minimum, column.block_minimum);
    column.maximum = blocks_ == 0 ? column.block_maximum : std::max(column.maximum, column.block_maximum);
  }
}

bool CrossProductsAccumulator::units_fit() const {
  return std::all_of(columns_.begin(), columns_.end(), [](const Column& column) {
    const double largest = std::max(std::fabs(column.minimum), std::fabs(column.maximum));
    return largest == 0 || std::abs(exponent_of(largest) - column.exponent) <= kUnitRange;
  });
}

void CrossProductsAccumulator::choose_units() {
  for (std::size_t j = 0; j < columns_.size(); ++j) {
    Column& column = columns_[j];
    const double largest = std::max(std::fabs(column.minimum), std::fabs(column.maximum));
    if (largest == 0) continue;
    const int exponent = exponent_of(largest);
    if (std::abs(exponent - column.exponent) <= kUnitRange) continue;
    column.exponent = exponent;
    merged_.set_exponent(static_cast<int>(j), exponent);
  }
}

// A column far from zero is shifted. Of the first block it is known whether that is exact for every value,
// and where it is not, the greatest value is more than three times the least, so that not shifting costs at
// most log2(4 rows) bits to cancellation. Later the shift is the mean where it is many standard deviations
// away from zero, so that few values lie outside [c / 2, 2 c]; else zero, which costs at most
// log2(kFarSquared). Plain sums have no bits to spare and are always taken about the mean.
void CrossProductsAccumulator::choose_shifts() {
  for (std::size_t j = 0; j < columns_.size(); ++j) {
    Column& column = columns_[j];
    if (merged_.rows() == 0) {
      column.shift = exact_shift(std::ldexp(column.block_minimum, -column.exponent),
                                 std::ldexp(column.block_maximum, -column.exponent));
      continue;
    }
    const double mean = merged_.mean(static_cast<int>(j)).hi;
    const double variance =
        merged_.product(static_cast<int>(j), static_cast<int>(j)).hi / merged_.weight().hi;
    const bool far = sums_plainly() || mean * mean > kFarSquared * variance;
    column.shift = far ? short_number(mean) : 0;
  }
}

bool CrossProductsAccumulator::sums_plainly() const {
  return precision_ == SumPrecision::double_ && blocks_ >= kExactBlocks;
}

// Leaves the square roots of the weights, in units, in place of the constant 1.
void CrossProductsAccumulator::take_roots(const double* weights, int rows) {
  double low = 0;
  double high = 0;
  kernel_->range(weights, rows, &low, &high);
  const int exponent = exponent_of(high) / 2 * 2;
  if (std::abs(exponent - weight_exponent_) > kUnitRange) {
    flush();
    weight_exponent_ = exponent;
  }
  const double unit = std::ldexp(1.0, -weight_exponent_ / 2);
  double* roots = scratch(0);
  for (int r = 0; r < rows; ++r) roots[r] = std::sqrt(weights[r]) * unit;
  bounds_[0] = power_of_two_above(std::sqrt(high) * unit);
}

// Answers a bound of the values before they are weighted.
double CrossProductsAccumulator::shift_and_scale(const Column& column, const double* x, int rows,
                                                 double* u) const {
  const double unit = std::ldexp(1.0, -column.exponent / 2);
  const double rest = std::ldexp(1.0, -column.exponent + column.exponent / 2);  // 2^-1074 has no inverse
  const double shift = column.shift;
  if (column.exponent == 0 && shift == 0) {
    std::copy_n(x, rows, u);
  } else if (column.exponent == 0) {
    for (int r = 0; r < rows; ++r) u[r] = x[r] - shift;
  } else {
    for (int r = 0; r < rows; ++r) u[r] = x[r] * unit * rest - shift;
  }
  const double low = std::fabs(column.block_minimum * unit * rest - shift);
  const double high = std::fabs(column.block_maximum * unit * rest - shift);
  return std::max(low, high);
}

void CrossProductsAccumulator::consume(const double* const* columns, int rows, const double* weights) {
  const std::size_t lines = (static_cast<std::size_t>(rows) + 7) / 8;
  if (lines > scratch_lines_) resize_scratch(lines);
  update_ranges(columns, rows);
  if (!units_fit()) {
    flush();
    choose_units();
  }
  if (weights != nullptr) {
    weighted_ = true;
    take_roots(weights, rows);
  }
  if (rows_ == 0) choose_shifts();

  const int steps = (rows + static_cast<int>(kLanes) - 1) / static_cast<int>(kLanes);
  const std::ptrdiff_t padded = std::ptrdiff_t{steps} * kLanes;
  if (rows < kMaxRows) std::fill(scratch(0) + rows, scratch(0) + padded, 0.0);
  for (std::size_t j = 0; j < columns_.size(); ++j) {
    double* u = scratch(static_cast<int>(j) + 1);
    double bound = shift_and_scale(columns_[j], columns[j], rows, u);
    if (weights != nullptr) {
      const double* roots = scratch(0);
      for (int r = 0; r < rows; ++r) u[r] *= roots[r];
      bound *= bounds_[0];
    }
    std::fill(u + rows, u + padded, 0.0);
    bounds_[j + 1] = power_of_two_above(bound);
  }
  const auto accumulate = sums_plainly() ? kernel_->accumulate_plain : kernel_->accumulate;
  accumulate(pointers_.data(), bounds_.data(), static_cast<int>(bounds_.size()), steps, state_.data());
  if (rows < kMaxRows) std::fill(scratch(0) + rows, scratch(0) + padded, 1.0);

  rows_ += rows;
  if (++blocks_ == next_flush_) {
    flush();
    next_flush_ *= 2;
  }
}

// Centers the rows since the last flush and merges them with those before.
void CrossProductsAccumulator::flush() {
  if (rows_ == 0) return;
  const int count = columns();
  const auto total = [this](int i, int j) {
    return sum_of_lanes(&state_[static_cast<std::size_t>(kPairState) *
                                (static_cast<std::size_t>(j) * (static_cast<std::size_t>(j) + 1) / 2 +
                                 static_cast<std::size_t>(i))]);
  };
  CrossProducts recent(count);
  const DoubleDouble n = weighted_ ? total(0, 0) : DoubleDouble(static_cast<double>(rows_));
  recent.set_rows(rows_, n, weight_exponent_);
  std::vector<DoubleDouble> means(static_cast<std::size_t>(count));  // of the shifted columns
  for (int j = 0; j < count; ++j) {
    const Column& column = columns_[static_cast<std::size_t>(j)];
    const DoubleDouble sum = total(0, j + 1);
    means[static_cast<std::size_t>(j)] = sum / n;
    recent.set_exponent(j, column.exponent);
    recent.set_mean(j, means[static_cast<std::size_t>(j)] + DoubleDouble(column.shift));
    for (int i = 0; i <= j; ++i) {
      recent.set_product(i, j, total(i + 1, j + 1) - sum * means[static_cast<std::size_t>(i)]);
    }
  }
  merged_.merge(std::move(recent));
  std::fill(state_.begin(), state_.end(), 0.0);
  rows_ = 0;
}

CrossProducts CrossProductsAccumulator::result() {
  flush();
  if (precision_ == SumPrecision::full) return merged_;
  // What plain sums leave of a constant column is rounding, and more than CrossProducts::constant() lets
  // pass.
  for (int j = 0; j < columns(); ++j) {
    if (minimum(j) != maximum(j)) continue;
    merged_.set_mean(j, std::ldexp(minimum(j), -merged_.exponent(j)));
    for (int i = 0; i < columns(); ++i) merged_.set_product(i, j, 0.0);
  }
  return merged_;
}

void CrossProductsAccumulator::merge(CrossProductsAccumulator& other) {
  if (other.blocks_ == 0) return;
  flush();
  for (std::size_t j = 0; j < columns_.size(); ++j) {
    Column& column = columns_[j];
    const Column& more = other.columns_[j];
    column.minimum = blocks_ == 0 ? more.minimum : std::min(column.minimum, more.minimum);
    column.maximum = blocks_ == 0 ? more.maximum : std::max(column.maximum, more.maximum);
  }
  merged_.merge(other.result());
  // Later rows are held in the units of those before.
  for (std::size_t j = 0; j < columns_.size(); ++j)
    columns_[j].exponent = merged_.exponent(static_cast<int>(j));
  weighted_ = weighted_ || other.weighted_;
  weight_exponent_ = merged_.weight_exponent();
  blocks_ += other.blocks_;
  next_flush_ = std::max(next_flush_, blocks_ + 1);
}

void CrossProductsAccumulator::clear() {
  std::fill(columns_.begin(), columns_.end(), Column());
  if (rows_ > 0) std::fill(state_.begin(), state_.end(), 0.0);
  merged_ = CrossProducts(columns());
  if (weighted_) {
    std::fill_n(scratch(0), scratch_lines_ * 8, 1.0);
    bounds_[0] = 1;
  }
  weighted_ = false;
  weight_exponent_ = 0;
  rows_ = 0;
  blocks_ = 0;
  next_flush_ = 1;
}

}  // namespace persona
