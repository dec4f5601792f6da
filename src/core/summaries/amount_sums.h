// Count, total and squared deviations of amounts, in one pass and mergeable: the updating formula of Youngs
// and Cramer (Technometrics 13, 1971) and the pairwise one of Chan, Golub and LeVeque (COMPSTAT 1982), on
// sums held as double-doubles. The deviation n x - S is what cancels; it is formed to 106 bits and only then
// rounded. All terms of the squared deviations are positive, so their relative error stays at a few units of
// 2^-53 whatever the partition.
#pragma once

#include <cmath>
#include <cstdint>

#include "core/base/double_double.h"

namespace persona {

/// mean_b - mean_a of two non-empty sums; a difference below what a double-double mean resolves is zero, so
/// that parts of a constant keep a variance of zero.
inline DoubleDouble mean_difference(DoubleDouble sum_a, std::int64_t n_a, DoubleDouble sum_b,
                                    std::int64_t n_b) noexcept {
  const DoubleDouble mean_a = sum_a / DoubleDouble(static_cast<double>(n_a));
  const DoubleDouble mean_b = sum_b / DoubleDouble(static_cast<double>(n_b));
  const DoubleDouble difference = mean_b - mean_a;
  const double scale = std::fmax(std::fabs(mean_a.hi), std::fabs(mean_b.hi));
  return std::fabs(difference.hi) <= scale * 0x1p-99 ? DoubleDouble() : difference;
}

/// A sum plus one value.
inline DoubleDouble plus(DoubleDouble sum, double x) noexcept {
  const DoubleDouble s = two_sum(sum.hi, x);
  return fast_two_sum(s.hi, s.lo + sum.lo);
}

/// sum / n, n > 0. The plain quotient where the remainder of a sum next to the greatest double overflows.
inline double mean_of(DoubleDouble sum, std::int64_t n) noexcept {
  const double mean = (sum / DoubleDouble(static_cast<double>(n))).value();
  return std::isfinite(mean) ? mean : sum.hi / static_cast<double>(n);
}

struct AmountSums {
  std::int64_t n = 0;
  DoubleDouble total;
  DoubleDouble m2;  ///< sum of (x - mean)^2

  /// False, with the sums unchanged, when finite amounts lead to an infinite total or variance.
  bool add(double x) noexcept {
    if (n == 0) {
      *this = {1, {x + 0.0, 0.0}, {}};
      return true;
    }
    const auto before = static_cast<double>(n);
    const double count = before + 1;
    const DoubleDouble sum = plus(total, x);
    // n x - S with this value counted, which is (n - 1) x - S without it.
    const DoubleDouble p = two_product(before, x);
    const DoubleDouble d = two_sum(p.hi, -total.hi);
    const double deviation = d.hi + (d.lo + (p.lo - total.lo));
    const DoubleDouble squares = plus(m2, deviation * (deviation / (count * before)));
    if (!std::isfinite(sum.value()) || !std::isfinite(squares.value())) return false;
    *this = {n + 1, sum, squares};
    return true;
  }

  /// The same for two disjoint parts; gives the same bits whichever is first.
  bool merge(const AmountSums& other) noexcept {
    if (other.n == 0) return true;
    if (n == 0) {
      *this = other;
      return true;
    }
    const double d = mean_difference(total, n, other.total, other.n).value();
    const auto n_a = static_cast<double>(n);
    const auto n_b = static_cast<double>(other.n);
    const DoubleDouble sum = total + other.total;
    const DoubleDouble squares = plus(m2 + other.m2, d * d * ((n_a * n_b) / (n_a + n_b)));
    if (!std::isfinite(sum.value()) || !std::isfinite(squares.value())) return false;
    *this = {n + other.n, sum, squares};
    return true;
  }

  /// n > 0.
  double mean() const noexcept { return mean_of(total, n); }

  /// Sample standard deviation (denominator n - 1), n > 1.
  double stddev() const noexcept { return std::sqrt(m2.value() / static_cast<double>(n - 1)); }
};

}  // namespace persona
