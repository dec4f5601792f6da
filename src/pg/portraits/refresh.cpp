// refresh_portrait and check_portrait: folding what a deferred portrait collected, and comparing a portrait
// with its source. Both run as the portrait's owner; neither makes writers wait for more than the rows at
// hand.
#include "pg/portraits/attach.h"
#include "pg/portraits/recompute.h"
#include "pg/portraits/refresh.h"
#include "pg/server/arguments.h"

#include "core/summaries/text_comparison.h"

extern "C" {
#include "catalog/pg_class.h"
}

namespace persona::pg {
namespace {

void check_definition(const Portrait& portrait) {
  if (!relation_name(portrait.recomputed).empty()) return;
  throw Error(sqlstate::kNotInPrerequisiteState,
              "the definition of portrait " + relation_name(portrait.portrait) + " is gone",
              "Its view was dropped, with its triggers, by a CASCADE such as that of a column it read; the "
              "portrait stands still.",
              "Drop it with drop_portrait and create it anew.");
}

// An error, where policies that came after the portrait would hide events from its owner.
void see_all_rows() {
  pg_call([] { set_locally("row_security", "off"); });
}

// Finds the keys that differ in one snapshot, then locks and recomputes those few in a later one.
std::int64_t repair(Oid portrait, const PortraitDefinition& definition, const PortraitTables& tables) {
  run_sql(different_keys(definition, tables));
  DirtyKeys keys = pg_call([] { return keep_keys(); });
  const std::string lock = lock_dirty(definition, tables);
  const std::string recompute = recompute_dirty(definition, tables);
  EphemeralNamedRelationData data;
  pg_call([&] {
    const NamedRelation dirty = {"dirty", InvalidOid, keys.columns, keys.rows};
    register_relation(dirty, &data);
  });
  if (keys.count > 0) {
    run_sql(lock);
    run_sql(recompute);
  }
  pg_call([&] {
    SPI_unregister_relation("dirty");
    tuplestore_end(keys.rows);
    if (keys.count > 0) note_recomputation(portrait);
  });
  return keys.count;
}

// With `repair`, as if every key had been touched.
void fold(const PortraitDefinition& definition, const PortraitTables& tables, bool everything) {
  // One refresh at a time: two would fold into the same rows.
  run_sql("LOCK TABLE " + tables.portrait + " IN SHARE ROW EXCLUSIVE MODE");
  if (everything) run_sql(queue_all(tables));
  run_sql(fold_deltas(definition, tables));
}

// The columns of check_portrait, kept for its caller.
void put_differences(const PortraitDefinition& definition, const PortraitTables& tables,
                     ReturnSetInfo* info) {
  const Rows rows = run_sql(differences(definition, tables));
  for (std::uint64_t i = 0; i < rows.size(); i++) {
    Datum values[4];
    bool nulls[4];
    for (int column = 0; column < 4; column++) values[column] = rows.datum(i, column + 1, &nulls[column]);
    pg_call([&] { tuplestore_putvalues(info->setResult, info->setDesc, values, nulls); });
  }
}

void check(const std::string& name, ReturnSetInfo* info) {
  const Portrait portrait = find_portrait(name);
  check_portrait_owner(portrait);
  check_definition(portrait);
  for (const std::string& relation : unattached(portrait)) {
    const std::string message = "changes made directly to " + relation + " are not seen by the portrait";
    pg_call([&] {
      ereport(WARNING,
              (errmsg("%s", message.c_str()),
               errdetail("It lacks triggers: it was attached after the portrait was created, is a foreign "
                         "table, or a trigger was dropped, renamed or disabled."),
               errhint("Call refresh_portrait, which attaches and enables them and repairs the portrait.")));
    });
  }
  as_portrait_owner(portrait.owner, [&] {
    see_all_rows();
    put_differences(read_definition(portrait.recomputed), tables_of(portrait), info);
  });
}

Datum refresh(const std::string& name, std::optional<bool> repair) {
  pg_call([] { PreventCommandIfReadOnly("refresh_portrait()"); });
  const Portrait portrait = find_portrait(name);
  check_portrait_owner(portrait);
  refresh_portrait(portrait, repair);
  return portrait_row(portrait.portrait);
}

}  // namespace

void refresh_portrait(const Portrait& portrait, std::optional<bool> repair_wanted) {
  static Statement note(
      "UPDATE persona.portrait SET refreshed_at = clock_timestamp() WHERE portrait = $1::oid");
  check_definition(portrait);
  const bool wanted = repair_wanted.value_or(!portrait.deferred());
  if (wanted) {
    const SavedIdentity saved = pg_call(
        [&] { return enter_identity(portrait.owner, SECURITY_LOCAL_USERID_CHANGE, "pg_catalog, pg_temp"); });
    attach_triggers(portrait);
    pg_call([&] { leave_identity(saved); });
  }
  as_portrait_owner(portrait.owner, [&] {
    see_all_rows();
    const PortraitDefinition definition = read_definition(portrait.recomputed);
    const PortraitTables tables = tables_of(portrait);
    if (portrait.deferred())
      fold(definition, tables, wanted);
    else if (wanted)
      repair(portrait.portrait, definition, tables);
  });
  as_owner([&] {
    Params params;
    params.oid(portrait.portrait);
    note.run(params, false);
  });
}

std::vector<std::string> stale_portraits() {
  static Statement statement(
      "SELECT pg_catalog.format('%I.%I', n.nspname, c.relname), pg_catalog.format('%I.%I', dn.nspname, "
      "d.relname), c.relowner "
      "FROM persona.portrait p JOIN pg_catalog.pg_class c ON c.oid = p.portrait::oid "
      "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
      "JOIN pg_catalog.pg_class d ON d.oid = p.delta::oid JOIN pg_catalog.pg_namespace dn ON dn.oid = "
      "d.relnamespace "
      "WHERE pg_catalog.pg_has_role($1, c.relowner, 'USAGE') ORDER BY 1");
  const Oid role = GetUserId();
  struct Deferred {
    std::string name, delta;
    Oid owner;
  };
  std::vector<Deferred> deferred;
  as_owner([&] {
    Params params;
    params.oid(role);
    const Rows rows = statement.run(params, false);
    for (std::uint64_t i = 0; i < rows.size(); i++)
      deferred.push_back({rows.text(i, 1), rows.text(i, 2), rows.oid(i, 3)});
  });
  std::vector<std::string> stale;
  // As their owners: a table's policies and rules run with the rights of whoever reads it.
  for (const Deferred& d : deferred)
    if (!as_portrait_owner(d.owner, [&] { return run_sql("SELECT FROM " + d.delta + " LIMIT 1").empty(); }))
      stale.push_back(d.name);
  return stale;
}

}  // namespace persona::pg

