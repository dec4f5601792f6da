#include "pg/server/identity.h"

extern "C" {
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "utils/guc.h"
#include "utils/syscache.h"
}

namespace persona::pg {

Oid catalog_table(const char* name) {
  const Oid schema = get_namespace_oid("persona", true);
  return OidIsValid(schema) ? get_relname_relid(name, schema) : InvalidOid;
}

Oid catalog_owner() {
  const Oid table = catalog_table("model");
  HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(table));
  if (!HeapTupleIsValid(tuple)) {
    ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE), errmsg("table persona.model does not exist"),
                    errhint("Run CREATE EXTENSION persona, or ALTER EXTENSION persona UPDATE.")));
  }
  const Oid owner = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple))->relowner;
  ReleaseSysCache(tuple);
  return owner;
}

void set_locally(const char* name, const char* value) {
  set_config_option(name, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

void settle_text_forms() {
  set_locally("datestyle", "ISO, YMD");
  set_locally("intervalstyle", "postgres");
  set_locally("extra_float_digits", "1");
  set_locally("bytea_output", "hex");
  set_locally("standard_conforming_strings", "on");
  set_locally("transform_null_equals", "off");
}

SavedIdentity enter_identity(Oid user, int context_flags, const char* search_path) {
  SavedIdentity saved;
  GetUserIdAndSecContext(&saved.user, &saved.context);
  SetUserIdAndSecContext(user, saved.context | context_flags);
  saved.nest_level = NewGUCNestLevel();
  set_locally("search_path", search_path);
  return saved;
}

void leave_identity(const SavedIdentity& saved) {
  AtEOXact_GUC(false, saved.nest_level);
  SetUserIdAndSecContext(saved.user, saved.context);
}

}  // namespace persona::pg
