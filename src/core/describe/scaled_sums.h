// Mean and sample standard deviation over the whole range of float8: 1e300 and 1e-300 have a deviation, too.
// Values are scaled by a power of two that suits the largest seen so far, shifted by the first of them, and
// summed with their squares as double-doubles (Joldes, Muller and Popescu, ACM TOMS 44(2), 2017): about 106
// bits, of which the final difference may cancel half.
#pragma once

#include <cstdint>
#include <optional>

#include "core/base/double_double.h"

namespace persona {

class ScaledSums {
 public:
  /// `times` occurrences of a finite value, times > 0.
  void add(double x, std::int64_t times = 1) noexcept;

  /// None of nothing.
  std::optional<double> mean() const noexcept;
  /// Denominator n - 1; none below two values, infinite where it is beyond float8.
  std::optional<double> stddev() const noexcept;

 private:
  void raise_scale() noexcept;

  std::int64_t n_ = 0;
  double scale_ = 0x1p600;  // what values are held times: this, 1 or 2^-600
  double shift_ = 0;
  DoubleDouble sum_;      // of (x - shift)
  DoubleDouble squares_;  // of (x - shift)^2
};

}  // namespace persona
