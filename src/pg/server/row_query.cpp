#include "pg/server/row_query.h"

#include "pg/server/spi.h"

extern "C" {
#include "catalog/pg_aggregate.h"
#include "catalog/pg_language.h"
#include "catalog/pg_proc.h"
#include "executor/executor.h"
#include "nodes/nodeFuncs.h"
#include "nodes/plannodes.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/syscache.h"
}

namespace persona::pg {
namespace {

void prepare(RowQuery* q, int count, Oid* types) {
  q->plan = prepare_kept(q->sql, count, types);
  q->source = static_cast<CachedPlanSource*>(linitial(SPI_plan_get_plan_sources(q->plan)));
}

// Functions and roles may change in ways that no plan follows, but that ExecutorStart would see.
std::uint64_t changes = 0;

void note_change(Datum /*argument*/, int /*cache*/, std::uint32_t /*hash*/) { changes++; }

void watch_changes() {
  static bool watched = false;
  if (watched) return;
  watched = true;
  CacheRegisterSyscacheCallback(PROCOID, note_change, Datum{0});
  CacheRegisterSyscacheCallback(AUTHOID, note_change, Datum{0});
  CacheRegisterSyscacheCallback(AUTHMEMROLEMEM, note_change, Datum{0});
}

bool is_sql_language(Oid function) {
  if (!OidIsValid(function)) return false;
  HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
  if (!HeapTupleIsValid(tuple)) return true;
  const bool is_sql = reinterpret_cast<Form_pg_proc>(GETSTRUCT(tuple))->prolang == SQLlanguageId;
  ReleaseSysCache(tuple);
  return is_sql;
}

bool is_sql_aggregate(Oid aggregate) {
  HeapTuple tuple = SearchSysCache1(AGGFNOID, ObjectIdGetDatum(aggregate));
  if (!HeapTupleIsValid(tuple)) return true;
  const auto* facts = reinterpret_cast<Form_pg_aggregate>(GETSTRUCT(tuple));
  const bool is_sql = is_sql_language(facts->aggtransfn) || is_sql_language(facts->aggfinalfn);
  ReleaseSysCache(tuple);
  return is_sql;
}

bool check_function(Oid function, void* /*context*/) { return is_sql_language(function); }

// Functions in the language SQL hold plans of their own, which follow changes only from one transaction to
// the next.
bool walk_to_sql(Node* node, void* context) {
  if (node == nullptr) return false;
  if (IsA(node, Aggref) && is_sql_aggregate(reinterpret_cast<Aggref*>(node)->aggfnoid)) return true;
  if (!IsA(node, Aggref) && check_functions_in_node(node, check_function, context)) return true;
  return expression_tree_walker(node, reinterpret_cast<bool (*)()>(walk_to_sql), context);
}

bool calls_sql(const Plan* plan) {
  if (walk_to_sql(reinterpret_cast<Node*>(plan->targetlist), nullptr) ||
      walk_to_sql(reinterpret_cast<Node*>(plan->qual), nullptr))
    return true;
  return IsA(plan, Result) && walk_to_sql(reinterpret_cast<const Result*>(plan)->resconstantqual, nullptr);
}

// Nodes that hold nothing of a transaction's, and that begin anew when they are rewound though no parameter
// of theirs is said to have changed; a hashed aggregate would answer its old rows.
bool can_be_kept(const Plan* plan) {
  if (plan == nullptr) return true;
  const bool known = IsA(plan, Result) || IsA(plan, SubqueryScan) ||
                     (IsA(plan, Agg) && reinterpret_cast<const Agg*>(plan)->aggstrategy == AGG_PLAIN);
  if (!known || plan->initPlan != NIL || plan->righttree != nullptr || calls_sql(plan)) return false;
  return can_be_kept(plan->lefttree) &&
         (!IsA(plan, SubqueryScan) || can_be_kept(reinterpret_cast<const SubqueryScan*>(plan)->subplan));
}

bool can_be_kept(const CachedPlan* cached) {
  if (list_length(cached->stmt_list) != 1 || cached->dependsOnRole ||
      TransactionIdIsValid(cached->saved_xmin))
    return false;
  const auto* planned = static_cast<const PlannedStmt*>(linitial(cached->stmt_list));
  return planned->commandType == CMD_SELECT && planned->subplans == NIL && planned->relationOids == NIL &&
         planned->rowMarks == NIL && can_be_kept(planned->planTree);
}

void drop_executor(RowQuery* q) {
  if (q->context != nullptr) MemoryContextDelete(q->context);
  q->context = nullptr;
  q->ran = false;
  q->running = false;
}

// As ExecutorStart does it, less what belongs to a transaction.
void make_executor(RowQuery* q, const CachedPlan* cached, int count, const Oid* types) {
  MemoryContext context = AllocSetContextCreate(q->parent, "persona row query", ALLOCSET_SMALL_SIZES);
  q->context = context;
  q->running = true;  // an error leaves what the next run drops
  q->generation = cached->generation;
  q->changes = changes;
  MemoryContext outer = MemoryContextSwitchTo(context);
  const auto* planned = static_cast<const PlannedStmt*>(copyObjectImpl(linitial(cached->stmt_list)));
  q->params = makeParamList(count);
  for (int i = 0; i < count; i++) {
    q->params->params[i].ptype = types[i];
    q->params->params[i].pflags = PARAM_FLAG_CONST;
  }
  q->state = CreateExecutorState();
  q->state->es_plannedstmt = const_cast<PlannedStmt*>(planned);
  q->state->es_param_list_info = q->params;
  q->state->es_sourceText = q->sql;
  MemoryContextSwitchTo(q->state->es_query_cxt);
  const int internal = list_length(planned->paramExecTypes);
  if (internal > 0) {
    q->state->es_param_exec_vals =
        static_cast<ParamExecData*>(palloc0(sizeof(ParamExecData) * static_cast<std::size_t>(internal)));
  }
  ExecInitRangeTable(q->state, planned->rtable);
  q->root = ExecInitNode(planned->planTree, q->state, 0);
  MemoryContextSwitchTo(outer);
  q->running = false;
}

// Changes of functions, operators and types have been told of by now, as to any plan.
bool is_current(const RowQuery* q) {
  const CachedPlan* plan = q->source->gplan;
  return q->context != nullptr && q->source->is_valid && plan != nullptr && plan->is_valid &&
         plan->generation == q->generation && q->changes == changes;
}

// An executor of the plan as it is now, where one can be kept.
bool find_executor(RowQuery* q, int count, const Oid* types) {
  if (likely(!q->running && is_current(q))) return true;
  drop_executor(q);
  CachedPlan* cached = SPI_plan_get_cached_plan(q->plan);
  if (cached == nullptr) return false;
  if (can_be_kept(cached)) make_executor(q, cached, count, types);
  ReleaseCachedPlan(cached, CurrentResourceOwner);
  return q->context != nullptr;
}

QueryRow run_anew(RowQuery* q, Datum* values, const char* nulls) {
  const int rc = SPI_execute_plan(q->plan, values, nulls, false, 0);
  if (rc < 0) elog(ERROR, "persona: %s: %s", SPI_result_code_string(rc), q->sql);
  if (SPI_processed == 0) return {};
  TupleDesc columns = SPI_tuptable->tupdesc;
  auto* results = static_cast<Datum*>(palloc(sizeof(Datum) * static_cast<std::size_t>(columns->natts)));
  auto* result_nulls = static_cast<bool*>(palloc(sizeof(bool) * static_cast<std::size_t>(columns->natts)));
  heap_deform_tuple(SPI_tuptable->vals[0], columns, results, result_nulls);
  return {columns, results, result_nulls};
}

void rewind(RowQuery* q) {
  if (!q->ran) return;
  MemoryContext outer = MemoryContextSwitchTo(q->state->es_query_cxt);
  ExecReScan(q->root);
  MemoryContextSwitchTo(outer);
  q->ran = false;
}

}  // namespace

QueryRow run_row_query(RowQuery* q, int count, Oid* types, Datum* values, const char* nulls, bool nested) {
  watch_changes();
  if (q->plan == nullptr) prepare(q, count, types);
  if (nested || !find_executor(q, count, types)) return run_anew(q, values, nulls);
  for (int i = 0; i < count; i++) {
    q->params->params[i].value = values[i];
    q->params->params[i].isnull = nulls[i] == 'n';
  }
  q->running = true;
  rewind(q);
  q->ran = true;
  MemoryContext outer = MemoryContextSwitchTo(q->state->es_query_cxt);
  TupleTableSlot* row = ExecProcNode(q->root);
  if (!TupIsNull(row)) slot_getallattrs(row);
  MemoryContextSwitchTo(outer);
  q->running = false;
  if (TupIsNull(row)) return {};
  return {row->tts_tupleDescriptor, row->tts_values, row->tts_isnull};
}

void finish_row_query(RowQuery* q) {
  if (q->context != nullptr && !q->running) rewind(q);
}

void free_row_query(RowQuery* q) {
  if (q->plan != nullptr) SPI_freeplan(q->plan);
  *q = {};
}

}  // namespace persona::pg
