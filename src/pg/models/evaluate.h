// Measuring a model on the rows of a source: shared by evaluate, compare and cross_validate.
#pragma once

#include "pg/models/cache.h"
#include "pg/models/source.h"

#include "core/evaluation/evaluator.h"

namespace persona::pg {

/// The options of evaluate and compare.
Options evaluation_options(Datum options, const char* verb);

/// An evaluator of the model; `options` may name another threshold than the model's.
std::unique_ptr<Evaluator> evaluator_of(const LoadedModel& model, const Options& options);

/// The metrics of a model on a source's rows, and how many it skipped. Needs SPI.
std::vector<Metric> evaluate_model(const LoadedModel& model, const Source& source, const Options& options);

}  // namespace persona::pg
