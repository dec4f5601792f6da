// The planner's rewriting of predict(model, row): where the row is a whole table, view or subquery, its
// columns are passed as arguments to predict_columns, so that the row is never formed (nor its wide columns
// detoasted).
//
// A support function answers SupportRequestSimplify. Two things need care. A row on the nullable side of an
// outer join is NULL as a whole where there is no match, while its columns then look like a row of NULLs: the
// argument `present` carries that (constant true where the row cannot be absent; the table's tableoid where
// it can; a PlaceHolderVar for a subquery). And with grouping sets a whole-row reference may be nulled by a
// level that cannot be told from here: those queries keep the record form, as do models of more than 97
// columns, record variables and function results.
//
// Where the model is a constant, only the columns that one of its versions reads are passed: the rest is not
// even read from the row. The plan is made anew when a version is stored or dropped.
#include "pg/models/needed_columns.h"

extern "C" {
#include "catalog/namespace.h"
#include "catalog/pg_collation.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/pathnodes.h"
#include "nodes/supportnodes.h"
#include "optimizer/optimizer.h"
#include "optimizer/placeholder.h"
#include "optimizer/planmain.h"
#include "parser/parse_func.h"
#include "parser/parse_relation.h"
#include "parser/parsetree.h"
#include "utils/acl.h"
#include "utils/typcache.h"
}

