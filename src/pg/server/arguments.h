// Arguments of SQL functions from C++, names as SQL writes them, and notices.
#pragma once

#include "pg/server/gates.h"

namespace persona::pg {

/// Raises a NOTICE.
void notice(const std::string& message, const std::string& hint = "");

/// An argument of a SQL function; 22004 naming it when it is NULL.
std::string text_argument(FunctionCallInfo fcinfo, int number, const char* name);
std::optional<std::string> optional_text_argument(FunctionCallInfo fcinfo, int number);

/// The type an argument is declared with in the catalogs. The call's expression does not tell it: a fast-path
/// call has none, and must not choose how a Datum is read.
Oid declared_type(FunctionCallInfo fcinfo, int number);

/// Quoted as an SQL identifier.
std::string quote_name(const std::string& name);

/// Quoted as an SQL string.
std::string quote_text(const std::string& text);

}  // namespace persona::pg
