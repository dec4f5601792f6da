#include "pg/portraits/merging.h"

extern "C" {
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "utils/syscache.h"
}

namespace persona::pg {
namespace {

constexpr const char* kText = "{x}::pg_catalog.text";

std::string type_name(Oid type) {
  const char* name = pg_call([&] { return format_type_be_qualified(type); });
  return name;
}

// The server's own aggregates that can be added up.
std::optional<Merging> of_built_in(const std::string& name, Oid type) {
  if (name == "count") return Merging{"{a} + {b}", "pg_catalog.sum({x})::pg_catalog.int8", kText};
  if (name == "sum")
    return Merging{"coalesce({a} + {b}, {a}, {b})", "pg_catalog.sum({x})::" + type_name(type), kText};
  if (name == "min") return Merging{"least({a}, {b})", "pg_catalog.min({x})", kText};
  if (name == "max") return Merging{"greatest({a}, {b})", "pg_catalog.max({x})", kText};
  if (name == "bool_and" || name == "every")
    return Merging{"coalesce({a} AND {b}, {a}, {b})", "pg_catalog.bool_and({x})", kText};
  if (name == "bool_or") return Merging{"coalesce({a} OR {b}, {a}, {b})", "pg_catalog.bool_or({x})", kText};
  return std::nullopt;
}

// A function (kind f) or aggregate (kind a) that takes `arguments` values of a type and answers that type,
// from the type's own schema and by the first of `names` that is there; qualified.
std::optional<std::string> function_of_type(Oid type, int arguments, char kind,
                                            const std::vector<std::string>& names) {
  static Statement statement(
      "SELECT pg_catalog.format('%I.%I', n.nspname, p.proname) FROM pg_catalog.pg_proc p "
      "JOIN pg_catalog.pg_type t ON t.oid = $1 AND p.pronamespace = t.typnamespace AND p.prorettype = t.oid "
      "JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace "
      "WHERE p.prokind = $2::pg_catalog.\"char\" AND p.proname::pg_catalog.text = ANY ($3) "
      "AND p.pronargs >= $4 AND p.pronargs - p.pronargdefaults <= $4 "
      "AND p.proargtypes[0] = t.oid AND ($4 = 1 OR p.proargtypes[1] = t.oid) "
      "ORDER BY pg_catalog.array_position($3, p.proname::pg_catalog.text) LIMIT 1");
  Params params;
  params.oid(type).text(std::string(1, kind)).text_array(names).int4(arguments);
  const Rows rows = statement.run(params, true);
  if (rows.empty()) return std::nullopt;
  return rows.text(0, 1);
}

// Types that bring functions to be united by: ours, and those of extensions such as hll and tdigest.
std::optional<Merging> of_type(Oid type) {
  static Statement statement(
      "SELECT t.typname::pg_catalog.text, pg_catalog.quote_ident(n.nspname) FROM pg_catalog.pg_type t "
      "JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace WHERE t.oid = $1");
  Params params;
  params.oid(type);
  const Rows rows = statement.run(params, true);
  if (rows.empty()) return std::nullopt;
  const std::string name = rows.text(0, 1);
  const std::string schema = rows.text(0, 2);
  const auto merge = function_of_type(type, 2, PROKIND_FUNCTION, {"merge", name + "_merge", name + "_union"});
  const auto rollup =
      function_of_type(type, 1, PROKIND_AGGREGATE, {"rollup", name + "_rollup", name + "_union_agg", name});
  if (!merge || !rollup) return std::nullopt;
  // What is exact in a value that may be an estimate.
  std::string compared = kText;
  if (name == "affinity" && schema == "persona") compared = "persona.exact_part({x})";
  if (name == "hll") compared = schema + ".hll_cardinality({x})::pg_catalog.text";
  if (name == "tdigest") compared = schema + ".tdigest_count({x})::pg_catalog.text";
  return Merging{"coalesce(" + *merge + "({a}, {b}), {a}, {b})", *rollup + "({x})", compared};
}

}  // namespace

std::optional<Merging> find_merging(Oid function, Oid result_type) {
  const char* built_in = pg_call([&]() -> const char* {
    if (get_func_namespace(function) != PG_CATALOG_NAMESPACE) return nullptr;
    return get_func_name(function);
  });
  return built_in != nullptr ? of_built_in(built_in, result_type) : of_type(result_type);
}

std::string fill_in(const std::string& text, const std::map<std::string, std::string>& values) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text[at] == '{' ? text.find('}', at) : std::string::npos;
    const auto value =
        end == std::string::npos ? values.end() : values.find(text.substr(at + 1, end - at - 1));
    if (value == values.end()) {
      result += text[at++];
    } else {
      result += value->second;
      at = end + 1;
    }
  }
  return result;
}

}  // namespace persona::pg
