// The catalog of portraits, persona.portrait: which relations belong together, who may change them.
#pragma once

#include "pg/portraits/statements.h"
#include "pg/server/identity.h"

namespace persona::pg {

struct Portrait {
  Oid portrait = InvalidOid;  ///< the table
  Oid source = InvalidOid;
  Oid recomputed = InvalidOid;  ///< the view that holds the definition
  Oid features = InvalidOid;
  Oid delta = InvalidOid;  ///< of a deferred portrait
  std::optional<std::string> event_time;
  Oid owner = InvalidOid;  ///< of the table, now
  bool deferred() const noexcept { return OidIsValid(delta); }
};

/// The portrait called `name` (of the session's search_path or qualified): 42704 when there is none. Needs
/// SPI.
Portrait find_portrait(const std::string& name);

/// 42501 when the caller is no member of the portrait's owner.
void check_portrait_owner(const Portrait& portrait);

/// The names of a portrait's relations.
PortraitTables tables_of(const Portrait& portrait);

/// A relation's name, qualified and quoted; empty when it is gone.
std::string relation_name(Oid relation);

/// Runs `body` as the portrait's owner, security-restricted, under a search_path of pg_catalog, as all that
/// computes the portrait's query does, whoever asked for it.
template <class Body>
auto as_portrait_owner(Oid owner, Body&& body) -> decltype(body()) {
  const SavedIdentity saved = pg_call([&] {
    const SavedIdentity outer = enter_identity(
        owner, SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION, "pg_catalog, pg_temp");
    settle_text_forms();
    return outer;
  });
  if constexpr (std::is_void_v<decltype(body())>) {
    body();
    pg_call([&] { leave_identity(saved); });
  } else {
    auto result = body();
    pg_call([&] { leave_identity(saved); });
    return result;
  }
}

/// Makes an object go when a relation is dropped.
void drop_with(Oid class_id, Oid object, Oid relation);

/// The row of the view persona.portraits, copied to where the caller of SPI sees it.
Datum portrait_row(Oid portrait);

/// Runs one statement built for a portrait and answers its rows. Needs SPI.
Rows run_sql(const std::string& sql);

}  // namespace persona::pg
