// duplicates(source, keys): the rows that agree in their keys, found by one generated query, which the server
// may sort on disk and run in parallel.
#include "pg/describe/column_reader.h"
#include "pg/models/catalog.h"
#include "pg/models/source.h"
#include "pg/server/row_stream.h"

extern "C" {
#include "executor/tstoreReceiver.h"
#include "utils/typcache.h"
}

namespace persona::pg {
namespace {

std::vector<std::string> keys_argument(FunctionCallInfo fcinfo) {
  std::vector<std::string> keys;
  if (PG_ARGISNULL(1)) return keys;
  Datum* elements = nullptr;
  bool* nulls = nullptr;
  int count = 0;
  pg_call([&] {
    deconstruct_array(PG_GETARG_ARRAYTYPE_P(1), TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &count);
  });
  for (int i = 0; i < count; i++) {
    if (nulls[i]) throw Error("22004", "argument \"keys\" must not contain null");
    keys.emplace_back(pg_call([&] { return static_cast<const char*>(TextDatumGetCString(elements[i])); }));
  }
  return keys;
}

// The places of the keys among the source's columns; all of them when none is named.
std::vector<std::size_t> find_keys(const Source& source, std::vector<std::string> keys) {
  std::string list;
  for (const SourceColumn& column : source.columns) {
    if (keys.empty()) break;
    list += (list.empty() ? "" : ", ") + quote_name(column.name);
  }
  if (keys.empty()) {
    for (const SourceColumn& column : source.columns) keys.push_back(column.name);
  }
  std::vector<std::size_t> places;
  for (const std::string& key : keys) {
    std::size_t found = 0;
    for (std::size_t i = 0; i < source.columns.size(); i++) {
      if (source.columns[i].name != key) continue;
      if (++found == 1) places.push_back(i);
    }
    if (found == 0) {
      throw Error(sqlstate::kUndefinedColumn, "the source has no column \"" + key + "\"", "",
                  list.empty() ? "The source has no columns." : "The source has: " + list + ".");
    }
    if (found > 1) {
      throw Error(sqlstate::kInvalidParameter, "the source has two columns named \"" + key + "\"", "",
                  "Name the columns apart in the source's SELECT.");
    }
  }
  return places;
}

// As describe has it; and types that cannot be sorted, such as xid, by their texts, too.
bool is_partitioned_by_text(Oid type) {
  return pg_call([=] {
    return is_compared_by_text(type) || !OidIsValid(lookup_type_cache(type, TYPECACHE_LT_OPR)->lt_opr);
  });
}

// A name that no column has, so that it always means the row.
std::string unused_name(const Source& source) {
  std::string name = "r";
  const auto is_taken = [&](const SourceColumn& column) { return column.name == name; };
  while (std::any_of(source.columns.begin(), source.columns.end(), is_taken)) name += "_";
  return name;
}

std::string quote_text(const std::string& text) {
  const char* quoted = pg_call([&] { return quote_literal_cstr(text.c_str()); });
  return quoted;
}

// The keys as JSON, the copies and the row, in the answer's order. The window sees the columns alone; only
// rows that have copies become JSON, once each.
std::string duplicates_query(const Source& source, const std::vector<std::string>& given) {
  const std::vector<std::size_t> keys = find_keys(source, given);
  const std::string row = unused_name(source);
  std::string columns;  // "r.a AS k0, r.b AS k1, "
  std::string values;   // "r.a, r.b"
  std::string names;    // "k0, k1, "
  std::string texts;    // "'a', 'b'"
  for (std::size_t i = 0; i < keys.size(); i++) {
    const std::string& column = source.columns[keys[i]].name;
    const std::string separator = i == 0 ? "" : ", ";
    const std::string name = "k" + std::to_string(i);
    const std::string value = row + "." + quote_name(column) +
                              (is_partitioned_by_text(source.types[keys[i]]) ? "::pg_catalog.text" : "");
    columns += value + " AS " + name + ", ";
    values += separator + value;
    names += name + ", ";
    texts += separator + quote_text(column);
  }
  const std::string object =
      given.empty() ? "row_data"
                    : "(SELECT pg_catalog.jsonb_object_agg(k, row_data OPERATOR(pg_catalog.->) k) "
                      "FROM pg_catalog.unnest(ARRAY[" +
                          texts + "]::pg_catalog.text[]) AS u(k))";
  const std::string partition = values.empty() ? "" : "PARTITION BY " + values;
  const std::string counted = "SELECT " + columns + row + " AS row_value, pg_catalog.count(*) OVER (" +
                              partition + ") AS copies FROM (" + source.query + "\n) AS " + row;
  return "SELECT " + object + ", copies, row_data FROM (SELECT " + names +
         "copies, pg_catalog.to_jsonb(row_value) AS row_data FROM (" + counted +
         ") AS c WHERE copies OPERATOR(pg_catalog.>) 1 OFFSET 0) AS d ORDER BY copies DESC, " + names +
         "row_data";
}

}  // namespace
}  // namespace persona::pg

PERSONA_FUNCTION(duplicates)
{
  using namespace persona::pg;
  InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
  auto* info = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  guarded([&] {
    const std::string text = text_argument(fcinfo, 0, "source");
    const std::vector<std::string> keys = keys_argument(fcinfo);
    with_spi([&] {
      const std::string query = duplicates_query(describe_source(text), keys);
      const char* sql = query.c_str();
      pg_call([=] {
        DestReceiver* receiver = CreateDestReceiver(DestTuplestore);
        SetTuplestoreDestReceiverParams(receiver, info->setResult, CurrentMemoryContext, false, nullptr,
                                        nullptr);
        send_rows(sql, receiver);
      });
    });
  });
  return Datum{0};
}
