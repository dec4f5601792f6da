// Maximizes a log likelihood by Newton's method with step-halving, which for a generalized linear model with
// its canonical link is iteratively reweighted least squares (McCullagh and Nelder, "Generalized Linear
// Models", 2nd edition, 2.5), and finds out when there is no finite maximum: because classes are separated
// (Albert and Anderson, "On the existence of maximum likelihood estimates in logistic regression models",
// Biometrika 71(1), 1984), or because some rows of counts are all zero (Santos Silva and Tenreyro, "On the
// existence of the maximum likelihood estimates in Poisson regression", Economics Letters 107(2), 2010).
#pragma once

#include <limits>
#include <vector>

#include "core/base/eigen.h"
#include "core/base/poll.h"
#include "core/regression/likelihood.h"

namespace persona {

enum class Separation {
  none,
  complete,  ///< a linear predictor puts every row on its right side
  quasi      ///< one puts no row on the wrong side, and some on the border; of counts: one lowers only zeros
};

struct NewtonOptions {
  int max_iterations = 50;
  double tolerance = 1e-10;  ///< converged when |gradient| <= tolerance * gradient_scale()
  bool penalized = false;    ///< a penalty keeps the maximum finite: no search for separation
  /// Range of each standardized column, for telling how far a step moves the linear predictor.
  std::vector<double> ranges;
  /// Where to start instead when the objective at the start is below `least_objective`.
  Vector fallback;
  double least_objective = -std::numeric_limits<double>::infinity();
};

struct NewtonFit {
  Vector theta;
  LikelihoodEvaluation at;  ///< the last evaluation, a step smaller than the tolerance before theta
  int iterations = 0;       ///< steps taken
  bool converged = false;
  Separation separation = Separation::none;
  std::vector<int> moving;  ///< with separation: the coefficients that run off to infinity
};

NewtonFit maximize(Likelihood& likelihood, Vector start, const NewtonOptions& options, Poll& poll);

}  // namespace persona
