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

}  // namespace

NewtonFit maximize(Likelihood& likelihood, Vector start, const NewtonOptions& options, Poll& poll) {
  NewtonFit fit;
  fit.theta = std::move(start);
  fit.at = likelihood.evaluate(fit.theta, poll);
  if (!(fit.at.objective >= options.least_objective)) {
    fit.theta = options.fallback;
    fit.at = likelihood.evaluate(fit.theta, poll);
  }
  for (;;) {
    if (!options.penalized && fit.at.least_margin > 0) {
      fit.separation = Separation::complete;
      if (fit.at.least_margin > kCertainMargin) return fit;
    }
    const bool flat = fit.at.gradient.norm() <= options.tolerance * likelihood.rows();
    const Eigen::LLT<Matrix> factor(fit.at.hessian);
    const bool solved = is_regular(factor, fit.at.hessian);
    const Vector step = solved ? Vector(factor.solve(fit.at.gradient)) : Vector();
    const bool extreme = !options.penalized && fit.at.greatest_eta > kCertainMargin / 2;
    if (extreme && fit.separation == Separation::none && (!solved || flat) &&
        (!solved || reach(step, options.ranges) > kRunawayStep)) {
      fit.separation = Separation::quasi;
      return fit;
    }
    if (flat && fit.separation == Separation::none) {
      fit.converged = true;
      return fit;
    }
    if (!solved || fit.iterations >= options.max_iterations) return fit;

    double length = 1;
    for (int halving = 0;; ++halving, length /= 2) {
      const Vector theta = fit.theta + length * step;
      LikelihoodEvaluation at = likelihood.evaluate(theta, poll);
      // Near the maximum rounding decides which of two values is larger.
      const double slack = 1e-12 * (std::fabs(fit.at.objective) + 1);
      if (at.objective >= fit.at.objective - slack) {
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
