// The trigger on a portrait's source. New rows are merged, a single one without a query over the transition
// table; rows that are changed or deleted make their keys dirty, which are locked and recomputed; both in the
// transaction that did it, as the portrait's owner. Server code in the C manner throughout: no C++ object
// lives while a statement runs.
#include "pg/portraits/recompute.h"
#include "pg/portraits/row_merge.h"

extern "C" {
#include "executor/executor.h"
#include "utils/datum.h"
#include "utils/tuplestore.h"
}

namespace persona::pg {
namespace {

// Whether a row was changed in a column that the portrait reads.
bool differs(const Maintenance* m, TupleTableSlot* before, TupleTableSlot* after) {
  for (int i = 0; i < m->used_count; ++i) {
    const UsedAttribute& used = m->used[i];
    bool before_null;
    bool after_null;
    const Datum a = slot_getattr(before, used.number, &before_null);
    const Datum b = slot_getattr(after, used.number, &after_null);
    if (before_null != after_null) return true;
    if (!before_null && !datum_image_eq(a, b, used.by_value, used.length)) return true;
  }
  return false;
}

// The same question for all rows of an UPDATE, whose two tables hold them in one order.
bool any_differs(const Maintenance* m, const TriggerData* t) {
  if (tuplestore_tuple_count(t->tg_oldtable) != tuplestore_tuple_count(t->tg_newtable)) return true;
  TupleTableSlot* before = MakeSingleTupleTableSlot(RelationGetDescr(t->tg_relation), &TTSOpsMinimalTuple);
  TupleTableSlot* after = MakeSingleTupleTableSlot(RelationGetDescr(t->tg_relation), &TTSOpsMinimalTuple);
  tuplestore_rescan(t->tg_oldtable);
  tuplestore_rescan(t->tg_newtable);
  bool found = false;
  while (!found && tuplestore_gettupleslot(t->tg_oldtable, true, false, before)) {
    if (!tuplestore_gettupleslot(t->tg_newtable, true, false, after))
      found = true;
    else
      found = differs(m, before, after);
  }
  ExecDropSingleTupleTableSlot(before);
  ExecDropSingleTupleTableSlot(after);
  return found;
}

void merge_row(Maintenance* m, TupleTableSlot* row) {
  Datum values[MaxHeapAttributeNumber];
  char nulls[MaxHeapAttributeNumber];
  Oid types[MaxHeapAttributeNumber];
  for (int i = 0; i < m->used_count; ++i) {
    bool null;
    values[i] = slot_getattr(row, m->used[i].number, &null);
    nulls[i] = null ? 'n' : ' ';
    types[i] = m->used[i].type;
  }
  if (!merge_in_place(m, values, nulls, types))
    run_portrait_plan(&m->merge_row, m->used_count, types, values, nulls);
}

void touch(Maintenance* m, const TriggerData* t, Tuplestorestate* rows);

void merge_rows(Maintenance* m, const TriggerData* t) {
  const std::int64_t count = tuplestore_tuple_count(t->tg_newtable);
  if (count == 0) return;
  if (recomputed_already(m)) {
    touch(m, t, t->tg_newtable);
    return;
  }
  if (count == 1) {
    TupleTableSlot* row = MakeSingleTupleTableSlot(RelationGetDescr(t->tg_relation), &TTSOpsMinimalTuple);
    tuplestore_rescan(t->tg_newtable);
    if (tuplestore_gettupleslot(t->tg_newtable, true, false, row)) merge_row(m, row);
    ExecDropSingleTupleTableSlot(row);
    return;
  }
  const NamedRelation rows = {"new_rows", RelationGetRelid(t->tg_relation), nullptr, t->tg_newtable};
  with_relation(rows, [&] { run_portrait_plan(&m->merge_rows, 0, nullptr, nullptr, nullptr); });
}

void touch(Maintenance* m, const TriggerData* t, Tuplestorestate* rows) {
  if (tuplestore_tuple_count(rows) == 0) return;
  const NamedRelation touched = {"touched", RelationGetRelid(t->tg_relation), nullptr, rows};
  DirtyKeys keys = collect_keys(
      [&] { with_relation(touched, [&] { run_portrait_plan(&m->touched, 0, nullptr, nullptr, nullptr); }); });
  recompute_keys(m, &keys);
}

void touch_rows(Maintenance* m, const TriggerData* t, TupleTableSlot* first, TupleTableSlot* second) {
  Tuplestorestate* rows = tuplestore_begin_heap(false, false, work_mem);
  tuplestore_puttupleslot(rows, first);
  if (second != nullptr) tuplestore_puttupleslot(rows, second);
  touch(m, t, rows);
  tuplestore_end(rows);
}

void truncated(Maintenance* m) {
  if (m->deferred) {
    run_portrait_plan(&m->queue_all, 0, nullptr, nullptr, nullptr);
    return;
  }
  DirtyKeys keys = collect_keys([&] { run_portrait_plan(&m->everything, 0, nullptr, nullptr, nullptr); });
  recompute_keys(m, &keys);
}

// A statement's rows at once.
void after_statement(Maintenance* m, const TriggerData* t) {
  if (TRIGGER_FIRED_BY_INSERT(t->tg_event)) {
    merge_rows(m, t);
  } else if (TRIGGER_FIRED_BY_DELETE(t->tg_event)) {
    touch(m, t, t->tg_oldtable);
  } else if (TRIGGER_FIRED_BY_TRUNCATE(t->tg_event)) {
    truncated(m);
  } else if (any_differs(m, t)) {
    Tuplestorestate* both = tuplestore_begin_heap(false, false, work_mem);
    TupleTableSlot* row = MakeSingleTupleTableSlot(RelationGetDescr(t->tg_relation), &TTSOpsMinimalTuple);
    for (Tuplestorestate* from : {t->tg_oldtable, t->tg_newtable}) {
      tuplestore_rescan(from);
      while (tuplestore_gettupleslot(from, true, false, row)) tuplestore_puttupleslot(both, row);
    }
    touch(m, t, both);
    tuplestore_end(both);
    ExecDropSingleTupleTableSlot(row);
  }
}

// One row, as a subscriber applies it.
void after_row(Maintenance* m, const TriggerData* t) {
  if (TRIGGER_FIRED_BY_INSERT(t->tg_event) && recomputed_already(m)) {
    touch_rows(m, t, t->tg_trigslot, nullptr);
  } else if (TRIGGER_FIRED_BY_INSERT(t->tg_event)) {
    merge_row(m, t->tg_trigslot);
  } else if (TRIGGER_FIRED_BY_DELETE(t->tg_event)) {
    touch_rows(m, t, t->tg_trigslot, nullptr);
  } else if (differs(m, t->tg_trigslot, t->tg_newslot)) {
    touch_rows(m, t, t->tg_trigslot, t->tg_newslot);
  }
}

}  // namespace
}  // namespace persona::pg

