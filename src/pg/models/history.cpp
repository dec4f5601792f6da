#include "pg/models/history.h"

#include "core/recommend/history.h"
#include "pg/models/user_id.h"
#include "pg/server/row_stream.h"

extern "C" {
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "nodes/plannodes.h"
#include "storage/proc.h"
#include "utils/plancache.h"
#include "utils/syscache.h"
}

namespace persona::pg {
namespace {

// One user's rows by a plan with the user's id as $1.
struct HistoryPlan {
  SPIPlanPtr plan = nullptr;
  Oid user_type = InvalidOid;
  Oid item_type = InvalidOid;
  bool weighted = false;
};

Oid column_type(const Source& source, const std::string& name) {
  for (std::size_t i = 0; i < source.columns.size(); i++) {
    if (source.columns[i].name == name) return source.types[i];
  }
  throw Error(sqlstate::kUndefinedColumn, "source has no column \"" + name + "\"",
              "The model was fitted when it had one.", "Restore the column, or fit the model again.");
}

HistoryPlan prepare_history(const std::string& source_text, const Options& options, int cursor_options) {
  const Source source = describe_source(source_text);
  const std::string user = options.text("user");
  const std::string item = options.text("item");
  HistoryPlan result;
  result.user_type = pg_call([type = column_type(source, user)] { return getBaseType(type); });
  result.item_type = column_type(source, item);
  result.weighted = options.has("weight");
  std::string select = "s." + quote_name(item);
  if (result.weighted) {
    column_type(source, options.text("weight"));
    select += ", s." + quote_name(options.text("weight")) + "::pg_catalog.float8";
  }
  const std::string sql = wrap_source(source, select, "s." + quote_name(user) + " = $1");
  result.plan = pg_call([&] {
    SPIPlanPtr plan = SPI_prepare_cursor(sql.c_str(), 1, &result.user_type, cursor_options);
    if (plan == nullptr) elog(ERROR, "persona: %s", SPI_result_code_string(SPI_result));
    return plan;
  });
  return result;
}

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
      "Drop this session's temporary views, domains and tables with row security, or ask in another one.");
}

// A session's temporary objects must not stand in for objects of the owner's that are gone: the stored path
// ends in pg_temp (left out, it would come first). Views, domains, ranges and row-secured tables of another
// role would run code as the owner, some as early as in the planner, so a session that has any is refused
// before the source is looked at.
void refuse_temporary_code(const LoadedModel& model) {
  static Statement statement(
      "SELECT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.relnamespace = $1 AND c.relowner <> $2 "
      "  AND (c.relkind IN ('v', 'f') OR c.relrowsecurity OR c.relhasrules)) "
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

// Plain temporary tables run nothing, but would feed the owner's model false rows: refused where the plan, as
// it would run now, reads one of another role.
void refuse_temporary_tables(const HistoryPlan& plan, const LoadedModel& model) {
  Oid schema = InvalidOid;
  Oid toast = InvalidOid;
  GetTempNamespaceState(&schema, &toast);
  if (!OidIsValid(schema)) return;
  const bool found = pg_call([&] {
    CachedPlan* current = SPI_plan_get_cached_plan(plan.plan);
    if (current != nullptr) ReleaseCachedPlan(current, CurrentResourceOwner);
    auto* source = static_cast<CachedPlanSource*>(linitial(SPI_plan_get_plan_sources(plan.plan)));
    ListCell* cell;
    foreach (cell, source->relationOids) {
      HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(lfirst_oid(cell)));
      if (!HeapTupleIsValid(tuple)) continue;
      const auto* relation = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple));
      const bool foreign =
          relation->relpersistence == RELPERSISTENCE_TEMP && relation->relowner != model.owner;
      ReleaseSysCache(tuple);
      if (foreign) return true;
    }
    return false;
  });
  if (found) throw_temporary_objects(model);
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
    const HistoryPlan fresh = prepare_history(model.source, model.options, 0);
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

HistoryPlan kept_plan(const LoadedModel& model) {
  static auto* plans = new KeptPlans;
  return plans->find(model);
}

