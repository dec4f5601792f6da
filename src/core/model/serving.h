// Of what a fit answers that which scores: the rows a loader would read back, of a path of penalties those of
// the one that serves.
#pragma once

#include <string>
#include <utility>

#include "core/model/rows.h"

namespace persona {

/// `name`: for messages.
inline StoredModel serving_model(const FittedModel& fitted, std::string name) {
  double lambda = 0;
  for (const Metric& metric : fitted.metrics) {
    if (metric.name == "lambda") lambda = metric.value;
  }
  StoredModel stored;
  stored.name = std::move(name);
  stored.features = fitted.features;
  for (const Coefficient& coefficient : fitted.coefficients) {
    if (coefficient.lambda == lambda) stored.coefficients.push_back(coefficient);
  }
  return stored;
}

}  // namespace persona
