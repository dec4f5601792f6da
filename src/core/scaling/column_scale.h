// How one column is normalized: y = (t(clip(x)) - center) / scale, where t is the identity or, for the method
// log, the symmetric logarithm sign(x) log(1 + |x|) (John and Draper, "An alternative family of
// transformations", Applied Statistics 29, 1980). A scale is never 0: where the training values have none, as
// those of a constant column, it is 1, so that the formula holds everywhere.
#pragma once

#include <optional>
#include <string>
#include <utility>

namespace persona {

enum class ScalingMethod { standard, minmax, robust, log };

inline constexpr ScalingMethod kScalingMethods[] = {ScalingMethod::standard, ScalingMethod::minmax,
                                                    ScalingMethod::robust, ScalingMethod::log};

/// As users write it.
const char* scaling_method_name(ScalingMethod method) noexcept;

/// None for a name that is none.
std::optional<ScalingMethod> find_scaling_method(const std::string& name);

/// sign(x) log(1 + |x|): odd, increasing, near x where |x| is small and near log |x| where it is large.
double symmetric_log(double x) noexcept;

struct ColumnScale {
  ScalingMethod method = ScalingMethod::standard;
  double center = 0;
  double scale = 1;                               ///< finite and above 0
  std::optional<std::pair<double, double>> clip;  ///< of x, before anything else: lower, upper

  /// What center and scale are applied to.
  double transformed(double x) const noexcept;
  /// NaN for a value that is not finite, or whose answer is not.
  double operator()(double x) const noexcept;
};

}  // namespace persona
