#include "pg/models/catalog.h"

#include <charconv>

extern "C" {
#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "utils/acl.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/syscache.h"
#include "utils/varlena.h"
}

namespace persona::pg {

ModelAddress parse_address(const std::string& text) {
  const std::size_t at = text.find('@');
  ModelAddress address{text.substr(0, at), 0};
  if (address.name.empty()) {
    throw Error(sqlstate::kInvalidParameter, "model name \"" + text + "\" is empty");
  }
  if (at == std::string::npos) return address;
  const char* first = text.data() + at + 1;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(first, last, address.version);
  if (error != std::errc() || end != last || address.version <= 0) {
    throw Error(sqlstate::kInvalidParameter, "invalid model version in \"" + text + "\"",
                "A model is addressed by its name, or as name@version with a version of 1 or more.");
  }
  return address;
}

std::string format_address(const ModelAddress& address) {
  return address.version == 0 ? address.name : address.name + "@" + std::to_string(address.version);
}

void throw_no_such_model(const ModelAddress& address) {
  throw Error(sqlstate::kUndefinedObject, "model \"" + format_address(address) + "\" does not exist", "",
              "Models you may use are listed in persona.model, those that serve in persona.deployed_model.");
}

namespace {

// The session's schemas in order, pg_temp moved to the end.
std::string search_path_with_temporary_last() {
  List* schemas = NIL;
  pg_call([&] { (void)SplitIdentifierString(pstrdup(namespace_search_path), ',', &schemas); });
  std::string path;
  for (int i = 0; i < list_length(schemas); i++) {
    const auto* schema = static_cast<const char*>(list_nth(schemas, i));
    if (std::strcmp(schema, "pg_temp") == 0) continue;
    path += pg_call([&] { return quote_identifier(schema); });
    path += ", ";
  }
  return path + "pg_temp";
}

}  // namespace

SourceSettings current_settings() {
  SourceSettings settings;
  settings.search_path = search_path_with_temporary_last();
  settings.time_zone = pg_call([] { return GetConfigOption("TimeZone", false, false); });
  // Dates are written in ISO form; how they are read stays as the session has it.
  const char* order = DateOrder == DATEORDER_YMD ? "YMD" : DateOrder == DATEORDER_DMY ? "DMY" : "MDY";
  settings.date_style = std::string("ISO, ") + order;
  return settings;
}

SavedIdentity enter_source(Oid user, int context_flags, const SourceSettings& settings) {
  return pg_call([&] {
    const SavedIdentity saved = enter_identity(user, context_flags, settings.search_path.c_str());
    settle_text_forms();
    set_locally("timezone", settings.time_zone.c_str());
    set_locally("datestyle", settings.date_style.c_str());
    return saved;
  });
}

Oid model_owner(const std::string& name) {
  static Statement statement("SELECT owner::oid FROM persona.model_name WHERE name = $1");
  Params params;
  params.text(name);
  const Rows rows = statement.run(params, false);
  return rows.empty() ? InvalidOid : rows.oid(0, 1);
}

void check_name_is_ours(const std::string& name, Oid role) {
  const Oid owner = model_owner(name);
  if (!OidIsValid(owner) || pg_call([&] { return has_privs_of_role(role, owner); })) return;
  throw Error("42501", "model name \"" + name + "\" is taken",
              "It belongs to another role, and you are not a member of it.", "Choose another name.");
}

namespace {

bool may_use(const std::string& name, Oid role) {
  static Statement statement(
      "SELECT EXISTS (SELECT FROM persona.model_grant "
      "WHERE name = $1 AND (grantee = 0::regrole OR pg_has_role($2, grantee, 'USAGE')))");
  Params params;
  params.text(name).oid(role);
  bool null;
  return DatumGetBool(statement.run(params, false).datum(0, 1, &null));
}

}  // namespace

namespace {

void check_owner_privilege(const ModelAddress& address, Oid role, Oid owner) {
  if (pg_call([&] { return has_privs_of_role(role, owner); })) return;
  if (!may_use(address.name, role)) throw_no_such_model(address);
  throw Error("42501", "must be owner of model \"" + address.name + "\"",
              "The privilege use covers predict, explain, recommend and evaluate.");
}

}  // namespace

Oid lock_model(const ModelAddress& address, Oid role) {
  // An update, so that a REPEATABLE READ transaction that came too late gets its serialization failure here.
  static Statement lock("UPDATE persona.model_name SET owner = owner WHERE name = $1 RETURNING owner::oid");
  const Oid seen = model_owner(address.name);
  if (!OidIsValid(seen)) throw_no_such_model(address);
  check_owner_privilege(address, role, seen);  // nobody waits for, or holds, a lock he has no right to
  Params params;
  params.text(address.name);
  const Rows rows = lock.run(params, false);
  if (rows.empty()) throw_no_such_model(address);
  const Oid owner = rows.oid(0, 1);
  check_owner_privilege(address, role, owner);  // it may have changed hands while we waited
  return owner;
}

Datum model_row(const std::string& name, int version) {
  static Statement statement("SELECT m FROM persona.model m WHERE m.name = $1 AND m.version = $2");
  Params params;
  params.text(name).int4(version);
  const Rows rows = statement.run(params, false);
  if (rows.empty()) throw_no_such_model({name, version});
  bool null;
  const Datum row = rows.datum(0, 1, &null);
  return pg_call([&] { return SPI_datumTransfer(row, false, -1); });
}

int deployed_version(const std::string& name) {
  static Statement statement(
      "SELECT version FROM persona.deployment WHERE name = $1 ORDER BY deployment_id DESC LIMIT 1");
  Params params;
  params.text(name);
  const Rows rows = statement.run(params, false);
  return rows.empty() ? 0 : rows.int4(0, 1);
}

void append_deployment(const std::string& name, int version, const char* action, Oid role) {
  static Statement statement(
      "INSERT INTO persona.deployment (name, version, action, deployed_by) VALUES ($1, $2, $3, $4::regrole)");
  Params params;
  params.text(name).int4(version).text(std::string(action)).oid(role);
  statement.run(params, false);
  invalidate_models();
}

void invalidate_models() {
  pg_call([] { CacheInvalidateRelcacheByRelid(catalog_table("deployment")); });
}

void check_owner_exists(const std::string& name, Oid owner) {
  if (pg_call([&] { return SearchSysCacheExists1(AUTHOID, ObjectIdGetDatum(owner)); })) return;
  throw Error(sqlstate::kUndefinedObject, "the owner of model \"" + name + "\" no longer exists", "",
              "A superuser can drop the model; then fit it anew.");
}

}  // namespace persona::pg
