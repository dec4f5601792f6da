#include "pg/server/arguments.h"

namespace persona::pg {

void notice(const std::string& message, const std::string& hint) {
  pg_call([&] {
    ereport(NOTICE, (errmsg("%s", message.c_str()), hint.empty() ? 0 : errhint("%s", hint.c_str())));
  });
}

Oid declared_type(FunctionCallInfo fcinfo, int number) {
  return pg_call([&] {
    Oid* types = nullptr;
    int count = 0;
    get_func_signature(fcinfo->flinfo->fn_oid, &types, &count);
    return number < count ? types[number] : InvalidOid;
  });
}

std::optional<std::string> optional_text_argument(FunctionCallInfo fcinfo, int number) {
  if (PG_ARGISNULL(number)) return std::nullopt;
  const auto* value = pg_call([&] { return PG_GETARG_TEXT_PP(number); });
  return std::string(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
}

std::string text_argument(FunctionCallInfo fcinfo, int number, const char* name) {
  std::optional<std::string> value = optional_text_argument(fcinfo, number);
  if (!value.has_value()) throw Error("22004", std::string("argument \"") + name + "\" must not be null");
  return *std::move(value);
}

std::string quote_name(const std::string& name) {
  const char* quoted = pg_call([&] { return quote_identifier(name.c_str()); });
  return quoted;
}

std::string quote_text(const std::string& text) {
  const char* quoted = pg_call([&] { return quote_literal_cstr(text.c_str()); });
  return quoted;
}

}  // namespace persona::pg
