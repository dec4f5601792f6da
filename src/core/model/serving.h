// Of what a fit answers that which scores: the rows a loader would read back, of a path of penalties those of
// the one that serves.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "core/model/rows.h"

namespace persona {

/// The penalty that serves, by group: the metric lambda of each; 0 where there is none.
class ServingLambdas {
 public:
  explicit ServingLambdas(const FittedModel& fitted) {
    for (const Metric& metric : fitted.metrics) {
      if (metric.name == "lambda") lambdas_[metric.group_key] = metric.value;
    }
  }

  bool serves(const Coefficient& coefficient) const {
    const auto found = lambdas_.find(coefficient.group_key);
    return coefficient.lambda == (found == lambdas_.end() ? 0 : found->second);
  }

 private:
  std::map<std::string, double> lambdas_;
};

/// `name`: for messages.
inline StoredModel serving_model(const FittedModel& fitted, std::string name) {
  const ServingLambdas lambdas(fitted);
  StoredModel stored;
  stored.name = std::move(name);
  stored.features = fitted.features;
  for (const Coefficient& coefficient : fitted.coefficients) {
    if (lambdas.serves(coefficient)) stored.coefficients.push_back(coefficient);
  }
  return stored;
}

}  // namespace persona
