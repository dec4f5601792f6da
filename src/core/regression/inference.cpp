#include "core/regression/inference.h"

#include <cmath>
#include <utility>

#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>

#include "core/regression/design.h"

namespace persona {
namespace {

namespace policies = boost::math::policies;

// Plain doubles, so that every platform computes the same; a tail too small for a double is zero.
using Policy =
    policies::policy<policies::promote_double<false>, policies::underflow_error<policies::ignore_error>,
                     policies::overflow_error<policies::ignore_error>>;
using StudentsT = boost::math::students_t_distribution<double, Policy>;
using FisherF = boost::math::fisher_f_distribution<double, Policy>;
using Normal = boost::math::normal_distribution<double, Policy>;

}  // namespace

double t_p_value(double t, double df) {
  return 2 * boost::math::cdf(boost::math::complement(StudentsT(df), std::fabs(t)));
}

double f_p_value(double f, double df1, double df2) {
  return boost::math::cdf(boost::math::complement(FisherF(df1, df2), f));
}

double normal_p_value(double z) {
  return 2 * boost::math::cdf(boost::math::complement(Normal(), std::fabs(z)));
}

double t_multiplier(double confidence, double df) {
  return boost::math::quantile(boost::math::complement(StudentsT(df), (1 - confidence) / 2));
}

double normal_multiplier(double confidence) {
  return boost::math::quantile(boost::math::complement(Normal(), (1 - confidence) / 2));
}

void add_inference(Coefficient& coefficient, double df, double multiplier) {
  const double estimate = coefficient.estimate.value_or(0);
  const double std_error = coefficient.std_error.value_or(0);
  if (std_error > 0) {
    const double statistic = estimate / std_error;
    coefficient.statistic = statistic;
    coefficient.p_value = df > 0 ? t_p_value(statistic, df) : normal_p_value(statistic);
  }
  coefficient.ci_low = estimate - multiplier * std_error;
  coefficient.ci_high = estimate + multiplier * std_error;
}

std::vector<Coefficient> coefficient_table(const LeastSquares& fit, const std::vector<std::string>& terms,
                                           bool intercept, double df, double confidence) {
  const double multiplier = fit.has_std_errors ? t_multiplier(confidence, df) : 0;
  std::vector<Coefficient> table;
  table.reserve(terms.size() + 1);
  const auto add = [&](const std::string& name, const LeastSquaresTerm& term) {
    Coefficient coefficient;
    coefficient.term = name;
    if (!term.aliased) {
      coefficient.estimate = term.estimate;
      // The sampling distribution of a penalized estimate is not that of the formulas: no standard errors.
      if (fit.has_std_errors) {
        coefficient.std_error = term.std_error;
        add_inference(coefficient, df, multiplier);
        if (term.inflation > 0) coefficient.vif = term.inflation;
      }
    }
    table.push_back(std::move(coefficient));
  };
  if (intercept) add(kInterceptTerm, fit.intercept);
  for (std::size_t j = 0; j < terms.size(); ++j) add(terms[j], fit.terms[j]);
  return table;
}

}  // namespace persona
