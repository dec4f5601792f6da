#include "pg/portraits/definition.h"

#include "pg/server/arguments.h"
#include "pg/server/identity.h"

extern "C" {
#include "access/relation.h"
#include "access/sysattr.h"
#include "catalog/catalog.h"
#include "catalog/pg_aggregate.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_operator.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/analyze.h"
#include "parser/parsetree.h"
#include "rewrite/rewriteHandler.h"
#include "rewrite/rewriteManip.h"
#include "tcop/tcopprot.h"
#include "utils/rel.h"
#include "utils/ruleutils.h"
#include "utils/syscache.h"
#include "utils/typcache.h"
}

namespace persona::pg {
namespace {

constexpr const char* kShape =
    "A portrait's query has the form SELECT keys, aggregates FROM one table WHERE conditions GROUP BY keys.";

[[noreturn]] void refuse(const std::string& message, const std::string& detail, const std::string& hint) {
  throw Error(sqlstate::kInvalidParameter, message, detail, hint);
}

// Says that an error lies in the portrait's query, and where in it, not in the statement around.
void locate_in_query(void* text) {
  const int position = geterrposition();
  if (position > 0) {
    errposition(0);
    internalerrposition(position);
    internalerrquery(static_cast<const char*>(text));
  }
  errcontext("query of the portrait");
}

// Parses and analyzes one SELECT; null when the text is anything else.
Query* analyze_query(const std::string& text) {
  return pg_call([&]() -> Query* {
    ErrorContextCallback callback = {error_context_stack, locate_in_query, const_cast<char*>(text.c_str())};
    error_context_stack = &callback;
    List* raw = pg_parse_query(text.c_str());
    auto* statement = list_length(raw) == 1 ? linitial_node(RawStmt, raw) : nullptr;
    Query* query = nullptr;
    if (statement != nullptr && IsA(statement->stmt, SelectStmt))
      query = parse_analyze_fixedparams(statement, text.c_str(), nullptr, 0, nullptr);
    error_context_stack = callback.previous;
    return query;
  });
}

// The number in the range table of the one relation read; 0 for any other FROM.
int single_relation(const Query* query) {
  const List* from = query->jointree->fromlist;
  if (list_length(from) != 1 || !IsA(linitial(from), RangeTblRef)) return 0;
  const int number = linitial_node(RangeTblRef, from)->rtindex;
  const RangeTblEntry* entry = rt_fetch(number, query->rtable);
  return entry->rtekind == RTE_RELATION && entry->tablesample == nullptr ? number : 0;
}

void check_shape(const Query* query, int relation) {
  const char* wrong = nullptr;
  if (query == nullptr || query->commandType != CMD_SELECT || query->utilityStmt != nullptr)
    wrong = "It is not one SELECT.";
  else if (query->cteList != NIL || query->setOperations != nullptr)
    wrong = "It has WITH, UNION, INTERSECT or EXCEPT.";
  else if (query->hasSubLinks)
    wrong = "It has a subquery.";
  else if (relation == 0)
    wrong = "It reads something else than one table.";
  else if (query->distinctClause != NIL || query->sortClause != NIL || query->limitCount != nullptr ||
           query->limitOffset != nullptr || query->havingQual != nullptr || query->rowMarks != NIL)
    wrong = "It has DISTINCT, HAVING, ORDER BY, LIMIT or FOR UPDATE.";
  else if (query->hasWindowFuncs || query->hasTargetSRFs || query->groupingSets != NIL)
    wrong = "It has window functions, set-returning functions or grouping sets.";
  else if (query->groupClause == NIL)
    wrong = "It has no GROUP BY.";
  if (wrong != nullptr) refuse("the query of a portrait cannot be kept up to date", wrong, kShape);
}

void check_source(const RangeTblEntry* entry) {
  struct Facts {
    char kind;
    char persistence;
    bool system;
    const char* name;
  };
  const Facts facts = pg_call([&] {
    return Facts{get_rel_relkind(entry->relid), get_rel_persistence(entry->relid),
                 IsCatalogRelationOid(entry->relid), get_rel_name(entry->relid)};
  });
  const std::string quoted = std::string("\"") + facts.name + "\"";
  if (facts.kind != RELKIND_RELATION && facts.kind != RELKIND_PARTITIONED_TABLE)
    throw Error("42809", quoted + " is not a table",
                "Only a table or partitioned table tells of its new rows by triggers.",
                "Aggregate the view's own table, or keep daily summaries and roll them up.");
  if (facts.system) throw Error("42501", quoted + " is a system catalog");
  if (facts.persistence == RELPERSISTENCE_TEMP)
    throw Error(sqlstate::kFeatureNotSupported, "a portrait cannot be kept of the temporary table " + quoted);
  if (!entry->inh)
    refuse("the query of a portrait cannot read ONLY a part of its table", "",
           "Leave ONLY out, or name the partition itself.");
}

std::string deparse(Node* node, List* context) {
  const char* text = pg_call([&] { return deparse_expression(node, context, true, false); });
  return text;
}

std::string equality_of(Oid type, const std::string& name) {
  const char* sql = pg_call([&]() -> const char* {
    const Oid equals = lookup_type_cache(type, TYPECACHE_EQ_OPR)->eq_opr;
    if (!OidIsValid(equals)) return nullptr;
    HeapTuple tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(equals));
    const auto* op = reinterpret_cast<Form_pg_operator>(GETSTRUCT(tuple));
    const char* text = psprintf("OPERATOR(%s.%s)", quote_identifier(get_namespace_name(op->oprnamespace)),
                                NameStr(op->oprname));
    ReleaseSysCache(tuple);
    return text;
  });
  if (sql == nullptr)
    refuse("key column " + name + " has a type without equality", "", "Cast it, for instance to text.");
  return sql;
}

PortraitColumn read_column(const TargetEntry* target, List* context) {
  PortraitColumn column;
  column.name = target->resname;
  column.quoted = quote_name(column.name);
  const std::string what = "column " + column.quoted + " of the portrait";
  if (!IsA(target->expr, Aggref))
    refuse(what + " is neither a key nor an aggregate",
           "The portrait stores what an aggregate answers; what is computed from it belongs into a query.",
           "Give the aggregate itself, and use its accessors when reading the portrait.");
  const auto* aggregate = reinterpret_cast<const Aggref*>(target->expr);
  if (aggregate->aggkind != AGGKIND_NORMAL || aggregate->aggdistinct != NIL || aggregate->aggorder != NIL)
    refuse(what + " cannot be added up", "It has DISTINCT, ORDER BY or WITHIN GROUP.",
           "Count distinct values by hll_add_agg of the extension hll, keep quantiles by tdigest, the last "
           "items by recent_agg.");
  column.type = aggregate->aggtype;
  if (column.type == FLOAT4OID &&
      pg_call([&] { return get_func_namespace(aggregate->aggfnoid); }) == PG_CATALOG_NAMESPACE &&
      std::string(pg_call([&] { return get_func_name(aggregate->aggfnoid); })) == "sum")
    refuse(what + " cannot be added up", "A sum of type real is rounded to seven digits at every event.",
           "Sum double precision, as in sum(amount::float8).");
  const auto merging = find_merging(aggregate->aggfnoid, aggregate->aggtype);
  if (!merging) {
    const char* name = pg_call([&] { return get_func_name(aggregate->aggfnoid); });
    refuse(what + " cannot be added up",
           std::string("Two answers of the aggregate ") + name + " do not give the answer for both parts.",
           "Use persona's summaries, count, sum, min, max, bool_and, bool_or, or a type of an extension that "
           "has a union, such as hll or tdigest.");
  }
  column.merging = *merging;
  if (aggregate->aggargtypes != NIL) {
    const Oid first = getBaseType(linitial_oid(aggregate->aggargtypes));
    column.local = first == TIMESTAMPOID || first == DATEOID;
  }
  column.sql = deparse(reinterpret_cast<Node*>(target->expr), context);
  return column;
}

PortraitKey read_key(const TargetEntry* target, List* context) {
  PortraitKey key;
  auto* expression = reinterpret_cast<Node*>(target->expr);
  key.label = target->resname;
  key.name = quote_name(key.label);
  if (!pg_call([&] { return contain_var_clause(expression); }))
    refuse("key " + key.name + " of the portrait is a constant", "", "Group by a column of the table.");
  key.sql = deparse(expression, context);
  key.equals = equality_of(pg_call([&] { return exprType(expression); }), key.name);
  return key;
}

bool is_foreign(Oid op) {
  HeapTuple tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(op));
  if (!HeapTupleIsValid(tuple)) return true;
  const bool foreign =
      reinterpret_cast<Form_pg_operator>(GETSTRUCT(tuple))->oprnamespace != PG_CATALOG_NAMESPACE;
  ReleaseSysCache(tuple);
  return foreign;
}

