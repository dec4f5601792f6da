// Least squares, ordinary or ridge, weighted or not, from cross products, solved in double-double on columns
// scaled to unit length. Conventions for the sums of squares with and without an intercept, and for weights,
// are those of R's lm.
#pragma once

#include <vector>

#include "core/base/poll.h"
#include "core/regression/cholesky.h"
#include "core/regression/cross_products.h"

namespace persona {

/// A term is dropped when the terms before it explain all but this share of its sum of squares.
inline constexpr double kAliasTolerance = 1e-26;

struct LeastSquaresTerm {
  bool aliased = false;  ///< depends on earlier terms (or the intercept): estimate 0, no std_error
  double estimate = 0;
  double std_error = 0;  ///< meaningful only when LeastSquares::has_std_errors
  /// Variance inflation, 1 / (1 - R^2) of the column given the others (about zero without an intercept).
  double inflation = 0;
  /// The estimate is sum over rows of w_i (d0 + sum_j d_j z_ij) y_i in terms of the standardized columns z
  /// (LeastSquares::centers and scales): d0 with an intercept, then d_j of the terms with an estimate.
  std::vector<double> influence;
};

struct LeastSquares {
  std::vector<LeastSquaresTerm> terms;  ///< in the order asked for
  LeastSquaresTerm intercept;           ///< when asked for
  int rank = 0;                         ///< terms with an estimate, the intercept included
  double residual_df = 0;               ///< rows - rank
  bool has_std_errors = false;          ///< residual_df > 0 and no penalty
  /// The residual sum of squares is zero to rounding: at most kAliasTolerance of the target's.
  bool exact = false;
  double rss = 0;        ///< (weighted) residual sum of squares; may be infinite
  double sigma = 0;      ///< residual standard error, when residual_df > 0
  double explained = 0;  ///< 1 - rss / total sum of squares; NaN for a constant target
  double ratio = 0;      ///< explained over residual sum of squares; meaningless when exact
  double log_rss = 0;    ///< natural logarithm of rss; finite unless exact
  /// Ratio of the extreme singular values of the unit-length columns (centered with an intercept), aliased
  /// terms left out; NaN without terms, or with more than 250.
  double condition_number = 0;
  std::vector<double> centers, scales;  ///< of the terms, see LeastSquaresTerm::influence
  double target_mean = 0;
};

/// Minimizes RSS + l2 * sum_j (sd_j b_j)^2 over the columns `terms` of the cross products, sd_j being the
/// population standard deviation; the intercept is not penalized. `influences`: whether to fill in
/// LeastSquaresTerm::influence. Throws 22003 when an estimate overflows.
LeastSquares solve_least_squares(const CrossProducts& products, const std::vector<int>& terms, int target,
                                 bool intercept, double l2, Poll& poll, bool influences = false);

/// Which of the columns depend linearly on those before them (or are constant, with an intercept).
std::vector<bool> find_aliased(const CrossProducts& products, const std::vector<int>& terms, bool intercept,
                               double tolerance, Poll& poll);

/// How the columns of a model depend on each other.
struct Collinearity {
  std::vector<bool> aliased;      ///< as find_aliased() answers
  std::vector<double> inflation;  ///< as LeastSquaresTerm::inflation; of aliased columns 0
  double condition_number = 0;    ///< as LeastSquares::condition_number
};

Collinearity find_collinearity(const CrossProducts& products, const std::vector<int>& terms, bool intercept,
                               double tolerance, Poll& poll);

/// value * 2^exponent; throws 22003 when that overflows.
double estimate_in_units(DoubleDouble value, int exponent);

}  // namespace persona
