#include "pg/models/source.h"

#include <cctype>

extern "C" {
#include "access/relation.h"
#include "catalog/namespace.h"
#include "nodes/parsenodes.h"
#include "nodes/value.h"
#include "utils/plancache.h"
#include "utils/rel.h"
#include "utils/varlena.h"
}

namespace persona::pg {
namespace {

std::string trim(const std::string& text) {
  const char* blank = " \t\r\n\f\v";
  const std::size_t first = text.find_first_not_of(blank);
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

// True when the text begins like a query; anything else is taken for the name of a relation. A relation whose
// name is one of these words has to be quoted, as everywhere in SQL.
bool looks_like_query(const std::string& text) {
  if (text[0] == '(' || text.compare(0, 2, "--") == 0 || text.compare(0, 2, "/*") == 0) return true;
  std::string word;
  for (const char c : text) {
    if (std::isalpha(static_cast<unsigned char>(c)) == 0) break;
    word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  if (word.size() == text.size()) return false;
  const char next = text[word.size()];
  const bool ends =
      std::isalnum(static_cast<unsigned char>(next)) == 0 && next != '_' && next != '.' && next != '$';
  return ends && (word == "select" || word == "with" || word == "values" || word == "table");
}

[[noreturn]] void throw_not_a_source() {
  throw Error(sqlstate::kInvalidParameter, "source must be a relation or one SELECT",
              "The source is read again whenever the model is refreshed, and must not change anything.",
              "Pass the name of a table or view, or the text of one query.");
}

// "SELECT * FROM the relation", and its primary key.
Source relation_source(const std::string& name) {
  List* parts = NIL;
  if (!pg_call([&] { return SplitIdentifierString(pstrdup(name.c_str()), '.', &parts); }))
    throw_not_a_source();
  const Oid relation = pg_call([&] {
    List* names = NIL;
    for (int i = 0; i < list_length(parts); i++) {
      names = lappend(names, makeString(static_cast<char*>(list_nth(parts, i))));
    }
    return RangeVarGetRelid(makeRangeVarFromNameList(names), AccessShareLock, false);
  });
  Source source;
  const char* qualified = pg_call([&] {
    return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relation)),
                                      get_rel_name(relation));
  });
  source.query = std::string("SELECT * FROM ") + qualified;
  static Statement statement(
      "SELECT a.attname::pg_catalog.text FROM pg_catalog.pg_index i "
      "JOIN pg_catalog.pg_attribute a ON a.attrelid OPERATOR(pg_catalog.=) i.indrelid "
      "AND a.attnum OPERATOR(pg_catalog.=) ANY (i.indkey) "
      "WHERE i.indrelid OPERATOR(pg_catalog.=) $1 AND i.indisprimary ORDER BY a.attnum");
  Params params;
  params.oid(relation);
  const Rows rows = statement.run(params, true);
  for (std::uint64_t i = 0; i < rows.size(); i++) source.primary_key.push_back(rows.text(i, 1));
  return source;
}

// Parses and analyzes the query and reads its columns; fails unless it is one SELECT that writes nothing.
void describe_columns(Source* source) {
  struct Described {
    TupleDesc columns;
    bool select;
    int location;  // of the statement in the text
    int length;    // 0: to the end
  };
  const Described described = pg_call([&] {
    SPIPlanPtr plan = SPI_prepare(source->query.c_str(), 0, nullptr);
    if (plan == nullptr) {
      ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                      errmsg("source cannot be used: %s", SPI_result_code_string(SPI_result))));
    }
    List* sources = SPI_plan_get_plan_sources(plan);
    if (list_length(sources) != 1 || !SPI_is_cursor_plan(plan)) return Described{nullptr, false, 0, 0};
    auto* cached = static_cast<CachedPlanSource*>(linitial(sources));
    auto* query = static_cast<Query*>(linitial(cached->query_list));
    const bool select = query->commandType == CMD_SELECT && !query->hasModifyingCTE;
    return Described{cached->resultDesc, select, cached->raw_parse_tree->stmt_location,
                     cached->raw_parse_tree->stmt_len};
  });
  if (!described.select) throw_not_a_source();
  // Without a semicolon and what may follow it, the query can stand in parentheses.
  if (described.length > 0) {
    source->query = source->query.substr(static_cast<std::size_t>(described.location),
                                         static_cast<std::size_t>(described.length));
  }
  for (int i = 0; i < described.columns->natts; i++) {
    const Form_pg_attribute attribute = TupleDescAttr(described.columns, i);
    SourceColumn column;
    column.name = NameStr(attribute->attname);
    column.type_name = pg_call([&] { return format_type_be(attribute->atttypid); });
    column.family = pg_call([&] { return type_family(attribute->atttypid); });
    source->columns.push_back(column);
    source->types.push_back(attribute->atttypid);
  }
}

}  // namespace

Source describe_source(const std::string& text) {
  std::string trimmed = trim(text);
  if (trimmed.empty()) throw Error(sqlstate::kInvalidParameter, "source is empty");
  Source source;
  if (looks_like_query(trimmed)) {
    source.query = trimmed;
  } else {
    source = relation_source(trimmed);
  }
  describe_columns(&source);
  return source;
}

std::string wrap_source(const Source& source, const std::string& select, const std::string& condition) {
  return "SELECT " + select + " FROM (" + source.query + "\n) AS s WHERE " + condition;
}

std::vector<std::string> split_key(const std::string& key, const Source& source) {
  for (const SourceColumn& column : source.columns) {
    if (column.name == key) return {key};
  }
  List* names = NIL;
  const bool parsed = pg_call([&] { return SplitIdentifierString(pstrdup(key.c_str()), ',', &names); });
  if (!parsed || names == NIL) return {key};
  std::vector<std::string> result;
  for (int i = 0; i < list_length(names); i++)
    result.emplace_back(static_cast<const char*>(list_nth(names, i)));
  return result;
}

}  // namespace persona::pg