// Whether an expression compares by an operator outside pg_catalog where SQL has no place for the operator's
// schema: written out, it would be read as another one, such as that of text for citext.
bool compares_silently(Node* node, void*) {
  if (node == nullptr) return false;
  if ((IsA(node, DistinctExpr) || IsA(node, NullIfExpr)) && is_foreign(reinterpret_cast<OpExpr*>(node)->opno))
    return true;
  if (IsA(node, RowCompareExpr)) {
    const List* ops = reinterpret_cast<RowCompareExpr*>(node)->opnos;
    for (int i = 0; i < list_length(ops); i++)
      if (is_foreign(list_nth_oid(ops, i))) return true;
  }
  if (IsA(node, CaseExpr) && reinterpret_cast<CaseExpr*>(node)->arg != nullptr) {
    const List* whens = reinterpret_cast<CaseExpr*>(node)->args;
    for (int i = 0; i < list_length(whens); i++) {
      auto* condition = reinterpret_cast<Node*>(static_cast<CaseWhen*>(list_nth(whens, i))->expr);
      if (IsA(condition, OpExpr) && is_foreign(reinterpret_cast<OpExpr*>(condition)->opno)) return true;
    }
  }
  return expression_tree_walker(node, reinterpret_cast<bool (*)()>(compares_silently), nullptr);
}

