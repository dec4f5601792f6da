// Standard errors of estimates that maximize a likelihood or minimize a sum of squares: from the information
// alone, or robust by the sandwich (Huber, "The behavior of maximum likelihood estimates under nonstandard
// conditions", Proc. 5th Berkeley Symposium 1, 1967; White, "A heteroskedasticity-consistent covariance
// matrix estimator", Econometrica 48(4), 1980), also for rows that are alike within clusters (Liang and
// Zeger, "Longitudinal data analysis using generalized linear models", Biometrika 73(1), 1986).
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "core/base/eigen.h"
#include "core/model/options.h"
#include "core/regression/model_matrix.h"

namespace persona {

enum class ErrorKind {
  classical,
  robust,  ///< HC1: sandwich times n / (n - p)
  cluster  ///< CR1: scores are added up by cluster first; G / (G - 1) * (n - 1) / (n - p)
};

/// The options standard_errors and cluster. Throws 22023 when one calls for the other.
ErrorKind error_kind(const Options& options);

/// sum over rows, or over clusters, of the outer product of the scores. A score has size() entries: the model
/// matrix's columns times residual k, for k = 0, 1, ...
class ScoreProducts {
 public:
  /// `residuals`: how many residuals a row has; one, but for models with several linear predictors.
  ScoreProducts(int columns, int residuals, bool clustered);

  /// The rows that `matrix` was filled with. residuals[k] has padded_rows() values, weights included;
  /// `clusters` has a code for each row, and is null when not clustered.
  void add(const ModelMatrix& matrix, const double* const* residuals, const std::int32_t* clusters);
  double clusters() const;
  Matrix result() const;

 private:
  void add_products(const ModelMatrix& matrix, const double* const* residuals);

  int columns_;
  int residuals_;
  bool clustered_;
  std::vector<double> products_;  // of residuals k <= l: their columns' products, packed
  std::vector<double> sums_;      // by cluster
  std::vector<bool> seen_;        // by cluster
};

/// The NOTICE for a fit with a single cluster, which has no standard errors.
inline constexpr const char* kOneClusterNotice =
    "all rows are of one cluster: standard errors by cluster take at least two";

/// What the sandwich is multiplied by for n rows and p estimates.
double small_sample_factor(ErrorKind kind, double rows, double estimates, double clusters);

/// Standard errors of linear functions v'theta of the estimates.
class StandardErrors {
 public:
  /// Variance v' information^-1 v.
  explicit StandardErrors(const Matrix& information) : factor_(information) {}
  /// Variance v' information^-1 scores information^-1 v.
  StandardErrors(const Matrix& information, Matrix scores)
      : factor_(information), scores_(std::move(scores)) {}

  double of(const Vector& v) const;

 private:
  Eigen::LLT<Matrix> factor_;
  Matrix scores_;  // empty: none
};

}  // namespace persona
