// Statistics, p-values and confidence limits of estimates, by Boost.Math's distributions.
#pragma once

#include <string>
#include <vector>

#include "core/model/rows.h"
#include "core/regression/least_squares.h"

namespace persona {

/// Two-sided p-value of a t statistic with `df` > 0 degrees of freedom.
double t_p_value(double t, double df);
/// Upper tail of the F distribution.
double f_p_value(double f, double df1, double df2);
/// Two-sided p-value of a standard normal statistic.
double normal_p_value(double z);
/// The factor of the standard error in a two-sided interval that covers `confidence`, 0 < confidence < 1.
double t_multiplier(double confidence, double df);
double normal_multiplier(double confidence);

/// Fills statistic, p_value and the limits from estimate and std_error: Student's t for df > 0, normal for
/// df = 0. A standard error of zero (an exact fit) has no statistic, and limits that equal the estimate.
void add_inference(Coefficient& coefficient, double df, double multiplier);

/// The table of a least squares fit: the intercept if there is one, then the terms. Aliased terms have no
/// estimate; a fit with a penalty or without degrees of freedom has no standard errors. `df`: degrees of
/// freedom of the estimates' t distribution.
std::vector<Coefficient> coefficient_table(const LeastSquares& fit, const std::vector<std::string>& terms,
                                           bool intercept, double df, double confidence);

}  // namespace persona
