// What a generalized linear fit answers: coefficients with their errors, metrics in the terms of R's glm, and
// notices on what did not go well.
#include <cmath>
#include <utility>

#include "core/base/error.h"
#include "core/model/feature_columns.h"
#include "core/regression/generalized_linear_fitter.h"
#include "core/regression/inference.h"

namespace persona {

void GeneralizedLinearFitter::add_coefficients(const GlmColumns& columns, const Vector& theta, int first,
                                               const StandardErrors* errors, const std::string& outcome,
                                               FittedModel& model, Poll& poll) const {
  const double multiplier = normal_multiplier(options_.number("confidence"));
  // An estimate is a linear function v'theta.
  const auto add = [&](const std::string& term, const Vector& v) -> Coefficient& {
    Coefficient coefficient;
    coefficient.term = term;
    coefficient.outcome = outcome;
    coefficient.estimate = v.dot(theta);
    if (!std::isfinite(*coefficient.estimate)) {
      throw Error(sqlstate::kNumericOutOfRange, "the estimate of term \"" + term + "\" is out of range", "",
                  "Multiply or divide the column by a power of ten in the source.");
    }
    if (errors != nullptr) {
      poll.check();
      const double error = errors->of(v);
      if (std::isfinite(error)) {
        coefficient.std_error = error;
        add_inference(coefficient, 0, multiplier);
      }
    }
    model.coefficients.push_back(std::move(coefficient));
    return model.coefficients.back();
  };
  Eigen::Index next = first;
  if (design_.intercept()) {
    Vector v = Vector::Zero(theta.size());
    v(first) = 1;
    for (std::size_t j = 1; j < columns.columns.size(); ++j) {
      v(first + static_cast<Eigen::Index>(j)) = -columns.columns[j].center / columns.columns[j].scale;
    }
    add(kInterceptTerm, v);
    ++next;
  }
  for (std::size_t j = 0; j < columns.terms.size(); ++j) {
    if (columns.collinearity.aliased[j]) {
      Coefficient coefficient;
      coefficient.term = columns.terms[j].name;
      coefficient.outcome = outcome;
      model.coefficients.push_back(std::move(coefficient));
      continue;
    }
    Vector v = Vector::Zero(theta.size());
    v(next) = 1 / columns.columns[static_cast<std::size_t>(next - first)].scale;
    Coefficient& coefficient = add(columns.terms[j].name, v);
    const double ratio = std::exp(*coefficient.estimate);
    if (std::isfinite(ratio)) coefficient.odds_ratio = ratio;
    if (!(l2() > 0)) coefficient.vif = columns.collinearity.inflation[j];
    ++next;
  }
}

void GeneralizedLinearFitter::add_likelihood(const GlmQuality& quality, FittedModel& model) const {
  const auto add = [&model](const char* name, double value) {
    if (std::isfinite(value)) model.metrics.push_back({name, value});
  };
  add("rows", static_cast<double>(rows_.rows()));
  if (rows_.weight() >= 0) add("total_weight", weight_total_);
  add("log_likelihood", quality.log_likelihood);
  add("deviance", quality.deviance);
  add("null_deviance", quality.null_deviance);
  add("pseudo_r_squared", 1 - quality.log_likelihood / quality.null_log_likelihood);
  for (const Metric& metric : quality.more) add(metric.name.c_str(), metric.value);
}

void GeneralizedLinearFitter::add_quality(const GlmColumns& columns, const NewtonFit& fit,
                                          const GlmQuality& quality, FittedModel& model) const {
  const auto rows = static_cast<double>(rows_.rows());
  const auto rank = static_cast<double>(fit.theta.size());
  const auto add = [&model](const char* name, double value) {
    if (std::isfinite(value)) model.metrics.push_back({name, value});
  };
  add_likelihood(quality, model);
  if (!(l2() > 0)) {
    add("aic", 2 * rank - 2 * quality.log_likelihood);
    add("bic", std::log(rows) * rank - 2 * quality.log_likelihood);
    add("residual_df", rows - rank);
  }
  add("rank", rank);
  add("iterations", fit.iterations);
  add("converged", fit.converged ? 1 : 0);
  add("gradient_norm", fit.at.gradient.norm());
  add("condition_number", columns.collinearity.condition_number);
}

void GeneralizedLinearFitter::add_notices(const GlmColumns& columns, const NewtonFit& fit,
                                          FittedModel& model) const {
  add_left_out_notice(design_.left_out(), model.notices);
  std::vector<std::string> aliased;
  for (std::size_t j = 0; j < columns.terms.size(); ++j) {
    if (columns.collinearity.aliased[j]) aliased.push_back(columns.terms[j].name);
  }
  add_alias_notice(aliased, model.notices);
  if (fit.separation != Separation::none) {
    std::vector<std::string> names;
    for (const std::string& name : columns.names) {
      const auto j = static_cast<std::size_t>(&name - columns.names.data());
      const auto same = [&](int moving) {
        return static_cast<std::size_t>(moving) % columns.names.size() == j;  // of any linear predictor
      };
      if (name != kInterceptTerm && std::any_of(fit.moving.begin(), fit.moving.end(), same)) {
        names.push_back(name);
      }
    }
    model.notices.push_back(separation_notice(fit.separation, quoted_list(names)));
  } else if (!fit.converged) {
    model.notices.push_back("the fit did not converge in " + std::to_string(fit.iterations) +
                            " iterations; raise \"max_iterations\" or set \"l2\"");
  }
}

}  // namespace persona
