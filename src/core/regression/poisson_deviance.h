// How far counts are from their fitted means, by a pass over the rows: term by term, so that nothing is lost
// where the log likelihoods themselves are large.
#pragma once

#include "core/regression/glm_likelihood.h"

namespace persona {

struct PoissonDeviance {
  double log_likelihood = 0;  ///< sum of w log P(y), log(y!) included
  double deviance = 0;        ///< 2 sum of w (y log(y / mu) - (y - mu))
  double pearson = 0;         ///< sum of w (y - mu)^2 / mu
  double null_log_likelihood = 0;
  double null_deviance = 0;
};

/// `null_intercept`: of the model with offset only.
PoissonDeviance poisson_deviance(GlmLikelihood& likelihood, const Vector& theta, double null_intercept,
                                 Poll& poll);

/// y log y - y - log(y!), the log likelihood of a count with its own mean.
double saturated_log_likelihood(double y) noexcept;

}  // namespace persona
