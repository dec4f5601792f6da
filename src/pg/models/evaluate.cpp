// evaluate(model, source): the model's predictions against the target of rows it has not seen, streamed.
#include "pg/models/evaluate.h"
#include "pg/server/result_row.h"

#include "pg/models/model_rows.h"
#include "pg/models/options_json.h"
#include "pg/models/recommender_evaluation.h"
#include "pg/models/scoring.h"

namespace persona::pg {

std::optional<double> threshold_option(Datum given) {
  const std::vector<OptionSpec> specs = {
      {"threshold", OptionType::number, "null", "Probability from which on a row is called positive.", 0, 1}};
  const Options options(specs, read_json_object(given, "options"), "");
  if (!options.has("threshold")) return std::nullopt;
  return options.number("threshold");
}

std::unique_ptr<Evaluator> evaluator_of(const LoadedModel& model, std::optional<double> threshold) {
  const Scorer& scorer = scorer_of(model);
  if (model.levels.size() == 2 && !threshold.has_value()) threshold = model.options.number("threshold");
  return make_evaluator(scorer, model.levels, model.kind->distribution, threshold.value_or(0));
}

std::vector<Metric> evaluate_model(const LoadedModel& model, const Source& source,
                                   std::optional<double> threshold) {
  const std::unique_ptr<Evaluator> evaluator = evaluator_of(model, threshold);
  SharedColumns columns;
  ModelRows rows(model, source, &columns);
  ModelTarget target(model, source, &columns);
  const StreamCount count = stream_model_rows(source, columns, [&](const RowBlock& block, int row) {
    evaluator->add(rows.inputs(block, row), target.value(block, row));
  });
  ServerPoll poll;
  std::vector<Metric> metrics = evaluator->results(poll);
  metrics.push_back({"skipped", static_cast<double>(count.skipped)});
  return metrics;
}

}  // namespace persona::pg

PERSONA_FUNCTION(evaluate)
{
  using namespace persona::pg;
  InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
  guarded([&] {
    const ModelPtr model = find_model(text_argument(fcinfo, 0, "model"));
    const std::string source = text_argument(fcinfo, 1, "source");
    const Datum options = PG_GETARG_DATUM(2);
    const std::vector<persona::Metric> metrics = with_spi([&] {
      if (model->recommender != nullptr) {
        return evaluate_recommender(*model, describe_source(source), recommendation_options(options));
      }
      return evaluate_model(*model, describe_source(source), threshold_option(options));
    });
    for (const persona::Metric& metric : metrics) {
      ResultRow().text(metric.name).float8(metric.value).store(fcinfo);
    }
  });
  return Datum{0};
}
