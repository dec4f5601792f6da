// Users' histories stored with a recommender, where its source cannot be asked for one user cheaply.
#pragma once

#include "pg/models/fit.h"

namespace persona::pg {

/// Compares the planner's cost of one user's rows with that of the whole source; where asking for one user is
/// expensive, says so in a NOTICE and reads all histories. Empty for other kinds, cheap sources, and models
/// of anonymous baskets. Runs as the current user. Needs SPI.
StoredHistories keep_histories_if_needed(const Fit& fit);

/// Needs SPI and as_owner().
void store_histories(std::int64_t model_id, const StoredHistories& stored);

}  // namespace persona::pg
