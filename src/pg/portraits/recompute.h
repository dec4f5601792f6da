// Running a portrait's statements over tables of rows in memory, and recomputing dirty keys. Server code in
// the C manner: needs SPI and the portrait owner's identity, may ereport, holds no objects.
#pragma once

#include "pg/portraits/maintenance.h"

extern "C" {
#include "utils/queryenvironment.h"
#include "utils/tuplestore.h"
}

namespace persona::pg {

/// Rows in memory that a statement reads by a name, shaped like a relation or like `columns`.
struct NamedRelation {
  const char* name;
  Oid like;
  TupleDesc columns;
  Tuplestorestate* rows;
};

void register_relation(const NamedRelation& relation, EphemeralNamedRelationData* data);

template <class Body>
void with_relation(const NamedRelation& relation, Body body) {
  EphemeralNamedRelationData data;
  register_relation(relation, &data);
  body();
  SPI_unregister_relation(relation.name);
}

/// Plans the statement at its first use and runs it; its rows are in SPI_tuptable.
void run_portrait_plan(PortraitPlan* plan, int count, Oid* types, Datum* values, const char* nulls);

/// Keys to recompute: the rows of the last statement, kept in memory.
struct DirtyKeys {
  TupleDesc columns;
  Tuplestorestate* rows;
  std::int64_t count;
};
DirtyKeys keep_keys();

template <class Body>
DirtyKeys collect_keys(Body body) {
  body();
  return keep_keys();
}

/// Locks the rows of the keys, in their order, waiting for writers that are still to commit, and then brings
/// them to what the source has in a snapshot taken after that; of a deferred portrait, queues them. Frees the
/// keys.
void recompute_keys(Maintenance* maintenance, DirtyKeys* keys);

}  // namespace persona::pg
