// Several models side by side, metric by metric.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/model/rows.h"

namespace persona {

/// One model's value of one metric. `rank`: 1 and one more for each model that is better, so that equal
/// values share a rank; absent for a metric that speaks for no model.
struct RankedMetric {
  std::size_t model = 0;
  std::string name;
  double value = 0;
  std::optional<int> rank;
};

/// Metrics in the order in which the models have them, within a metric the best model first, then by the
/// order given.
std::vector<RankedMetric> rank_models(const std::vector<std::vector<Metric>>& models);

}  // namespace persona
