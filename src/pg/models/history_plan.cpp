#include "pg/models/history_plan.h"

extern "C" {
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "storage/proc.h"
#include "utils/plancache.h"
#include "utils/syscache.h"
}

namespace persona::pg {
Oid source_column_type(const Source& source, const std::string& name) {
  for (std::size_t i = 0; i < source.columns.size(); i++) {
    if (source.columns[i].name == name) return source.types[i];
  }
  throw Error(sqlstate::kUndefinedColumn, "source has no column \"" + name + "\"",
              "The model was fitted when it had one.", "Restore the column, or fit the model again.");
}

EventTypes event_types(const Source& source, const EventNames& names) {
  const auto type_of = [&](const std::string& name) {
    return name.empty() ? InvalidOid : source_column_type(source, name);
  };
  EventTypes types;
  types.item = type_of(names.item);
  types.weight = type_of(names.weight);
  types.time = type_of(names.time);
  if (OidIsValid(types.time)) {
    const auto family = pg_call([&] { return type_family(types.time); });
    if (family != SourceColumn::Family::time && family != SourceColumn::Family::number) {
      throw Error(
          sqlstate::kDatatypeMismatch, "time column \"" + names.time + "\" is of type " + pg_call([&] {
                                         return static_cast<const char*>(format_type_be(types.time));
                                       }) + ", not a date, a timestamp or a number",
          "It was one when the model was fitted.", "Cast the column in the source, or fit the model again.");
    }
  }
  types.basket = type_of(names.basket);
  types.segment = type_of(names.segment);
  return types;
}

std::string event_list(const EventNames& names) {
  std::string list = "s." + quote_name(names.item);
  if (!names.weight.empty()) list += ", s." + quote_name(names.weight) + "::pg_catalog.float8";
  for (const std::string* name : {&names.time, &names.basket, &names.segment}) {
    if (!name->empty()) list += ", s." + quote_name(*name);
  }
  return list;
}

HistoryPlan prepare_history(const std::string& source_text, const EventNames& names, int cursor_options) {
  const Source source = describe_source(source_text);
  HistoryPlan result;
  result.user_type = pg_call([type = source_column_type(source, names.user)] { return getBaseType(type); });
  result.events = event_types(source, names);
  const std::string sql = wrap_source(source, event_list(names), "s." + quote_name(names.user) + " = $1");
  result.plan = pg_call([&] {
    SPIPlanPtr plan = SPI_prepare_cursor(sql.c_str(), 1, &result.user_type, cursor_options);
    if (plan == nullptr) elog(ERROR, "persona: %s", SPI_result_code_string(SPI_result));
    return plan;
  });
  return result;
}

namespace {

bool still_valid(const HistoryPlan& plan) {
  List* sources = SPI_plan_get_plan_sources(plan.plan);
  return static_cast<CachedPlanSource*>(linitial(sources))->is_valid;
}

[[noreturn]] void throw_temporary_objects(const LoadedModel& model) {
  throw Error(
      "42501",
      "temporary objects of this session could stand in for those of the owner of model \"" + model.name +
          "\"",
      "The model's source is read as its owner.",
      "Drop this session's temporary views, domains and tables with row security, partitions, checks or "
      "indexes on expressions, or ask in another one.");
}

// A session's temporary objects must not stand in for objects of the owner's that are gone: the stored path
// ends in pg_temp (left out, it would come first). Views, domains, ranges and row-secured tables of another
// role would run code as the owner, some as early as in the planner, which also folds the expressions of a
// table's indexes, checks, statistics and partitions: a session that has any is refused before the source is
// looked at.
void refuse_temporary_code(const LoadedModel& model) {
  static Statement statement(
      "SELECT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.relnamespace = $1 AND c.relowner <> $2 "
      "  AND (c.relkind IN ('v', 'f', 'p') OR c.relrowsecurity OR c.relhasrules OR c.relchecks > 0 "
      "    OR EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid "
      "      AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL)) "
      "    OR EXISTS (SELECT FROM pg_catalog.pg_statistic_ext e WHERE e.stxrelid = c.oid "
      "      AND e.stxexprs IS NOT NULL))) "
      "OR EXISTS (SELECT FROM pg_catalog.pg_type t WHERE t.typnamespace = $1 AND t.typowner <> $2 "
      "  AND t.typtype IN ('d', 'r', 'm', 'b') AND t.typelem = 0)");
  Oid schema = InvalidOid;
  Oid toast = InvalidOid;
  GetTempNamespaceState(&schema, &toast);
  if (!OidIsValid(schema)) return;
  const bool found = as_owner([&] {
    Params params;
    params.oid(schema).oid(model.owner);
    bool null;
    return DatumGetBool(statement.run(params, true).datum(0, 1, &null));
  });
  if (found) throw_temporary_objects(model);
}

bool reads_temporary_table(CachedPlanSource* source, Oid owner) {
  ListCell* cell;
  foreach (cell, source->relationOids) {
    HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(lfirst_oid(cell)));
    if (!HeapTupleIsValid(tuple)) continue;
    const auto* relation = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple));
    const bool foreign = relation->relpersistence == RELPERSISTENCE_TEMP && relation->relowner != owner;
    ReleaseSysCache(tuple);
    if (foreign) return true;
  }
  return false;
}

