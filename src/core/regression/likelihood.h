// A log likelihood as those who maximize it see it: a function of the coefficients of standardized columns
// that is concave up to rounding, with gradient and Hessian. Newton's method (newton.h) climbs it.
#pragma once

#include "core/base/eigen.h"
#include "core/base/poll.h"

namespace persona {

enum class Derivatives {
  gradient,
  both  ///< gradient and Hessian, which takes half of the time
};

struct LikelihoodEvaluation {
  double objective = 0;       ///< what is maximized: the log likelihood less the penalty
  double log_likelihood = 0;  ///< without the penalty, and without terms that do not depend on theta
  Vector gradient;            ///< of the objective
  Matrix hessian;             ///< of minus the objective; positive semidefinite; empty when not asked for
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
  /// How many rows are added up; with weights, their total.
  virtual double rows() const noexcept = 0;
  /// The size of the sums in the gradient, which a tolerance is relative to: rows(), or the total of counts.
  virtual double gradient_scale() const noexcept { return rows(); }
  /// One pass over the rows; asks `poll` before each block.
  virtual LikelihoodEvaluation evaluate(const Vector& theta, Derivatives derivatives, Poll& poll) = 0;
};

}  // namespace persona
