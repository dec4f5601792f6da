// The summary `moments`: count, extremes and the first four moments of a number, in 112 bytes, mergeable.
// Updating and pairwise formulas: Pebay, "Formulas for robust, one-pass parallel computation of covariances
// and arbitrary-order statistical moments", SAND2008-6212 (2008), equations 2.1, 2.2 and 3.1; all sums and
// central moments are double-doubles, so that data as badly scaled as mean 1e9, deviation 1 keep every digit
// of the third and fourth moment, and any partition rolls up to the one-pass answer. Layout
// (docs/summaries/moments.md):
//   header (dim 0) | n, nulls i64 | min, max f64 | sum, m2, m3, m4 double-double
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/double_double.h"

namespace persona {

inline constexpr std::uint8_t kMomentsVersion = 1;
inline constexpr std::size_t kMomentsSize = 112;

/// The contents of a state. Central moments are sums of powers of (x - mean), not divided by n.
struct Moments {
  std::int64_t n = 0;
  std::int64_t nulls = 0;
  double minimum = 0;  ///< 0 when n = 0
  double maximum = 0;
  DoubleDouble sum;
  DoubleDouble m2;
  DoubleDouble m3;
  DoubleDouble m4;

  /// Of a state of kMomentsSize bytes.
  static Moments read(const char* state) noexcept;
  /// Writes everything but the first four bytes.
  void write(char* state) const noexcept;

  /// Adds a finite value. False, with nothing changed, when a moment leaves the range of float8: the fourth
  /// power of a deviation must stay below 1.8e308, a deviation below about 1e77.
  bool add(double x) noexcept;

  /// Adds a disjoint part; the same bits whichever is first. False as in add(). Counts are the caller's to
  /// bound.
  bool merge(const Moments& other) noexcept;

  /// None of an empty state.
  std::optional<double> mean() const noexcept;
  /// Sample variance and its root, m2 / (n - 1); none below two values.
  std::optional<double> variance() const noexcept;
  std::optional<double> stddev() const noexcept;
  /// g1 = sqrt(n) m3 / m2^(3/2) and g2 = n m4 / m2^2 - 3, the moment coefficients (Joanes and Gill, The
  /// Statistician 47, 1998); none where all values are equal.
  std::optional<double> skewness() const noexcept;
  std::optional<double> kurtosis() const noexcept;
};

/// Throws persona::Error{sqlstate, message, what is wrong} unless the bytes are a state that some values can
/// have led to, as far as can be told. The first four bytes are not looked at.
void moments_check(const char* state, std::size_t size, const char* sqlstate, const char* message);

/// "moments:1 n=3 nulls=0 min=1 max=3 sum=6 m2=2 m3=0 m4=2".
std::string moments_to_text(const char* state);

/// A checked state, its first four bytes zero. Throws 22P02.
std::string moments_from_text(std::string_view text);

/// The state without its length word, every number in network order.
std::string moments_to_binary(const char* state);

/// A checked state, its first four bytes zero. Throws 22P03.
std::string moments_from_binary(std::string_view message);

}  // namespace persona