// The columns that the query reads; refuses system columns and whole rows.
std::vector<UsedColumn> used_columns(Node* expressions, Oid relation) {
  Bitmapset* numbers = nullptr;
  pg_call([&] { pull_varattnos(expressions, 1, &numbers); });
  std::vector<UsedColumn> used;
  for (int i = -1; (i = pg_call([&] { return bms_next_member(numbers, i); })) >= 0;) {
    const auto number = static_cast<AttrNumber>(i + FirstLowInvalidHeapAttributeNumber);
    if (number <= 0)
      refuse("the query of a portrait cannot read whole rows or system columns", "", "Name the columns.");
    const char* name = pg_call([&] { return get_attname(relation, number, false); });
    used.push_back({number, name});
  }
  return used;
}

// `query` as parsed, its relation the number-th of the range table.
PortraitDefinition definition_of(Query* query, int number) {
  const RangeTblEntry* entry = rt_fetch(number, query->rtable);
  PortraitDefinition definition;
  definition.source = entry->relid;
  const char* name = pg_call([&] {
    return quote_qualified_identifier(get_namespace_name(get_rel_namespace(entry->relid)),
                                      get_rel_name(entry->relid));
  });
  definition.source_name = name;
  // The relation alone in a range table, as `event`.
  auto* targets = pg_call([&] { return static_cast<List*>(copyObjectImpl(query->targetList)); });
  auto* condition = pg_call([&] { return static_cast<Node*>(copyObjectImpl(query->jointree->quals)); });
  pg_call([&] {
    if (number == 1) return;
    ChangeVarNodes(reinterpret_cast<Node*>(targets), number, 1, 0);
    ChangeVarNodes(condition, number, 1, 0);
  });
  List* context = pg_call([&] { return deparse_context_for("event", entry->relid); });
  auto* both = pg_call([&] { return list_make2(targets, condition); });
  if (pg_call([&] { return contain_mutable_functions(reinterpret_cast<Node*>(both)); }))
    refuse(
        "the query of a portrait must give the same answer at any time",
        "It calls a function that is not immutable, such as now(), or a conversion that depends on the "
        "session, such as timestamptz to date.",
        "Give the time zone, as in (ts AT TIME ZONE 'Europe/Paris')::date, and the date of the question when "
        "reading the portrait, as in recency_days(activity, now()).");
  if (pg_call([&] { return compares_silently(reinterpret_cast<Node*>(both), nullptr); }))
    refuse(
        "the query of a portrait compares by an operator whose schema cannot be written out",
        "IS DISTINCT FROM, NULLIF, CASE value WHEN and comparisons of rows always take the operator that the "
        "search_path finds.",
        "Write the comparison with the operator itself, as in CASE WHEN status = 'new' THEN ... END.");
  definition.used = used_columns(reinterpret_cast<Node*>(both), entry->relid);
  int groups = 0;
  for (int i = 0; i < list_length(targets); i++) {
    const auto* target = static_cast<TargetEntry*>(list_nth(targets, i));
    bool key = false;
    for (int g = 0; g < list_length(query->groupClause); g++)
      key |= target->ressortgroupref != 0 &&
             static_cast<SortGroupClause*>(list_nth(query->groupClause, g))->tleSortGroupRef ==
                 target->ressortgroupref;
    if (target->resjunk) {
      if (key) refuse("every key of a portrait's GROUP BY must be among the selected columns", "", kShape);
      continue;
    }
    if (key) {
      definition.keys.push_back(read_key(target, context));
      ++groups;
    } else {
      definition.columns.push_back(read_column(target, context));
    }
  }
  if (groups != list_length(query->groupClause))
    refuse("a key of the portrait is selected twice, or not at all", "", kShape);
  if (definition.columns.empty())
    refuse("a portrait has at least one aggregate", "", "Add, for instance, persona.activity_agg(ts).");
  // What a condition is made of, and what GROUP BY itself leaves in.
  if (condition != nullptr) {
    auto* expression = pg_call([&] {
      return IsA(condition, List)
                 ? reinterpret_cast<Node*>(make_ands_explicit(reinterpret_cast<List*>(condition)))
                 : condition;
    });
    definition.filter = deparse(expression, context);
  }
  return definition;
}

}  // namespace

