// deploy, revert, drop_model, grant_model and revoke_model: what an owner does with fitted versions.
#include "pg/models/catalog.h"

extern "C" {
#include "utils/acl.h"
}

namespace persona::pg {
namespace {

// Runs `body` with the name locked and the caller known to be an owner, and answers its Datum.
template <class Body>
Datum as_model_owner(const ModelAddress& address, Body&& body) {
  const Oid role = GetUserId();
  return with_spi([&] {
    return as_owner([&] {
      const Oid owner = lock_model(address, role);
      return body(role, owner);
    });
  });
}

bool version_exists(const std::string& name, int version) {
  static Statement statement("SELECT FROM persona.model WHERE name = $1 AND version = $2");
  Params params;
  params.text(name).int4(version);
  return !statement.run(params, false).empty();
}

// The version that serves, or the last one where none does.
int chosen_version(const std::string& name) {
  static Statement last("SELECT coalesce(max(version), 0) FROM persona.model WHERE name = $1");
  const int serving = deployed_version(name);
  if (serving != 0) return serving;
  Params params;
  params.text(name);
  return last.run(params, false).int4(0, 1);
}

Datum deploy_body(FunctionCallInfo fcinfo) {
  const ModelAddress address = parse_address(text_argument(fcinfo, 0, "model"));
  const int version = PG_GETARG_INT32(1);
  if (address.version != 0) {
    throw Error(sqlstate::kInvalidParameter, "the version to deploy is a separate argument", "",
                "Write deploy('" + address.name + "', " + std::to_string(address.version) + ").");
  }
  return as_model_owner(address, [&](Oid role, Oid /*owner*/) {
    if (!version_exists(address.name, version)) throw_no_such_model({address.name, version});
    append_deployment(address.name, version, "deploy", role);
    return model_row(address.name, version);
  });
}

// Replays the deployments as a stack: deploy pushes, revert pops. So two reverts go back two versions.
Datum revert_body(FunctionCallInfo fcinfo) {
  static Statement statement(
      "SELECT version, action FROM persona.deployment WHERE name = $1 ORDER BY deployment_id");
  const ModelAddress address = parse_address(text_argument(fcinfo, 0, "model"));
  return as_model_owner(address, [&](Oid role, Oid /*owner*/) {
    Params params;
    params.text(address.name);
    const Rows rows = statement.run(params, false);
    std::vector<int> stack;
    for (std::uint64_t i = 0; i < rows.size(); i++) {
      if (rows.text(i, 2) == "revert") {
        if (stack.size() > 1) stack.pop_back();
      } else if (stack.empty() || stack.back() != rows.int4(i, 1)) {
        stack.push_back(rows.int4(i, 1));
      }
    }
    if (stack.size() < 2) {
      throw Error(sqlstate::kNotInPrerequisiteState,
                  "model \"" + address.name + "\" has no earlier deployment to revert to", "",
                  "persona.deployment lists which version served when.");
    }
    const int version = stack[stack.size() - 2];
    append_deployment(address.name, version, "revert", role);
    return model_row(address.name, version);
  });
}

Datum drop_body(FunctionCallInfo fcinfo) {
  static Statement drop_name("DELETE FROM persona.model_name WHERE name = $1");
  static Statement drop_empty_name(
      "DELETE FROM persona.model_name n WHERE n.name = $1 "
      "AND NOT EXISTS (SELECT FROM persona.model m WHERE m.name = n.name)");
  static Statement drop_version("DELETE FROM persona.model WHERE name = $1 AND version = $2");
  const ModelAddress address = parse_address(text_argument(fcinfo, 0, "model"));
  return as_model_owner(address, [&](Oid /*role*/, Oid /*owner*/) {
    const int serving = deployed_version(address.name);
    Params params;
    params.text(address.name);
    if (address.version == 0) {
      const Datum row = model_row(address.name, chosen_version(address.name));
      drop_name.run(params, false);
      invalidate_models();
      return row;
    }
    if (!version_exists(address.name, address.version)) throw_no_such_model(address);
    if (address.version == serving) {
      throw Error("55006",
                  "version " + std::to_string(serving) + " of model \"" + address.name + "\" serves now", "",
                  "Deploy another version first, or drop the whole model by its name.");
    }
    const Datum row = model_row(address.name, address.version);
    params.int4(address.version);
    drop_version.run(params, false);
    Params name;
    name.text(address.name);
    drop_empty_name.run(name, false);
    invalidate_models();
    return row;
  });
}

// The role a grant names; public is role 0.
Oid grantee_oid(const std::string& grantee) {
  if (grantee == "public") return InvalidOid;
  return pg_call([&] { return get_role_oid(grantee.c_str(), false); });
}

void check_privilege(const std::string& privilege) {
  if (privilege == "use") return;
  throw Error(sqlstate::kInvalidParameter, "unrecognized privilege \"" + privilege + "\"", "",
              "The privilege on a model is use: predict, explain, recommend and evaluate.");
}

Datum change_grant(FunctionCallInfo fcinfo, bool grant) {
  static Statement give(
      "INSERT INTO persona.model_grant (name, grantee, privilege, grantor) "
      "VALUES ($1, $2::regrole, 'use', $3::regrole) ON CONFLICT DO NOTHING");
  static Statement take("DELETE FROM persona.model_grant WHERE name = $1 AND grantee = $2::regrole");
  const ModelAddress address = parse_address(text_argument(fcinfo, 0, "model"));
  const Oid grantee = grantee_oid(text_argument(fcinfo, 1, "grantee"));
  check_privilege(text_argument(fcinfo, 2, "privilege"));
  return as_model_owner(address, [&](Oid /*role*/, Oid owner) {
    Params params;
    params.text(address.name).oid(grantee);
    if (grant) params.oid(owner);
    (grant ? give : take).run(params, false);
    invalidate_models();
    return model_row(address.name, chosen_version(address.name));
  });
}

}  // namespace
}  // namespace persona::pg

PERSONA_FUNCTION(deploy)
{
  return persona::pg::guarded([&] { return persona::pg::deploy_body(fcinfo); });
}

PERSONA_FUNCTION(revert)
{
  return persona::pg::guarded([&] { return persona::pg::revert_body(fcinfo); });
}

PERSONA_FUNCTION(drop_model)
{
  return persona::pg::guarded([&] { return persona::pg::drop_body(fcinfo); });
}

PERSONA_FUNCTION(grant_model)
{
  return persona::pg::guarded([&] { return persona::pg::change_grant(fcinfo, true); });
}

PERSONA_FUNCTION(revoke_model)
{
  return persona::pg::guarded([&] { return persona::pg::change_grant(fcinfo, false); });
}
