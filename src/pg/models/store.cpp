#include "pg/models/store.h"

#include "pg/models/store_recommender.h"

#include <algorithm>

namespace persona::pg {
namespace {

StoredVersion insert_model(const ModelDefinition& d, Oid role, std::int64_t rows, std::int64_t skipped,
                           double seconds) {
  static Statement statement(
      "INSERT INTO persona.model (name, version, kind, source, search_path, time_zone, date_style, target, "
      "key, "
      "options, fitted_by, rows, skipped, seconds, format) "
      "SELECT $1, coalesce(max(m.version), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9, $10::regrole, $11, $12, "
      "$13, $14 "
      "FROM persona.model m WHERE m.name = $1 RETURNING model_id, version");
  Params params;
  params.text(d.name).text(d.kind).text(d.source);
  params.text(d.settings.search_path).text(d.settings.time_zone).text(d.settings.date_style);
  params.text(d.target).text(d.key).jsonb(d.options).oid(role).int8(rows).int8(skipped).float8(seconds);
  params.int4(kModelFormat);
  const Rows row = statement.run(params, false);
  return {row.int8(0, 1), row.int4(0, 2)};
}

// Terms are numbered from 1 for each penalty of a path, and with the option group_by for each group.
void insert_coefficients(std::int64_t model_id, const std::vector<Coefficient>& coefficients, bool grouped) {
  if (coefficients.empty()) return;
  std::vector<std::string> term, outcome, group_key;
  std::vector<double> lambda;
  std::vector<std::optional<double>> estimate, std_error, statistic, p_value, ci_low, ci_high, odds_ratio,
      vif, mean;
  for (const Coefficient& c : coefficients) {
    term.push_back(c.term);
    outcome.push_back(c.outcome);
    group_key.push_back(c.group_key);
    lambda.push_back(c.lambda);
    estimate.push_back(c.estimate);
    std_error.push_back(c.std_error);
    statistic.push_back(c.statistic);
    p_value.push_back(c.p_value);
    ci_low.push_back(c.ci_low);
    ci_high.push_back(c.ci_high);
    odds_ratio.push_back(c.odds_ratio);
    vif.push_back(c.vif);
    mean.push_back(c.mean);
  }
  static Statement statement(
      "INSERT INTO persona.coefficient (model_id, term, outcome, group_key, lambda, estimate, std_error, "
      "statistic, p_value, ci_low, ci_high, odds_ratio, vif, mean, term_no) "
      "SELECT $1, term, outcome, group_key, lambda, estimate, std_error, statistic, p_value, ci_low, "
      "ci_high, odds_ratio, vif, mean, row_number() OVER (PARTITION BY lambda, CASE WHEN $15 THEN group_key "
      "END ORDER BY place) FROM unnest($2::text[], $3::text[], $4::text[], $5::float8[], $6::float8[], "
      "$7::float8[], "
      "$8::float8[], $9::float8[], $10::float8[], $11::float8[], $12::float8[], $13::float8[], "
      "$14::float8[]) WITH ORDINALITY AS u(term, outcome, group_key, lambda, estimate, std_error, statistic, "
      "p_value, ci_low, ci_high, odds_ratio, vif, mean, place)");
  Params params;
  params.int8(model_id).text_array(term).text_array(outcome).text_array(group_key).float8_array(lambda);
  params.nullable_float8_array(estimate).nullable_float8_array(std_error).nullable_float8_array(statistic);
  params.nullable_float8_array(p_value).nullable_float8_array(ci_low).nullable_float8_array(ci_high);
  params.nullable_float8_array(odds_ratio).nullable_float8_array(vif).nullable_float8_array(mean);
  params.datum(BOOLOID, BoolGetDatum(grouped));
  statement.run(params, false);
}

void insert_features(std::int64_t model_id, const std::vector<Feature>& features) {
  static Statement statement(
      "INSERT INTO persona.feature (model_id, feature_no, feature, role, type, mean, sd, min, max, "
      "quantiles, "
      "levels, shares, source_column, element, basis, knots, missing, ranks, group_key) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, "
      "CASE WHEN $18 THEN array_append($11::text[], NULL) ELSE $11::text[] END, $12, $13, $14, $15, $16, "
      "$17, $19, $20)");
  int number = 0;
  for (const Feature& f : features) {
    Params params;
    params.int8(model_id).int4(++number).text(f.name).text(f.role);
    params.text(std::string(f.is_label ? "label" : "number"));
    params.float8(f.mean).float8(f.stddev).float8(f.min).float8(f.max);
    if (f.quantiles.empty()) {
      params.null(FLOAT8ARRAYOID);
    } else {
      params.float8_array(f.quantiles);
    }
    if (f.levels.empty()) {
      params.null(TEXTARRAYOID).null(FLOAT8ARRAYOID);
    } else {
      // What stands for missing values is a level without a name.
      params.text_array({f.levels.begin(), f.levels.end() - (f.missing_level ? 1 : 0)})
          .float8_array(f.shares);
    }
    params.text(f.source_column.empty() ? std::nullopt : std::optional<std::string>(f.source_column));
    f.element > 0 ? params.int4(f.element) : params.null(INT4OID);
    params.text(f.basis.empty() ? std::nullopt : std::optional<std::string>(f.basis));
    f.knots.empty() ? params.null(FLOAT8ARRAYOID) : params.float8_array(f.knots);
    f.stream >= 0 ? params.int8(f.missing) : params.null(INT8OID);
    params.datum(BOOLOID, BoolGetDatum(f.missing_level));
    f.ranks.empty() ? params.null(FLOAT8ARRAYOID) : params.float8_array(f.ranks);
    params.text(f.group_key);
    statement.run(params, false);
  }
}

void insert_metrics(std::int64_t model_id, const std::vector<Metric>& metrics) {
  if (metrics.empty()) return;
  std::vector<std::string> name, group_key;
  std::vector<double> value;
  for (const Metric& m : metrics) {
    name.push_back(m.name);
    group_key.push_back(m.group_key);
    value.push_back(m.value);
  }
  static Statement statement(
      "INSERT INTO persona.metric (model_id, metric, group_key, value) "
      "SELECT $1, u.* FROM unnest($2::text[], $3::text[], $4::float8[]) AS u");
  Params params;
  params.int8(model_id).text_array(name).text_array(group_key).float8_array(value);
  statement.run(params, false);
}

}  // namespace

StoredVersion store_model(const ModelDefinition& definition, const FittedModel& fitted, Oid role,
                          std::int64_t rows, std::int64_t skipped, double seconds) {
  static Statement create_name(
      "INSERT INTO persona.model_name (name, owner) VALUES ($1, $2::regrole) ON CONFLICT DO NOTHING");
  Params params;
  params.text(definition.name).oid(role);
  create_name.run(params, false);
  check_name_is_ours(definition.name, role);  // somebody else may have been faster
  lock_model({definition.name, 0}, role);
  const StoredVersion stored = insert_model(definition, role, rows, skipped, seconds);
  const bool grouped = std::any_of(fitted.features.begin(), fitted.features.end(),
                                   [](const Feature& feature) { return feature.role == "group"; });
  insert_coefficients(stored.model_id, fitted.coefficients, grouped);
  insert_features(stored.model_id, fitted.features);
  insert_metrics(stored.model_id, fitted.metrics);
  store_recommender(stored.model_id, fitted);
  invalidate_models();  // plans pass on only the columns that the versions they knew of read
  return stored;
}

}  // namespace persona::pg
