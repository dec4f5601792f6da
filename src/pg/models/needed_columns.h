// Which columns any version of a model reads: what the planner passes on to predict, and no more.
#pragma once

#include "pg/models/cache.h"

extern "C" {
#include "nodes/pg_list.h"
}

namespace persona::pg {

/// The columns, as a palloc'd list of String, that any version of the model `address` reads; NIL when there
/// is no such model, or no snapshot to ask under. `*table` is the relation whose invalidation makes the
/// answer stale. Server code.
List* needed_columns(const char* address, Oid* table);

}  // namespace persona::pg
