// The elastic net of a quadratic form, to the last digits: minimizes over b
//   1/2 b'G b - c'b + l1 * sum_j factor_j |b_j| + l2 / 2 * sum_j (factor_j b_j)^2
// Cyclic coordinate descent on G (Friedman, Hastie and Tibshirani, "Regularization paths for generalized
// linear models via coordinate descent", J. Stat. Softw. 33(1), 2010: covariance updates, warm starts) finds
// which coefficients are not zero; those are then solved for exactly, as in the feature-sign search of Lee,
// Battle, Raina and Ng, "Efficient sparse coding algorithms", NIPS 19, 2006. The answer is checked against
// the conditions of Karush, Kuhn and Tucker, and does not rest on how slowly descent converges.
#pragma once

#include <vector>

#include "core/base/double_double.h"
#include "core/base/eigen.h"
#include "core/base/poll.h"

namespace persona {

/// The form as unevaluated sums of two matrices, so that an ill-conditioned G loses nothing: the low parts
/// are empty (size 0) where double precision is all there is.
struct QuadraticForm {
  Matrix gram;        ///< G, symmetric and positive semidefinite
  Matrix gram_low;    ///< what G lacks
  Vector linear;      ///< c
  Vector linear_low;  ///< what c lacks
  Vector factors;     ///< weight of each penalty, 0 for none

  int size() const noexcept { return static_cast<int>(linear.size()); }
};

/// One problem after another on the same form, each starting from the answer before.
class ElasticNet {
 public:
  explicit ElasticNet(QuadraticForm form);

  /// Minimizes. True when the conditions hold: for each column in units of its length, the gradient is off by
  /// at most 1e-10 of the largest |c|. A coefficient whose diagonal entry of G is zero stays zero.
  bool solve(double l1, double l2, Poll& poll);

  /// The least l1 at which all penalized coefficients are zero.
  double greatest_l1(Poll& poll);

  const Vector& coefficients() const noexcept { return b_; }
  /// c - G b.
  const Vector& gradient() const noexcept { return gradient_; }
  int nonzero() const;
  /// Another form, and where to start with it.
  void set_problem(QuadraticForm form, Vector start);

 private:
  DoubleDouble gram(Eigen::Index i, Eigen::Index j) const {
    return form_.gram_low.size() == 0 ? DoubleDouble(form_.gram(i, j))
                                      : DoubleDouble(form_.gram(i, j), form_.gram_low(i, j));
  }
  DoubleDouble linear(Eigen::Index i) const {
    return form_.linear_low.size() == 0 ? DoubleDouble(form_.linear(i))
                                        : DoubleDouble(form_.linear(i), form_.linear_low(i));
  }
  double dependent_share() const;
  DoubleDouble penalized_gram(Eigen::Index i, Eigen::Index j) const;

  void refresh_gradient();
  double violation() const;
  void descend(Poll& poll);
  void polish(Poll& poll);
  std::vector<Eigen::Index> active_set() const;
  bool solve_active(const std::vector<Eigen::Index>& active, Vector& answer, Poll& poll);
  bool refine(const std::vector<Eigen::Index>& active, const std::vector<DoubleDouble>& right,
              Vector& answer) const;
  void leave_null_space(const std::vector<Eigen::Index>& active, int dependent, Poll& poll);
  bool step_towards(const std::vector<Eigen::Index>& active, const Vector& answer);

  QuadraticForm form_;
  Vector lengths_;    // square roots of G's diagonal
  double scale_ = 0;  // largest |c_j| / length_j
  double l1_ = 0;
  double l2_ = 0;
  Vector b_;
  Vector gradient_;
};

}  // namespace persona