namespace {

struct RowColumns {
  List* names;        // of String
  List* expressions;  // same length
  Node* present;      // NULL where the row is
};

bool mentions(const Node* node, int varno) {
  if (node == nullptr) return false;
  if (IsA(node, RangeTblRef)) return reinterpret_cast<const RangeTblRef*>(node)->rtindex == varno;
  if (IsA(node, JoinExpr)) {
    const auto* join = reinterpret_cast<const JoinExpr*>(node);
    return mentions(join->larg, varno) || mentions(join->rarg, varno);
  }
  if (IsA(node, FromExpr)) {
    ListCell* cell;
    foreach (cell, reinterpret_cast<const FromExpr*>(node)->fromlist) {
      if (mentions(static_cast<const Node*>(lfirst(cell)), varno)) return true;
    }
  }
  return false;
}

// Is the relation on the nullable side of an outer join?
bool nullable(const Node* node, int varno) {
  if (node == nullptr) return false;
  if (IsA(node, FromExpr)) {
    ListCell* cell;
    foreach (cell, reinterpret_cast<const FromExpr*>(node)->fromlist) {
      if (nullable(static_cast<const Node*>(lfirst(cell)), varno)) return true;
    }
    return false;
  }
  if (!IsA(node, JoinExpr)) return false;
  const auto* join = reinterpret_cast<const JoinExpr*>(node);
  const bool outer_left = join->jointype == JOIN_RIGHT || join->jointype == JOIN_FULL;
  const bool outer_right = join->jointype == JOIN_LEFT || join->jointype == JOIN_FULL;
  return (outer_left && mentions(join->larg, varno)) || (outer_right && mentions(join->rarg, varno)) ||
         nullable(join->larg, varno) || nullable(join->rarg, varno);
}

// A row written out, or what pulling a subquery up made of a whole-row reference. Inside a PlaceHolderVar
// each column gets one of its own, so that an outer join nulls it in the same place.
bool columns_of_row(PlannerInfo* root, RowExpr* row, PlaceHolderVar* holder, RowColumns* result) {
  TupleDesc descriptor = nullptr;
  if (row->row_typeid != RECORDOID) {
    descriptor = lookup_rowtype_tupdesc(row->row_typeid, -1);
  } else if (list_length(row->colnames) != list_length(row->args)) {
    return false;
  }
  int position = 0;
  ListCell* cell;
  foreach (cell, row->args) {
    const int i = position++;
    const char* name;
    if (descriptor != nullptr) {
      if (i >= descriptor->natts) break;
      const Form_pg_attribute attribute = TupleDescAttr(descriptor, i);
      name = attribute->attisdropped ? "" : pstrdup(NameStr(attribute->attname));
    } else {
      name = strVal(list_nth(row->colnames, i));
    }
    if (name[0] == '\0') continue;
    auto* expression = static_cast<Node*>(lfirst(cell));
    if (holder != nullptr) {
      expression = reinterpret_cast<Node*>(make_placeholder_expr(
          root, static_cast<Expr*>(copyObjectImpl(expression)), bms_copy(holder->phrels)));
    }
    result->expressions = lappend(result->expressions, expression);
    result->names = lappend(result->names, makeString(const_cast<char*>(name)));
  }
  if (descriptor != nullptr) ReleaseTupleDesc(descriptor);
  result->present = makeBoolConst(true, false);
  if (holder != nullptr) {
    result->present = reinterpret_cast<Node*>(
        make_placeholder_expr(root, reinterpret_cast<Expr*>(result->present), bms_copy(holder->phrels)));
  }
  return true;
}

// A whole-row reference to a table, view, subquery, CTE or VALUES list of this or an outer query level.
bool columns_of_relation(PlannerInfo* root, Var* row, RowColumns* result) {
  PlannerInfo* level = root;
  for (Index up = 0; up < row->varlevelsup; up++) {
    level = level->parent_root;
    if (level == nullptr) return false;
  }
  // An outer level that is planned already takes no new columns from here (a LATERAL subquery of its own).
  if (row->varlevelsup > 0 && level->simple_rel_array != nullptr) return false;
  const int varno = static_cast<int>(row->varno);
  if (varno <= 0 || varno > list_length(level->parse->rtable)) return false;
  if (level->parse->groupingSets != NIL) return false;
  RangeTblEntry* entry = rt_fetch(varno, level->parse->rtable);
  if (entry->rtekind != RTE_RELATION && entry->rtekind != RTE_SUBQUERY && entry->rtekind != RTE_CTE &&
      entry->rtekind != RTE_VALUES) {
    return false;
  }
  List* names = NIL;
  List* variables = NIL;
  const int levels_up = static_cast<int>(row->varlevelsup);
  expandRTE(entry, varno, levels_up, -1, true, &names, &variables);
  // The row type's own names, as the record form sees them: aliases of the columns do not change it.
  TupleDesc descriptor = nullptr;
  if (row->vartype != RECORDOID) {
    descriptor = lookup_rowtype_tupdesc_noerror(row->vartype, -1, true);
    if (descriptor == nullptr) return false;
  }
  int position = 0;
  ListCell* name_cell;
  ListCell* variable_cell;
  forboth(name_cell, names, variable_cell, variables) {
    const int i = position++;
    auto* variable = static_cast<Node*>(lfirst(variable_cell));
    const char* name = strVal(lfirst(name_cell));
    if (descriptor != nullptr) {
      if (i >= descriptor->natts) break;
      const Form_pg_attribute attribute = TupleDescAttr(descriptor, i);
      name = attribute->attisdropped ? "" : pstrdup(NameStr(attribute->attname));
    }
    if (!IsA(variable, Var) || name[0] == '\0') continue;
    result->expressions = lappend(result->expressions, variable);
    result->names = lappend(result->names, makeString(const_cast<char*>(name)));
  }
  if (descriptor != nullptr) ReleaseTupleDesc(descriptor);
  if (!nullable(reinterpret_cast<Node*>(level->parse->jointree), varno)) {
    result->present = makeBoolConst(true, false);
  } else if (entry->rtekind == RTE_RELATION) {
    result->present = reinterpret_cast<Node*>(
        makeVar(varno, TableOidAttributeNumber, OIDOID, -1, InvalidOid, row->varlevelsup));
  } else if (row->varlevelsup == 0) {
    result->present = reinterpret_cast<Node*>(make_placeholder_expr(
        root, reinterpret_cast<Expr*>(makeBoolConst(true, false)), bms_make_singleton(varno)));
  } else {
    return false;
  }
  return true;
}

bool find_columns(PlannerInfo* root, Node* row, RowColumns* result) {
  PlaceHolderVar* holder = nullptr;
  if (IsA(row, PlaceHolderVar)) {
    holder = reinterpret_cast<PlaceHolderVar*>(row);
    if (holder->phlevelsup != 0) return false;
    row = reinterpret_cast<Node*>(holder->phexpr);
  }
  if (IsA(row, RowExpr)) return columns_of_row(root, reinterpret_cast<RowExpr*>(row), holder, result);
  if (holder != nullptr || !IsA(row, Var) || reinterpret_cast<Var*>(row)->varattno != 0) return false;
  return columns_of_relation(root, reinterpret_cast<Var*>(row), result);
}

bool is_listed(List* names, const char* name) {
  ListCell* cell;
  foreach (cell, names) {
    if (std::strcmp(strVal(lfirst(cell)), name) == 0) return true;
  }
  return false;
}

// Leaves out the expressions of columns that no version of the model reads; their names go to the end, for
// the message about one that is missing.
void leave_out_unused(PlannerInfo* root, Node* model, RowColumns* columns) {
  if (!IsA(model, Const) || reinterpret_cast<Const*>(model)->constisnull) return;
  Oid table = InvalidOid;
  List* needed =
      persona::pg::needed_columns(TextDatumGetCString(reinterpret_cast<Const*>(model)->constvalue), &table);
  if (needed == NIL) return;
  root->glob->relationOids = lappend_oid(root->glob->relationOids, table);
  RowColumns result = {NIL, NIL, columns->present};
  List* others = NIL;
  ListCell* name;
  ListCell* expression;
  forboth(name, columns->names, expression, columns->expressions) {
    if (is_listed(needed, strVal(lfirst(name)))) {
      result.names = lappend(result.names, lfirst(name));
      result.expressions = lappend(result.expressions, lfirst(expression));
    } else {
      others = lappend(others, lfirst(name));
    }
  }
  result.names = list_concat(result.names, others);
  *columns = result;
}

Const* names_constant(List* names) {
  const int n = list_length(names);
  auto* elements = static_cast<Datum*>(palloc(sizeof(Datum) * n));
  for (int i = 0; i < n; i++) elements[i] = CStringGetTextDatum(strVal(list_nth(names, i)));
  ArrayType* array = construct_array(elements, n, TEXTOID, -1, false, TYPALIGN_INT);
  return makeConst(TEXTARRAYOID, -1, DEFAULT_COLLATION_OID, -1, PointerGetDatum(array), false, false);
}

Node* rewrite(SupportRequestSimplify* request) {
  FuncExpr* call = request->fcall;
  if (request->root == nullptr || list_length(call->args) != 2) return nullptr;
  // The executor will check the right to call predict_columns only, so the right to call predict is checked
  // here.
  if (pg_proc_aclcheck(call->funcid, GetUserId(), ACL_EXECUTE) != ACLCHECK_OK) return nullptr;
  RowColumns columns = {NIL, NIL, nullptr};
  if (!find_columns(request->root, static_cast<Node*>(lsecond(call->args)), &columns)) return nullptr;
  leave_out_unused(request->root, static_cast<Node*>(linitial(call->args)), &columns);
  const int n = list_length(columns.expressions);
  if (n == 0 || n + 3 > FUNC_MAX_ARGS) return nullptr;
  const char* schema = get_namespace_name(get_func_namespace(call->funcid));
  Oid types[4] = {TEXTOID, TEXTARRAYOID, ANYOID, ANYOID};
  const Oid function = LookupFuncName(
      list_make2(makeString(const_cast<char*>(schema)), makeString(const_cast<char*>("predict_columns"))), 4,
      types, true);
  if (!OidIsValid(function)) return nullptr;
  List* arguments = list_make3(linitial(call->args), names_constant(columns.names), columns.present);
  arguments = list_concat(arguments, columns.expressions);
  FuncExpr* rewritten =
      makeFuncExpr(function, FLOAT8OID, arguments, InvalidOid, call->inputcollid, COERCE_EXPLICIT_CALL);
  rewritten->location = call->location;
  // That right may be taken back, and a kept plan may be run by another role: both make a new plan.
  record_plan_function_dependency(request->root, call->funcid);
  request->root->glob->dependsOnRole = true;
  return reinterpret_cast<Node*>(rewritten);
}

}  // namespace

PERSONA_FUNCTION(predict_support)
{
  Node* request = reinterpret_cast<Node*>(PG_GETARG_POINTER(0));
  if (!IsA(request, SupportRequestSimplify)) PG_RETURN_POINTER(nullptr);
  PG_RETURN_POINTER(rewrite(reinterpret_cast<SupportRequestSimplify*>(request)));
}
