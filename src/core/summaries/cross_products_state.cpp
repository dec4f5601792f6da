// Reading, writing and merging cross products, and what they answer.
#include "core/summaries/cross_products_state.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <memory>
#include <utility>

#include "core/base/error.h"
#include "core/base/poll.h"
#include "core/regression/cross_products_accumulator.h"
#include "core/regression/inference.h"
#include "core/regression/least_squares.h"
#include "core/summaries/cross_products_rows.h"
#include "core/summaries/state_header.h"

namespace persona {
namespace {

constexpr std::size_t kRows = 16, kError = 32, kUnits = 40;

// Columns within these powers of two have the unit 1, as in CrossProductsAccumulator.
constexpr int kUnitRange = 200;

constexpr double kConfidence = 0.95;

std::size_t means_at(int columns) noexcept {
  return kUnits + (4 * static_cast<std::size_t>(columns) + 7) / 8 * 8;
}

// The exponent of a column's unit: 0 but for columns whose size is outside 2^-200 .. 2^200.
int unit_of(const CrossProducts& products, int column) {
  const double deviation =
      std::sqrt(std::fmax(products.product(column, column).hi, 0) / static_cast<double>(products.rows()));
  const double size = std::fmax(std::fabs(products.mean(column).hi), deviation);
  if (!(size > 0)) return 0;
  int exponent = 0;
  std::frexp(size, &exponent);
  exponent += products.exponent(column);
  return std::abs(exponent) <= kUnitRange ? 0 : exponent;
}

// Rows to products, a block at a time. The memory is large and would be cleared for every block: so there is
// one of each width in a process, for all groups of all aggregates.
class Block {
 public:
  explicit Block(int columns)
      : accumulator_(columns),
        transposed_(static_cast<std::size_t>(columns) * kStride),
        pointers_(static_cast<std::size_t>(columns)) {
    for (std::size_t j = 0; j < pointers_.size(); ++j) pointers_[j] = &transposed_[j * kStride];
  }

  CrossProducts products(const double* values, int count) {
    const std::size_t width = pointers_.size();
    for (std::size_t r = 0; r < static_cast<std::size_t>(count); ++r) {
      for (std::size_t j = 0; j < width; ++j) transposed_[j * kStride + r] = values[r * width + j];
    }
    accumulator_.clear();
    accumulator_.consume(pointers_.data(), count);
    return accumulator_.result();
  }

 private:
  // Between columns: a power of two would put one row's values of all columns into the same few cache sets.
  static constexpr std::size_t kStride = CrossProductsAccumulator::kMaxRows + 8;

