// cross_validate(kind, source, target, folds): each fold of the source's rows is predicted by a model that
// was fitted on the others. Nothing is stored.
#include "pg/models/evaluate.h"
#include "pg/models/fit.h"
#include "pg/models/holdout.h"
#include "pg/models/load.h"
#include "pg/models/options_json.h"
#include "pg/server/result_row.h"

#include "core/evaluation/fold_summary.h"
#include "core/kinds.h"
#include "core/model/feature_columns.h"

namespace persona::pg {
namespace {

constexpr int kMostFolds = 1000;

struct Request {
  ModelDefinition definition;
  Datum options = Datum{0};
  int folds = 0;
  std::int64_t seed = 0;
};

std::string fold_name(const Request& request, int fold) {
  return "fold " + std::to_string(fold) + " of " + std::to_string(request.folds);
}

// What the fits had to say, each message once.
class Notices {
 public:
  explicit Notices(const Request& request) : request_(request) {}

  void add(int fold, const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
      const auto found =
          std::find_if(notices_.begin(), notices_.end(), [&text](const Notice& n) { return n.text == text; });
      if (found == notices_.end()) {
        notices_.push_back({text, fold, 1});
      } else {
        found->count++;
      }
    }
  }

  void raise() const {
    for (const Notice& n : notices_) {
      const std::string folds = std::to_string(request_.folds);
      notice((n.count == 1 ? fold_name(request_, n.first)
                           : "in " + (n.count == request_.folds ? "all " : std::to_string(n.count) + " of ") +
                                 folds + " folds") +
             ": " + n.text);
    }
  }

 private:
  struct Notice {
    std::string text;
    int first;  // fold
    int count;
  };
  const Request& request_;
  std::vector<Notice> notices_;
};

// An error of the server, or one that came through it, says where it was in its context.
void add_context(ErrorData* error, const std::string& line) {
  const char* text = line.c_str();
  pg_call([&] {
    error->context = error->context == nullptr ? pstrdup(text) : psprintf("%s\n%s", error->context, text);
  });
}

// One fold: the model of the other rows, measured on these.
std::vector<Metric> validate_fold(const Request& request, const Source& source, const std::string& expression,
                                  int fold, Notices* notices) {
  const std::string number = std::to_string(fold);
  ModelDefinition others = request.definition;
  others.name = fold_name(request, fold);
  others.source = wrap_source(source, "s.*", expression + " OPERATOR(pg_catalog.<>) " + number);
  Source rows = source;
  rows.query = wrap_source(source, "s.*", expression + " OPERATOR(pg_catalog.=) " + number);
  try {
    const Fit fit = fit_source(others, request.options);
    notices->add(fold, fit.fitted.notices);
    return evaluate_model(*load_fitted(fit), rows, std::nullopt);
  } catch (const Error& e) {
    const bool no_rows =
        e.hint().empty() && std::strcmp(e.sqlstate(), sqlstate::kNotInPrerequisiteState) == 0;
    throw Error(e.sqlstate(), fold_name(request, fold) + ": " + e.what(), e.detail(),
                no_rows ? "Use fewer folds." : e.hint());
  } catch (const PgError& e) {
    add_context(e.error, fold_name(request, fold) + " of cross_validate");
    throw;
  }
}

std::vector<std::vector<Metric>> cross_validate(Request request) {
  const Kind& kind = find_kind(request.definition.kind);
  if (kind.load == nullptr) {
    throw Error(sqlstate::kFeatureNotSupported,
                "kind \"" + request.definition.kind + "\" does not predict a target", "",
                "Cross-validate a kind whose task is regression or classification: see persona.kind.");
  }
  const Source source = describe_source(request.definition.source);
  const std::vector<std::string> key = resolve_key(kind, source, &request.definition);
  FitRequest names;
  names.columns = source.columns;
  parse_options(kind, request.options);
  check_distinct_columns(names);
  require_column(names, *request.definition.target, "target");
  for (const std::string& column : key) require_column(names, column, "key");
  const std::string expression = fold_expression(key, request.folds, request.seed);
  Notices notices(request);
  std::vector<std::vector<Metric>> folds;
  for (int fold = 1; fold <= request.folds; fold++) {
    folds.push_back(validate_fold(request, source, expression, fold, &notices));
  }
  notices.raise();
  return folds;
}

Request read_request(FunctionCallInfo fcinfo) {
  Request request;
  request.definition.kind = text_argument(fcinfo, 0, "kind");
  request.definition.source = text_argument(fcinfo, 1, "source");
  request.definition.target = text_argument(fcinfo, 2, "target");
  if (PG_ARGISNULL(3)) throw Error("22004", "argument \"folds\" must not be null");
  request.folds = PG_GETARG_INT32(3);
  if (request.folds < 2 || request.folds > kMostFolds) {
    throw Error(sqlstate::kInvalidParameter,
                "argument \"folds\" must be between 2 and " + std::to_string(kMostFolds));
  }
  if (PG_ARGISNULL(4)) throw Error("22004", "argument \"options\" must not be null");
  request.options = PG_GETARG_DATUM(4);
  request.definition.key = optional_text_argument(fcinfo, 5);
  if (PG_ARGISNULL(6)) throw Error("22004", "argument \"seed\" must not be null");
  request.seed = PG_GETARG_INT64(6);
  request.definition.settings = current_settings();
  return request;
}

}  // namespace
}  // namespace persona::pg

PERSONA_FUNCTION(cross_validate)
{
  using namespace persona::pg;
  InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
  guarded([&] {
    const Request request = read_request(fcinfo);
    const std::vector<std::vector<persona::Metric>> folds = with_spi([&] {
      const SavedIdentity saved = enter_source(GetUserId(), 0, request.definition.settings);
      std::vector<std::vector<persona::Metric>> metrics = cross_validate(request);
      pg_call([&] { leave_identity(saved); });
      return metrics;
    });
    for (std::size_t fold = 0; fold < folds.size(); fold++) {
      for (const persona::Metric& metric : folds[fold]) {
        ResultRow().int4(static_cast<int>(fold) + 1).text(metric.name).float8(metric.value).store(fcinfo);
      }
    }
    for (const persona::MetricSummary& summary : persona::summarize_folds(folds)) {
      ResultRow().null().text(summary.name).float8(summary.mean).float8(summary.deviation).store(fcinfo);
    }
  });
  return Datum{0};
}
