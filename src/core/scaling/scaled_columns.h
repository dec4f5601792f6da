// Which columns a scaler normalizes, and how: the request against the source's columns.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/model/kind.h"
#include "core/scaling/column_scale.h"

namespace persona {

/// The options of the kind.
std::vector<OptionSpec> scaler_options();

struct ScaledColumns {
  std::vector<StreamColumn> stream;  ///< in source order
  std::vector<std::string> names;
  std::vector<ScalingMethod> methods;
  std::vector<std::string> left_out;  ///< neither key nor ignored, but no numbers
};

/// Throws 22023 for a target, for no columns to scale, and for "methods" of a column that is not scaled;
/// 42703 for a column the source lacks; 42804 for one named in "features" that is no number.
ScaledColumns scaled_columns(const FitRequest& request);

/// The probabilities of the quantiles at which values are clipped, when they are. Throws 22023.
std::optional<std::pair<double, double>> clip_probabilities(const Options& options);

}  // namespace persona
