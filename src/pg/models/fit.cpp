#include "pg/models/fit.h"

#include "core/kinds.h"
#include "core/regression/grouped_fitter.h"
#include "pg/models/blend.h"
#include "pg/models/stored_history.h"
#include "pg/models/options_json.h"
#include "pg/models/source_figures.h"
#include "pg/server/row_stream.h"
#include "pg/server/temp_store.h"

extern "C" {
#include "catalog/namespace.h"
#include "portability/instr_time.h"
#include "tcop/utility.h"
#include "utils/fmgroids.h"
}

namespace persona::pg {
namespace {

class FitterSink final : public RowSink {
 public:
  FitterSink(Fitter* fitter, Poll* poll) : fitter_(fitter), poll_(poll) {}
  void consume(const RowBlock& block) override { fitter_->consume(block, *poll_); }

 private:
  Fitter* fitter_;
  Poll* poll_;
};

std::string join_key(const std::vector<std::string>& columns) {
  if (columns.size() == 1) return columns[0];
  std::string joined;
  for (const std::string& column : columns) joined += (joined.empty() ? "" : ", ") + quote_name(column);
  return joined;
}

std::string count_text(std::int64_t n, const char* noun) {
  return std::to_string(n) + " " + noun + (n == 1 ? "" : "s");
}

// The columns most often missing, as in `12 in "age", 3 in "income"`: why rows were skipped.
std::string missing_columns(const std::vector<StreamColumn>& columns, const Fit& fit) {
  constexpr std::size_t kShown = 3;
  std::map<int, std::int64_t> by_source;  // an array is as often missing as its worst element
  for (std::size_t i = 0; i < columns.size(); i++) {
    if (columns[i].missing != Missing::omit || fit.count.missing[i] == 0) continue;
    std::int64_t& count = by_source[columns[i].source];
    count = std::max(count, fit.count.missing[i]);
  }
  std::vector<std::pair<int, std::int64_t>> order(by_source.begin(), by_source.end());
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string list;
  for (std::size_t i = 0; i < order.size() && i < kShown; i++) {
    const std::string& name = fit.source.columns[static_cast<std::size_t>(order[i].first)].name;
    list += (list.empty() ? "" : ", ") + std::to_string(order[i].second) + " in \"" + name + "\"";
  }
  if (order.size() > kShown) list += ", ...";
  return list;
}

// The stream column that a feature describes: the fit says, or it is that of its name.
int stream_of(const Feature& feature, const std::vector<StreamColumn>& columns, const Source& source) {
  int stream = feature.stream;
  for (std::size_t i = 0; i < columns.size() && stream < 0; i++) {
    if (source.columns[static_cast<std::size_t>(columns[i].source)].name == feature.name) {
      stream = static_cast<int>(i);
    }
  }
  return stream;
}

}  // namespace

std::vector<std::string> resolve_key(const Kind& kind, const Source& source, ModelDefinition* definition) {
  if (definition->key.has_value()) {
    const std::vector<std::string> key = split_key(*definition->key, source);
    definition->key = join_key(key);
    return key;
  }
  if (kind.task == Task::recommendation || source.primary_key.empty()) return {};
  definition->key = join_key(source.primary_key);
  notice("using the primary key \"" + *definition->key + "\" as the key, not as a feature",
         "Pass key => ... to name another.");
  return source.primary_key;
}

Fit fit_source(const ModelDefinition& definition, Datum options, bool to_store) {
  instr_time started;
  INSTR_TIME_SET_CURRENT(started);
  Fit fit;
  fit.definition = definition;
  fit.kind = &find_kind(definition.kind);
  fit.options = parse_options(*fit.kind, options);
  fit.source = describe_source(definition.source);
  FitRequest request;
  request.columns = fit.source.columns;
  request.target = definition.target.value_or("");
  request.key = resolve_key(*fit.kind, fit.source, &fit.definition);
  request.options = fit.options;
  request.open_store = temp_stores();
  if (fit.kind->task == Task::regression || fit.kind->task == Task::classification) {
    measure_source(fit.source, &request);
  }
  const std::unique_ptr<Fitter> fitter = make_fitter(*fit.kind, request);
  std::vector<Encoding> encodings;
  for (const StreamColumn& column : fitter->columns()) encodings.push_back(column.encoding);
  RowBlock block(encodings);
  ServerPoll poll;
  FitterSink sink(fitter.get(), &poll);
  fit.count = stream_rows(fit.source.query, fitter->columns(), &block, &sink);
  fit.fitted = fitter->finish(block, fit.count.skipped, poll);
  for (Feature& feature : fit.fitted.features) {
    feature.stream = stream_of(feature, fitter->columns(), fit.source);
    if (feature.stream >= 0) feature.missing = fit.count.missing[static_cast<std::size_t>(feature.stream)];
  }
  fit.missing = missing_columns(fitter->columns(), fit);
  if (to_store) find_blend_weights(&fit, options);
  if (to_store) fit.histories = keep_histories_if_needed(fit);
  instr_time elapsed;
  INSTR_TIME_SET_CURRENT(elapsed);
  INSTR_TIME_SUBTRACT(elapsed, started);
  fit.seconds = INSTR_TIME_GET_DOUBLE(elapsed);
  return fit;
}

Datum store_fit(const Fit& fit, Oid role, bool deploy) {
  for (const std::string& text : fit.fitted.notices) notice(text);
  if (fit.count.skipped > 0) {
    notice("skipped " + count_text(fit.count.skipped, "row") + " with a NULL, NaN or infinite value" +
           (fit.count.weightless > 0 ? " or a weight of 0" : "") +
           (fit.missing.empty() ? "" : " (" + fit.missing + ")") + ", fitted " +
           count_text(fit.count.rows, "row"));
  }
  return as_owner([&] {
    const StoredVersion stored =
        store_model(fit.definition, fit.fitted, role, fit.count.rows, fit.count.skipped, fit.seconds);
    store_histories(stored.model_id, fit.histories);
    if (deploy) append_deployment(fit.definition.name, stored.version, "deploy", role);
    return model_row(fit.definition.name, stored.version);
  });
}

namespace {

// A name that is taken by somebody else fails before the rows are read, not after.
void check_name(const std::string& name, Oid role) {
  if (name.find('@') != std::string::npos) {
    throw Error(sqlstate::kInvalidParameter, "model name \"" + name + "\" must not contain \"@\"",
                "name@version addresses a version of a model; fit always makes a new one.");
  }
  if (name.empty()) throw Error(sqlstate::kInvalidParameter, "model name is empty");
  as_owner([&] { check_name_is_ours(name, role); });
}

Datum fit_body(FunctionCallInfo fcinfo) {
  ModelDefinition definition;
  definition.name = text_argument(fcinfo, 0, "model");
  definition.kind = text_argument(fcinfo, 1, "kind");
  definition.source = text_argument(fcinfo, 2, "source");
  definition.target = optional_text_argument(fcinfo, 3);
  if (PG_ARGISNULL(4)) throw Error("22004", "argument \"options\" must not be null");
  definition.options = pg_call(
      [&] { return static_cast<const char*>(OidOutputFunctionCall(F_JSONB_OUT, PG_GETARG_DATUM(4))); });
  definition.key = optional_text_argument(fcinfo, 5);
  const bool deploy = PG_ARGISNULL(6) || PG_GETARG_BOOL(6);
  definition.settings = current_settings();
  pg_call([] { PreventCommandIfReadOnly("fit()"); });  // now, not after the rows are read
  const Oid role = GetUserId();
  return with_spi([&] {
    check_name(definition.name, role);
    const SavedIdentity saved = enter_source(role, 0, definition.settings);
    const Fit fit = fit_source(definition, PG_GETARG_DATUM(4));
    pg_call([&] { leave_identity(saved); });
    return store_fit(fit, role, deploy);
  });
}

}  // namespace
}  // namespace persona::pg

PERSONA_FUNCTION(fit)
{
  return persona::pg::guarded([&] { return persona::pg::fit_body(fcinfo); });
}
