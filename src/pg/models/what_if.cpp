// what_if(model, features, changes): a row's score, and the score of the row with some of its values
// replaced.
#include "pg/models/options_json.h"
#include "pg/models/scoring.h"

extern "C" {
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
}

namespace persona::pg {
namespace {

struct Scores {
  std::optional<double> score, new_score;
};

bool read_features(FunctionCallInfo fcinfo, const LoadedModel& model, std::vector<double>* x) {
  const Oid type = declared_type(fcinfo, 1);
  if (type != JSONBOID && type != TEXTOID) return read_record_inputs(model, PG_GETARG_DATUM(1), x, nullptr);
  const Datum jsonb = type == JSONBOID ? PG_GETARG_DATUM(1) : pg_call([&] {
    return DirectFunctionCall1(jsonb_in, CStringGetDatum(text_to_cstring(PG_GETARG_TEXT_PP(1))));
  });
  return read_json_inputs(model, jsonb, x, nullptr);
}

[[noreturn]] void throw_no_such_input(const LoadedModel& model, const std::string& name) {
  std::string list;
  for (const ScorerInput& input : model.scorer->inputs()) list += (list.empty() ? "" : ", ") + input.name;
  throw Error(sqlstate::kUndefinedColumn, "model \"" + model.address() + "\" does not read \"" + name + "\"",
              "A change of it would change nothing.",
              list.empty() ? "The model reads nothing." : "The model reads: " + list + ".");
}

Scores what_if(FunctionCallInfo fcinfo) {
  const ModelPtr model = find_model(text_argument(fcinfo, 0, "model"));
  const Scorer& scorer = scorer_of(*model);
  const std::vector<ScorerInput>& inputs = scorer.inputs();
  const Datum changes = PG_GETARG_DATUM(2);
  const std::vector<std::string> names = json_names(changes, "changes");
  for (const std::string& name : names) {
    if (std::none_of(inputs.begin(), inputs.end(),
                     [&name](const ScorerInput& input) { return input.name == name; })) {
      throw_no_such_input(*model, name);
    }
  }
  std::vector<double> x;
  const bool complete = read_features(fcinfo, *model, &x);
  Scores scores;
  if (complete) scores.score = scorer.predict(x.data());
  bool changed_complete = true;
  for (std::size_t i = 0; i < inputs.size(); i++) {
    if (std::find(names.begin(), names.end(), inputs[i].name) == names.end()) {
      changed_complete = changed_complete && (complete || !std::isnan(x[i]));
      continue;
    }
    const OptionValue value = json_input(*model, changes, inputs[i], names);
    if (const auto* number = std::get_if<double>(&value)) {
      x[i] = *number;
    } else if (const auto* label = std::get_if<std::string>(&value)) {
      x[i] = scorer.level(static_cast<int>(i), *label);
    } else {
      changed_complete = false;
    }
  }
  if (changed_complete) scores.new_score = scorer.predict(x.data());
  return scores;
}

}  // namespace
}  // namespace persona::pg

PERSONA_FUNCTION(what_if)
{
  using namespace persona::pg;
  TupleDesc descriptor;
  if (get_call_result_type(fcinfo, nullptr, &descriptor) != TYPEFUNC_COMPOSITE) {
    raise(persona::sqlstate::kInternalError, "what_if answers a row");
  }
  bool nulls[3] = {true, true, true};
  Datum values[3] = {};
  guarded([&] {
    const Scores scores = what_if(fcinfo);
    nulls[0] = !scores.score.has_value();
    nulls[1] = !scores.new_score.has_value();
    nulls[2] = nulls[0] || nulls[1];
    values[0] = Float8GetDatum(scores.score.value_or(0));
    values[1] = Float8GetDatum(scores.new_score.value_or(0));
    values[2] = Float8GetDatum(scores.new_score.value_or(0) - scores.score.value_or(0));
  });
  return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(descriptor), values, nulls));
}
