#include "pg/server/row_query.h"

#include "pg/server/identity.h"

extern "C" {
#include "executor/executor.h"
#include "nodes/plannodes.h"
#include "utils/memutils.h"
}

namespace persona::pg {
namespace {

void prepare(RowQuery* q, int count, Oid* types) {
  settle_text_forms();
  SPIPlanPtr prepared = SPI_prepare_cursor(q->sql, count, types, CURSOR_OPT_GENERIC_PLAN);
  if (prepared == nullptr) elog(ERROR, "persona: %s: %s", SPI_result_code_string(SPI_result), q->sql);
  if (SPI_keepplan(prepared) != 0) elog(ERROR, "persona: could not keep a plan");
  q->plan = prepared;
  q->source = static_cast<CachedPlanSource*>(linitial(SPI_plan_get_plan_sources(prepared)));
}

// Nodes that hold nothing of a transaction's, and that begin anew when they are rewound though no parameter
// of theirs is said to have changed; a hashed aggregate would answer its old rows.
bool can_be_kept(const Plan* plan) {
  if (plan == nullptr) return true;
  const bool known = IsA(plan, Result) || IsA(plan, SubqueryScan) ||
                     (IsA(plan, Agg) && reinterpret_cast<const Agg*>(plan)->aggstrategy == AGG_PLAIN);
  if (!known || plan->initPlan != NIL || plan->righttree != nullptr) return false;
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
  q->generation = cached->generation;
  q->context = context;
}

// Changes of functions, operators and types have been told of by now, as to any plan.
bool is_current(const RowQuery* q) {
  const CachedPlan* plan = q->source->gplan;
  return q->context != nullptr && q->source->is_valid && plan != nullptr && plan->is_valid &&
         plan->generation == q->generation;
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

bool run_anew(RowQuery* q, Datum* values, const char* nulls, Datum* results, bool* result_nulls) {
  const int rc = SPI_execute_plan(q->plan, values, nulls, false, 0);
  if (rc < 0) elog(ERROR, "persona: %s: %s", SPI_result_code_string(rc), q->sql);
  if (SPI_processed == 0) return false;
  const SPITupleTable* rows = SPI_tuptable;
  heap_deform_tuple(rows->vals[0], rows->tupdesc, results, result_nulls);
  return true;
}

}  // namespace

bool run_row_query(RowQuery* q, int count, Oid* types, Datum* values, const char* nulls, bool nested,
                   Datum* results, bool* result_nulls) {
  if (q->plan == nullptr) prepare(q, count, types);
  if (nested || !find_executor(q, count, types)) return run_anew(q, values, nulls, results, result_nulls);
  for (int i = 0; i < count; i++) {
    q->params->params[i].value = values[i];
    q->params->params[i].isnull = nulls[i] == 'n';
  }
  q->running = true;
  MemoryContext outer = MemoryContextSwitchTo(q->state->es_query_cxt);
  if (q->ran) ExecReScan(q->root);
  q->ran = true;
  TupleTableSlot* row = ExecProcNode(q->root);
  MemoryContextSwitchTo(outer);
  q->running = false;
  if (TupIsNull(row)) return false;
  slot_getallattrs(row);
  const auto columns = static_cast<std::size_t>(row->tts_tupleDescriptor->natts);
  std::memcpy(results, row->tts_values, columns * sizeof(Datum));
  std::memcpy(result_nulls, row->tts_isnull, columns * sizeof(bool));
  return true;
}

void free_row_query(RowQuery* q) {
  if (q->plan != nullptr) SPI_freeplan(q->plan);
  *q = {};
}

}  // namespace persona::pg
