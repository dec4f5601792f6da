// The elastic net of least squares, from cross products alone: for a penalty lambda and a mixture alpha it
// minimizes
//   1 / (2 n) * sum_i w_i (y_i - b_0 - sum_j b_j x_ij)^2
//   + lambda * sum_j (alpha s_j |b_j| + (1 - alpha) / 2 (s_j b_j)^2)
// where n is the total weight, s_j is the population standard deviation of column j and b_0 is not penalized:
// the objective of glmnet (which takes y in units of its own deviation, so that for alpha < 1 its lambda has
// another meaning) and of scikit-learn's ElasticNet on standardized columns.
#pragma once

#include <vector>

#include "core/base/poll.h"
#include "core/regression/cross_products.h"
#include "core/regression/elastic_net.h"
#include "core/regression/elastic_net_model.h"
#include "core/regression/penalty_path.h"

namespace persona {

/// Fits one penalty after another, each from the coefficients of the one before. Throws 22003 when an
/// estimate overflows.
class LinearElasticNet {
 public:
  /// `products` must outlive this; `terms` and `target` are columns of it.
  LinearElasticNet(const CrossProducts& products, std::vector<int> terms, int target, bool intercept);

  /// The least lambda for which all penalized estimates are zero, alpha being at least kLeastPathAlpha.
  double greatest_lambda(double alpha, Poll& poll);
  ElasticNetFit fit(double lambda, double alpha, Poll& poll);
  std::vector<ElasticNetFit> fit_path(const std::vector<double>& lambdas, double alpha, Poll& poll);

 private:
  const CrossProducts* products_;
  std::vector<int> terms_;
  int target_;
  bool intercept_;
  std::vector<DoubleDouble> lengths_;  // of the columns: about the mean with an intercept, else about zero
  DoubleDouble target_length_;
  double target_scale_ = 0;  // root mean square of the target, in the unit of its cross products
  ElasticNet net_;
};

/// sum_i (y_i - prediction_i)^2 over the rows behind `products`, which may be others than those of the fit.
double squared_error(const CrossProducts& products, const std::vector<int>& terms, int target,
                     const ElasticNetFit& fit);

/// sum_i (y_i - mean)^2, or without an intercept sum_i y_i^2.
double squared_total(const CrossProducts& products, int target, bool intercept);

/// Mean squared error of held-out rows along a path: folds[f] are the cross products of fold f, whose rows
/// the fit to all others has not seen. Throws 55000 when all rows are of one fold.
CrossValidation cross_validate_linear(const std::vector<CrossProducts>& folds, const std::vector<int>& terms,
                                      int target, bool intercept, const std::vector<double>& lambdas,
                                      double alpha, Poll& poll);

/// What `options` ask for: the path, and the fit that serves. `folds`: the rows by fold, where the options
/// have some.
ElasticNetModel fit_linear_elastic_net(const CrossProducts& products, const std::vector<CrossProducts>& folds,
                                       const std::vector<int>& terms, int target, bool intercept,
                                       const PenaltyOptions& options, Poll& poll);

}  // namespace persona
