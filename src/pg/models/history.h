// What one user has: read live through the model's source, so that a purchase made a second ago counts; or,
// where the source cannot be asked for one user cheaply, as stored with the model.
#pragma once

#include "pg/models/cache.h"
#include "pg/models/fit.h"

namespace persona::pg {

struct HistoryEntry {
  std::string item;
  double weight = 1;
};

/// The rows of one user, several an item possible. Empty for a user the source does not know, and for an id
/// that the source's user column cannot hold. A live read runs the source as the model's owner, under
/// SECURITY_RESTRICTED_OPERATION and the model's search_path. Needs SPI.
std::vector<HistoryEntry> read_history(const LoadedModel& model, const std::string& user);

/// Compares the planner's cost of one user's rows with that of the whole source; where asking for one user is
/// expensive, says so in a NOTICE and reads all histories. Empty for other kinds and cheap sources. Runs as
/// the current user. Needs SPI.
UserHistory keep_history_if_needed(const Fit& fit);

/// Needs SPI and as_owner().
void store_history(std::int64_t model_id, const UserHistory& history);

}  // namespace persona::pg
