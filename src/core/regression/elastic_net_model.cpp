#include "core/regression/elastic_net_model.h"

#include <algorithm>
#include <cmath>

#include "core/regression/design.h"

namespace persona {
namespace {

void add_rows(const ElasticNetFit& fit, const std::vector<std::string>& names, bool intercept, bool ratios,
              FittedModel& model) {
  const auto add = [&](const std::string& term, double estimate, bool with_ratio) {
    Coefficient coefficient;
    coefficient.term = term;
    coefficient.lambda = fit.lambda;
    coefficient.estimate = estimate;
    const double ratio = std::exp(estimate);
    if (with_ratio && std::isfinite(ratio)) coefficient.odds_ratio = ratio;
    model.coefficients.push_back(std::move(coefficient));
  };
  if (intercept) add(kInterceptTerm, fit.intercept, false);
  for (std::size_t j = 0; j < names.size(); ++j) add(names[j], fit.estimates[j], ratios);
}

}  // namespace

void ElasticNetModel::serve_choice(const PenaltyOptions& options) {
  served = path[options.one_se ? folds->one_se : folds->minimum];
}

void add_elastic_net(const ElasticNetModel& net, const PenaltyOptions& options,
                     const std::vector<std::string>& names, bool intercept, bool ratios, FittedModel& model) {
  const double lambda = net.served ? net.served->lambda : 0;
  if (net.served) add_rows(*net.served, names, intercept, ratios, model);
  if (options.path) {
    for (const ElasticNetFit& fit : net.path) {
      if (fit.lambda != lambda) add_rows(fit, names, intercept, ratios, model);
    }
  }
  const auto add = [&model](const char* name, double value) {
    if (std::isfinite(value)) model.metrics.push_back({name, value});
  };
  add("lambda", lambda);
  add("alpha", options.alpha());
  if (net.served) {
    add("nonzero", net.served->nonzero);
    add("converged", net.served->converged ? 1 : 0);
  }
  if (net.folds) {
    const std::size_t chosen = options.one_se ? net.folds->one_se : net.folds->minimum;
    add("cv_deviance", net.folds->deviance[chosen]);
    add("cv_std_error", net.folds->std_error[chosen]);
    add("lambda_min", net.path[net.folds->minimum].lambda);
    add("lambda_1se", net.path[net.folds->one_se].lambda);
  }
  const auto failed = std::count_if(net.path.begin(), net.path.end(),
                                    [](const ElasticNetFit& fit) { return !fit.converged; }) +
                      (net.path.empty() && net.served && !net.served->converged ? 1 : 0);
  if (failed > 0) {
    model.notices.push_back("the fit did not converge at " + std::to_string(failed) +
                            (failed == 1 ? " penalty" : " penalties") + "; raise \"l2\"");
  }
}

}  // namespace persona
