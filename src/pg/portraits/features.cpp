#include "pg/portraits/features.h"

#include "pg/server/arguments.h"

#include <set>

namespace persona::pg {
namespace {

enum class On { both, utc, local };

struct Accessor {
  const char* type;  // of schema persona, or of an extension's
  const char* name;  // what the feature is called after the column
  const char* sql;
  On clock = On::both;
};

constexpr Accessor kAccessors[] = {
    {"activity", "events", "persona.events({x})"},
    {"activity", "active_days", "persona.active_days({x})"},
    {"activity", "first_at", "persona.first_at({x})", On::utc},
    {"activity", "last_at", "persona.last_at({x})", On::utc},
    {"activity", "first_at", "persona.first_at_local({x})", On::local},
    {"activity", "last_at", "persona.last_at_local({x})", On::local},
    {"activity", "total_amount", "persona.total_amount({x})"},
    {"activity", "mean_amount", "persona.mean_amount({x})"},
    {"activity", "stddev_amount", "persona.stddev_amount({x})"},
    {"activity", "recency_days", "persona.recency_days({x}, {as_of})"},
    {"activity", "tenure_days", "persona.tenure_days({x}, {as_of})"},
    {"activity", "frequency_30_days", "persona.frequency({x}, {as_of}, 30)"},
    {"activity", "mean_gap_days", "persona.mean_gap_days({x})"},
    {"moments", "count", "persona.moments_count({x})"},
    {"moments", "nulls", "persona.moments_nulls({x})"},
    {"moments", "mean", "persona.mean({x})"},
    {"moments", "variance", "persona.moments_variance({x})"},
    {"moments", "stddev", "persona.moments_stddev({x})"},
    {"moments", "skewness", "persona.skewness({x})"},
    {"moments", "kurtosis", "persona.kurtosis({x})"},
    {"moments", "min", "persona.moments_min({x})"},
    {"moments", "max", "persona.moments_max({x})"},
    {"sessions", "session_count", "persona.session_count({x})"},
    {"sessions", "session_events", "persona.session_events({x})"},
    {"sessions", "browsing_seconds", "persona.browsing_seconds({x})"},
    {"sessions", "mean_session_seconds", "persona.mean_session_seconds({x})"},
    {"sessions", "events_per_session", "persona.events_per_session({x})"},
    {"sessions", "bounce_rate", "persona.bounce_rate({x})"},
    {"affinity", "top_key", "persona.top_key({x})"},
    {"affinity", "top_share",
     "(SELECT pg_catalog.max(k.weight) FROM persona.keys({x}) AS k) / nullif(persona.total_weight({x}), 0)"},
    {"affinity", "key_count", "persona.key_count({x})"},
    {"affinity", "total_weight", "persona.total_weight({x})"},
    {"affinity", "entropy", "persona.entropy({x})"},
    {"affinity", "error_bound", "persona.error_bound({x})"},
    {"recent", "last_item", "persona.last_item({x})"},
    {"recent", "recent_count", "persona.recent_count({x})"},
    {"decayed", "decayed_total", "persona.decayed_total({x}, {as_of})"},
    {"decayed", "decayed_count", "persona.decayed_count({x}, {as_of})"},
    {"decayed", "decayed_mean", "persona.decayed_mean({x})"},
    {"decayed", "last_at", "persona.last_at({x})", On::utc},
    {"decayed", "last_at", "persona.last_at_local({x})", On::local},
    {"funnel", "depth", "persona.depth({x})"},
    {"funnel", "conversion_seconds", "persona.conversion_seconds({x})"},
    {"retention", "last_retained", "persona.last_retained({x})"},
    {"retention", "early_events", "persona.early_events({x})"},
    {"retention", "started_at", "persona.started_at({x})", On::utc},
    {"retention", "started_at", "persona.started_at_local({x})", On::local},
    {"cross_products", "rows", "persona.cross_products_rows({x})"},
    {"cross_products", "skipped", "persona.cross_products_skipped({x})"},
    {"cross_products", "r_squared", "persona.r_squared({x})"},
    {"hll", "distinct", "{schema}.hll_cardinality({x})"},
    {"tdigest", "count", "{schema}.tdigest_count({x})"},
    {"tdigest", "median", "(SELECT {schema}.tdigest_percentile(d.x, 0.5) FROM (SELECT {x} AS x) AS d)"},
};

struct TypeName {
  std::string name;
  std::string schema;  // quoted
  bool scalar;         // no array, composite or pseudo type
};

TypeName name_of(Oid type) {
  static Statement statement(
      "SELECT t.typname::pg_catalog.text, pg_catalog.quote_ident(n.nspname), "
      "CASE WHEN t.typtype IN ('b', 'd', 'e') AND t.typcategory <> 'A' THEN 1 ELSE 0 END "
      "FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace WHERE t.oid = $1");
  Params params;
  params.oid(type);
  const Rows rows = statement.run(params, true);
  if (rows.empty()) return {"", "", false};
  return {rows.text(0, 1), rows.text(0, 2), rows.int4(0, 3) == 1};
}

bool is_of_extension(const TypeName& type) {
  return type.schema == "persona" || type.name == "hll" || type.name == "tdigest";
}

}  // namespace

std::vector<Feature> portrait_features(const PortraitDefinition& definition) {
  std::vector<Feature> features;
  std::set<std::string> names;
  for (const PortraitKey& key : definition.keys) names.insert(key.name);
  for (std::size_t at = 0; at < definition.columns.size(); ++at) {
    const PortraitColumn& column = definition.columns[at];
    const TypeName type = name_of(column.type);
    std::vector<Feature> own;
    if (!is_of_extension(type)) {
      if (type.scalar) own.push_back({column.name, "{x}", at});
    } else {
      for (const Accessor& accessor : kAccessors) {
        const bool fits = accessor.clock == On::both || (accessor.clock == On::local) == column.local;
        if (type.name != accessor.type || !fits) continue;
        own.push_back(
            {column.name + "_" + accessor.name, fill_in(accessor.sql, {{"schema", type.schema}}), at});
      }
    }
    for (const Feature& feature : own) {
      if (feature.name.size() >= NAMEDATALEN)
        throw Error("42622", "feature name \"" + feature.name + "\" is too long", "",
                    "Give column \"" + column.name + "\" of the portrait a shorter name.");
      if (!names.insert(quote_name(feature.name)).second)
        throw Error("42701", "two features would be called \"" + feature.name + "\"", "",
                    "Give the columns of the portrait other names.");
      features.push_back(feature);
    }
  }
  return features;
}

std::string features_query(const PortraitDefinition& definition, const std::string& relation,
                           const std::string& instant, const std::string& local) {
  std::string sql = "SELECT ";
  for (const PortraitKey& key : definition.keys)
    sql += (&key == definition.keys.data() ? "portrait." : ", portrait.") + key.name;
  for (const Feature& feature : portrait_features(definition)) {
    const PortraitColumn& of = definition.columns[feature.column];
    sql += ", " +
           fill_in(feature.sql, {{"x", "portrait." + of.quoted}, {"as_of", of.local ? local : instant}}) +
           " AS " + quote_name(feature.name);
  }
  return sql + " FROM " + relation + " AS portrait";
}

}  // namespace persona::pg
