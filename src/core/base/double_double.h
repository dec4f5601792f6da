// Double-double arithmetic: a number held as the unevaluated sum of two doubles, about 106 bits. Algorithms
// and error bounds from Joldes, Muller and Popescu, "Tight and rigorous error bounds for basic building
// blocks of double-word arithmetic", ACM TOMS 44(2), 2017; two_sum from Knuth (TAOCP 2, 4.2.2), fast_two_sum
// from Dekker (Numerische Mathematik 18, 1971). Finite values only: an infinity turns the low part into NaN.
#pragma once

#include <cmath>

namespace persona {

/// x, with its origin hidden from the optimizer. Compilers may turn a * b + c into one FMA that never rounds
/// a * b (GCC's default, wherever the target has the instruction), and the error of a product that was not
/// rounded would then be counted twice. `T` is a double or a vector of doubles.
template <typename T>
inline T rounded(T x) {
#if defined(__x86_64__)
  asm("" : "+x"(x));
#elif defined(__aarch64__)
  asm("" : "+w"(x));
#else
  asm("" : "+m"(x));
#endif
  return x;
}

/// hi + lo with |lo| <= ulp(hi) / 2.
struct DoubleDouble {
  double hi = 0;
  double lo = 0;

  constexpr DoubleDouble() = default;
  constexpr DoubleDouble(double value) : hi(value) {}  // NOLINT(google-explicit-constructor): exact
  constexpr DoubleDouble(double high, double low) : hi(high), lo(low) {}

  /// Rounded to the nearest double.
  constexpr double value() const { return hi + lo; }
};

/// a + b exactly.
inline DoubleDouble two_sum(double a, double b) {
  const double s = a + b;
  const double t = s - a;
  return {s, (a - (s - t)) + (b - t)};
}

/// a + b exactly, given |a| >= |b| or a = 0.
inline DoubleDouble fast_two_sum(double a, double b) {
  const double s = a + b;
  return {s, b - (s - a)};
}

/// a * b exactly (unless the product leaves the normal range).
inline DoubleDouble two_product(double a, double b) {
  const double p = rounded(a * b);
  return {p, std::fma(a, b, -p)};
}

inline DoubleDouble operator-(DoubleDouble a) { return {-a.hi, -a.lo}; }

/// Relative error at most 3 u^2 (u = 2^-53).
inline DoubleDouble operator+(DoubleDouble a, DoubleDouble b) {
  const DoubleDouble s = two_sum(a.hi, b.hi);
  const DoubleDouble t = two_sum(a.lo, b.lo);
  const DoubleDouble v = fast_two_sum(s.hi, s.lo + t.hi);
  return fast_two_sum(v.hi, v.lo + t.lo);
}

inline DoubleDouble operator-(DoubleDouble a, DoubleDouble b) { return a + (-b); }

/// Relative error at most 4 u^2.
inline DoubleDouble operator*(DoubleDouble a, DoubleDouble b) {
  const DoubleDouble p = two_product(a.hi, b.hi);
  const double cross = std::fma(a.lo, b.hi, std::fma(a.hi, b.lo, a.lo * b.lo));
  return fast_two_sum(p.hi, p.lo + cross);
}

/// Relative error at most 10 u^2; b must not be zero.
inline DoubleDouble operator/(DoubleDouble a, DoubleDouble b) {
  const double q = a.hi / b.hi;
  const DoubleDouble r = a - b * DoubleDouble(q);
  const double q2 = r.hi / b.hi;
  const DoubleDouble r2 = r - b * DoubleDouble(q2);
  return fast_two_sum(q, q2) + DoubleDouble(r2.hi / b.hi);
}

inline DoubleDouble& operator+=(DoubleDouble& a, DoubleDouble b) { return a = a + b; }
inline DoubleDouble& operator-=(DoubleDouble& a, DoubleDouble b) { return a = a - b; }

inline bool operator<(DoubleDouble a, DoubleDouble b) { return a.hi < b.hi || (a.hi == b.hi && a.lo < b.lo); }
inline bool operator==(DoubleDouble a, DoubleDouble b) { return a.hi == b.hi && a.lo == b.lo; }

/// Square root of a >= 0 by one Newton step on the double root (Karp and Markstein, ACM TOMS 23(4), 1997).
inline DoubleDouble sqrt(DoubleDouble a) {
  if (!(a.hi > 0)) return 0.0;
  const double root = std::sqrt(a.hi);
  const DoubleDouble residual = a - two_product(root, root);
  return fast_two_sum(root, residual.hi / (2 * root));
}

/// a * 2^exponent: exact unless it leaves the normal range.
inline DoubleDouble ldexp(DoubleDouble a, int exponent) {
  return {std::ldexp(a.hi, exponent), std::ldexp(a.lo, exponent)};
}

}  // namespace persona
