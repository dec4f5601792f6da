// Measuring a model on the rows of a source: shared by evaluate, compare and cross_validate.
#pragma once

#include "pg/models/cache.h"
#include "pg/models/source.h"

#include "core/evaluation/evaluator.h"

namespace persona::pg {

/// The option "threshold" of evaluate and compare, where it is given.
std::optional<double> threshold_option(Datum options);

/// An evaluator of the model, at a threshold or at the model's own.
std::unique_ptr<Evaluator> evaluator_of(const LoadedModel& model, std::optional<double> threshold);

/// The metrics of a model on a source's rows, and how many it skipped. Needs SPI.
std::vector<Metric> evaluate_model(const LoadedModel& model, const Source& source,
                                   std::optional<double> threshold);

}  // namespace persona::pg
