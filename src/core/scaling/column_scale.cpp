#include "core/scaling/column_scale.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace persona {

const char* scaling_method_name(ScalingMethod method) noexcept {
  switch (method) {
    case ScalingMethod::standard:
      return "standard";
    case ScalingMethod::minmax:
      return "minmax";
    case ScalingMethod::robust:
      return "robust";
    case ScalingMethod::log:
      return "log";
  }
  return "";
}

std::optional<ScalingMethod> find_scaling_method(const std::string& name) {
  for (const ScalingMethod method : kScalingMethods) {
    if (name == scaling_method_name(method)) return method;
  }
  return std::nullopt;
}

double symmetric_log(double x) noexcept { return std::copysign(std::log1p(std::fabs(x)), x); }

double ColumnScale::transformed(double x) const noexcept {
  if (clip.has_value()) x = std::clamp(x, clip->first, clip->second);
  return method == ScalingMethod::log ? symmetric_log(x) : x;
}

double ColumnScale::operator()(double x) const noexcept {
  if (!std::isfinite(x)) return std::numeric_limits<double>::quiet_NaN();
  const double y = (transformed(x) - center) / scale + 0.0;  // no minus zero
  return std::isfinite(y) ? y : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace persona
