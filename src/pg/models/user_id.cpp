#include "pg/models/user_id.h"

#include "pg/server/subtransaction.h"

#include <charconv>

extern "C" {
#include "access/parallel.h"
}

namespace persona::pg {
namespace {

bool convert_integer(const std::string& id, Oid type, Datum* result) {
  const char* first = id.data();
  const char* last = first + id.size();
  while (first < last && *first == ' ') first++;
  while (first < last && last[-1] == ' ') last--;
  if (last - first > 1 && *first == '+' && first[1] != '-') first++;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(first, last, value);
  if (error != std::errc() || end != last || first == last) return false;
  if (type == INT8OID) {
    *result = Int64GetDatum(value);
  } else if (type == INT4OID) {
    if (value < PG_INT32_MIN || value > PG_INT32_MAX) return false;
    *result = Int32GetDatum(static_cast<int32>(value));
  } else {
    if (value < PG_INT16_MIN || value > PG_INT16_MAX) return false;
    *result = Int16GetDatum(static_cast<int16>(value));
  }
  return true;
}

// Any other type's input function may raise; a subtransaction makes "it cannot hold this" an answer. Only
// data errors are answers: a cancel or an internal error passes on, once our subtransaction is rolled back.
// In parallel mode there are no subtransactions, and the error stands.
bool convert_by_input(const char* id, Oid type, Datum* result) {
  Oid input;
  Oid parameter;
  getTypeInputInfo(type, &input, &parameter);
  if (IsInParallelMode()) {
    *result = OidInputFunctionCall(input, const_cast<char*>(id), parameter, -1);
    return true;
  }
  ErrorData* error =
      in_subtransaction([&] { *result = OidInputFunctionCall(input, const_cast<char*>(id), parameter, -1); });
  if (error == nullptr) return true;
  if (ERRCODE_TO_CATEGORY(error->sqlerrcode) != ERRCODE_DATA_EXCEPTION) ReThrowError(error);
  FreeErrorData(error);
  return false;
}

}  // namespace

bool convert_user_id(const std::string& id, Oid type, Datum* result) {
  const Oid base = pg_call([&] { return getBaseType(type); });
  if (base == INT2OID || base == INT4OID || base == INT8OID) return convert_integer(id, base, result);
  if (base == TEXTOID || base == VARCHAROID || base == BPCHAROID) {
    *result = pg_call(
        [&] { return PointerGetDatum(cstring_to_text_with_len(id.data(), static_cast<int>(id.size()))); });
    return true;
  }
  return pg_call([&] { return convert_by_input(id.c_str(), base, result); });
}

}  // namespace persona::pg
