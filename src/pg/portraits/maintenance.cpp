#include "pg/portraits/maintenance.h"

#include "pg/portraits/row_merge.h"

extern "C" {
#include "access/xact.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_trigger.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/snapmgr.h"
}

namespace persona::pg {
namespace {

HTAB* entries = nullptr;
TimestampTz last_recomputation = 0;  // of any portrait, for entries that are still to be made

void invalidate(Datum, Oid relation) {
  HASH_SEQ_STATUS status;
  hash_seq_init(&status, entries);
  while (auto* entry = static_cast<Maintenance*>(hash_seq_search(&status))) {
    if (!OidIsValid(relation) || relation == entry->portrait || relation == entry->source ||
        relation == entry->recomputed || relation == entry->relation)
      entry->valid = false;
  }
}

Maintenance* entry_of(Oid trigger) {
  if (entries == nullptr) {
    HASHCTL control;
    std::memset(&control, 0, sizeof control);
    control.keysize = sizeof(Oid);
    control.entrysize = sizeof(Maintenance);
    control.hcxt = CacheMemoryContext;
    entries = hash_create("persona portraits", 16, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
    CacheRegisterRelcacheCallback(invalidate, Datum{0});
  }
  bool found;
  auto* entry = static_cast<Maintenance*>(hash_search(entries, &trigger, HASH_ENTER, &found));
  if (!found) {
    std::memset(entry, 0, sizeof *entry);
    entry->trigger = trigger;
    entry->recomputed_at = last_recomputation;
  }
  return entry;
}

// What the catalog says of a trigger, as of the latest commit: a REPEATABLE READ transaction may be older
// than the portrait whose trigger it fires. A partition's copy of a row trigger is found by the trigger it is
// a copy of.
Portrait portrait_of_trigger(Oid trigger) {
  static Statement statement(
      "WITH RECURSIVE up AS (SELECT t.oid, t.tgparentid, t.tgrelid, t.tgname FROM pg_catalog.pg_trigger t "
      "WHERE t.oid = $1 UNION ALL SELECT t.oid, t.tgparentid, t.tgrelid, t.tgname FROM up "
      "JOIN pg_catalog.pg_trigger t ON t.oid = up.tgparentid) "
      "SELECT p.portrait::oid, p.source::oid, p.recomputed::oid, p.delta::oid, c.relowner, v.oid FROM up "
      "JOIN persona.portrait_trigger pt ON pt.relation = up.tgrelid AND pt.trigger_name = up.tgname "
      "JOIN persona.portrait p ON p.portrait = pt.portrait "
      "LEFT JOIN pg_catalog.pg_class c ON c.oid = p.portrait::oid "
      "LEFT JOIN pg_catalog.pg_class v ON v.oid = p.recomputed::oid");
  return as_owner([&] {
    Params params;
    params.oid(trigger);
    pg_call([] { PushActiveSnapshot(GetLatestSnapshot()); });
    const Rows rows = statement.run(params, true);
    pg_call([] { PopActiveSnapshot(); });
    if (rows.empty())
      throw Error(sqlstate::kNotInPrerequisiteState, "this trigger belongs to no portrait",
                  "Only create_portrait and refresh_portrait attach it.", "Drop the trigger.");
    Portrait portrait;
    portrait.portrait = rows.oid(0, 1);
    portrait.source = rows.oid(0, 2);
    portrait.recomputed = rows.oid(0, 6);  // InvalidOid when it is gone
    portrait.delta = rows.oid(0, 4);
    portrait.owner = rows.oid(0, 5);
    return portrait;
  });
}

// A partition that was detached keeps its triggers, and may be attached again.
bool belongs_to(Oid relation, Oid source) {
  return relation == source ||
         pg_call([&] { return list_member_oid(find_all_inheritors(source, NoLock, nullptr), relation); });
}

PortraitPlan statement_in(MemoryContext context, const std::string& sql) {
  const char* text = sql.c_str();
  return {pg_call([=]() -> const char* { return MemoryContextStrdup(context, text); }), nullptr};
}

void load_statements(Maintenance* entry, const Portrait& portrait, Oid relation) {
  const PortraitDefinition definition = read_definition(portrait.recomputed);
  const PortraitTables tables = tables_of(portrait);
  MemoryContext const context = entry->context;
  entry->used_count = static_cast<int>(definition.used.size());
  entry->used = pg_call([&] {
    return static_cast<UsedAttribute*>(
        MemoryContextAlloc(context, sizeof(UsedAttribute) * static_cast<std::size_t>(entry->used_count + 1)));
  });
  for (int i = 0; i < entry->used_count; ++i) {
    UsedAttribute* used = &entry->used[i];
    const char* name = definition.used[static_cast<std::size_t>(i)].name.c_str();
    pg_call([=] {
      used->number = get_attnum(relation, name);
      used->type = get_atttype(relation, used->number);
      get_typlenbyval(used->type, &used->length, &used->by_value);
    });
  }
  entry->merge_rows = statement_in(context, merge_events(definition, tables, "new_rows AS event"));
  entry->merge_row =
      statement_in(context, merge_events(definition, tables, parameter_row(definition, relation)));
  entry->row_merge.merged.sql =
      statement_in(context, merge_into_row(definition, portrait.portrait, relation)).sql;
  entry->row_merge.merged.parent = context;
  prepare_row_merge(entry, definition);
  entry->touched = statement_in(context, touched_keys(definition));
  if (portrait.deferred()) {
    entry->queue_dirty = statement_in(context, queue_dirty(definition, tables));
    entry->queue_all = statement_in(context, queue_all(tables));
  } else {
    entry->everything = statement_in(context, all_keys(definition, tables));
    entry->lock_dirty = statement_in(context, lock_dirty(definition, tables));
    entry->recompute = statement_in(context, recompute_dirty(definition, tables));
  }
}

void load(Maintenance* entry, const Portrait& portrait, Oid relation) {
  if (entry->portrait != portrait.portrait) entry->recomputed_at = last_recomputation;
  entry->relation = relation;
  entry->portrait = portrait.portrait;
  entry->source = portrait.source;
  entry->recomputed = portrait.recomputed;
  entry->owner = portrait.owner;
  entry->deferred = portrait.deferred();
  entry->gone = !OidIsValid(portrait.owner) || !OidIsValid(portrait.recomputed) ||
                (portrait.deferred() && relation_name(portrait.delta).empty()) ||
                !belongs_to(relation, portrait.source);
  if (entry->gone) return;
  // As the owner, who may read the view; names are written out under the statements' own search_path.
  as_portrait_owner(portrait.owner, [&] { load_statements(entry, portrait, relation); });
}

void free_plans(Maintenance* entry) {
  for (PortraitPlan* plan : {&entry->merge_rows, &entry->merge_row, &entry->touched, &entry->everything,
                             &entry->lock_dirty, &entry->recompute, &entry->queue_dirty, &entry->queue_all}) {
    if (plan->plan != nullptr) SPI_freeplan(plan->plan);
    *plan = {nullptr, nullptr};
  }
  free_row_query(&entry->row_merge.merged);
}

}  // namespace

Maintenance* find_maintenance(const TriggerData* trigger) {
  Maintenance* entry = entry_of(trigger->tg_trigger->tgoid);
  if (likely(entry->valid)) return entry;
  if (entry->running > 0) return entry;  // a nested call: the statements under way stay
  free_plans(entry);
  if (entry->context != nullptr)
    MemoryContextReset(entry->context);
  else
    entry->context = AllocSetContextCreate(CacheMemoryContext, "persona portrait", ALLOCSET_SMALL_SIZES);
  const Oid relation = RelationGetRelid(trigger->tg_relation);
  entry->valid = true;  // changes that come in while it is loaded make it invalid again
  ErrorBuffer error;
  const bool loaded = guard(&error, [&] {
    with_spi([&] { load(entry, portrait_of_trigger(trigger->tg_trigger->tgoid), relation); });
  });
  if (!loaded) {
    entry->valid = false;
    raise(&error);
  }
  return entry;
}

void note_recomputation(Oid portrait) {
  last_recomputation = GetCurrentStatementStartTimestamp();
  if (entries == nullptr) return;
  HASH_SEQ_STATUS status;
  hash_seq_init(&status, entries);
  while (auto* entry = static_cast<Maintenance*>(hash_seq_search(&status)))
    if (entry->portrait == portrait) entry->recomputed_at = last_recomputation;
}

bool recomputed_already(const Maintenance* m) {
  return m->recomputed_at == GetCurrentStatementStartTimestamp();
}

}  // namespace persona::pg
