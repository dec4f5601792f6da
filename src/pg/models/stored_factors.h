// The factors of a model's items, longest vectors first: kept by the backend where they are small enough, and
// else read piece by piece for as long as the reader wants more.
#pragma once

#include "pg/models/cache.h"

#include "core/recommend/model_reader.h"

namespace persona::pg {

/// Needs SPI. `use` answers whether to go on.
void scan_item_factors(const LoadedModel& model, const std::function<bool(const FactorBlock&)>& use);

}  // namespace persona::pg
