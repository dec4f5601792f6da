// refresh_model: a version's definition fitted again on today's rows. A stored source always
// runs as the model's owner, security-restricted and under its own search_path, whoever asks for the refresh;
// otherwise a superuser's refresh would run anybody's function.
#include "pg/models/fit.h"
#include "pg/models/refresh.h"

extern "C" {
#include "utils/acl.h"
}

namespace persona::pg {
namespace {

struct Definition {
  ModelDefinition model;
  Datum options = Datum{0};
  Oid owner = InvalidOid;
};

Definition read_definition(const ModelAddress& address, Oid role) {
  static Statement statement(
      "SELECT kind, source, search_path, time_zone, date_style, target, key, options, options::text "
      "FROM persona.model "
      "WHERE name = $1 AND version = $2");
  return as_owner([&] {
    Definition d;
    d.owner = lock_model(address, role);
    check_owner_exists(address.name, d.owner);
    const int version = deployed_version(address.name);
    if (version == 0) {
      throw Error(sqlstate::kNotInPrerequisiteState, "model \"" + address.name + "\" has no deployed version",
                  "", "Deploy one of its versions first.");
    }
    Params params;
    params.text(address.name).int4(version);
    const Rows row = statement.run(params, false);
    if (row.empty()) throw_no_such_model({address.name, version});
    bool null;
    d.model.name = address.name;
    d.model.kind = row.text(0, 1);
    d.model.source = row.text(0, 2);
    d.model.settings = {row.text(0, 3), row.text(0, 4), row.text(0, 5)};
    d.model.target = row.optional_text(0, 6);
    d.model.key = row.optional_text(0, 7);
    d.options = row.datum(0, 8, &null);
    d.model.options = row.text(0, 9);
    return d;
  });
}

}  // namespace

Datum refresh_model(const std::string& text) {
  const ModelAddress address = parse_address(text);
  if (address.version != 0) {
    throw Error(sqlstate::kInvalidParameter, "a refresh fits the deployed version's definition again", "",
                "Write refresh_model('" + address.name + "').");
  }
  pg_call([] { PreventCommandIfReadOnly("refresh_model()"); });
  const Oid role = GetUserId();
  const Definition d = read_definition(address, role);
  const SavedIdentity saved =
      enter_source(d.owner, SECURITY_RESTRICTED_OPERATION | SECURITY_LOCAL_USERID_CHANGE, d.model.settings);
  const Fit fit = fit_source(d.model, d.options);
  pg_call([&] { leave_identity(saved); });
  return store_fit(fit, role, true);
}

std::vector<std::string> stale_models() {
  static Statement statement(
      "SELECT n.name FROM persona.model_name n "
      "CROSS JOIN LATERAL (SELECT d.version FROM persona.deployment d WHERE d.name = n.name "
      "                    ORDER BY d.deployment_id DESC LIMIT 1) d "
      "JOIN persona.model m ON m.name = n.name AND m.version = d.version "
      "WHERE pg_has_role($1, n.owner, 'USAGE') "
      "AND m.fitted_at <= clock_timestamp() - coalesce((m.options ->> 'refresh_hours')::float8, 0) * "
      "interval '1 hour' "
      "ORDER BY n.name");
  const Oid role = GetUserId();
  return as_owner([&] {
    Params params;
    params.oid(role);
    const Rows rows = statement.run(params, false);
    std::vector<std::string> names(rows.size());
    for (std::uint64_t i = 0; i < rows.size(); i++) names[i] = rows.text(i, 1);
    return names;
  });
}

}  // namespace persona::pg

PERSONA_FUNCTION(refresh_model)
{
  return persona::pg::guarded([&] {
    const std::string name = persona::pg::text_argument(fcinfo, 0, "model");
    return persona::pg::with_spi([&] { return persona::pg::refresh_model(name); });
  });
}
