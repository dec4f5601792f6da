// A log likelihood as those who maximize it see it: a function of the coefficients of standardized columns
// that is concave up to rounding, with gradient and Hessian. Newton's method (newton.h) climbs it.
#pragma once

#include "core/base/eigen.h"
#include "core/base/poll.h"

namespace persona {

struct LikelihoodEvaluation {
  double objective = 0;       ///< what is maximized: the log likelihood less the penalty
  double log_likelihood = 0;  ///< without the penalty
  Vector gradient;            ///< of the objective
  Matrix hessian;             ///< of minus the objective; positive semidefinite
  /// Of classes only: least over the rows of how far a row's linear predictor is on its right side; positive
  /// when all rows are right.
  double least_margin = 0;
  double greatest_eta = 0;  ///< largest |linear predictor|
};

class Likelihood {
 public:
  virtual ~Likelihood() = default;
  /// How many coefficients theta has.
  virtual int size() const noexcept = 0;
  /// How many rows were added up; with weights, their total.
  virtual double rows() const noexcept = 0;
  /// One pass over the rows; asks `poll` before each block.
  virtual LikelihoodEvaluation evaluate(const Vector& theta, Poll& poll) = 0;
};

}  // namespace persona
