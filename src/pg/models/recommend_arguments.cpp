#include "pg/models/recommend_arguments.h"

namespace persona::pg {

std::vector<std::string> text_array_argument(FunctionCallInfo fcinfo, int number) {
  std::vector<std::string> result;
  if (PG_ARGISNULL(number)) return result;
  Datum* elements = nullptr;
  bool* nulls = nullptr;
  int count = 0;
  pg_call([&] {
    deconstruct_array(PG_GETARG_ARRAYTYPE_P(number), TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls,
                      &count);
  });
  for (int i = 0; i < count; i++) {
    if (nulls[i]) continue;
    const auto* t = pg_call([&] { return PG_DETOAST_DATUM_PACKED(elements[i]); });
    result.emplace_back(VARDATA_ANY(t), VARSIZE_ANY_EXHDR(t));
  }
  return result;
}

// An id given as text or bigint.
std::string id_argument(FunctionCallInfo fcinfo, int number, const char* name) {
  if (PG_ARGISNULL(number)) throw Error("22004", std::string("argument \"") + name + "\" must not be null");
  if (declared_type(fcinfo, number) == INT8OID) return std::to_string(PG_GETARG_INT64(number));
  return text_argument(fcinfo, number, name);
}

std::int32_t k_argument(FunctionCallInfo fcinfo, int number) {
  const std::int32_t k = PG_ARGISNULL(number) ? 10 : PG_GETARG_INT32(number);
  if (k < 0) throw Error(sqlstate::kInvalidParameter, "k must not be negative");
  return k;
}

void read_candidates(FunctionCallInfo fcinfo, int first, Filters* filters) {
  if (!PG_ARGISNULL(first)) filters->candidates = text_array_argument(fcinfo, first);
  filters->excluded = text_array_argument(fcinfo, first + 1);
}

Filters recommend_filters(FunctionCallInfo fcinfo, int first) {
  Filters filters;
  filters.k = k_argument(fcinfo, first);
  if (!PG_ARGISNULL(first + 1)) filters.exclude_seen = PG_GETARG_BOOL(first + 1);
  read_candidates(fcinfo, first + 2, &filters);
  return filters;
}

}  // namespace persona::pg
