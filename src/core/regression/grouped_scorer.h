// Scores a row with the model of its group, and with the model of all rows where its group has none.
#pragma once

#include <map>
#include <memory>

#include "core/model/kind.h"

namespace persona {

/// The scorer of a stored model: the kind's, or one of each group where the rows have groups. Throws 22000
/// for rows that do not make a model.
std::unique_ptr<Scorer> load_scorer(const Kind& kind, const StoredModel& stored, const Options& options);

}  // namespace persona
