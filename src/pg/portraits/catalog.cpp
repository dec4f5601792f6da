#include "pg/portraits/catalog.h"

extern "C" {
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "utils/acl.h"
#include "utils/regproc.h"
#include "utils/varlena.h"
}

namespace persona::pg {

std::string relation_name(Oid relation) {
  const char* name = pg_call([&]() -> const char* {
    const char* own = get_rel_name(relation);
    if (own == nullptr) return nullptr;
    return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relation)), own);
  });
  return name == nullptr ? "" : name;
}

Portrait find_portrait(const std::string& name) {
  const Oid relation = pg_call([&] {
    List* parts = stringToQualifiedNameList(name.c_str());
    return RangeVarGetRelid(makeRangeVarFromNameList(parts), NoLock, true);
  });
  static Statement statement(
      "SELECT p.source::oid, p.recomputed::oid, p.features::oid, p.delta::oid, p.event_time, c.relowner "
      "FROM persona.portrait p JOIN pg_catalog.pg_class c ON c.oid = p.portrait WHERE p.portrait = $1::oid");
  return as_owner([&] {
    Params params;
    params.oid(relation);
    const Rows rows = statement.run(params, false);
    if (rows.empty())
      throw Error(sqlstate::kUndefinedObject, "portrait \"" + name + "\" does not exist", "",
                  "Portraits are listed in the view persona.portraits; create_portrait makes one.");
    Portrait portrait;
    portrait.portrait = relation;
    portrait.source = rows.oid(0, 1);
    portrait.recomputed = rows.oid(0, 2);
    portrait.features = rows.oid(0, 3);
    portrait.delta = rows.oid(0, 4);
    portrait.event_time = rows.optional_text(0, 5);
    portrait.owner = rows.oid(0, 6);
    return portrait;
  });
}

void check_portrait_owner(const Portrait& portrait) {
  if (pg_call([&] { return has_privs_of_role(GetUserId(), portrait.owner); })) return;
  throw Error("42501", "must be owner of portrait " + relation_name(portrait.portrait));
}

PortraitTables tables_of(const Portrait& portrait) {
  return {relation_name(portrait.portrait), relation_name(portrait.recomputed),
          relation_name(portrait.delta)};
}

void drop_with(Oid class_id, Oid object, Oid relation) {
  pg_call([=] {
    CommandCounterIncrement();
    ObjectAddress from;
    ObjectAddress to;
    ObjectAddressSet(from, class_id, object);
    ObjectAddressSet(to, RelationRelationId, relation);
    recordDependencyOn(&from, &to, DEPENDENCY_AUTO);
  });
}

Datum portrait_row(Oid portrait) {
  static Statement statement("SELECT p FROM persona.portraits p WHERE p.portrait = $1::oid");
  return as_owner([&] {
    Params params;
    params.oid(portrait);
    const Rows rows = statement.run(params, false);
    if (rows.empty()) throw Error(sqlstate::kInternalError, "a portrait has no row in persona.portraits");
    bool null;
    const Datum row = rows.datum(0, 1, &null);
    return pg_call([&] { return SPI_datumTransfer(row, false, -1); });
  });
}

Rows run_sql(const std::string& sql) {
  pg_call([&] {
    const int rc = SPI_execute(sql.c_str(), false, 0);
    if (rc < 0) elog(ERROR, "persona: %s: %s", SPI_result_code_string(rc), sql.c_str());
  });
  return Rows(SPI_tuptable, SPI_processed);
}

}  // namespace persona::pg
