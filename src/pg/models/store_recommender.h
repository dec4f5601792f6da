// Writing what a recommender's fit answers: items with their neighbors, popularity, factors, rules, sessions.
#pragma once

#include "pg/server/spi.h"

#include "core/model/rows.h"

namespace persona::pg {

/// Throws 54000 where an id, of a user, item or segment as `what` says, has no room in the tables' indexes.
void check_id_length(const std::string& id, const char* what);

/// Nothing of it for other kinds. Makes neighbors that the fit left to be made. Needs SPI and as_owner().
void store_recommender(std::int64_t model_id, const FittedModel& fitted);

}  // namespace persona::pg
