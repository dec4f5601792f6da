// Whose rights code runs with: switching the user, the security context and the search_path, and back.
#pragma once

#include "pg/server/gates.h"

namespace persona::pg {

/// The oid of a table of schema persona; InvalidOid when the extension is gone.
Oid catalog_table(const char* name);

/// Sets a setting until leave_identity().
void set_locally(const char* name, const char* value);

/// Until leave_identity(): values become text, and constants are read, the same in every session, whatever
/// its DateStyle, IntervalStyle, extra_float_digits, bytea_output and standard_conforming_strings. Server
/// code.
void settle_text_forms();

/// A switch of user, security context and search_path that an abort also undoes.
struct SavedIdentity {
  Oid user;
  int context;
  int nest_level;
};
SavedIdentity enter_identity(Oid user, int context_flags, const char* search_path);
void leave_identity(const SavedIdentity& saved);

/// Owner of the extension's tables: fixed SQL of ours runs as that role, under a search_path of pg_catalog
/// only.
Oid catalog_owner();

/// Runs `body` as the tables' owner. After an exception the transaction's abort switches back.
template <class Body>
auto as_owner(Body&& body) -> decltype(body()) {
  const SavedIdentity saved = pg_call(
      [] { return enter_identity(catalog_owner(), SECURITY_LOCAL_USERID_CHANGE, "pg_catalog, pg_temp"); });
  if constexpr (std::is_void_v<decltype(body())>) {
    body();
    pg_call([&] { leave_identity(saved); });
  } else {
    auto result = body();
    pg_call([&] { leave_identity(saved); });
    return result;
  }
}

}  // namespace persona::pg
