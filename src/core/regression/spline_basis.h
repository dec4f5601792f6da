// Natural cubic splines: cubic between knots, with two continuous derivatives, and linear beyond the outer
// knots (Hastie, Tibshirani and Friedman, "The Elements of Statistical Learning", 2nd ed. 2009, 5.2.1).
#pragma once

#include <vector>

namespace persona {

/// Most knots of one spline, least ones: with two it would be a line.
inline constexpr int kMostKnots = 30;
inline constexpr int kLeastKnots = 3;

/// The basis beside the constant at x, all NaN for NaN, for K >= 3 strictly increasing knots: K - 1 values in
/// the unit of x. values[0] = x and, with r = t_K - t_1, values[k] = (d_k - d_(K-1)) / r, k = 1 .. K - 2,
/// where d_k = ((x - t_k)+^3 - (x - t_K)+^3) / (t_K - t_k).
void natural_spline(const std::vector<double>& knots, double x, double* values) noexcept;

/// The probabilities at which `count` knots are quantiles of the data: Harrell, "Regression Modeling
/// Strategies", 2nd ed. 2015, table 2.3, and evenly spaced in its outer limits beyond seven.
std::vector<double> knot_probabilities(int count);

}  // namespace persona