  CrossProductsAccumulator accumulator_;
  std::vector<double> transposed_;
  std::vector<const double*> pointers_;
};

Block& block_of(int columns) {
  static std::array<std::unique_ptr<Block>, kMaxFeatures + 2> blocks;
  std::unique_ptr<Block>& block = blocks[static_cast<std::size_t>(columns)];
  if (block == nullptr) block = std::make_unique<Block>(columns);
  return *block;
}

[[noreturn]] void throw_too_many_rows() {
  throw Error(sqlstate::kNumericOutOfRange, "too many rows in one cross_products");
}

LeastSquares fit_all(const CrossProducts& products) {
  std::vector<int> terms;
  for (int j = 1; j < products.columns(); ++j) terms.push_back(j);
  NoPoll poll;
  return solve_least_squares(products, terms, 0, true, 0, poll);
}

}  // namespace

std::string cross_products_column_name(int column) {
  return column == 0 ? "y" : "x" + std::to_string(column);
}

CrossProductsState CrossProductsState::read(const char* state) {
  const CrossProductsHead head = CrossProductsHead::read(state);
  CrossProductsState result(head.columns);
  result.skipped_ = load<std::int64_t>(state + kCrossProductsSkipped);
  if (head.rows > 0) {
    result.error_ = load<double>(state + kError);
    result.products_.set_rows(head.rows);
    const char* mean = state + means_at(head.columns);
    const char* product = mean + std::ptrdiff_t{16} * head.columns;
    for (int j = 0; j < head.columns; ++j, mean += 16) {
      result.products_.set_exponent(j, load<std::int32_t>(state + kUnits + 4 * static_cast<std::size_t>(j)));
      result.products_.set_mean(j, load_pair(mean));
      for (int i = 0; i <= j; ++i, product += 16) result.products_.set_product(i, j, load_pair(product));
    }
  }
  if (head.waiting > 0) {
    std::vector<double> values(static_cast<std::size_t>(head.waiting) *
                               static_cast<std::size_t>(head.columns));
    std::memcpy(values.data(), state + head.rows_at(), values.size() * sizeof(double));
    result.add_rows(values.data(), head.waiting);
  }
  return result;
}

void CrossProductsState::write(char* state) const {
  start_header(state, SummaryKind::cross_products, kCrossProductsVersion, 0, columns());
  store(state + kRows, rows());
  store(state + kCrossProductsSkipped, skipped_);
  if (rows() == 0) return;
  store(state + kError, error_);
  char* mean = state + means_at(columns());
  store(mean - 4, std::int32_t{0});  // what pads the units, if anything does
  char* product = mean + std::ptrdiff_t{16} * columns();
  for (int j = 0; j < columns(); ++j, mean += 16) {
    store(state + kUnits + 4 * static_cast<std::size_t>(j), static_cast<std::int32_t>(products_.exponent(j)));
    store_pair(mean, products_.mean(j));
    for (int i = 0; i <= j; ++i, product += 16) store_pair(product, products_.product(i, j));
  }
}

void CrossProductsState::settle() {
  const auto normal = [](DoubleDouble x) { return fast_two_sum(x.hi, x.lo); };
  for (int j = 0; j < columns(); ++j) products_.set_exponent(j, unit_of(products_, j));
  for (int j = 0; j < columns(); ++j) products_.set_mean(j, normal(products_.mean(j)));
  std::vector<bool> constant;
  for (int j = 0; j < columns(); ++j) {
    constant.push_back(rows() < 2 || products_.constant(j));
    for (int i = 0; i <= j; ++i) {
      const bool zero = constant[static_cast<std::size_t>(i)] || constant[static_cast<std::size_t>(j)];
      products_.set_product(i, j, zero ? DoubleDouble() : normal(products_.product(i, j)));
    }
  }
}

void CrossProductsState::add_rows(const double* values, int count) {
  if (rows() + count > kMaxCount) throw_too_many_rows();
  products_.merge(block_of(columns()).products(values, count));
  settle();
}

void CrossProductsState::require_same_columns(const CrossProductsState& other) const {
  if (other.columns() == columns()) return;
  throw Error(sqlstate::kInvalidParameter, "cross products of different numbers of columns",
              "One has " + std::to_string(columns() - 1) + " x, the other " +
                  std::to_string(other.columns() - 1) + ".",
              "Aggregate both with the same columns in the same order.");
}

void CrossProductsState::merge(CrossProductsState other) {
  require_same_columns(other);
  if (rows() + other.rows() > kMaxCount || skipped_ + other.skipped_ > kMaxCount) throw_too_many_rows();
  skipped_ += other.skipped_;
  error_ = std::max(error_, other.error_);
  // The larger part first, then by the numbers themselves: one order, one result.
  const auto precedes = [](const CrossProducts& a, const CrossProducts& b) {
    if (a.rows() != b.rows()) return a.rows() > b.rows();
    for (int j = 0; j < a.columns(); ++j) {
      if (a.exponent(j) != b.exponent(j)) return a.exponent(j) > b.exponent(j);
      if (!(a.mean(j) == b.mean(j))) return b.mean(j) < a.mean(j);
    }
    return true;
  };
  if (!precedes(products_, other.products_)) std::swap(products_, other.products_);
  products_.merge(std::move(other.products_));
  if (rows() > 0) settle();
}

std::vector<Coefficient> CrossProductsState::linear_fit(const std::vector<std::string>& names) const {
  if (rows() > 0) {
    const LeastSquares fit = fit_all(products_);
    return coefficient_table(fit, names, true, fit.residual_df, kConfidence);
  }
  LeastSquares none;
  none.terms.resize(names.size());
  none.intercept.aliased = true;
  for (LeastSquaresTerm& term : none.terms) term.aliased = true;
  return coefficient_table(none, names, true, 0, kConfidence);
}

std::optional<double> CrossProductsState::r_squared() const {
  if (rows() == 0) return std::nullopt;
  const double explained = fit_all(products_).explained;
  if (std::isnan(explained)) return std::nullopt;
  return explained;
}

std::vector<std::optional<double>> CrossProductsState::correlation() const {
  if (rows() < 2) return {};
  const auto width = static_cast<std::size_t>(columns());
  std::vector<std::optional<double>> matrix(width * width);
  for (int j = 0; j < columns(); ++j) {
    if (products_.constant(j)) continue;
    for (int i = 0; i <= j; ++i) {
      if (products_.constant(i)) continue;
      const DoubleDouble lengths = sqrt(products_.product(i, i)) * sqrt(products_.product(j, j));
      const double r = i == j ? 1 : (products_.product(i, j) / lengths).value();
      const double within = std::fmin(std::fmax(r, -1), 1) + 0.0;
      matrix[static_cast<std::size_t>(i) * width + static_cast<std::size_t>(j)] = within;
      matrix[static_cast<std::size_t>(j) * width + static_cast<std::size_t>(i)] = within;
    }
  }
  return matrix;
}

std::vector<std::optional<double>> CrossProductsState::covariance() const {
  if (rows() < 2) return {};
  const auto width = static_cast<std::size_t>(columns());
  const DoubleDouble divisor(static_cast<double>(rows() - 1));
  std::vector<std::optional<double>> matrix(width * width);
  for (int j = 0; j < columns(); ++j) {
    for (int i = 0; i <= j; ++i) {
      const double value = std::ldexp((products_.product(i, j) / divisor).value(),
                                      products_.exponent(i) + products_.exponent(j)) +
                           0.0;
      if (!std::isfinite(value)) {
        throw Error(sqlstate::kNumericOutOfRange, "value out of range: overflow",
                    "The covariance of " + cross_products_column_name(i) + " and " +
                        cross_products_column_name(j) + " is too large for double precision.",
                    "Divide the column by a constant first.");
      }
      matrix[static_cast<std::size_t>(i) * width + static_cast<std::size_t>(j)] = value;
      matrix[static_cast<std::size_t>(j) * width + static_cast<std::size_t>(i)] = value;
    }
  }
  return matrix;
}

}  // namespace persona
