#include "pg/models/load.h"

#include "core/kinds.h"
#include "core/model/damaged.h"
#include "core/model/serving.h"
#include "core/regression/basis.h"
#include "core/regression/grouped_scorer.h"
#include "pg/models/blend.h"
#include "pg/models/catalog_items.h"
#include "pg/models/options_json.h"
#include "pg/models/store.h"

namespace persona::pg {
namespace {

// Of a path of penalties only what serves: the metric lambda says which.
std::vector<Coefficient> read_coefficients(std::int64_t model_id) {
  static Statement statement(
      "SELECT c.term, c.outcome, c.group_key, c.lambda, c.estimate, c.mean FROM persona.coefficient c "
      "WHERE c.model_id = $1 AND c.lambda = coalesce((SELECT m.value FROM persona.metric m WHERE m.model_id "
      "= $1 "
      "AND m.group_key = c.group_key AND m.metric = 'lambda'), 0) ORDER BY c.group_key, c.outcome, "
      "c.term_no");
  Params params;
  params.int8(model_id);
  const Rows rows = statement.run(params, true);
  std::vector<Coefficient> result(rows.size());
  for (std::uint64_t i = 0; i < rows.size(); i++) {
    result[i].term = rows.text(i, 1);
    result[i].outcome = rows.text(i, 2);
    result[i].group_key = rows.text(i, 3);
    result[i].lambda = rows.float8(i, 4).value_or(0);
    result[i].estimate = rows.float8(i, 5);
    result[i].mean = rows.float8(i, 6);
  }
  return result;
}

std::vector<Feature> read_features(std::int64_t model_id) {
  static Statement statement(
      "SELECT feature, role, type = 'label', mean, sd, min, max, quantiles, array_remove(levels, NULL), "
      "shares, "
      "source_column, element, basis, knots, missing, "
      "cardinality(levels) > 0 AND levels[cardinality(levels)] IS NULL, ranks, group_key FROM "
      "persona.feature "
      "WHERE model_id = $1 ORDER BY feature_no");
  Params params;
  params.int8(model_id);
  const Rows rows = statement.run(params, true);
  std::vector<Feature> result(rows.size());
  for (std::uint64_t i = 0; i < rows.size(); i++) {
    bool null;
    result[i].name = rows.text(i, 1);
    result[i].role = rows.text(i, 2);
    result[i].is_label = DatumGetBool(rows.datum(i, 3, &null));
    result[i].mean = rows.float8(i, 4);
    result[i].stddev = rows.float8(i, 5);
    result[i].min = rows.float8(i, 6);
    result[i].max = rows.float8(i, 7);
    result[i].quantiles = rows.float8_array(i, 8);
    result[i].levels = rows.text_array(i, 9);
    result[i].shares = rows.float8_array(i, 10);
    result[i].source_column = rows.text(i, 11);
    result[i].element = rows.int4(i, 12);
    result[i].basis = rows.text(i, 13);
    result[i].knots = rows.float8_array(i, 14);
    result[i].missing = rows.int8(i, 15);
    result[i].missing_level = DatumGetBool(rows.datum(i, 16, &null)) && !null;
    result[i].ranks = rows.float8_array(i, 17);
    result[i].group_key = rows.text(i, 18);
    if (result[i].missing_level) result[i].levels.emplace_back(kMissingLevelName);
    if (result[i].levels.size() != result[i].shares.size()) {
      throw Error(sqlstate::kDataException, "stored feature \"" + result[i].name + "\" is corrupt",
                  "It has " + std::to_string(result[i].levels.size()) + " levels but " +
                      std::to_string(result[i].shares.size()) + " shares.");
    }
  }
  return result;
}

void make_recommender(LoadedModel* model) {
  if (model->options.declares("factors")) {
    model->factors = static_cast<std::size_t>(model->options.integer("factors"));
  }
  model->events = event_names(*model->kind, model->options);
  if (model->kind->load_recommender == nullptr) {
    model->recommender = load_blend(*model);
    return;
  }
  model->recommender = model->kind->load_recommender({model->address(), model->items}, model->options);
}

void load_recommender(LoadedModel* model) {
  static Statement catalog(
      "SELECT (SELECT coalesce(max(item_no), -1) FROM persona.neighbor WHERE model_id = $1), "
      "EXISTS (SELECT FROM persona.history WHERE model_id = $1), "
      "(SELECT value FROM persona.metric WHERE model_id = $1 AND metric = 'items' LIMIT 1)");
  Params params;
  params.int8(model->model_id);
  const Rows rows = catalog.run(params, true);
  bool null;
  // Scores take memory for every item, so a number that the fit has not given must not pass for a large
  // catalogue.
  const std::int32_t last = rows.int4(0, 1);
  if (rows.float8(0, 3).value_or(0) != static_cast<double>(last) + 1) {
    throw_corrupt_items(*model, "Its last item has number " + std::to_string(last) + ".");
  }
  model->items = last + 1;
  model->keeps_history = DatumGetBool(rows.datum(0, 2, &null));
  make_recommender(model);
}

void load_rows(LoadedModel* model, std::vector<Coefficient> coefficients, std::vector<Feature> features) {
  StoredModel stored;
  stored.name = model->address();
  stored.coefficients = std::move(coefficients);
  stored.features = std::move(features);
  for (const Feature& feature : stored.features) {
    if (feature.role == "target") model->levels = feature.levels;
  }
  if (model->kind->load != nullptr) model->scorer = load_scorer(*model->kind, stored, model->options);
  if (model->kind->load_transformer != nullptr) model->transformer = model->kind->load_transformer(stored);
}

}  // namespace

ModelPtr load_model(std::int64_t model_id) {
  static Statement statement(
      "SELECT m.name, m.version, n.owner::oid, m.kind, m.options, m.source, m.search_path, m.time_zone, "
      "m.date_style, m.target, m.format "
      "FROM persona.model m JOIN persona.model_name n USING (name) WHERE m.model_id = $1");
  return as_owner([&]() -> ModelPtr {
    Params params;
    params.int8(model_id);
    const Rows row = statement.run(params, true);
    if (row.empty())
      throw Error(sqlstate::kInternalError, "model " + std::to_string(model_id) + " has no row");
    auto model = std::make_shared<LoadedModel>();
    model->model_id = model_id;
    model->name = row.text(0, 1);
    model->version = row.int4(0, 2);
    model->owner = row.oid(0, 3);
    model->kind = &find_kind(row.text(0, 4));
    bool null;
    model->options = parse_options(*model->kind, row.datum(0, 5, &null));
    model->source = row.text(0, 6);
    model->settings = {row.text(0, 7), row.text(0, 8), row.text(0, 9)};
    model->target = row.text(0, 10);
    if (row.int4(0, 11) != kModelFormat) {
      throw Error(sqlstate::kFeatureNotSupported,
                  "model \"" + model->address() + "\" has format " + std::to_string(row.int4(0, 11)) +
                      ", which this version of persona does not read",
                  "", "Fit it again with refresh_model.");
    }
    if (model->kind->task == Task::recommendation) {
      load_recommender(model.get());
    } else {
      load_rows(model.get(), read_coefficients(model_id), read_features(model_id));
    }
    return model;
  });
}

std::vector<Feature> stored_features(const LoadedModel& model) {
  std::vector<Feature> features = as_owner([&] { return read_features(model.model_id); });
  const auto of_group = [](const Feature& feature) { return !feature.group_key.empty(); };
  features.erase(std::remove_if(features.begin(), features.end(), of_group), features.end());
  return features;
}

const Feature& input_feature(const LoadedModel& model, const std::vector<Feature>& features,
                             const std::string& input) {
  for (const Feature& feature : features) {
    const bool is_input = feature.role == "feature" || feature.role == "offset" || feature.role == "group";
    if (feature.name == input && is_input) return feature;
  }
  throw_damaged(model.address(), "The input \"" + input + "\" has no feature.");
}

FittedRows fitted_rows(const LoadedModel& model) {
  static Statement statement("SELECT rows, skipped FROM persona.model WHERE model_id = $1");
  return as_owner([&] {
    Params params;
    params.int8(model.model_id);
    const Rows rows = statement.run(params, true);
    if (rows.empty()) return FittedRows{};
    return FittedRows{static_cast<double>(rows.int8(0, 1)), static_cast<double>(rows.int8(0, 2))};
  });
}

ModelPtr load_fitted(const Fit& fit) {
  auto model = std::make_shared<LoadedModel>();
  model->name = fit.definition.name;
  model->kind = fit.kind;
  model->options = fit.options;
  model->target = fit.definition.target.value_or("");
  if (fit.kind->task == Task::recommendation) {
    model->items = static_cast<std::int32_t>(fit.fitted.neighbors.size());
    make_recommender(model.get());
    return model;
  }
  StoredModel stored = serving_model(fit.fitted, "");
  load_rows(model.get(), std::move(stored.coefficients), std::move(stored.features));
  return model;
}

}  // namespace persona::pg
