// Taking a part out of cross products: the pairwise formula of Chan, Golub and LeVeque solved for one part.
// With n = n_r + n_p, g = m - m_p and w = n n_p / n_r,
//   m_r = m + g n_p / n_r        S_r = S - S_p - w g g'.
// Where the part holds nearly all of a sum, what is left is what the subtraction does not cancel. So errors
// are bounded, and an answer that would not agree with a recomputation to about ten digits is refused.
//
// Bounds. With Q_j = S_jj + 2^-32 n m_j^2 the error of S_ij is at most e sqrt(Q_i Q_j), e = 2^-84: a block of
// the kernel errs by 2^-94 of its sums of squares if its 256 roundings are independent, a block that is not
// shifted may have 2^10 times those, and merging means that are rounded at 2^-106, a thousand of them in one
// direction or a million in any, moves S_ij by 2^-100 m_j sqrt(n S_ii). The error of m_j is at most
// 2^-96 |m_j| + e sqrt(Q_j / n). A state that was subtracted from before keeps by what factor these are
// exceeded ("error"). Scaled by the lengths of what remains, S_r errs entry by entry by at most
//   d = max e (Q + Q_p) / S_r + 2 sqrt(max G max E) + max E,   G = w g^2 / S_r, E = w (error of g)^2 / S_r,
// and coefficients, R^2 and standard errors by c d trace(R^-1), R the correlations of the c columns (the
// trace is at least 1 / the least eigenvalue).
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/poll.h"
#include "core/regression/cholesky.h"
#include "core/regression/least_squares.h"
#include "core/summaries/cross_products_state.h"

namespace persona {
namespace {

constexpr double kSumError = 0x1p-84;
constexpr double kMeanError = 0x1p-96;
constexpr double kOffset = 0x1p-32;
constexpr double kAllowed = 1e-10;
// A mean of this share of the column's root mean square is as good as zero.
constexpr double kNothing = 0x1p-66;
// A column that depends on others still does so when at most this share is left of what remains, or so little
// of the whole that it is what exact dependence leaves.
constexpr double kDependent = kAliasTolerance / 16;
constexpr double kExactlyDependent = 0x1p-92;
// What tells a part that was never in from rounding.
constexpr double kDoubt = 4;

constexpr const char* kHint = "Aggregate the rows that remain anew.";

[[noreturn]] void throw_never_in(const std::string& detail) {
  throw Error(sqlstate::kDataException, "the part to subtract cannot have been in these cross products",
              detail, "Subtract only what was aggregated or merged into the value before.");
}

[[noreturn]] void throw_imprecise(const std::string& detail) {
  throw Error(sqlstate::kNumericOutOfRange, "subtracting this part would lose too many digits", detail,
              kHint);
}

// What remains of column `name`: `rest` of `whole`, each a sum of squares.
[[noreturn]] void throw_cancelled(const std::string& name, double rest, double whole) {
  const int digits = static_cast<int>(-std::log10(kSumError));
  char detail[200];
  if (rest > 0 && rest > whole * kSumError) {
    (void)std::snprintf(
        detail, sizeof detail,
        "The rows that remain hold %.1e of the sum of squares of %s: about %d of its %d digits would "
        "be lost.",
        rest / whole, name.c_str(), static_cast<int>(std::ceil(std::log10(whole / rest))), digits);
  } else {
    (void)std::snprintf(
        detail, sizeof detail,
        "The rows that remain hold nothing of the sum of squares of %s that could be told from "
        "rounding: all of its %d digits would be lost.",
        name.c_str(), digits);
  }
  throw_imprecise(detail);
}

double square(double x) { return x * x; }

class Subtraction {
 public:
  Subtraction(const CrossProductsState& whole, const CrossProductsState& part)
      : whole_(whole.products()),
        part_(part.products()),
        rest_(whole.columns()),
        n_(static_cast<double>(whole.rows())),
        n_part_(static_cast<double>(part.rows())),
        n_rest_(n_ - n_part_),
        error_(whole.error()),
        error_part_(part.error()),
        columns_(static_cast<std::size_t>(whole.columns())) {
    for (int j = 0; j < whole_.columns(); ++j) {
      const int unit = std::max(whole_.exponent(j), part_.exponent(j));
      whole_.set_exponent(j, unit);
      part_.set_exponent(j, unit);
      rest_.set_exponent(j, unit);
    }
    rest_.set_rows(whole.rows() - part.rows());
    for (int j = 0; j < whole_.columns(); ++j) bound(j);
  }

