#include "pg/portraits/statements.h"

#include "pg/server/arguments.h"

extern "C" {
#include "catalog/pg_collation.h"
#include "utils/syscache.h"
}

namespace persona::pg {
namespace {

// The elements made by `each`, with `separator` between them.
template <class Range, class Each>
std::string join(const Range& range, const char* separator, Each each) {
  std::string text;
  for (const auto& element : range) {
    if (!text.empty()) text += separator;
    text += each(element);
  }
  return text;
}

std::string key_names(const PortraitDefinition& d, const std::string& of = "") {
  return join(d.keys, ", ", [&](const PortraitKey& key) { return of + key.name; });
}

std::string column_names(const PortraitDefinition& d, const std::string& of = "") {
  return join(d.columns, ", ", [&](const PortraitColumn& column) { return of + column.quoted; });
}

std::string key_expressions(const PortraitDefinition& d) {
  return join(d.keys, ", ", [](const PortraitKey& key) { return key.sql; });
}

// a.k1 = b.k1 AND ...
std::string same_keys(const PortraitDefinition& d, const std::string& a, const std::string& b) {
  return join(d.keys, " AND ",
              [&](const PortraitKey& key) { return a + key.name + " " + key.equals + " " + b + key.name; });
}

// The events of the keys in `dirty`.
std::string event_is_dirty(const PortraitDefinition& d) {
  return join(d.keys, " AND ",
              [](const PortraitKey& key) { return key.sql + " " + key.equals + " dirty." + key.name; });
}

std::string on_conflict_merge(const PortraitDefinition& d) {
  return " ON CONFLICT (" + key_names(d) + ") DO UPDATE SET " +
         join(d.columns, ", ", [](const PortraitColumn& column) {
           return column.quoted + " = " +
                  fill_in(column.merging.merge,
                          {{"a", "portrait." + column.quoted}, {"b", "excluded." + column.quoted}});
         });
}

std::string set_columns(const PortraitDefinition& d, const std::string& from) {
  return join(d.columns, ", ",
              [&](const PortraitColumn& column) { return column.quoted + " = " + from + column.quoted; });
}

std::string insert_into(const PortraitDefinition& d, const std::string& table) {
  return "INSERT INTO " + table + " AS portrait (" + key_names(d) + ", " + column_names(d) + ") ";
}

std::string where(const std::string& filter, const std::string& condition) {
  if (filter.empty() && condition.empty()) return "";
  if (filter.empty() || condition.empty()) return " WHERE " + filter + condition;
  return " WHERE " + filter + " AND " + condition;
}

// $number, with the collation of a relation's column.
std::string parameter(int number, Oid relation, const std::string& column) {
  const char* collation = pg_call([&]() -> const char* {
    Oid type;
    Oid collation_oid;
    int32 modifier;
    get_atttypetypmodcoll(relation, get_attnum(relation, column.c_str()), &type, &modifier, &collation_oid);
    if (!OidIsValid(collation_oid) || collation_oid == DEFAULT_COLLATION_OID) return "";
    HeapTuple tuple = SearchSysCache1(COLLOID, ObjectIdGetDatum(collation_oid));
    const auto* row = reinterpret_cast<Form_pg_collation>(GETSTRUCT(tuple));
    const char* name = psprintf(" COLLATE %s.%s", quote_identifier(get_namespace_name(row->collnamespace)),
                                quote_identifier(NameStr(row->collname)));
    ReleaseSysCache(tuple);
    return name;
  });
  return "$" + std::to_string(number) + collation;
}

// The deltas of each key added up, of keys that need no recomputation.
std::string rolled_up(const PortraitDefinition& d, const std::string& deltas) {
  return "SELECT " + key_names(d, "delta.") + ", " +
         join(d.columns, ", ",
              [](const PortraitColumn& column) {
                return fill_in(column.merging.rollup, {{"x", "delta." + column.quoted}}) + " AS " +
                       column.quoted;
              }) +
         " FROM " + deltas + " AS delta WHERE NOT EXISTS (SELECT FROM " + deltas + " AS dirty WHERE dirty." +
         kDirtyColumn + " AND (" + same_keys(d, "dirty.", "delta.") + " OR dirty." + d.keys[0].name +
         " IS NULL)) GROUP BY " + key_names(d, "delta.");
}

// The rows of differences() and what they are asked for.
std::string compare(const PortraitDefinition& d, const PortraitTables& tables, const std::string& select) {
  std::string stored = tables.portrait;
  std::string queued;
  if (!tables.delta.empty()) {
    // What is stored with its deltas, as a refresh would leave it.
    stored = "(SELECT " +
             join(d.keys, ", ",
                  [](const PortraitKey& key) {
                    return "coalesce(portrait." + key.name + ", delta." + key.name + ") AS " + key.name;
                  }) +
             ", " +
             join(d.columns, ", ",
                  [](const PortraitColumn& column) {
                    const std::string a = "portrait." + column.quoted;
                    const std::string b = "delta." + column.quoted;
                    return "CASE WHEN " + a + " IS NULL THEN " + b + " WHEN " + b + " IS NULL THEN " + a +
                           " ELSE " + fill_in(column.merging.merge, {{"a", a}, {"b", b}}) + " END AS " +
                           column.quoted;
                  }) +
             " FROM " + tables.portrait + " AS portrait FULL JOIN (" + rolled_up(d, tables.delta) +
             ") AS delta ON " + same_keys(d, "portrait.", "delta.") + ")";
    queued = " AND NOT EXISTS (SELECT FROM " + tables.delta + " AS dirty WHERE dirty." + kDirtyColumn +
             " AND (" + d.keys[0].name + " IS NULL OR " +
             join(d.keys, " AND ",
                  [](const PortraitKey& key) {
                    return "dirty." + key.name + " " + key.equals + " coalesce(stored." + key.name +
                           ", fresh." + key.name + ")";
                  }) +
             "))";
  }
  const auto text_of = [](const PortraitColumn& column, const std::string& of) {
    return fill_in(column.merging.compared, {{"x", of + column.quoted}});
  };
  // A key that only one of them has is a difference, also where all its values are NULL.
  const std::string& key = d.keys[0].name;
  const std::string only_one = "stored." + key + " IS NULL OR fresh." + key + " IS NULL";
  return "SELECT " + select + " FROM " + stored + " AS stored FULL JOIN " + tables.recomputed +
         " AS fresh ON " + same_keys(d, "stored.", "fresh.") + " CROSS JOIN LATERAL (" +
         join(d.columns, " UNION ALL ",
              [&](const PortraitColumn& column) {
                return "SELECT " + quote_text(column.name) + "::pg_catalog.text, " +
                       text_of(column, "stored.") + ", " + text_of(column, "fresh.") + " WHERE " + only_one +
                       " OR pg_catalog.record_image_ne(ROW(stored." + column.quoted + "), ROW(fresh." +
                       column.quoted + "))";
              }) +
         ") AS difference (column_name, stored, recomputed) WHERE (" + only_one +
         " OR NOT persona.portrait_same(difference.stored, difference.recomputed))" + queued;
}

}  // namespace

std::string summarize_events(const PortraitDefinition& d, const std::string& from,
                             const std::string& condition) {
  return "SELECT " + join(d.keys, ", ", [](const PortraitKey& key) { return key.sql + " AS " + key.name; }) +
         ", " +
         join(d.columns, ", ",
              [](const PortraitColumn& column) { return column.sql + " AS " + column.quoted; }) +
         " FROM " + from + where(d.filter, condition) + " GROUP BY " + key_expressions(d);
}

std::string merge_events(const PortraitDefinition& d, const PortraitTables& tables, const std::string& from) {
  const std::string events = summarize_events(d, from);
  if (!tables.delta.empty()) return insert_into(d, tables.delta) + events;
  return insert_into(d, tables.portrait) + events + " ORDER BY " + key_expressions(d) + on_conflict_merge(d);
}

std::string parameter_row(const PortraitDefinition& d, Oid relation) {
  int number = 0;
  return "(SELECT " +
         join(d.used, ", ",
              [&](const UsedColumn& used) {
                return parameter(++number, relation, used.name) + " AS " + quote_name(used.name);
              }) +
         ") AS event";
}

std::string merge_into_row(const PortraitDefinition& d, Oid portrait, Oid relation) {
  auto number = static_cast<int>(d.used.size());
  return "SELECT " +
         join(d.columns, ", ",
              [&](const PortraitColumn& column) {
                return fill_in(column.merging.merge, {{"a", parameter(++number, portrait, column.name)},
                                                      {"b", "fresh." + column.quoted}});
              }) +
         " FROM (SELECT " +
         join(d.columns, ", ",
              [](const PortraitColumn& column) { return column.sql + " AS " + column.quoted; }) +
         " FROM " + parameter_row(d, relation) + where(d.filter, "") +
         " HAVING pg_catalog.count(*) OPERATOR(pg_catalog.>) 0) AS fresh";
}

std::string touched_keys(const PortraitDefinition& d) {
  return "SELECT DISTINCT " +
         join(d.keys, ", ", [](const PortraitKey& key) { return key.sql + " AS " + key.name; }) +
         " FROM touched AS event" + where(d.filter, "");
}

std::string all_keys(const PortraitDefinition& d, const PortraitTables& tables) {
  return "SELECT " + key_names(d) + " FROM " + tables.portrait;
}

std::string lock_dirty(const PortraitDefinition& d, const PortraitTables& tables) {
  return "INSERT INTO " + tables.portrait + " AS portrait (" + key_names(d) + ") SELECT " + key_names(d) +
         " FROM dirty ORDER BY " + key_names(d) + " ON CONFLICT (" + key_names(d) + ") DO UPDATE SET " +
         d.keys[0].name + " = portrait." + d.keys[0].name;
}

std::string recompute_dirty(const PortraitDefinition& d, const PortraitTables& tables) {
  return "WITH fresh AS MATERIALIZED (" +
         summarize_events(d, d.source_name + " AS event, dirty", event_is_dirty(d)) +
         "), changed AS (UPDATE " + tables.portrait + " AS portrait SET " + set_columns(d, "fresh.") +
         " FROM fresh WHERE " + same_keys(d, "portrait.", "fresh.") + ") DELETE FROM " + tables.portrait +
         " AS portrait USING dirty WHERE " + same_keys(d, "portrait.", "dirty.") +
         " AND NOT EXISTS (SELECT FROM fresh WHERE " + same_keys(d, "fresh.", "dirty.") + ")";
}

std::string queue_dirty(const PortraitDefinition& d, const PortraitTables& tables) {
  return "INSERT INTO " + tables.delta + " (" + key_names(d) + ", " + kDirtyColumn + ") SELECT " +
         key_names(d) + ", true FROM dirty";
}

std::string queue_all(const PortraitTables& tables) {
  return "INSERT INTO " + tables.delta + " (" + kDirtyColumn + ") VALUES (true)";
}

std::string fold_deltas(const PortraitDefinition& d, const PortraitTables& tables) {
  const std::string everything = "EXISTS (SELECT FROM taken WHERE " + d.keys[0].name + " IS NULL)";
  // The keys to recompute: those queued, or all that the portrait or the source has.
  return "WITH taken AS MATERIALIZED (DELETE FROM " + tables.delta +
         " RETURNING *), dirty AS MATERIALIZED (SELECT " + key_names(d) + " FROM taken WHERE " +
         kDirtyColumn + " AND " + d.keys[0].name + " IS NOT NULL UNION SELECT " + key_names(d) + " FROM " +
         tables.portrait + " WHERE " + everything + " UNION SELECT " + key_names(d) + " FROM " +
         tables.recomputed + " WHERE " + everything + "), fresh AS MATERIALIZED (" +
         summarize_events(d, d.source_name + " AS event, dirty", event_is_dirty(d)) + "), folded AS (" +
         insert_into(d, tables.portrait) + rolled_up(d, "taken") + " ORDER BY " + key_names(d, "delta.") +
         on_conflict_merge(d) + "), changed AS (" + insert_into(d, tables.portrait) + "SELECT " +
         key_names(d) + ", " + column_names(d) + " FROM fresh ORDER BY " + key_names(d) + " ON CONFLICT (" +
         key_names(d) + ") DO UPDATE SET " + set_columns(d, "excluded.") + ") DELETE FROM " +
         tables.portrait + " AS portrait USING dirty WHERE " + same_keys(d, "portrait.", "dirty.") +
         " AND NOT EXISTS (SELECT FROM fresh WHERE " + same_keys(d, "fresh.", "dirty.") + ")";
}

std::string differences(const PortraitDefinition& d, const PortraitTables& tables) {
  const std::string key = join(d.keys, ", ", [](const PortraitKey& k) {
    return quote_text(k.label) + ", coalesce(stored." + k.name + ", fresh." + k.name + ")";
  });
  return compare(d, tables,
                 "pg_catalog.jsonb_build_object(" + key +
                     "), difference.column_name, difference.stored, difference.recomputed");
}

std::string different_keys(const PortraitDefinition& d, const PortraitTables& tables) {
  return compare(d, tables, "DISTINCT " + join(d.keys, ", ", [](const PortraitKey& k) {
                              return "coalesce(stored." + k.name + ", fresh." + k.name + ") AS " + k.name;
                            }));
}

}  // namespace persona::pg
