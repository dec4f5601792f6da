// What cross-validation says of a metric over all folds.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/model/rows.h"

namespace persona {

/// Mean and sample standard deviation over the folds that have the metric; one fold has no deviation.
struct MetricSummary {
  std::string name;
  double mean = 0;
  std::optional<double> deviation;
};

/// In the order in which metrics appear; `folds` holds the metrics of each fold.
std::vector<MetricSummary> summarize_folds(const std::vector<std::vector<Metric>>& folds);

}  // namespace persona
