// How much each feature of a model matters over all training rows, from what is stored of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/model/rows.h"
#include "core/model/scorer.h"

namespace persona {

struct Importance {
  std::string feature;          ///< or two with an interaction: "age:country"
  double importance = 0;        ///< standard deviation of its contribution over the training rows
  std::optional<double> share;  ///< of the sum over all features; absent when that is 0
};

/// The population standard deviation of what each input, and each interaction of two, adds to the linear
/// predictor (Scorer::explain), largest first, equal ones in order. Exact for a number whose contribution is
/// linear in it, by its mean and standard deviation, and for labels and bins, by their shares; a spline is
/// integrated over the quantiles, stretched to have these; for an interaction its two inputs are taken for
/// independent. Of several classes it is the root of the mean variance over the classes. `features`: one an
/// input. `rows` and `skipped`: rows of the source that were fitted and left out. Throws 22000 when a spread
/// is not finite.
std::vector<Importance> feature_importance(const Scorer& scorer, const std::vector<const Feature*>& features,
                                           double rows, double skipped, const std::string& model);

}  // namespace persona
