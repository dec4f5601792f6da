#include "core/evaluation/fold_summary.h"

#include <algorithm>
#include <cmath>

namespace persona {

std::vector<MetricSummary> summarize_folds(const std::vector<std::vector<Metric>>& folds) {
  std::vector<MetricSummary> result;
  std::vector<std::vector<double>> values;  // by metric
  for (const std::vector<Metric>& metrics : folds) {
    for (const Metric& metric : metrics) {
      const auto found = std::find_if(result.begin(), result.end(),
                                      [&metric](const MetricSummary& s) { return s.name == metric.name; });
      const auto at = static_cast<std::size_t>(found - result.begin());
      if (found == result.end()) {
        result.push_back({metric.name, 0, std::nullopt});
        values.emplace_back();
      }
      values[at].push_back(metric.value);
    }
  }
  for (std::size_t i = 0; i < result.size(); ++i) {
    const auto n = static_cast<double>(values[i].size());
    for (const double value : values[i]) result[i].mean += value;
    result[i].mean /= n;
    if (values[i].size() < 2) continue;
    double squares = 0;
    for (const double value : values[i]) squares += (value - result[i].mean) * (value - result[i].mean);
    result[i].deviation = std::sqrt(squares / (n - 1));
  }
  return result;
}

}  // namespace persona