PERSONA_FUNCTION(refresh_portrait)
{
  return persona::pg::guarded([&] {
    const std::string name = persona::pg::text_argument(fcinfo, 0, "portrait");
    std::optional<bool> repair;
    if (!PG_ARGISNULL(1)) repair = PG_GETARG_BOOL(1);
    return persona::pg::with_spi([&] { return persona::pg::refresh(name, repair); });
  });
}

PERSONA_FUNCTION(check_portrait)
{
  InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
  auto* info = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  persona::pg::guarded([&] {
    const std::string name = persona::pg::text_argument(fcinfo, 0, "portrait");
    persona::pg::with_spi([&] { persona::pg::check(name, info); });
  });
  return Datum{0};
}

PERSONA_FUNCTION(portrait_same)
{
  if (PG_ARGISNULL(0) || PG_ARGISNULL(1)) PG_RETURN_BOOL(PG_ARGISNULL(0) && PG_ARGISNULL(1));
  const text* a = PG_GETARG_TEXT_PP(0);
  const text* b = PG_GETARG_TEXT_PP(1);
  PG_RETURN_BOOL(persona::same_but_rounding({VARDATA_ANY(a), VARSIZE_ANY_EXHDR(a)},
                                            {VARDATA_ANY(b), VARSIZE_ANY_EXHDR(b)}));
}