PortraitDefinition define_portrait(const std::string& text) {
  Query* query = analyze_query(text);
  const int number = query == nullptr || query->jointree == nullptr ? 0 : single_relation(query);
  check_shape(query, number);
  check_source(rt_fetch(number, query->rtable));
  // Names are written out under a search_path of pg_catalog, whatever the session's is.
  const SavedIdentity saved = pg_call([] {
    const SavedIdentity outer = enter_identity(GetUserId(), 0, "pg_catalog, pg_temp");
    settle_text_forms();
    return outer;
  });
  PortraitDefinition definition = definition_of(query, number);
  for (const PortraitKey& key : definition.keys)
    definition.filter = definition.filter.empty() ? key.sql + " IS NOT NULL"
                                                  : definition.filter + " AND " + key.sql + " IS NOT NULL";
  pg_call([&] { leave_identity(saved); });
  return definition;
}

PortraitDefinition read_definition(Oid recomputed) {
  Query* query = pg_call([&]() -> Query* {
    Relation view = relation_open(recomputed, AccessShareLock);
    auto* parsed = static_cast<Query*>(copyObjectImpl(get_view_query(view)));
    relation_close(view, AccessShareLock);
    return parsed;
  });
  const int number = single_relation(query);
  check_shape(query, number);
  return definition_of(query, number);
}

}  // namespace persona::pg
