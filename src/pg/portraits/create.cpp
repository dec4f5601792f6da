// create_portrait and drop_portrait: the table, its views and functions, and the triggers on its source. All
// of it is done as the caller, by the server's own commands, which check what he may do.
#include "pg/portraits/attach.h"
#include "pg/portraits/features.h"
#include "pg/server/arguments.h"

extern "C" {
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_proc.h"
#include "utils/acl.h"
#include "utils/regproc.h"
#include "utils/rls.h"
}

namespace persona::pg {
namespace {

// What belongs to a portrait is called by its name with an ending.
struct PortraitName {
  std::string schema;
  std::string name;

  std::string with(const char* ending) const { return quote_name(schema) + "." + quote_name(name + ending); }
};

constexpr const char* kLongestEnding = "_features_as_of";

PortraitName parse_name(const std::string& text) {
  if (text.empty()) throw Error("42602", "the name of a portrait is empty");
  PortraitName result;
  const char* schema = nullptr;
  const char* name = nullptr;
  pg_call([&] {
    RangeVar* variable = makeRangeVarFromNameList(stringToQualifiedNameList(text.c_str()));
    const Oid creation = RangeVarGetCreationNamespace(variable);
    if (isAnyTempNamespace(creation))
      ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("a portrait cannot be temporary"),
                      errdetail("Every session that writes to its source must reach it."),
                      errhint("Name it with a permanent schema, as in public.customer_portrait.")));
    schema = get_namespace_name(creation);
    name = variable->relname;
  });
  result.schema = schema;
  result.name = name;
  if (result.name.size() + std::strlen(kLongestEnding) >= NAMEDATALEN)
    throw Error("42622", "name \"" + result.name + "\" of the portrait is too long",
                "Its view and functions are called by its name with endings such as _features_as_of.",
                "Use at most " + std::to_string(NAMEDATALEN - 1 - std::strlen(kLongestEnding)) + " bytes.");
  return result;
}

struct EventTime {
  std::string sql;             // over `event`
  std::string type;            // of the functions' argument
  std::string instant, local;  // the argument $1 on each clock
};

EventTime read_event_time(const PortraitDefinition& definition, const std::string& column) {
  Oid type = InvalidOid;
  pg_call([&] {
    const AttrNumber number = get_attnum(definition.source, column.c_str());
    if (number > 0) type = getBaseType(get_atttype(definition.source, number));
  });
  if (!OidIsValid(type))
    throw Error("42703", "column \"" + column + "\" of " + definition.source_name + " does not exist", "",
                "event_time names the column that tells when an event happened.");
  const std::string sql = "event." + quote_name(column);
  if (type == TIMESTAMPTZOID)
    return {sql, "timestamp with time zone", "$1", "($1)::timestamp without time zone"};
  if (type == TIMESTAMPOID)
    return {sql, "timestamp without time zone", "($1)::timestamp with time zone", "$1"};
  if (type == DATEOID) return {sql, "date", "($1)::timestamp with time zone", "$1"};
  throw Error("42804", "column \"" + column + "\" is not a timestamp or date", "",
              "event_time names the column that tells when an event happened.");
}

// "name type, ..." of a relation's columns, for RETURNS TABLE.
std::string column_list(const std::string& relation) {
  const Rows rows = run_sql(
      "SELECT pg_catalog.string_agg(pg_catalog.quote_ident(attname) || ' ' || "
      "pg_catalog.format_type(atttypid, atttypmod), ', ' ORDER BY attnum) FROM pg_catalog.pg_attribute "
      "WHERE attrelid = " +
      quote_text(relation) + "::pg_catalog.regclass AND attnum > 0 AND NOT attisdropped");
  return rows.text(0, 1);
}

Oid relation_oid(const std::string& qualified) {
  const Rows rows = run_sql("SELECT " + quote_text(qualified) + "::pg_catalog.regclass::pg_catalog.oid");
  return rows.oid(0, 1);
}

void comment(const std::string& object, const std::string& text) {
  run_sql("COMMENT ON " + object + " IS " + quote_text(text));
}

void create_as_of(const PortraitDefinition& definition, const PortraitName& name, const EventTime& time) {
  const std::string states =
      summarize_events(definition, definition.source_name + " AS event", time.sql + " < $1");
  const std::string as_of = name.with("_as_of") + "(as_of " + time.type + ")";
  run_sql("CREATE FUNCTION " + as_of + " RETURNS TABLE (" + column_list(name.with("_recomputed")) +
          ") LANGUAGE sql STABLE PARALLEL SAFE BEGIN ATOMIC " + states + "; END");
  comment("FUNCTION " + as_of,
          "The portrait as it was at a time: of the events before it, and no later one.");
  const std::string features_as_of = name.with("_features_as_of") + "(as_of " + time.type + ")";
  run_sql("CREATE FUNCTION " + features_as_of + " RETURNS TABLE (" + column_list(name.with("_features")) +
          ") LANGUAGE sql STABLE PARALLEL SAFE BEGIN ATOMIC " +
          features_query(definition, "(" + states + ")", time.instant, time.local) + "; END");
  comment("FUNCTION " + features_as_of,
          "The features as they were at a time, to learn from without seeing what came later.");
}

