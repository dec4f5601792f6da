// What an elastic net adds to a fitted model: coefficients by lambda, which of them serve, and how good they
// are.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/model/rows.h"
#include "core/regression/penalty_options.h"
#include "core/regression/penalty_path.h"

namespace persona {

struct ElasticNetModel {
  std::vector<ElasticNetFit> path;       ///< empty where none was asked for
  std::optional<CrossValidation> folds;  ///< along the path
  std::optional<ElasticNetFit> served;   ///< none where the model that serves has no penalty

  /// Takes over what cross-validation chose.
  void serve_choice(const PenaltyOptions& options);
};

/// Rows of persona.coefficient, without standard errors: the estimate of a penalized term is biased by
/// design, and what it would be for other rows of the same population does not follow from the curvature at a
/// corner. `names`: of the terms; `ratios`: whether exp(estimate) has a meaning. Coefficients of a model
/// without penalty, which serve when there is no `served`, are there already. Adds the metrics lambda, alpha,
/// nonzero, converged, and with folds cv_deviance, cv_std_error, lambda_min and lambda_1se; and a NOTICE
/// where a fit did not converge.
void add_elastic_net(const ElasticNetModel& net, const PenaltyOptions& options,
                     const std::vector<std::string>& names, bool intercept, bool ratios, FittedModel& model);

}  // namespace persona
