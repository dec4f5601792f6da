// How a design column comes from base columns: a product of at most two factors, each a base number or the
// 0/1 of one level of a base label. Whoever keeps rows keeps base columns only, and makes design columns of
// them by recipe.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

namespace persona {

/// By default the constant 1.
struct Factor {
  int number = -1;       ///< which base number; or else
  int label = -1;        ///< which base label,
  int level = -1;        ///< and which of its levels: 1 there and 0 elsewhere
  bool missing = false;  ///< of a number: 1 where it is missing (NaN) and 0 elsewhere, in place of its value
  /// Of a number: what stands in place of a missing value; NaN for a number that is never missing.
  double fill = std::numeric_limits<double>::quiet_NaN();

  bool constant() const noexcept { return number < 0 && label < 0; }
  /// The value of a base number as it is.
  bool plain() const noexcept { return number >= 0 && !missing && std::isnan(fill); }
};

struct Recipe {
  Factor first;
  Factor second;  ///< the constant 1 where the column is no product
};

/// Multiplies `rows` values by a factor, whose base column is `number` or `level`.
inline void multiply_by(const Factor& factor, const double* number, const std::int32_t* level, int rows,
                        double* values) {
  if (factor.number >= 0) {
    for (int r = 0; r < rows; ++r) {
      const bool missing = std::isnan(number[r]);
      values[r] *= factor.missing ? static_cast<double>(missing) : missing ? factor.fill : number[r];
    }
  } else if (factor.label >= 0) {
    for (int r = 0; r < rows; ++r) values[r] *= level[r] == factor.level ? 1.0 : 0.0;
  }
}

}  // namespace persona
