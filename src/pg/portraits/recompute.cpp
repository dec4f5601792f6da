#include "pg/portraits/recompute.h"

namespace persona::pg {
namespace {

// Up to so many keys one saved plan, which asks an index for each, will do; more are planned for their
// number.
constexpr std::int64_t kFewKeys = 64;

}  // namespace

void register_relation(const NamedRelation& relation, EphemeralNamedRelationData* data) {
  std::memset(data, 0, sizeof *data);
  data->md.name = const_cast<char*>(relation.name);
  data->md.reliddesc = relation.like;
  data->md.tupdesc = relation.columns;
  data->md.enrtype = ENR_NAMED_TUPLESTORE;
  data->md.enrtuples = static_cast<double>(tuplestore_tuple_count(relation.rows));
  data->reldata = relation.rows;
  const int rc = SPI_register_relation(data);
  if (rc != SPI_OK_REL_REGISTER) elog(ERROR, "persona: %s", SPI_result_code_string(rc));
}

void run_portrait_plan(PortraitPlan* plan, int count, Oid* types, Datum* values, const char* nulls) {
  if (plan->plan == nullptr) plan->plan = prepare_kept(plan->sql, count, types);
  const int rc = SPI_execute_plan(plan->plan, values, nulls, false, 0);
  if (rc < 0) elog(ERROR, "persona: %s: %s", SPI_result_code_string(rc), plan->sql);
}

DirtyKeys keep_keys() {
  DirtyKeys keys = {CreateTupleDescCopy(SPI_tuptable->tupdesc), tuplestore_begin_heap(false, false, work_mem),
                    static_cast<std::int64_t>(SPI_processed)};
  for (std::uint64_t i = 0; i < SPI_processed; i++) tuplestore_puttuple(keys.rows, SPI_tuptable->vals[i]);
  SPI_freetuptable(SPI_tuptable);
  return keys;
}

void recompute_keys(Maintenance* m, DirtyKeys* keys) {
  if (keys->count > 0) {
    const NamedRelation dirty = {"dirty", InvalidOid, keys->columns, keys->rows};
    with_relation(dirty, [&] {
      if (m->deferred) {
        run_portrait_plan(&m->queue_dirty, 0, nullptr, nullptr, nullptr);
        return;
      }
      set_locally("row_security",
                  "off");  // an error, where policies would hide events from the recomputation
      run_portrait_plan(&m->lock_dirty, 0, nullptr, nullptr, nullptr);
      if (keys->count <= kFewKeys) {
        run_portrait_plan(&m->recompute, 0, nullptr, nullptr, nullptr);
      } else {
        settle_text_forms();
        const int rc = SPI_execute(m->recompute.sql, false, 0);
        if (rc < 0) elog(ERROR, "persona: %s: %s", SPI_result_code_string(rc), m->recompute.sql);
      }
      note_recomputation(m->portrait);
    });
  }
  tuplestore_end(keys->rows);
}

}  // namespace persona::pg
