// The summary `cross_products`: rows, means and centered cross products of y and x_1 .. x_p to about 106
// bits, which is all that a linear regression, a correlation or a covariance needs. Mergeable, and parts can
// be taken out again. The arithmetic is that of persona.fit (src/core/regression). Layout, with c = p + 1
// columns, y first (docs/summaries/cross_products.md):
//   header (dim c) | rows, skipped i64 | where there are rows: error f64 | unit i32[c], padded to 8 bytes |
//   mean double-double[c] | product double-double[c (c + 1) / 2], the lower triangle by rows
// Inside an aggregate rows wait behind these (cross_products_rows.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/model/rows.h"
#include "core/regression/cross_products.h"

namespace persona {

inline constexpr std::uint8_t kCrossProductsVersion = 1;
/// Of a state whose rows were all skipped; the least there is.
inline constexpr std::size_t kCrossProductsFirstSize = 32;
inline constexpr int kMaxFeatures = 100;

/// The bytes of a stored state of `columns` columns, y counted, with or without rows.
constexpr std::size_t cross_products_size(int columns, bool any_rows) noexcept {
  if (!any_rows) return kCrossProductsFirstSize;
  const auto c = static_cast<std::size_t>(columns);
  return kCrossProductsFirstSize + 8 + (4 * c + 7) / 8 * 8 + 16 * c + 8 * c * (c + 1);
}

/// "y", "x1", "x2", ...
std::string cross_products_column_name(int column);

/// The contents of a state.
class CrossProductsState {
 public:
  /// The most that error() can be.
  static constexpr double kMaxError = 0x1p60;

  explicit CrossProductsState(int columns) : products_(columns) {}
  CrossProductsState(CrossProducts products, std::int64_t skipped, double error)
      : skipped_(skipped), error_(error), products_(std::move(products)) {}

  /// Of a state whose size is right; rows that wait behind it are taken in.
  static CrossProductsState read(const char* state);
  std::size_t size() const noexcept { return cross_products_size(columns(), rows() > 0); }
  /// Writes size() bytes but for the first four: one form, whatever state they were read from.
  void write(char* state) const;

  int columns() const noexcept { return products_.columns(); }
  std::int64_t rows() const noexcept { return products_.rows(); }
  /// Rows left out because of a NULL.
  std::int64_t skipped() const noexcept { return skipped_; }
  /// By what factor subtract() has widened the error bounds (cross_products_subtract.cpp); 1 without it.
  double error() const noexcept { return error_; }
  const CrossProducts& products() const noexcept { return products_; }

  /// Takes in `count` complete rows of finite values, row by row, at most 256.
  void add_rows(const double* values, int count);
  /// Adds a disjoint part; the same bits whichever is first. Throws 22023 for other columns, 22003 for too
  /// many rows.
  void merge(CrossProductsState other);
  /// Takes the rows of `part` out. Throws 22023 for other columns, 22000 when they cannot have been in, 22003
  /// when what remains would not be known to ten digits.
  void subtract(const CrossProductsState& part);

  /// y on an intercept and the x, as persona.fit('linear_regression') has it, 95 % limits. `names` of the x;
  /// without rows no term has an estimate.
  std::vector<Coefficient> linear_fit(const std::vector<std::string>& names) const;
  /// None for a constant y or no rows.
  std::optional<double> r_squared() const;
  /// Row by row, y first; no value for a constant column. Empty below two rows.
  std::vector<std::optional<double>> correlation() const;
  /// Divisor rows - 1. Empty below two rows. Throws 22003 when one is not a double.
  std::vector<std::optional<double>> covariance() const;

  /// Brings equal contents to equal bytes, as every function here leaves them: units by the columns' size, no
  /// products of constant columns.
  void settle();

 private:
  void require_same_columns(const CrossProductsState& other) const;

  std::int64_t skipped_ = 0;
  double error_ = 1;
  CrossProducts products_;
};

/// Throws persona::Error{sqlstate, message, what is wrong} unless the bytes are a stored state that some rows
/// can have led to, as far as can be told. The first four bytes are not looked at.
void cross_products_check(const char* state, std::size_t size, const char* sqlstate, const char* message);

/// "cross_products:1 columns=2 rows=3 skipped=0 error=1 units=0,0 means=2,4 products=2,4,8".
std::string cross_products_to_text(const char* state, std::size_t size);

/// A checked state, its first four bytes zero. Throws 22P02.
std::string cross_products_from_text(std::string_view text);

/// The state without its length word, every number in network order.
std::string cross_products_to_binary(const char* state, std::size_t size);

/// A checked state, its first four bytes zero. Throws 22P03.
std::string cross_products_from_binary(std::string_view message);

}  // namespace persona