std::string label_of(Datum value, Oid type) {
  const std::string_view label = pg_call([&] {
    ValueReader reader;
    prepare_reader(&reader, type, true, CurrentMemoryContext);
    return reader.label(value);
  });
  return std::string(label);
}

// Under the owner's identity, security-restricted, as every stored source.
SavedIdentity enter_owner(const LoadedModel& model) {
  check_owner_exists(model.name, model.owner);
  refuse_temporary_code(model);
  return enter_source(model.owner, SECURITY_RESTRICTED_OPERATION | SECURITY_LOCAL_USERID_CHANGE,
                      model.settings);
}

std::vector<HistoryEntry> read_live(const LoadedModel& model, const std::string& user) {
  const SavedIdentity saved = enter_owner(model);
  const HistoryPlan plan = kept_plan(model);
  refuse_temporary_tables(plan, model);
  std::vector<HistoryEntry> result;
  Datum id;
  if (convert_user_id(user, plan.user_type, &id)) {
    pg_call([&] {
      const int rc = SPI_execute_plan(plan.plan, &id, nullptr, true, 0);
      if (rc < 0) elog(ERROR, "persona: %s", SPI_result_code_string(rc));
    });
    const Rows rows(SPI_tuptable, SPI_processed);
    result.reserve(rows.size());
    for (std::uint64_t i = 0; i < rows.size(); i++) {
      bool null;
      const Datum item = rows.datum(i, 1, &null);
      if (null) continue;
      double weight = 1;
      if (plan.weighted) {
        const std::optional<double> value = rows.float8(i, 2);
        if (!value.has_value() || !std::isfinite(*value)) continue;
        weight = *value;
      }
      result.push_back({label_of(item, plan.item_type), weight});
    }
  }
  pg_call([&] { leave_identity(saved); });
  return result;
}

// The id as the type of the source's column prints it, which is how it is stored: '007' is user 7 where users
// are numbers. False when the type cannot hold it.
bool canonical_id(const LoadedModel& model, const std::string& user, std::string* id) {
  const SavedIdentity saved = enter_owner(model);
  const Oid type = column_type(describe_source(model.source), model.options.text("user"));
  Datum value;
  const bool held = convert_user_id(user, type, &value);
  if (held) *id = label_of(value, type);
  pg_call([&] { leave_identity(saved); });
  return held;
}

std::vector<HistoryEntry> read_stored(const LoadedModel& model, const std::string& user) {
  static Statement statement(
      "SELECT n.item, h.weight::float8 FROM persona.history x "
      "CROSS JOIN LATERAL ROWS FROM (unnest(x.items), unnest(x.weights)) AS h(item_no, weight) "
      "JOIN persona.neighbor n ON n.model_id = x.model_id AND n.item_no = h.item_no "
      "WHERE x.model_id = $1 AND x.user_id = $2");
  std::string id;
  if (!canonical_id(model, user, &id)) return {};
  return as_owner([&] {
    Params params;
    params.int8(model.model_id).text(id);
    const Rows rows = statement.run(params, true);
    std::vector<HistoryEntry> result(rows.size());
    for (std::uint64_t i = 0; i < rows.size(); i++) {
      result[i] = {rows.text(i, 1), rows.float8(i, 2).value_or(0)};
    }
    return result;
  });
}

// Asking for one user costs about the work of an index scan; the bound, in the planner's units, is some ten
// milliseconds of reading. Below it nobody minds a sequential scan.
constexpr double kCheapCost = 2000;

double plan_cost(SPIPlanPtr plan) {
  CachedPlan* cached = SPI_plan_get_cached_plan(plan);
  if (cached == nullptr) return 0;
  const double cost = static_cast<PlannedStmt*>(linitial(cached->stmt_list))->planTree->total_cost;
  ReleaseCachedPlan(cached, nullptr);  // an unsaved plan has no owner
  return cost;
}

double source_cost(const std::string& query) {
  return pg_call([&] {
    SPIPlanPtr plan = SPI_prepare_cursor(query.c_str(), 0, nullptr, CURSOR_OPT_GENERIC_PLAN);
    if (plan == nullptr) elog(ERROR, "persona: %s", SPI_result_code_string(SPI_result));
    return plan_cost(plan);
  });
}

