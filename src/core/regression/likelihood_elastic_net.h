// The elastic net of any likelihood: minimizes, for penalties in the scale of one row,
//   -log likelihood(theta) / rows + l1 * sum_j factor_j |theta_j| + l2 / 2 * sum_j (factor_j theta_j)^2
// by proximal Newton steps: each solves the elastic net of the quadratic that the likelihood resembles where
// it stands (Friedman, Hastie and Tibshirani, J. Stat. Softw. 33(1), 2010; Lee, Sun and Saunders, "Proximal
// Newton-type methods for minimizing composite functions", SIAM J. Optim. 24(3), 2014).
#pragma once

#include <string>
#include <vector>

#include "core/base/eigen.h"
#include "core/base/poll.h"
#include "core/regression/elastic_net.h"
#include "core/regression/likelihood.h"
#include "core/regression/penalty_path.h"

namespace persona {

struct LikelihoodNetOptions {
  int max_iterations = 50;  ///< Newton steps at one penalty
  double tolerance =
      1e-10;  ///< for the conditions of a minimum, relative to the likelihood's gradient_scale()
};

/// The fit at one penalty.
struct LikelihoodNetFit {
  double lambda = 0;  ///< l1 = lambda alpha and l2 = lambda (1 - alpha)
  Vector theta;
  double log_likelihood = 0;
  int nonzero = 0;  ///< of the coefficients with a penalty
  int iterations = 0;
  bool converged = false;
};

/// Fits one penalty after another, each from the coefficients of the one before.
class LikelihoodElasticNet {
 public:
  /// `likelihood` is one without a penalty of its own and must outlive this. `factors`: 0 for no penalty,
  /// infinity for a coefficient that stays zero.
  LikelihoodElasticNet(Likelihood& likelihood, const Vector& factors, const LikelihoodNetOptions& options);

  /// The least lambda for which all penalized coefficients are zero, alpha being at least kLeastPathAlpha.
  double greatest_lambda(double alpha, Poll& poll);
  LikelihoodNetFit fit(double lambda, double alpha, Poll& poll);
  /// `what`: put before each report of progress, "fold 3 of 10, ".
  std::vector<LikelihoodNetFit> fit_path(const std::vector<double>& lambdas, double alpha, Poll& poll,
                                         const std::string& what = "");

 private:
  bool minimize(double l1, double l2, int& iterations, Poll& poll);
  double objective(double l1, double l2) const;
  double violation(double l1, double l2) const;
  bool step(double l1, double l2, Derivatives derivatives, Poll& poll);
  void evaluate(Vector theta, Derivatives derivatives, Poll& poll);

  Likelihood* likelihood_;
  LikelihoodNetOptions options_;
  std::vector<bool> excluded_;
  Vector factors_;  // 0 where excluded
  Vector theta_;
  LikelihoodEvaluation at_;  // at theta_
  Matrix hessian_;           // per row, of this step or one before
  bool is_fresh_ = false;    // hessian_ is that at theta_
  ElasticNet net_;
};

/// One fold, and all others.
struct LikelihoodFold {
  Likelihood* training = nullptr;  ///< of the rows of all other folds
  Vector factors;                  ///< of the penalties in the fit to those
  Likelihood* held = nullptr;      ///< of the rows of the fold
  double saturated = 0;            ///< the greatest its log likelihood could be
};

/// Deviance of held-out rows along a path. Folds without rows are to be left out; throws 55000 for a single
/// fold.
CrossValidation cross_validate_likelihood(const std::vector<LikelihoodFold>& folds,
                                          const std::vector<double>& lambdas, double alpha,
                                          const LikelihoodNetOptions& options, Poll& poll);

}  // namespace persona
