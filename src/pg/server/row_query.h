// A query of its parameters alone, such as a small sum for a trigger: its executor is kept from one run to
// the next, also of the next transaction, since starting it takes several times as long as running it.
#pragma once

#include "pg/server/gates.h"

extern "C" {
#include "executor/spi.h"
#include "nodes/execnodes.h"
#include "utils/plancache.h"
}

namespace persona::pg {

/// Plain data. Set `sql` and `parent` first; all else is zero until run_row_query() makes it.
struct RowQuery {
  const char* sql;
  MemoryContext parent;  ///< its memory lives here
  SPIPlanPtr plan;
  CachedPlanSource* source;
  int generation;         ///< of the plan that the executor was made of
  std::uint64_t changes;  ///< of functions and roles until then
  MemoryContext context;  ///< of the executor; null while there is none
  EState* state;
  PlanState* root;
  ParamListInfo params;
  bool ran;      ///< since it was rewound
  bool running;  ///< also after an error ended the last run
};

/// Answers the query's row, valid until finish_row_query(); columns null when it has none.
struct QueryRow {
  TupleDesc columns;
  const Datum* values;
  const bool* nulls;
};

/// `nested` says that the same
/// query may be running already: it is then run as any other. So it is where its plan is more than an
/// aggregate over one row. Needs SPI, an active snapshot and the same identity and search_path at every call.
/// C code: the frames that call it hold no objects.
QueryRow run_row_query(RowQuery* query, int count, Oid* types, Datum* values, const char* nulls, bool nested);

/// Frees the row and what its aggregates hold.
void finish_row_query(RowQuery* query);

/// Frees the plan; the executor's memory goes with `parent`, when that is reset.
void free_row_query(RowQuery* query);

}  // namespace persona::pg
