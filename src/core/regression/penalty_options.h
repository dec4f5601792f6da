// The options of an elastic net, as all regressions take them.
#pragma once

#include <vector>

#include "core/model/options.h"

namespace persona {

/// The options l1, l2, path, folds and lambda_rule. The penalties are in the scale of the sum over all rows,
/// and lambda is in that of their mean: lambda = (l1 + l2) / rows, alpha = l1 / (l1 + l2).
struct PenaltyOptions {
  double l1 = 0;
  double l2 = 0;
  bool path = false;    ///< the whole path is stored
  int folds = 0;        ///< 0: l1 and l2 are the penalty; else lambda is chosen by so many folds
  bool one_se = false;  ///< the greatest lambda within one standard error of the least deviance

  explicit PenaltyOptions(const Options& options);

  double alpha() const { return l1 + l2 > 0 ? l1 / (l1 + l2) : 1; }
  double lambda(double rows) const { return (l1 + l2) / rows; }
  /// A ridge at a given penalty has a closed form: it is no matter of coordinate descent.
  bool needs_elastic_net() const { return l1 > 0 || path || folds > 0; }
  bool needs_path() const { return path || folds > 0; }
  /// The model that serves has a penalty.
  bool penalizes() const { return l1 > 0 || l2 > 0 || folds > 0; }
};

std::vector<OptionSpec> penalty_option_specs();

}  // namespace persona