// Collects the source's rows by user.
class HistorySink final : public RowSink {
 public:
  void consume(const RowBlock& block) override {
    if (rows_.size() < static_cast<std::size_t>(block.dictionary(0).size())) {
      rows_.resize(static_cast<std::size_t>(block.dictionary(0).size()));
    }
    for (int i = 0; i < block.rows(); i++) {
      const double weight = weighted_ ? block.numbers(2)[i] : 1;
      rows_[static_cast<std::size_t>(block.labels(0)[i])].push_back({block.labels(1)[i], weight});
    }
    poll_.check();
  }
  explicit HistorySink(bool weighted) : weighted_(weighted) {}
  std::vector<std::vector<HistoryItem>>& rows() { return rows_; }

 private:
  bool weighted_;
  ServerPoll poll_;
  std::vector<std::vector<HistoryItem>> rows_;
};

int column_index(const Source& source, const std::string& name) {
  int i = 0;
  while (source.columns[static_cast<std::size_t>(i)].name != name) i++;
  return i;
}

UserHistory read_all_histories(const Fit& fit) {
  std::vector<StreamColumn> columns = {{column_index(fit.source, fit.options.text("user")), Encoding::label},
                                       {column_index(fit.source, fit.options.text("item")), Encoding::label}};
  const bool weighted = fit.options.has("weight");
  if (weighted) columns.push_back({column_index(fit.source, fit.options.text("weight")), Encoding::number});
  RowBlock block({Encoding::label, Encoding::label, Encoding::number});
  HistorySink sink(weighted);
  stream_rows(fit.source.query, columns, &block, &sink);

  std::unordered_map<std::string, std::int32_t> numbers;
  for (const NeighborRow& row : fit.fitted.neighbors) {
    numbers.emplace(row.item, static_cast<std::int32_t>(numbers.size()));
  }
  UserHistory history;
  for (std::size_t user = 0; user < sink.rows().size(); user++) {
    std::vector<HistoryItem> known;
    for (const HistoryItem& row : sink.rows()[user]) {
      const auto found = numbers.find(block.dictionary(1).label(row.item));
      if (found != numbers.end()) known.push_back({found->second, row.weight});
    }
    history.users.push_back(block.dictionary(0).label(static_cast<std::int32_t>(user)));
    history.items.emplace_back();
    history.weights.emplace_back();
    for (const HistoryItem& item : merge_history(std::move(known))) {
      history.items.back().push_back(item.item);
      history.weights.back().push_back(static_cast<float>(item.weight));
    }
  }
  return history;
}

}  // namespace

std::vector<HistoryEntry> read_history(const LoadedModel& model, const std::string& user) {
  return model.keeps_history ? read_stored(model, user) : read_live(model, user);
}

UserHistory keep_history_if_needed(const Fit& fit) {
  if (fit.kind->task != Task::recommendation) return {};
  const HistoryPlan plan = prepare_history(fit.definition.source, fit.options, CURSOR_OPT_GENERIC_PLAN);
  const double one = pg_call([&] { return plan_cost(plan.plan); });
  if (one < kCheapCost || one < 0.1 * source_cost(fit.source.query)) return {};
  notice("the source cannot be asked for one user cheaply, so users' histories are stored with the model",
         "They are as old as the fit. Index \"" + fit.options.text("user") +
             "\" in the source's table to have them read live.");
  return read_all_histories(fit);
}

void store_history(std::int64_t model_id, const UserHistory& history) {
  static Statement statement(
      "INSERT INTO persona.history (model_id, user_id, items, weights) VALUES ($1, $2, $3, $4)");
  ScratchContext scratch("persona history");
  for (std::size_t i = 0; i < history.users.size(); i++) {
    Params params;
    scratch.enter();
    params.int8(model_id)
        .text(history.users[i])
        .int4_array(history.items[i])
        .float4_array(history.weights[i]);
    scratch.leave();
    statement.run(params, false);
    scratch.reset();
  }
}

}  // namespace persona::pg
