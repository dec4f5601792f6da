#include "core/regression/spline_basis.h"

#include <algorithm>
#include <cstddef>

namespace persona {
namespace {

// NaN for NaN: a missing value has no terms.
double cube_above(double x) noexcept { return x <= 0 ? 0 : x * x * x; }

}  // namespace

void natural_spline(const std::vector<double>& knots, double x, double* values) noexcept {
  const std::size_t last = knots.size() - 1;
  const double range = knots[last] - knots[0];
  values[0] = x;
  // In units of the range, so that no cube overflows. Beyond the last knot the cubes cancel, and what is left
  // of d_k there is its line: h_k^2 + 3 h_k u with h_k = t_K - t_k, beside a part that all d_k share.
  const double beyond = (x - knots[last]) / range;
  const double nearest = (knots[last] - knots[last - 1]) / range;
  const double nearest_cube = cube_above((x - knots[last - 1]) / range) / nearest;
  for (std::size_t k = 1; k < last; ++k) {
    const double height = (knots[last] - knots[k - 1]) / range;
    if (beyond > 0) {
      const double slope = 3 * (height - nearest);
      values[k] = range * (height * height - nearest * nearest) + slope * (x - knots[last]);
    } else {
      values[k] = range * (cube_above((x - knots[k - 1]) / range) / height - nearest_cube);
    }
  }
}

std::vector<double> knot_probabilities(int count) {
  switch (count) {
    case 3:
      return {.1, .5, .9};
    case 4:
      return {.05, .35, .65, .95};
    case 5:
      return {.05, .275, .5, .725, .95};
    case 6:
      return {.05, .23, .41, .59, .77, .95};
    default:
      break;
  }
  std::vector<double> result;
  result.reserve(static_cast<std::size_t>(count));
  for (int k = 0; k < count; ++k) result.push_back(.025 + .95 * k / (count - 1));
  return result;
}

}  // namespace persona