// The index that recomputing one key needs.
void advise_index(const PortraitDefinition& definition) {
  const Rows rows = run_sql(
      "SELECT 1 FROM pg_catalog.pg_index WHERE indrelid = " + quote_text(definition.source_name) +
      "::pg_catalog.regclass AND indpred IS NULL AND "
      "pg_catalog.replace(pg_catalog.pg_get_indexdef(indexrelid, 1, false), "
      "'event.', '') = " +
      quote_text(definition.keys[0].sql.compare(0, 6, "event.") == 0 ? definition.keys[0].sql.substr(6)
                                                                     : definition.keys[0].sql));
  if (!rows.empty()) return;
  notice("no index of " + definition.source_name + " begins with the portrait's key",
         "An UPDATE or DELETE recomputes the keys it touches; without an index it reads the whole table.");
}

// Rows that the portrait's owner may not see would be in its triggers' tables and not in its recomputation.
void check_row_security(const PortraitDefinition& definition) {
  const int status = pg_call([&] { return check_enable_rls(definition.source, GetUserId(), true); });
  if (status == RLS_ENABLED)
    throw Error(sqlstate::kFeatureNotSupported,
                "a portrait cannot be kept of a table whose row security hides rows from its owner", "",
                "Create it as a role that sees all rows, such as the table's owner.");
}

void enter_in_catalog(const Portrait& p, const std::string& query) {
  static Statement forget(
      "DELETE FROM persona.portrait p WHERE p.portrait = $1::oid "
      "OR NOT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = p.portrait::pg_catalog.oid)");
  static Statement insert(
      "INSERT INTO persona.portrait (portrait, source, recomputed, features, delta, event_time, query) "
      "VALUES ($1::oid, $2::oid, $3::oid, $4::oid, $5::oid, $6, $7)");
  as_owner([&] {
    Params own;
    own.oid(p.portrait);
    forget.run(own, false);
    Params params;
    params.oid(p.portrait).oid(p.source).oid(p.recomputed).oid(p.features);
    if (p.deferred())
      params.oid(p.delta);
    else
      params.null(OIDOID);
    params.text(p.event_time).text(query);
    insert.run(params, false);
  });
}

void create_relations(const PortraitDefinition& definition, const PortraitName& name, bool deferred) {
  const std::string table = name.with("");
  const std::string recomputed = name.with("_recomputed");
  std::string keys;
  for (const PortraitKey& key : definition.keys) keys += (keys.empty() ? "" : ", ") + key.name;
  run_sql("CREATE VIEW " + recomputed + " AS " +
          summarize_events(definition, definition.source_name + " AS event"));
  comment("VIEW " + recomputed, "The portrait computed anew from all events: its definition.");
  run_sql("CREATE TABLE " + table + " WITH (fillfactor = 70) AS SELECT * FROM " + recomputed + " ORDER BY " +
          keys);
  run_sql("ALTER TABLE " + table + " ADD PRIMARY KEY (" + keys + ")");
  comment("TABLE " + table, "Portrait of " + definition.source_name +
                                ": one row a key, kept up to date by the source's triggers.");
  if (deferred) {
    const std::string delta = name.with("_delta");
    run_sql("CREATE TABLE " + delta + " AS SELECT * FROM " + recomputed + " WITH NO DATA");
    run_sql("ALTER TABLE " + delta + " ADD COLUMN " + kDirtyColumn + " boolean NOT NULL DEFAULT false");
    comment("TABLE " + delta, "What was inserted into the source since the portrait's last refresh.");
  }
  run_sql("CREATE VIEW " + name.with("_features") + " AS " +
          features_query(definition, table, "pg_catalog.now()", "LOCALTIMESTAMP"));
  comment("VIEW " + name.with("_features"), "The portrait's accessors as named columns, as of now.");
}

// NAME_as_of and NAME_features_as_of, of a portrait with an event_time.
std::vector<Oid> as_of_functions(const Portrait& portrait) {
  static Statement statement(
      "SELECT p.oid FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_class c ON c.oid = $1 "
      "AND p.pronamespace = c.relnamespace AND p.proowner = c.relowner "
      "WHERE p.proname IN (c.relname || '_as_of', c.relname || '_features_as_of') AND p.pronargs = 1");
  std::vector<Oid> functions;
  if (!portrait.event_time.has_value()) return functions;
  Params params;
  params.oid(portrait.portrait);
  const Rows rows = statement.run(params, false);
  for (std::uint64_t i = 0; i < rows.size(); i++) functions.push_back(rows.oid(i, 1));
  return functions;
}

