// fold(key, folds, seed): which part of a split a row falls into, from its key alone.
#include "pg/server/arguments.h"

#include "core/evaluation/fold.h"

#include <charconv>

extern "C" {
#include "mb/pg_wchar.h"
}

namespace persona::pg {
namespace {

Datum fold_datum(FunctionCallInfo fcinfo, std::string_view key) {
  const int folds = PG_GETARG_INT32(1);
  if (folds < 1) raise(sqlstate::kInvalidParameter, "argument \"folds\" must be at least 1");
  return Int32GetDatum(fold_of(key, folds, PG_GETARG_INT64(2)));
}

}  // namespace
}  // namespace persona::pg

PERSONA_FUNCTION(fold_text)
{
  using namespace persona::pg;
  const text* key = PG_GETARG_TEXT_PP(0);
  const int size = VARSIZE_ANY_EXHDR(key);
  // The bytes of UTF-8, whatever the encoding of the database.
  const char* bytes = pg_server_to_any(VARDATA_ANY(key), size, PG_UTF8);
  const std::size_t length = bytes == VARDATA_ANY(key) ? static_cast<std::size_t>(size) : std::strlen(bytes);
  return fold_datum(fcinfo, {bytes, length});
}

PERSONA_FUNCTION(fold_bigint)
{
  using namespace persona::pg;
  char digits[24];
  const auto result = std::to_chars(digits, digits + sizeof digits, PG_GETARG_INT64(0));
  return fold_datum(fcinfo, {digits, static_cast<std::size_t>(result.ptr - digits)});
}
