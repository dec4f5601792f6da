// tune(kind, source, target, grid): the options of a grid that are best on rows held out of the source.
// Nothing is stored.
#include "pg/models/evaluate.h"
#include "pg/models/fit.h"
#include "pg/models/holdout.h"
#include "pg/models/load.h"
#include "pg/models/options_json.h"
#include "pg/models/recommender_evaluation.h"
#include "pg/server/result_row.h"

#include "core/evaluation/metrics.h"
#include "core/kinds.h"
#include "core/recommend/fitted_reader.h"

extern "C" {
#include "utils/fmgrprotos.h"
}

namespace persona::pg {
namespace {

constexpr std::uint64_t kMostTrials = 1000;

struct Request {
  ModelDefinition definition;
  Datum grid = Datum{0};
  Datum options = Datum{0};
  std::optional<std::string> metric;  ///< by which trials are ranked
};

struct Trial {
  std::string options;  ///< jsonb as text
  std::string metric;
  double value = 0;
  double seconds = 0;
};

// Every choice of one value for each member of the grid, with the fixed options, as text.
std::vector<std::string> expand_grid(const Request& request) {
  static Statement statement(
      "WITH RECURSIVE member AS ("
      "  SELECT row_number() OVER (ORDER BY key) AS n, key, value FROM jsonb_each($1)), "
      "choice AS ("
      "  SELECT 0::bigint AS n, '{}'::jsonb AS options, '{}'::bigint[] AS path "
      "  UNION ALL "
      "  SELECT m.n, c.options || jsonb_build_object(m.key, v.value), c.path || v.place "
      "  FROM choice c JOIN member m ON m.n = c.n + 1 "
      "  CROSS JOIN LATERAL jsonb_array_elements(CASE jsonb_typeof(m.value) WHEN 'array' THEN m.value "
      "    ELSE jsonb_build_array(m.value) END) WITH ORDINALITY AS v(value, place)) "
      "SELECT ($2 || options)::text FROM choice WHERE n = (SELECT count(*) FROM member) ORDER BY path LIMIT "
      "1001");
  json_names(request.grid, "argument \"grid\"");
  return as_owner([&] {
    Params params;
    params.datum(JSONBOID, request.grid).datum(JSONBOID, request.options);
    Rows rows = statement.run(params, true);
    if (rows.empty()) {
      throw Error(sqlstate::kInvalidParameter, "argument \"grid\" has an empty list", "",
                  "Give each option at least one value: {\"neighbors\": [20, 50, 200]}.");
    }
    if (rows.size() > kMostTrials) {
      throw Error(sqlstate::kProgramLimit,
                  "argument \"grid\" has more than " + std::to_string(kMostTrials) + " combinations", "",
                  "Tune some of the options first, and the others then.");
    }
    std::vector<std::string> choices(rows.size());
    for (std::uint64_t i = 0; i < rows.size(); i++) choices[i] = rows.text(i, 1);
    return choices;
  });
}

std::vector<Metric> measure(const Fit& fit, const Holdout& holdout) {
  const ModelPtr model = load_fitted(fit);
  if (model->recommender == nullptr) return evaluate_model(*model, holdout.after, std::nullopt);
  FittedReader reader(fit.fitted);
  EventCursor histories(holdout.before, model->events);
  EventCursor held_out(holdout.after, model->events);
  return evaluate_recommender(*model->recommender, &reader, fitted_catalog(fit.fitted), model->events.rule(),
                              &histories, &held_out, {});
}

// The metric asked for, or the one that speaks for such a model first.
const Metric& choose_metric(const std::vector<Metric>& metrics, const std::optional<std::string>& wanted) {
  std::string list;
  for (const Metric& metric : metrics) {
    if (better(metric.name) == Better::neither) continue;
    if (wanted == metric.name) return metric;
    list += (list.empty() ? "" : ", ") + metric.name;
  }
  if (wanted.has_value()) {
    throw Error(sqlstate::kInvalidParameter, "there is no metric \"" + *wanted + "\" to tune by", "",
                "Metrics of such models are: " + list + ".");
  }
  for (const char* name : {"ndcg", "auc", "log_loss", "poisson_deviance", "rmse"}) {
    for (const Metric& metric : metrics) {
      if (metric.name == name) return metric;
    }
  }
  throw Error(sqlstate::kFeatureNotSupported, "such models have no metric to tune by");
}

Trial try_options(const Request& request, const Holdout& holdout, const std::string& options) {
  ModelDefinition definition = request.definition;
  definition.name = "trial";
  definition.source = holdout.before.query;
  definition.options = options;
  instr_time started;
  INSTR_TIME_SET_CURRENT(started);
  const Datum parsed =
      pg_call([&] { return DirectFunctionCall1(jsonb_in, CStringGetDatum(options.c_str())); });
  const Fit fit = fit_source(definition, parsed, false);
  const Metric metric = choose_metric(measure(fit, holdout), request.metric);
  instr_time elapsed;
  INSTR_TIME_SET_CURRENT(elapsed);
  INSTR_TIME_SUBTRACT(elapsed, started);
  return {options, metric.name, metric.value, INSTR_TIME_GET_DOUBLE(elapsed)};
}

std::vector<Trial> tune(Request request) {
  const Kind& kind = find_kind(request.definition.kind);
  const std::vector<std::string> choices = expand_grid(request);
  const Source source = describe_source(request.definition.source);
  // All choices are checked before the first is tried.
  std::vector<Options> checked;
  for (const std::string& choice : choices) {
    checked.push_back(parse_options(
        kind, pg_call([&] { return DirectFunctionCall1(jsonb_in, CStringGetDatum(choice.c_str())); })));
  }
  Holdout holdout;
  if (kind.task == Task::recommendation && kind.load_recommender == nullptr) {
    throw Error(sqlstate::kFeatureNotSupported, "kind \"" + request.definition.kind + "\" cannot be tuned",
                "Its fit finds the weights of its models itself.", "Tune the models that it blends.");
  }
  if (kind.task == Task::recommendation) {
    for (const Options& options : checked) {
      FitRequest first_look;
      first_look.columns = source.columns;
      first_look.target = request.definition.target.value_or("");
      first_look.options = options;
      kind.make_fitter(first_look);
    }
    holdout = split_events(source, event_names(kind, checked[0]));
  } else if (kind.load != nullptr) {
    holdout = split_rows(source, resolve_key(kind, source, &request.definition));
  } else {
    throw Error(sqlstate::kFeatureNotSupported, "kind \"" + request.definition.kind + "\" cannot be tuned",
                "", "Tune a kind that predicts or recommends: see persona.kind.");
  }
  std::vector<Trial> trials;
  ServerPoll poll;
  for (const std::string& choice : choices) {
    trials.push_back(try_options(request, holdout, choice));
    const Trial& last = trials.back();
    poll.progress("tried " + std::to_string(trials.size()) + " of " + std::to_string(choices.size()) + ": " +
                  last.metric + " " + std::to_string(last.value) + " with " + last.options);
  }
  const double sign = better(trials[0].metric) == Better::lower ? 1 : -1;
  std::stable_sort(trials.begin(), trials.end(),
                   [sign](const Trial& a, const Trial& b) { return sign * a.value < sign * b.value; });
  return trials;
}

}  // namespace
}  // namespace persona::pg

