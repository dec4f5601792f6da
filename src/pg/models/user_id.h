// A user's id as the source's own column holds it, so that an index on that column can be used.
#pragma once

#include "pg/server/spi.h"

namespace persona::pg {

/// Converts `id` to `type` by the type's input function. False when the type cannot hold it: such a user is
/// unknown, not an error.
bool convert_user_id(const std::string& id, Oid type, Datum* result);

}  // namespace persona::pg
