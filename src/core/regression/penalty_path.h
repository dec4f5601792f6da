// The penalties at which an elastic net is fitted, from the one that leaves no coefficient down to almost
// none, and the choice among them by cross-validation; both as glmnet has them (Friedman, Hastie and
// Tibshirani, J. Stat. Softw. 33(1), 2010, 2.5).
#pragma once

#include <cstddef>
#include <vector>

namespace persona {

/// The fit at one penalty.
struct ElasticNetFit {
  double lambda = 0;
  double intercept = 0;  ///< zero without one
  std::vector<double>
      estimates;    ///< of the terms, in the order asked for; zero for a column without variance
  int nonzero = 0;  ///< how many of them are not zero
  bool converged = false;
};

inline constexpr int kPathLength = 100;
/// The greatest penalty of a path would be infinite for a ridge: it is taken for this mixture instead.
inline constexpr double kLeastPathAlpha = 1e-3;

/// 100 penalties in equal ratios from `greatest` down to 1e-4 of it, or 1e-2 with fewer rows than terms. The
/// one penalty 0 when `greatest` is not positive: without any, no term has an effect.
std::vector<double> penalty_path(double greatest, double rows, std::size_t terms);

/// The deviance of rows that the fit has not seen, per row, along a path.
struct CrossValidation {
  std::vector<double> deviance;   ///< mean over all rows
  std::vector<double> std_error;  ///< of that mean, from its spread between the folds
  std::size_t minimum = 0;        ///< where it is least; the greatest penalty of several
  std::size_t one_se = 0;         ///< the greatest penalty within one standard error of the least deviance
};

/// deviance[f][k]: mean over the rows of fold f at penalty k; rows[f]: how many, or their total weight,
/// positive.
CrossValidation summarize_folds(const std::vector<std::vector<double>>& deviance,
                                const std::vector<double>& rows);

/// The error for rows that are all of one fold; SQLSTATE 55000.
[[noreturn]] void throw_one_fold();

}  // namespace persona
