// Updating, merging and reading moments; formulas and sources are in moments.h.
#include "core/summaries/moments.h"

#include <algorithm>
#include <cmath>

#include "core/summaries/amount_sums.h"
#include "core/summaries/state_header.h"

namespace persona {
namespace {

constexpr std::size_t kN = 16, kNulls = 24, kMinimum = 32, kMaximum = 40, kSum = 48, kM2 = 64, kM3 = 80,
                      kM4 = 96;

bool all_finite(const Moments& m) noexcept {
  return std::isfinite(m.sum.value()) && std::isfinite(m.m2.value()) && std::isfinite(m.m3.value()) &&
         std::isfinite(m.m4.value());
}

// Even moments cannot be negative; of nothing but rounding a sum of them may be. NaN stays, to be noticed.
DoubleDouble at_least_zero(DoubleDouble x) noexcept { return x.hi <= 0 ? DoubleDouble() : x; }

}  // namespace

Moments Moments::read(const char* state) noexcept {
  Moments m;
  m.n = load<std::int64_t>(state + kN);
  m.nulls = load<std::int64_t>(state + kNulls);
  m.minimum = load<double>(state + kMinimum);
  m.maximum = load<double>(state + kMaximum);
  m.sum = load_pair(state + kSum);
  m.m2 = load_pair(state + kM2);
  m.m3 = load_pair(state + kM3);
  m.m4 = load_pair(state + kM4);
  return m;
}

void Moments::write(char* state) const noexcept {
  start_header(state, SummaryKind::moments, kMomentsVersion, 0, 0);
  store(state + kN, n);
  store(state + kNulls, nulls);
  store(state + kMinimum, minimum + 0.0);
  store(state + kMaximum, maximum + 0.0);
  store_pair(state + kSum, sum);
  store_pair(state + kM2, m2);
  store_pair(state + kM3, m3);
  store_pair(state + kM4, m4);
}

bool Moments::add(double x) noexcept {
  x += 0.0;
  Moments next = *this;
  next.n = n + 1;
  if (n == 0) {
    next.minimum = next.maximum = x;
    next.sum = DoubleDouble(x);
    *this = next;
    return true;
  }
  next.minimum = std::min(minimum, x);
  next.maximum = std::max(maximum, x);
  next.sum = plus(sum, x);
  if (next.minimum != next.maximum) {
    const auto count = static_cast<double>(next.n);
    const auto before = static_cast<double>(n);
    const DoubleDouble n_dd(count);
    // delta / n = (x - mean) / n, with the mean before this value.
    const DoubleDouble step = (two_product(before, x) - sum) / two_product(before, count);
    const DoubleDouble step2 = step * step;
    const DoubleDouble term = step2 * two_product(count, before);  // delta^2 (n - 1) / n
    next.m4 = at_least_zero(m4 + term * step2 * (two_product(count, count - 3) + DoubleDouble(3)) +
                            DoubleDouble(6) * step2 * m2 - DoubleDouble(4) * step * m3);
    next.m3 = m3 + term * step * DoubleDouble(count - 2) - DoubleDouble(3) * step * m2;
    next.m2 = m2 + term;
  }
  if (!all_finite(next)) return false;
  *this = next;
  return true;
}

bool Moments::merge(const Moments& other) noexcept {
  Moments sums = *this;
  sums.nulls = nulls + other.nulls;
  if (other.n == 0 || n == 0) {
    const std::int64_t all_nulls = sums.nulls;
    if (n == 0) *this = other;
    nulls = all_nulls;
    return true;
  }
  sums.n = n + other.n;
  sums.minimum = std::min(minimum, other.minimum);
  sums.maximum = std::max(maximum, other.maximum);
  sums.sum = sum + other.sum;
  if (sums.minimum != sums.maximum) {
    const auto n_a = static_cast<double>(n);
    const auto n_b = static_cast<double>(other.n);
    const DoubleDouble count(n_a + n_b);
    const DoubleDouble delta = mean_difference(sum, n, other.sum, other.n);
    const DoubleDouble step = delta / count;
    const DoubleDouble step2 = step * step;
    const DoubleDouble product = two_product(n_a, n_b);
    const DoubleDouble term = delta * step * product;  // delta^2 n_a n_b / n
    const DoubleDouble ratio = two_product(n_a, n_a) + two_product(n_b, n_b) - product;
    sums.m4 = at_least_zero((m4 + other.m4) + term * step2 * ratio +
                            DoubleDouble(6) * step2 *
                                (two_product(n_a, n_a) * other.m2 + two_product(n_b, n_b) * m2) +
                            DoubleDouble(4) * step * (DoubleDouble(n_a) * other.m3 - DoubleDouble(n_b) * m3));
    sums.m3 = (m3 + other.m3) + term * step * DoubleDouble(n_a - n_b) +
              DoubleDouble(3) * step * (DoubleDouble(n_a) * other.m2 - DoubleDouble(n_b) * m2);
    sums.m2 = (m2 + other.m2) + term;
  }
  if (!all_finite(sums)) return false;
  *this = sums;
  return true;
}

std::optional<double> Moments::mean() const noexcept {
  if (n == 0) return std::nullopt;
  return mean_of(sum, n);
}

std::optional<double> Moments::variance() const noexcept {
  if (n < 2) return std::nullopt;
  return (m2 / DoubleDouble(static_cast<double>(n - 1))).value();
}

std::optional<double> Moments::stddev() const noexcept {
  if (n < 2) return std::nullopt;
  return sqrt(m2 / DoubleDouble(static_cast<double>(n - 1))).value();
}

std::optional<double> Moments::skewness() const noexcept {
  if (!(m2.hi > 0)) return std::nullopt;
  const DoubleDouble variance = m2 / DoubleDouble(static_cast<double>(n));
  const DoubleDouble third = m3 / DoubleDouble(static_cast<double>(n));
  return (third / variance / sqrt(variance)).value();
}

std::optional<double> Moments::kurtosis() const noexcept {
  if (!(m2.hi > 0)) return std::nullopt;
  const DoubleDouble variance = m2 / DoubleDouble(static_cast<double>(n));
  const DoubleDouble fourth = m4 / DoubleDouble(static_cast<double>(n));
  return (fourth / variance / variance - DoubleDouble(3)).value();
}

}  // namespace persona
