// Whether a stored double-double is in its one form: finite, the low part within half a unit of the high one,
// no negative zero. Equal numbers are then equal bytes, and arithmetic on them keeps its error bounds.
#pragma once

#include <cmath>

#include "core/base/double_double.h"

namespace persona {

inline bool is_canonical_double(double x) noexcept {
  return std::isfinite(x) && !(x == 0 && std::signbit(x));
}

inline bool is_canonical_pair(DoubleDouble x) noexcept {
  return is_canonical_double(x.hi) && is_canonical_double(x.lo) && x.hi + x.lo == x.hi;
}

}  // namespace persona