  /// Every row is in the part.
  void require_equal() const {
    for (int j = 0; j < whole_.columns(); ++j) {
      const Column& column = at(j);
      const double gap = (whole_.product(j, j) - part_.product(j, j)).hi;
      if (std::fabs(column.gap.hi) > kDoubt * column.gap_error || std::fabs(gap) > kDoubt * column.sum_error)
        throw_never_in("It has as many rows, but another " + cross_products_column_name(j) + ".");
    }
  }

  CrossProducts rest() {
    subtract();
    if (n_rest_ < 2) {
      check_single_row();
      return rest_;
    }
    check_columns();
    check_pairs();
    restore_dependent();
    check_condition();
    return rest_;
  }

  /// The factor by which the bounds are exceeded from now on.
  double error() const {
    double most = std::max(error_, error_part_);
    for (int j = 0; j < whole_.columns(); ++j) {
      const Column& column = at(j);
      const double mean = std::fabs(rest_.mean(j).hi);
      const double sum = rest_.product(j, j).hi + kOffset * n_rest_ * mean * mean;
      if (column.constant || !(sum > 0)) continue;
      if (n_rest_ > 1) most = std::fmax(most, column.sum_error / (kSumError * sum));
      most = std::fmax(most, column.mean_error / (kMeanError * mean + kSumError * std::sqrt(sum / n_rest_)));
    }
    return std::fmin(most, CrossProductsState::kMaxError);
  }

 private:
  struct Column {
    bool constant = false;  // in all rows
    DoubleDouble gap;       // g
    double gap_error = 0;
    double own_error = 0;   // of S and S_p
    double sum_error = 0;   // of S_r
    double mean_error = 0;  // of m_r
  };

  Column& at(int j) { return columns_[static_cast<std::size_t>(j)]; }
  const Column& at(int j) const { return columns_[static_cast<std::size_t>(j)]; }
  double weight() const { return n_rest_ > 0 ? n_ * n_part_ / n_rest_ : 0; }

  void bound(int j) {
    Column& column = at(j);
    const double mean = std::fabs(whole_.mean(j).hi);
    const double mean_part = std::fabs(part_.mean(j).hi);
    const double sum = whole_.product(j, j).hi + kOffset * n_ * mean * mean;
    const double sum_part = part_.product(j, j).hi + kOffset * n_part_ * mean_part * mean_part;
    const double of_mean = error_ * (kMeanError * mean + kSumError * std::sqrt(sum / n_));
    const double of_part = error_part_ * (kMeanError * mean_part + kSumError * std::sqrt(sum_part / n_part_));
    column.constant = whole_.constant(j);
    column.gap = whole_.mean(j) - part_.mean(j);
    column.gap_error = of_mean + of_part;
    column.own_error = kSumError * (error_ * sum + error_part_ * sum_part);
    column.sum_error =
        column.own_error + weight() * column.gap_error * (2 * std::fabs(column.gap.hi) + column.gap_error);
    if (n_rest_ > 0) column.mean_error = (n_ * of_mean + n_part_ * of_part) / n_rest_;
  }

  void subtract() {
    const DoubleDouble share = DoubleDouble(n_part_) / DoubleDouble(n_rest_);
    const DoubleDouble weight = DoubleDouble(n_) * share;
    for (int j = 0; j < whole_.columns(); ++j) {
      const Column& column = at(j);
      if (column.constant) {
        if (part_.product(j, j).hi > 0 || std::fabs(column.gap.hi) > kDoubt * column.gap_error) {
          throw_never_in("There " + cross_products_column_name(j) +
                         " is the same in every row, and here not.");
        }
        rest_.set_mean(j, whole_.mean(j));
        continue;
      }
      rest_.set_mean(j, whole_.mean(j) + column.gap * share);
      const DoubleDouble weighted = weight * column.gap;
      for (int i = 0; i <= j; ++i) {
        if (at(i).constant) continue;
        rest_.set_product(i, j, whole_.product(i, j) - part_.product(i, j) - weighted * at(i).gap);
      }
    }
  }

