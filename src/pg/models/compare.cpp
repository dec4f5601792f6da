// compare(models, source): several models measured on the same rows, in one pass, and ranked by each metric.
#include "pg/models/evaluate.h"
#include "pg/models/model_rows.h"
#include "pg/models/recommender_evaluation.h"
#include "pg/server/arguments.h"
#include "pg/server/result_row.h"

#include "core/evaluation/ranking.h"

namespace persona::pg {
namespace {

std::vector<ModelPtr> find_models(Datum array) {
  Datum* elements = nullptr;
  bool* nulls = nullptr;
  int count = 0;
  pg_call([&] {
    deconstruct_array(DatumGetArrayTypeP(array), TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &count);
  });
  std::vector<ModelPtr> models;
  for (int i = 0; i < count; i++) {
    if (nulls[i]) throw Error("22004", "argument \"models\" must not contain nulls");
    const text* name = pg_call([&] { return DatumGetTextPP(elements[i]); });
    const ModelPtr model = find_model(std::string(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name)));
    // The version that serves may be named twice, once by its number.
    const auto same = [&model](const ModelPtr& other) { return other->model_id == model->model_id; };
    if (std::none_of(models.begin(), models.end(), same)) models.push_back(model);
  }
  if (models.empty()) throw Error(sqlstate::kInvalidParameter, "argument \"models\" is empty");
  return models;
}

void check_comparable(const std::vector<ModelPtr>& models) {
  const LoadedModel& first = *models[0];
  for (const ModelPtr& model : models) {
    if ((model->recommender != nullptr) != (first.recommender != nullptr)) {
      throw Error(sqlstate::kInvalidParameter, "recommenders can be compared only with recommenders",
                  "Model \"" + model->address() + "\" is of kind \"" + model->kind->name + "\", model \"" +
                      first.address() + "\" of kind \"" + first.kind->name + "\".");
    }
    if (model->target == first.target) continue;
    throw Error(sqlstate::kInvalidParameter, "models of different targets cannot be compared",
                "Model \"" + first.address() + "\" predicts \"" + first.target + "\", model \"" +
                    model->address() + "\" predicts \"" + model->target + "\".");
  }
}

// One model among those compared.
struct Contender {
  std::unique_ptr<Evaluator> evaluator;
  ModelRows rows;
  ModelTarget target;
};

std::vector<RankedMetric> compare(const std::vector<ModelPtr>& models, const std::string& source_text,
                                  std::optional<double> threshold) {
  const Source source = describe_source(source_text);
  SharedColumns columns;
  std::vector<Contender> contenders;
  for (const ModelPtr& model : models) {
    std::unique_ptr<Evaluator> evaluator = evaluator_of(*model, threshold);
    contenders.push_back(
        {std::move(evaluator), ModelRows(*model, source, &columns), ModelTarget(*model, source, &columns)});
  }
  const StreamCount count = stream_model_rows(source, columns, [&](const RowBlock& block, int row) {
    for (Contender& c : contenders) c.evaluator->add(c.rows.inputs(block, row), c.target.value(block, row));
  });
  std::vector<std::vector<Metric>> metrics;
  ServerPoll poll;
  for (Contender& c : contenders) metrics.push_back(c.evaluator->results(poll));
  if (count.skipped > 0) {
    notice("left out " + std::to_string(count.skipped) + (count.skipped == 1 ? " row" : " rows") +
           " in which the target or a feature of one of the models is missing, compared on " +
           std::to_string(count.rows));
  }
  return rank_models(metrics);
}

// All are measured alike. Where some kinds recommend what a user has already and others do not, all do.
bool all_exclude_seen(const std::vector<ModelPtr>& models) {
  const auto excludes = [](const ModelPtr& model) { return model->recommender->excludes_seen(); };
  const bool all = std::all_of(models.begin(), models.end(), excludes);
  if (!all && std::any_of(models.begin(), models.end(), excludes)) {
    notice("items that users have already are recommended and counted, as some of the models recommend them",
           "Pass options => '{\"exclude_seen\": true}' to compare on new items.");
  }
  return all;
}

// One model after the other on the same users, and before them all what is merely popular, the baseline to
// beat, where none of them is of that kind. The baseline has no version.
void compare_recommenders(FunctionCallInfo fcinfo, const std::vector<ModelPtr>& models,
                          const std::string& source_text) {
  RecommendationOptions options = recommendation_options(PG_GETARG_DATUM(2));
  if (!options.exclude_seen.has_value()) options.exclude_seen = all_exclude_seen(models);
  const bool has_baseline = std::any_of(models.begin(), models.end(), [](const ModelPtr& model) {
    return std::strcmp(model->kind->name, "popularity") == 0;
  });
  std::vector<std::vector<Metric>> metrics;
  with_spi([&] {
    const Source source = describe_source(source_text);
    if (!has_baseline) metrics.push_back(evaluate_popularity(*models[0], source, options));
    for (const ModelPtr& model : models) metrics.push_back(evaluate_recommender(*model, source, options));
  });
  std::vector<RankedMetric> lines = rank_models(metrics);
  const auto is_popularity = [&](const RankedMetric& line) {
    if (!has_baseline) return line.model == 0;
    return std::strcmp(models[line.model]->kind->name, "popularity") == 0;
  };
  // Within each metric what is popular comes first, then the models from the best.
  for (auto first = lines.begin(); first != lines.end();) {
    const auto last =
        std::find_if(first, lines.end(), [&](const RankedMetric& line) { return line.name != first->name; });
    std::stable_partition(first, last, is_popularity);
    first = last;
  }
  for (const RankedMetric& line : lines) {
    ResultRow row;
    if (!has_baseline && line.model == 0) {
      row.text(std::string("popularity")).null();
    } else {
      const LoadedModel& model = *models[line.model - (has_baseline ? 0 : 1)];
      row.text(model.name).int4(model.version);
    }
    row.text(line.name).float8(line.value).int4(line.rank);
    row.store(fcinfo);
  }
}

}  // namespace
}  // namespace persona::pg

PERSONA_FUNCTION(compare)
{
  using namespace persona::pg;
  InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
  guarded([&] {
    const std::vector<ModelPtr> models = find_models(PG_GETARG_DATUM(0));
    check_comparable(models);
    const std::string source = text_argument(fcinfo, 1, "source");
    if (models[0]->recommender != nullptr) return compare_recommenders(fcinfo, models, source);
    const std::optional<double> threshold = threshold_option(PG_GETARG_DATUM(2));
    for (const persona::RankedMetric& line : with_spi([&] { return compare(models, source, threshold); })) {
      const LoadedModel& model = *models[line.model];
      ResultRow row;
      row.text(model.name).int4(model.version).text(line.name).float8(line.value).int4(line.rank);
      row.store(fcinfo);
    }
  });
  return Datum{0};
}
