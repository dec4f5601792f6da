#include "core/evaluation/ranking.h"

#include <algorithm>

#include "core/evaluation/metrics.h"

namespace persona {

std::vector<RankedMetric> rank_models(const std::vector<std::vector<Metric>>& models) {
  std::vector<std::string> names;
  for (const std::vector<Metric>& metrics : models) {
    for (const Metric& metric : metrics) {
      if (std::find(names.begin(), names.end(), metric.name) == names.end()) names.push_back(metric.name);
    }
  }
  std::vector<RankedMetric> result;
  for (const std::string& name : names) {
    std::vector<RankedMetric> lines;
    for (std::size_t model = 0; model < models.size(); ++model) {
      for (const Metric& metric : models[model]) {
        if (metric.name == name) lines.push_back({model, name, metric.value, std::nullopt});
      }
    }
    const Better direction = better(name);
    if (direction != Better::neither) {
      const double sign = direction == Better::higher ? 1 : -1;
      std::stable_sort(lines.begin(), lines.end(), [sign](const RankedMetric& a, const RankedMetric& b) {
        return sign * a.value > sign * b.value;
      });
      for (std::size_t i = 0; i < lines.size(); ++i) {
        const bool tied = i > 0 && lines[i].value == lines[i - 1].value;
        lines[i].rank = tied ? *lines[i - 1].rank : static_cast<int>(i) + 1;
      }
    }
    result.insert(result.end(), lines.begin(), lines.end());
  }
  return result;
}

}  // namespace persona
