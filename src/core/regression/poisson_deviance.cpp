#include "core/regression/poisson_deviance.h"

#include <cmath>

namespace persona {
namespace {

constexpr double kTwoPi = 6.283185307179586;

// y log(y / mu) - (y - mu), without cancellation for y near mu: with d = (y - mu) / mu it is
// mu ((1 + d) log(1 + d) - d).
double half_deviance(double y, double mu) {
  if (!(y > 0)) return mu;
  const double d = (y - mu) / mu;
  if (std::fabs(d) > 0.1) return y * std::log(y / mu) - (y - mu);
  // (1 + d) log(1 + d) - d = sum over k >= 2 of (-d)^k / (k (k - 1)).
  double power = d * d;
  double sum = 0;
  for (int k = 2; k < 20; ++k, power *= -d) sum += power / (k * (k - 1));
  return mu * sum;
}

}  // namespace

double saturated_log_likelihood(double y) noexcept {
  if (!(y > 0)) return 0;
  if (y < 16) return y * std::log(y) - y - std::lgamma(y + 1);
  // Stirling's series; the next term is below 1e-12 of 1 / y.
  const double q = 1 / (y * y);
  const double series = (1.0 / 12 - q * (1.0 / 360 - q * (1.0 / 1260 - q * (1.0 / 1680 - q / 1188)))) / y;
  return -0.5 * std::log(kTwoPi * y) - series;
}

PoissonDeviance poisson_deviance(GlmLikelihood& likelihood, const Vector& theta, double null_intercept,
                                 Poll& poll) {
  PoissonDeviance result;
  likelihood.visit(
      theta,
      [&](const VisitedRows& rows) {
        for (int r = 0; r < rows.block.rows; ++r) {
          const double y = rows.target[r];
          const double mu = rows.mean[r];
          const double weight = rows.weight == nullptr ? 1 : rows.weight[r];
          const double null_mu = std::exp(null_intercept + (rows.offset == nullptr ? 0 : rows.offset[r]));
          const double saturated = saturated_log_likelihood(y);
          const double half = half_deviance(y, mu);
          const double null_half = half_deviance(y, null_mu);
          result.log_likelihood += weight * (saturated - half);
          result.deviance += 2 * weight * half;
          result.pearson += weight * ((y - mu) * (y - mu) / mu);
          result.null_log_likelihood += weight * (saturated - null_half);
          result.null_deviance += 2 * weight * null_half;
        }
      },
      poll);
  return result;
}

}  // namespace persona
