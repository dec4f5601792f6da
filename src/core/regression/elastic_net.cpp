#include "core/regression/elastic_net.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/regression/cholesky.h"

namespace persona {
namespace {

using Index = Eigen::Index;

// Conditions hold to this, relative to the largest |c| and in units of the columns' lengths ...
constexpr double kTolerance = 1e-10;
// ... and this is what is aimed at: a coefficient that is zero stays so when its gradient passes l1 by less.
constexpr double kAim = 1e-13;

// Descent hands over when the set of nonzero coefficients stands and none moves by more than this share of
// the largest.
constexpr double kDescended = 1e-3;
constexpr int kMostSweeps = 1000;
constexpr int kMostRounds = 200;  // of descending and polishing
constexpr int kMostSteps = 16;    // of one polishing: rather descend than factor once for each wrong sign

// A pivot below this share of the diagonal needs more than double precision.
constexpr double kLeastPivot = 1e-12;
constexpr int kMostRefinements = 20;
// A column of G that keeps no more than this beside the others is linearly dependent (as kAliasTolerance).
constexpr double kDependent = 1e-26;
constexpr double kDependentInDouble = 1e-13;  // where the form has no low parts
// Slopes of the penalty along a combination that differ by rounding only.
constexpr double kLevel = 1e-9;

// A penalty that no coefficient stands.
constexpr double kProhibitive = 1e300;

// A correction below this share of the answer no longer changes its digits.
constexpr double kRounding = 1e-18;

// A sum of products in twice the working precision (Ogita, Rump and Oishi, SIAM J. Sci. Comput. 26(6), 2005).
class ResidualSum {
 public:
  explicit ResidualSum(DoubleDouble start) : high_(start.hi), low_(start.lo) {}

  void subtract(DoubleDouble a, DoubleDouble b) {
    const DoubleDouble product = two_product(-a.hi, b.hi);
    const DoubleDouble sum = two_sum(high_, product.hi);
    high_ = sum.hi;
    low_ += sum.lo + (product.lo - (a.hi * b.lo + a.lo * b.hi));
  }
  double value() const { return high_ + low_; }