PERSONA_FUNCTION(maintain_portrait)
{
  using namespace persona::pg;  // NOLINT(google-build-using-namespace)
  if (!CALLED_AS_TRIGGER(fcinfo))
    raise("39P01", "maintain_portrait can only be called as a trigger", "", "create_portrait attaches it.");
  const auto* t = reinterpret_cast<TriggerData*>(fcinfo->context);
  if (!TRIGGER_FIRED_AFTER(t->tg_event))
    raise("39P01", "maintain_portrait must be an AFTER trigger", "", "create_portrait attaches it.");
  const bool statement = TRIGGER_FIRED_FOR_STATEMENT(t->tg_event);
  const bool needs_new = TRIGGER_FIRED_BY_INSERT(t->tg_event) || TRIGGER_FIRED_BY_UPDATE(t->tg_event);
  const bool needs_old = TRIGGER_FIRED_BY_DELETE(t->tg_event) || TRIGGER_FIRED_BY_UPDATE(t->tg_event);
  if (statement && ((needs_new && t->tg_newtable == nullptr) || (needs_old && t->tg_oldtable == nullptr)))
    raise("39P01", "maintain_portrait needs the statement's transition tables", "",
          "create_portrait attaches it.");
  Maintenance* m = find_maintenance(t);
  // A subscriber's row triggers and everybody's statement triggers never count the same rows, however ALTER
  // TABLE has enabled them since.
  const bool replica = SessionReplicationRole == SESSION_REPLICATION_ROLE_REPLICA;
  if (m->gone || (replica == statement && !TRIGGER_FIRED_BY_TRUNCATE(t->tg_event)))
    return PointerGetDatum(nullptr);
  const SavedIdentity saved = enter_identity(
      m->owner, SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION, "pg_catalog, pg_temp");
  SPI_connect();
  const int outer = m->running++;
  PG_TRY();
  {
    if (statement)
      after_statement(m, t);
    else
      after_row(m, t);
  }
  PG_FINALLY();
  { m->running = outer; }
  PG_END_TRY();
  SPI_finish();
  leave_identity(saved);
  return PointerGetDatum(nullptr);
}
