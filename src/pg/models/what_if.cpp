// what_if(model, features, changes): a row's score, and the score of the row with some of its values
// replaced.
#include "pg/models/options_json.h"
#include "pg/models/scoring.h"

namespace persona::pg {
namespace {

struct Scores {
  std::optional<double> score, new_score;
};

[[noreturn]] void throw_no_such_input(const LoadedModel& model, const std::string& name) {
  std::string list;
  const std::string* last = nullptr;  // an array or a date is several inputs in a row
  for (const ScorerInput& input : model.scorer->inputs()) {
    if (last == nullptr || *last != input.column()) list += (list.empty() ? "" : ", ") + input.column();
    last = &input.column();
  }
  throw Error(sqlstate::kUndefinedColumn, "model \"" + model.address() + "\" does not read \"" + name + "\"",
              "A change of it would change nothing.",
              list.empty() ? "The model reads nothing." : "The model reads: " + list + ".");
}

void check_names(const LoadedModel& model, Datum changes) {
  const std::vector<ScorerInput>& inputs = scorer_of(model).inputs();
  for (const std::string& name : json_names(changes, "changes")) {
    const auto reads = [&name](const ScorerInput& input) { return input.column() == name; };
    if (std::none_of(inputs.begin(), inputs.end(), reads)) throw_no_such_input(model, name);
  }
}

Scores what_if(FunctionCallInfo fcinfo) {
  const ModelPtr model = find_model(text_argument(fcinfo, 0, "model"));
  const Datum changes = PG_GETARG_DATUM(2);
  check_names(*model, changes);
  std::vector<double> x;
  InputTexts texts;
  Scores scores;
  if (read_argument_inputs(fcinfo, *model, &x, &texts)) scores.score = model->scorer->predict(x.data());
  if (replace_inputs(*model, changes, &x, &texts)) scores.new_score = model->scorer->predict(x.data());
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