// The server's own checks would speak of the first object they meet.
void check_may_create(const PortraitDefinition& definition, const PortraitName& name) {
  if (!pg_call([&] { return pg_class_ownercheck(definition.source, GetUserId()); }))
    throw Error("42501", "must be owner of table " + definition.source_name, "",
                "A portrait puts triggers on its source.");
  const Rows taken = run_sql("SELECT pg_catalog.to_regclass(" + quote_text(name.with("")) + ") IS NOT NULL");
  bool null;
  if (DatumGetBool(taken.datum(0, 1, &null)))
    throw Error("42P07", "relation " + name.with("") + " already exists", "",
                "Choose another name; if it is a portrait, drop_portrait drops it.");
}

Datum create(const std::string& portrait_name, const std::string& query,
             const std::optional<std::string>& event_time, bool deferred) {
  pg_call([] {
    PreventCommandIfReadOnly("create_portrait()");
    if (IsolationUsesXactSnapshot())
      ereport(ERROR, (errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
                      errmsg("create_portrait must run in a transaction of isolation level READ COMMITTED"),
                      errdetail("It must see every event that was committed before it locked the table.")));
  });
  const PortraitName name = parse_name(portrait_name);
  const PortraitDefinition definition = define_portrait(query);
  check_row_security(definition);
  const SavedIdentity saved = pg_call([] {
    const SavedIdentity outer = enter_identity(GetUserId(), 0, "pg_catalog, pg_temp");
    settle_text_forms();
    return outer;
  });
  check_may_create(definition, name);
  std::optional<EventTime> time;
  if (event_time.has_value()) time = read_event_time(definition, *event_time);
  // Writers wait from here to the end: what is computed below and what the triggers see are all there is.
  run_sql("LOCK TABLE " + definition.source_name + " IN SHARE ROW EXCLUSIVE MODE");
  create_relations(definition, name, deferred);
  if (time.has_value()) create_as_of(definition, name, *time);
  Portrait portrait;
  portrait.portrait = relation_oid(name.with(""));
  portrait.source = definition.source;
  portrait.recomputed = relation_oid(name.with("_recomputed"));
  portrait.features = relation_oid(name.with("_features"));
  if (deferred) portrait.delta = relation_oid(name.with("_delta"));
  portrait.event_time = event_time;
  enter_in_catalog(portrait, query);
  attach_triggers(portrait);
  // What belongs to the portrait goes with it, also when its table is dropped by hand.
  drop_with(RelationRelationId, portrait.recomputed, portrait.portrait);
  if (deferred) drop_with(RelationRelationId, portrait.delta, portrait.portrait);
  for (const Oid function : as_of_functions(portrait))
    drop_with(ProcedureRelationId, function, portrait.portrait);
  advise_index(definition);
  const Datum row = portrait_row(portrait.portrait);
  pg_call([&] { leave_identity(saved); });
  return row;
}

void drop(const std::string& name) {
  static Statement forget("DELETE FROM persona.portrait WHERE portrait = $1::oid");
  pg_call([] { PreventCommandIfReadOnly("drop_portrait()"); });
  const Portrait portrait = find_portrait(name);
  check_portrait_owner(portrait);
  const SavedIdentity saved = pg_call(
      [&] { return enter_identity(portrait.owner, SECURITY_LOCAL_USERID_CHANGE, "pg_catalog, pg_temp"); });
  detach_triggers(portrait);
  for (const Oid function : as_of_functions(portrait)) {
    const char* signature =
        pg_call([&] { return format_procedure_extended(function, FORMAT_PROC_FORCE_QUALIFY); });
    run_sql(std::string("DROP FUNCTION ") + signature);
  }
  for (const Oid view : {portrait.features, portrait.recomputed}) {
    const std::string named = relation_name(view);
    if (!named.empty()) run_sql("DROP VIEW " + named);
  }
  const std::string delta = relation_name(portrait.delta);
  if (!delta.empty()) run_sql("DROP TABLE " + delta);
  run_sql("DROP TABLE " + relation_name(portrait.portrait));
  pg_call([&] { leave_identity(saved); });
  as_owner([&] {
    Params own;
    own.oid(portrait.portrait);
    forget.run(own, false);
  });
}

}  // namespace
}  // namespace persona::pg

PERSONA_FUNCTION(create_portrait)
{
  return persona::pg::guarded([&] {
    const std::string name = persona::pg::text_argument(fcinfo, 0, "portrait");
    const std::string query = persona::pg::text_argument(fcinfo, 1, "query");
    const std::optional<std::string> event_time = persona::pg::optional_text_argument(fcinfo, 2);
    const bool deferred = !PG_ARGISNULL(3) && PG_GETARG_BOOL(3);
    return persona::pg::with_spi([&] { return persona::pg::create(name, query, event_time, deferred); });
  });
}

PERSONA_FUNCTION(drop_portrait)
{
  persona::pg::guarded([&] {
    const std::string name = persona::pg::text_argument(fcinfo, 0, "portrait");
    persona::pg::with_spi([&] { persona::pg::drop(name); });
  });
  PG_RETURN_VOID();
}