// Plans kept a backend, by version. One that an ALTER TABLE or DROP made invalid is prepared anew, since the
// type of the user's column may have changed. It may be running at this moment, further up the stack, so it
// is freed only in a later transaction.
class KeptPlans {
 public:
  HistoryPlan find(const LoadedModel& model) {
    free_retired();
    const Oid table = pg_call([] { return catalog_table("model"); });
    if (table != extension_ || plans_.size() > kMostModels) {  // ids start over with the extension
      for (const auto& [id, plan] : plans_) retire(plan);
      plans_.clear();
      extension_ = table;
    }
    const auto found = plans_.find(model.model_id);
    if (found != plans_.end()) {
      const HistoryPlan kept = found->second;
      if (pg_call([&] { return still_valid(kept); })) return kept;
      retire(kept);
      plans_.erase(found);
    }
    const HistoryPlan fresh = prepare_history(model.source, model.events, 0);
    pg_call([&] { SPI_keepplan(fresh.plan); });
    plans_[model.model_id] = fresh;
    return fresh;
  }

 private:
  struct Retired {
    SPIPlanPtr plan;
    LocalTransactionId transaction;
  };

  void retire(const HistoryPlan& plan) { retired_.push_back({plan.plan, MyProc->lxid}); }

  void free_retired() {
    while (!retired_.empty() && retired_.back().transaction != MyProc->lxid) {
      SPIPlanPtr plan = retired_.back().plan;
      retired_.pop_back();
      pg_call([&] { SPI_freeplan(plan); });
    }
  }

  Oid extension_ = InvalidOid;
  std::unordered_map<std::int64_t, HistoryPlan> plans_;
  std::vector<Retired> retired_;
};

}  // namespace

// Plain temporary tables run nothing, but would feed the owner's model false rows. Looked at before the
// planner sees the statement, and again once it has, since it may have found the statement out of date.
void refuse_temporary_tables(SPIPlanPtr plan, const LoadedModel& model) {
  Oid schema = InvalidOid;
  Oid toast = InvalidOid;
  GetTempNamespaceState(&schema, &toast);
  if (!OidIsValid(schema)) return;
  const bool found = pg_call([&] {
    auto* source = static_cast<CachedPlanSource*>(linitial(SPI_plan_get_plan_sources(plan)));
    if (reads_temporary_table(source, model.owner)) return true;
    CachedPlan* current = SPI_plan_get_cached_plan(plan);
    if (current != nullptr) ReleaseCachedPlan(current, source->is_saved ? CurrentResourceOwner : nullptr);
    return reads_temporary_table(source, model.owner);
  });
  if (found) throw_temporary_objects(model);
}

// Under the owner's identity, security-restricted, as every stored source.
SavedIdentity enter_owner(const LoadedModel& model) {
  check_owner_exists(model.name, model.owner);
  refuse_temporary_code(model);
  return enter_source(model.owner, SECURITY_RESTRICTED_OPERATION | SECURITY_LOCAL_USERID_CHANGE,
                      model.settings);
}

HistoryPlan kept_history_plan(const LoadedModel& model) {
  static auto* plans = new KeptPlans;
  const HistoryPlan plan = plans->find(model);
  refuse_temporary_tables(plan.plan, model);
  return plan;
}

}  // namespace persona::pg
