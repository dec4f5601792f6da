// What an event weighs after a part of a half-life: 2^(-elapsed / half_life) as a double-double, by a table
// of 64 steps and the series of the exponential function (the method of Tang, ACM TOMS 15(2), 1989, carried
// to pairs). To that precision a weight and its inverse multiply to one, so that an amount has halved to the
// last digit after a half-life; and no library's exp2 has a say in what is stored.
#pragma once

#include <cstdint>

#include "core/base/double_double.h"

namespace persona {

/// 0 <= elapsed <= half_life <= 2^53. Relative error below 2^-74; 1 and 0.5 at the ends exactly.
DoubleDouble half_life_weight(std::int64_t elapsed, std::int64_t half_life) noexcept;

}  // namespace persona