PERSONA_FUNCTION(tune)
{
  using namespace persona::pg;
  InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
  guarded([&] {
    Request request;
    request.definition.kind = text_argument(fcinfo, 0, "kind");
    request.definition.source = text_argument(fcinfo, 1, "source");
    request.definition.target = optional_text_argument(fcinfo, 2);
    for (const int number : {3, 4}) {
      if (!PG_ARGISNULL(number)) continue;
      throw persona::Error(
          "22004", std::string("argument \"") + (number == 3 ? "grid" : "options") + "\" must not be null");
    }
    request.grid = PG_GETARG_DATUM(3);
    request.options = PG_GETARG_DATUM(4);
    request.definition.key = optional_text_argument(fcinfo, 5);
    request.metric = optional_text_argument(fcinfo, 6);
    request.definition.settings = current_settings();
    const std::vector<Trial> trials = with_spi([&] {
      const SavedIdentity saved = enter_source(GetUserId(), 0, request.definition.settings);
      std::vector<Trial> result = tune(request);
      pg_call([&] { leave_identity(saved); });
      return result;
    });
    int rank = 0;
    double before = 0;
    for (std::size_t i = 0; i < trials.size(); i++) {
      if (i == 0 || trials[i].value != before) rank = static_cast<int>(i) + 1;
      before = trials[i].value;
      ResultRow row;
      row.int4(rank).jsonb(trials[i].options).text(trials[i].metric).float8(trials[i].value);
      row.float8(trials[i].seconds).store(fcinfo);
    }
  });
  return Datum{0};
}