 private:
  double high_;
  double low_;
};

double sign(double x) { return x > 0 ? 1.0 : x < 0 ? -1.0 : 0.0; }

}  // namespace

ElasticNet::ElasticNet(QuadraticForm form) {
  Vector zero = Vector::Zero(form.linear.size());
  set_problem(std::move(form), std::move(zero));
}

void ElasticNet::set_problem(QuadraticForm form, Vector start) {
  form_ = std::move(form);
  b_ = std::move(start);
  lengths_ = form_.gram.diagonal().cwiseMax(0).cwiseSqrt();
  scale_ = 0;
  for (Index j = 0; j < b_.size(); ++j) {
    if (lengths_(j) > 0) scale_ = std::max(scale_, std::fabs(form_.linear(j)) / lengths_(j));
  }
  refresh_gradient();
}

double ElasticNet::dependent_share() const {
  return form_.gram_low.size() == 0 ? kDependentInDouble : kDependent;
}

int ElasticNet::nonzero() const { return static_cast<int>((b_.array() != 0).count()); }

DoubleDouble ElasticNet::penalized_gram(Index i, Index j) const {
  DoubleDouble entry = gram(i, j);
  if (i == j && l2_ > 0) entry += two_product(form_.factors(i), form_.factors(i)) * DoubleDouble(l2_);
  return entry;
}

// Anew in double-double: descent updates it, and what updates round off adds up.
void ElasticNet::refresh_gradient() {
  const std::vector<Index> active = active_set();
  gradient_.resize(b_.size());
  for (Index j = 0; j < b_.size(); ++j) {
    ResidualSum left(linear(j));
    for (const Index k : active) left.subtract(gram(k, j), b_(k));
    gradient_(j) = left.value();
  }
}

double ElasticNet::violation() const {
  double worst = 0;
  for (Index j = 0; j < b_.size(); ++j) {
    if (!(lengths_(j) > 0)) continue;
    const double factor = form_.factors(j);
    const double threshold = l1_ * factor;
    const double off =
        b_(j) == 0 ? std::fabs(gradient_(j)) - threshold
                   : std::fabs(gradient_(j) - sign(b_(j)) * threshold - l2_ * factor * factor * b_(j));
    worst = std::max(worst, off / lengths_(j));
  }
  return scale_ > 0 ? worst / scale_ : worst;
}

bool ElasticNet::solve(double l1, double l2, Poll& poll) {
  l1_ = l1;
  l2_ = l2;
  double least = violation();
  for (int round = 0; round < kMostRounds; ++round) {
    descend(poll);
    polish(poll);
    refresh_gradient();
    const double now = violation();
    // Coefficients many times the target's size round off more than the aim.
    if (now <= kAim || (now <= kTolerance && now >= least / 2)) return true;
    least = std::min(least, now);
  }
  return violation() <= kTolerance;
}

double ElasticNet::greatest_l1(Poll& poll) {
  solve(kProhibitive, 0, poll);
  double greatest = 0;
  for (Index j = 0; j < b_.size(); ++j) {
    if (lengths_(j) > 0 && form_.factors(j) > 0) {
      greatest = std::max(greatest, std::fabs(gradient_(j)) / form_.factors(j));
    }
  }
  return greatest;
}

// Sweeps over all coefficients; one that is zero and stays so costs a comparison.
void ElasticNet::descend(Poll& poll) {
  const double slack = kAim * scale_;
  for (int sweep = 0; sweep < kMostSweeps; ++sweep) {
    poll.check();
    bool stands = true;
    double change = 0;
    double largest = 0;
    for (Index j = 0; j < b_.size(); ++j) {
      const double diagonal = form_.gram(j, j);
      if (!(diagonal > 0)) continue;
      const double factor = form_.factors(j);
      const double before = b_(j);
      const double at_zero = gradient_(j) + diagonal * before;
      const double beyond = std::fabs(at_zero) - l1_ * factor;
      double after = 0;
      if (beyond > (before == 0 ? slack * lengths_(j) : 0)) {
        after = sign(at_zero) * beyond / (diagonal + l2_ * factor * factor);
      }
      largest = std::max(largest, std::fabs(after) * lengths_(j));
      if (after == before) continue;
      if (sign(after) != sign(before)) stands = false;
      change = std::max(change, std::fabs(after - before) * lengths_(j));
      b_(j) = after;
      gradient_ -= (after - before) * form_.gram.col(j);
    }
    if (stands && change <= kDescended * largest) return;
  }
}

std::vector<Index> ElasticNet::active_set() const {
  std::vector<Index> active;
  for (Index j = 0; j < b_.size(); ++j) {
    if (b_(j) != 0) active.push_back(j);
  }
  return active;
}

// Never raises the objective: for given signs it is quadratic, and a step ends where the first sign would
// change.
void ElasticNet::polish(Poll& poll) {
  for (int step = 0; step < kMostSteps; ++step) {
    const std::vector<Index> active = active_set();
    if (active.empty()) return;
    Vector answer;
    if (solve_active(active, answer, poll) && step_towards(active, answer)) return;
  }
}

// Moves to the answer, or as far towards it as signs stay. True when that was all the way.
bool ElasticNet::step_towards(const std::vector<Index>& active, const Vector& answer) {
  double length = 1;
  std::size_t first = active.size();
  for (std::size_t k = 0; k < active.size(); ++k) {
    const double from = b_(active[k]);
    const double to = answer(static_cast<Index>(k));
    if (form_.factors(active[k]) == 0 || sign(to) == sign(from)) continue;
    const double crossing = from / (from - to);
    if (first < active.size() && crossing >= length) continue;
    length = crossing;
    first = k;
  }
  const bool whole = first == active.size();
  for (std::size_t k = 0; k < active.size(); ++k) {
    double& b = b_(active[k]);
    const double to = answer(static_cast<Index>(k));
    const double before = sign(b);
    b = whole ? to : b + length * (to - b);
    if (k == first || (!whole && form_.factors(active[k]) != 0 && sign(b) != before)) b = 0;
  }
  return whole;
}

// The exact minimum over the active coefficients, given their signs. False when it is not unique: then one
// coefficient has been taken out.
bool ElasticNet::solve_active(const std::vector<Index>& active, Vector& answer, Poll& poll) {
  poll.check();
  std::vector<DoubleDouble> right;
  right.reserve(active.size());
  for (const Index j : active) {
    right.push_back(linear(j) - two_product(l1_, form_.factors(j)) * DoubleDouble(sign(b_(j))));
  }
  if (refine(active, right, answer)) return true;

  PackedMatrix matrix;
  matrix.reserve(active.size() * (active.size() + 1) / 2);
  for (std::size_t i = 0; i < active.size(); ++i) {
    for (std::size_t k = 0; k <= i; ++k) matrix.push_back(penalized_gram(active[i], active[k]));
  }
  const int size = static_cast<int>(active.size());
  const Cholesky cholesky(std::move(matrix), size, dependent_share(), poll);
  for (int i = 0; i < size; ++i) {
    if (!cholesky.dependent(i)) continue;
    leave_null_space(active, i, poll);
    return false;
  }
  const std::vector<DoubleDouble> solution =
      cholesky.backward_solve(cholesky.forward_solve(std::move(right)));
  answer.resize(size);
  for (int i = 0; i < size; ++i) answer(i) = solution[static_cast<std::size_t>(i)].value();
  return true;
}

// A factorization in double, its answer refined by residuals in double-double (Higham, "Accuracy and
// Stability of Numerical Algorithms", 2nd edition, chapter 12). False when the matrix is too ill-conditioned
// for that.
bool ElasticNet::refine(const std::vector<Index>& active, const std::vector<DoubleDouble>& right,
                        Vector& answer) const {
  const auto size = static_cast<Index>(active.size());
  answer.resize(size);
  Matrix matrix(size, size);
  for (Index k = 0; k < size; ++k) {
    const Index column = active[static_cast<std::size_t>(k)];
    for (Index i = k + 1; i < size; ++i) {
      matrix(i, k) = form_.gram(active[static_cast<std::size_t>(i)], column);
    }
    matrix(k, k) = penalized_gram(column, column).value();
  }
  const Vector diagonal = matrix.diagonal();
  const Eigen::LLT<Eigen::Ref<Matrix>> factor(matrix);  // in place
  if (factor.info() != Eigen::Success) return false;
  for (Index k = 0; k < size; ++k) {
    if (!(matrix(k, k) * matrix(k, k) > kLeastPivot * diagonal(k))) return false;
  }
  std::vector<DoubleDouble> x(active.size());
  Vector residual(size);
  for (Index i = 0; i < size; ++i) residual(i) = right[static_cast<std::size_t>(i)].value();
  double last = 0;
  for (int refinement = 0; refinement < kMostRefinements; ++refinement) {
    const Vector correction = factor.solve(residual);
    const double change = correction.lpNorm<Eigen::Infinity>();
    if (refinement > 0 && !(change < last / 4)) return change == 0;
    double largest = 0;
    for (Index i = 0; i < size; ++i) {
      DoubleDouble& value = x[static_cast<std::size_t>(i)];
      value += DoubleDouble(correction(i));
      largest = std::max(largest, std::fabs(value.hi));
      answer(i) = value.value();
    }
    // What is left shrinks as the correction did, at least.
    const double left = refinement == 0 ? change : change * (change / last);
    if (left <= kRounding * largest) return true;
    last = change;
    for (Index i = 0; i < size; ++i) {
      ResidualSum sum(right[static_cast<std::size_t>(i)]);
      const Index row = active[static_cast<std::size_t>(i)];
      for (std::size_t k = 0; k < active.size(); ++k) sum.subtract(gram(active[k], row), x[k]);
      const DoubleDouble ridge = penalized_gram(row, row) - gram(row, row);
      sum.subtract(ridge, x[static_cast<std::size_t>(i)]);
      residual(i) = sum.value();
    }
  }
  return false;
}

// Along a combination of the active columns that is zero only the penalty changes, and linearly: moves in the
// direction in which it does not grow until a coefficient is zero. Of two columns that are equal the later
// goes.
void ElasticNet::leave_null_space(const std::vector<Index>& active, int dependent, Poll& poll) {
  const auto last = static_cast<std::size_t>(dependent);
  PackedMatrix leading;
  leading.reserve(last * (last + 1) / 2);
  std::vector<DoubleDouble> column;
  column.reserve(last);
  for (std::size_t i = 0; i < last; ++i) {
    for (std::size_t k = 0; k <= i; ++k) leading.push_back(penalized_gram(active[i], active[k]));
    column.push_back(penalized_gram(active[last], active[i]));
  }
  const Cholesky cholesky(std::move(leading), dependent, dependent_share(), poll);
  std::vector<DoubleDouble> combination = cholesky.backward_solve(cholesky.forward_solve(std::move(column)));
  combination.push_back(-1.0);

  double slope = 0;
  double size = 0;
  for (std::size_t k = 0; k <= last; ++k) {
    const double part = form_.factors(active[k]) * combination[k].value();
    slope += sign(b_(active[k])) * part;
    size += std::fabs(part);
  }
  // The last entry of the combination is -1, so that the last coefficient shrinks in its sign's direction.
  const bool level = std::fabs(slope) <= kLevel * size;
  const double direction = level ? sign(b_(active[last])) : -sign(slope);
  double length = std::numeric_limits<double>::infinity();
  std::size_t first = last;
  for (std::size_t k = 0; k <= last; ++k) {
    const double b = b_(active[k]);
    const double speed = direction * combination[k].value();
    if (form_.factors(active[k]) == 0 || sign(b) * speed >= 0) continue;
    if (std::fabs(b / speed) >= length) continue;
    length = std::fabs(b / speed);
    first = k;
  }
  if (!std::isfinite(length)) length = direction * b_(active[last]);  // none is penalized: any will do
  for (std::size_t k = 0; k <= last; ++k) {
    b_(active[k]) += length * direction * combination[k].value();
  }
  b_(active[first]) = 0;
  refresh_gradient();
}

}  // namespace persona
