// How much each feature of a model matters over all training rows, from what is stored of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/model/rows.h"
#include "core/model/scorer.h"

namespace persona {

struct Importance {
  std::string feature;
  double importance = 0;        ///< standard deviation of its contribution over the training rows
  std::optional<double> share;  ///< of the sum over all features; absent when that is 0
};

/// The population standard deviation of what each input adds to the linear predictor (Scorer::explain),
/// largest first, equal ones in the order of the inputs. Exact for a number whose contribution is linear in
/// it, by its mean and standard deviation, and for labels and bins, by their shares; a spline is integrated
/// over the quantiles; of an interaction the two inputs are taken for independent. `rows`: rows of the fit.
/// Throws 22000 when an input has no feature.
std::vector<Importance> feature_importance(const Scorer& scorer, const std::vector<Feature>& features,
                                           double rows, const std::string& model);

}  // namespace persona
