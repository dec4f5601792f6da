#include "core/regression/newton.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <utility>

namespace persona {
namespace {

constexpr int kMostHalvings = 30;
// With this margin a fitted probability is within 1e-8 of 0 or 1.
constexpr double kCertainMargin = 18.42;
// A step that still moves the linear predictor this far where the gradient has vanished heads for infinity.
// (Under quasi-complete separation each step moves it by about one; at a maximum, by about the gradient.)
constexpr double kRunawayStep = 0.1;
// A step that moves the linear predictor less than this, times the square root of the rows, changes the
// Hessian by less than this, relatively, and leaves a gradient of about its square: the next pass does
// without the Hessian. Of many rows standard errors are known to so many digits less as they are smaller.
constexpr double kLastStep = 1e-9;
// With separation, coefficients that the last step moved so much less than others have settled.
constexpr double kMovingShare = 0.1;
// Pivots relative to the diagonal that are this small are rounding errors.
constexpr double kLeastPivot = 1e-15;

std::string progress_message(int iteration, double objective) {
  char buffer[40];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, objective, std::chars_format::general, 10);
  return "iteration " + std::to_string(iteration) + ": log likelihood " + std::string(buffer, end.ptr);
}

double reach(const Vector& step, const std::vector<double>& ranges) {
  double most = 0;
  for (Eigen::Index j = 0; j < step.size(); ++j) {
    most = std::max(most, std::fabs(step(j)) * ranges[static_cast<std::size_t>(j)]);
  }
  return most;
}

// Whether each column keeps something of its own beside the others, so that the step means something.
bool is_regular(const Eigen::LLT<Matrix>& factor, const Matrix& hessian) {
  if (factor.info() != Eigen::Success) return false;
  for (Eigen::Index j = 0; j < hessian.rows(); ++j) {
    const double pivot = factor.matrixLLT()(j, j);
    if (!(pivot * pivot > kLeastPivot * hessian(j, j))) return false;
  }
  return true;
}

// The coefficients that a step moves about as far as any.
std::vector<int> moving(const Vector& step, const std::vector<double>& ranges) {
  const double most = reach(step, ranges);
  std::vector<int> result;
  for (Eigen::Index j = 0; j < step.size(); ++j) {
    if (std::fabs(step(j)) * ranges[static_cast<std::size_t>(j)] >= kMovingShare * most) {
      result.push_back(static_cast<int>(j));
    }
  }
  return result;
}

}  // namespace

NewtonFit maximize(Likelihood& likelihood, Vector start, const NewtonOptions& options, Poll& poll) {
  const double last_step = kLastStep * std::sqrt(likelihood.rows());
  const double flat_gradient = options.tolerance * likelihood.gradient_scale();
  NewtonFit fit;
  fit.theta = std::move(start);
  fit.at = likelihood.evaluate(fit.theta, Derivatives::both, poll);
  if (!(fit.at.objective >= options.least_objective)) {
    fit.theta = options.fallback;
    fit.at = likelihood.evaluate(fit.theta, Derivatives::both, poll);
  }
  bool hessian_is_near = false;  // that of the point before
  Vector step = Vector::Zero(fit.theta.size());
  for (;;) {
    if (!options.penalized && fit.at.least_margin > 0) {
      fit.separation = Separation::complete;
      if (fit.at.least_margin > kCertainMargin) {
        fit.moving = moving(step, options.ranges);
        return fit;
      }
    }
    const bool flat = fit.at.gradient.norm() <= flat_gradient;
    if (hessian_is_near && !flat) {
      fit.at = likelihood.evaluate(fit.theta, Derivatives::both, poll);
    }
    const Eigen::LLT<Matrix> factor(fit.at.hessian);
    const bool solved = is_regular(factor, fit.at.hessian);
    if (solved) step = factor.solve(fit.at.gradient);
    const double moved = solved ? reach(step, options.ranges) : std::numeric_limits<double>::infinity();
    const bool runaway = !options.penalized && moved > kRunawayStep;
    const bool extreme = fit.at.greatest_eta > kCertainMargin / 2;
    if (runaway && extreme && (flat || !solved) && fit.separation == Separation::none) {
      fit.separation = Separation::quasi;
      fit.moving = moving(step, options.ranges);
      return fit;
    }
    if (flat && !runaway && fit.separation == Separation::none) {
      if (solved) fit.theta += step;  // there already: what the step gains is beyond the tolerance
      fit.converged = true;
      return fit;
    }
    if (!solved || fit.iterations >= options.max_iterations) {
      if (fit.separation != Separation::none) fit.moving = moving(step, options.ranges);
      return fit;
    }

    const Derivatives derivatives = moved < last_step ? Derivatives::gradient : Derivatives::both;
    double length = 1;
    for (int halving = 0;; ++halving, length /= 2) {
      const Vector theta = fit.theta + length * step;
      LikelihoodEvaluation at = likelihood.evaluate(theta, derivatives, poll);
      // Near the maximum rounding decides which of two values is larger.
      const double slack = 1e-12 * (std::fabs(fit.at.objective) + 1);
      if (at.objective >= fit.at.objective - slack) {
        hessian_is_near = derivatives == Derivatives::gradient;
        if (hessian_is_near) at.hessian = std::move(fit.at.hessian);
        fit.theta = theta;
        fit.at = std::move(at);
        break;
      }
      if (halving == kMostHalvings) return fit;
    }
    ++fit.iterations;
    poll.progress(progress_message(fit.iterations, fit.at.objective));
  }
}

}  // namespace persona