  void check_single_row() {
    for (int j = 0; j < rest_.columns(); ++j) {
      const Column& column = at(j);
      const std::string name = cross_products_column_name(j);
      if (std::fabs(rest_.product(j, j).hi) > kDoubt * column.sum_error)
        throw_never_in("One row would remain, and yet " + name + " would vary.");
      const double whole = square(whole_.mean(j).hi) + whole_.product(j, j).hi / n_;
      const double rest = std::fabs(rest_.mean(j).hi);
      if (!column.constant && column.mean_error > std::fmax(kAllowed * rest, kNothing * std::sqrt(whole)))
        throw_cancelled(name, rest * rest, whole * n_);
    }
    for (int j = 0; j < rest_.columns(); ++j) {
      for (int i = 0; i <= j; ++i) rest_.set_product(i, j, 0.0);
    }
  }

  void check_columns() {
    double own = 0;
    double gaps = 0;
    double gap_errors = 0;
    double means = 0;
    for (int j = 0; j < rest_.columns(); ++j) {
      const Column& column = at(j);
      if (column.constant) continue;
      const double sum = rest_.product(j, j).hi;
      const std::string name = cross_products_column_name(j);
      if (sum < -kDoubt * column.sum_error)
        throw_never_in("The rows that remain would have a negative sum of squares of " + name + ".");
      if (!(column.sum_error <= kAllowed * sum)) throw_cancelled(name, sum, whole_.product(j, j).hi);
      own = std::fmax(own, column.own_error / sum);
      gaps = std::fmax(gaps, weight() * square(column.gap.hi) / sum);
      gap_errors = std::fmax(gap_errors, weight() * square(column.gap_error) / sum);
      means = std::fmax(means, column.mean_error / std::sqrt(sum / n_rest_));
    }
    error_of_pairs_ = own + 2 * std::sqrt(gaps * gap_errors) + gap_errors;
    error_of_rest_ = std::fmax(error_of_pairs_, means);
  }

  void check_pairs() const {
    for (int j = 0; j < rest_.columns(); ++j) {
      for (int i = 0; i < j; ++i) {
        const double lengths = std::sqrt(rest_.product(i, i).hi) * std::sqrt(rest_.product(j, j).hi);
        // The lengths are rounded to doubles.
        if (std::fabs(rest_.product(i, j).hi) <= lengths * (1 + kDoubt * error_of_pairs_ + 0x1p-48)) continue;
        throw_never_in("The rows that remain would have a correlation of " + cross_products_column_name(i) +
                       " and " + cross_products_column_name(j) + " beyond 1.");
      }
    }
  }

  // Columns that depend on others in all rows do so in those that remain; rounding must not hide it from the
  // fits to come. The columns of x come first there, then y.
  void restore_dependent() {
    std::vector<int> order;
    for (int j = 1; j < whole_.columns(); ++j) order.push_back(j);
    order.push_back(0);
    NoPoll poll;
    const std::vector<bool> dependent = find_aliased(whole_, order, true, kAliasTolerance, poll);
    for (std::size_t k = 0; k < order.size(); ++k) {
      if (!dependent[k]) {
        independent_.push_back(order[k]);
      } else if (!at(order[k]).constant) {
        restore(order[k]);
      }
    }
  }

  // Row j of the products as the combination of independent columns that it is: with b of x_j = b' x, S_ij is
  // b' S_i and S_jj is b' S b.
  void restore(int j) {
    NoPoll poll;
    const LeastSquares fit = solve_least_squares(whole_, independent_, j, true, 0, poll);
    std::vector<DoubleDouble> b;
    for (std::size_t k = 0; k < independent_.size(); ++k) {
      b.emplace_back(
          std::ldexp(fit.terms[k].estimate, whole_.exponent(independent_[k]) - whole_.exponent(j)));
    }
    const auto combined = [&](const CrossProducts& products, int i) {
      DoubleDouble sum;
      for (std::size_t k = 0; k < b.size(); ++k) sum += b[k] * products.product(independent_[k], i);
      return sum;
    };
    const auto squared = [&](const CrossProducts& products) {
      DoubleDouble sum;
      for (std::size_t k = 0; k < b.size(); ++k) sum += b[k] * combined(products, independent_[k]);
      return sum;
    };
    const DoubleDouble left = whole_.product(j, j) - DoubleDouble(2) * combined(whole_, j) + squared(whole_);
    if (std::fabs(left.hi) >
        std::fmax(kDependent * rest_.product(j, j).hi, kExactlyDependent * whole_.product(j, j).hi)) {
      throw_imprecise("Whether " + cross_products_column_name(j) +
                      " still depends on the other columns would be lost in rounding.");
    }
    std::vector<DoubleDouble> row;
    row.reserve(static_cast<std::size_t>(rest_.columns()));
    for (int i = 0; i < rest_.columns(); ++i) row.push_back(combined(rest_, i));
    for (int i = 0; i < rest_.columns(); ++i) {
      if (!at(i).constant) rest_.set_product(i, j, row[static_cast<std::size_t>(i)]);
    }
    rest_.set_product(j, j, squared(rest_));
  }

  // The columns that do not depend on others must still not do so, by a margin.
  void check_condition() {
    PackedMatrix correlations;
    for (const int j : independent_) {
      for (const int i : independent_) {
        correlations.push_back(rest_.product(i, j) / (sqrt(rest_.product(i, i)) * sqrt(rest_.product(j, j))));
        if (i == j) break;
      }
    }
    NoPoll poll;
    const auto size = independent_.size();
    const Cholesky cholesky(std::move(correlations), static_cast<int>(size), kAliasTolerance, poll);
    for (std::size_t k = 0; k < size; ++k) {
      if (cholesky.dependent(static_cast<int>(k))) throw_dependent(independent_[k], 0);
    }
    const PackedMatrix inverse_factor = cholesky.inverse_factor(poll);
    std::vector<double> inflation(size);  // the diagonal of the inverse
    std::size_t next = 0;
    for (std::size_t i = 0; i < size; ++i) {
      for (std::size_t k = 0; k <= i; ++k, ++next) inflation[k] += square(inverse_factor[next].hi);
    }
    double trace = 0;
    for (const double x : inflation) trace += x;
    if (static_cast<double>(size) * trace * error_of_rest_ <= kAllowed) return;
    const auto worst = std::max_element(inflation.begin(), inflation.end());
    throw_dependent(independent_[static_cast<std::size_t>(worst - inflation.begin())], 1 / *worst);
  }

  // `share` of the column's sum of squares is what the others leave unexplained.
  [[noreturn]] void throw_dependent(int column, double share) const {
    const std::string name = cross_products_column_name(column);
    if (share == 0) {
      throw_imprecise("In the rows that remain " + name +
                      " would be a combination of the other columns, as far as rounding can tell.");
    }
    char detail[200];
    (void)std::snprintf(
        detail, sizeof detail,
        "In the rows that remain the other columns explain all but %.0e of the sum of squares of %s, "
        "and the sums would be known to %.0e.",
        share, name.c_str(), error_of_rest_);
    throw_imprecise(detail);
  }

  CrossProducts whole_, part_, rest_;
  double n_, n_part_, n_rest_;
  double error_, error_part_;
  std::vector<Column> columns_;
  double error_of_pairs_ = 0;
  double error_of_rest_ = 0;  // the means counted
  std::vector<int> independent_;
};

}  // namespace

void CrossProductsState::subtract(const CrossProductsState& part) {
  require_same_columns(part);
  if (part.rows() > rows() || part.skipped_ > skipped_) {
    throw_never_in("It has " + std::to_string(part.rows()) + " rows and " + std::to_string(part.skipped_) +
                   " skipped ones, and there are " + std::to_string(rows()) + " and " +
                   std::to_string(skipped_) + ".");
  }
  skipped_ -= part.skipped_;
  if (part.rows() == 0) return;
  Subtraction subtraction(*this, part);
  if (part.rows() == rows()) {
    subtraction.require_equal();
    products_ = CrossProducts(columns());
    error_ = 1;
    return;
  }
  products_ = subtraction.rest();
  error_ = subtraction.error();
  settle();
}

}  // namespace persona
