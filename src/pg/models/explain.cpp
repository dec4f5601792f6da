// classify, probabilities, explain and reasons: what stands behind a score, for a record, jsonb or JSON text.
#include "pg/models/scoring.h"

#include "core/explanation/reason.h"

namespace persona::pg {
namespace {

// A row on its way through one of the verbs here.
struct ScoredRow {
  ModelPtr model;
  const Scorer* scorer = nullptr;
  bool complete = false;  ///< false: a NULL among the inputs, so that the verb answers NULL or no rows
  std::vector<double> x;
  InputTexts texts;
};

ScoredRow read_row(FunctionCallInfo fcinfo) {
  ScoredRow row;
  row.model = find_model(text_argument(fcinfo, 0, "model"));
  row.scorer = &scorer_of(*row.model);
  row.complete = read_argument_inputs(fcinfo, *row.model, &row.x, &row.texts);
  return row;
}

ReasonColumn reason_column(const ScoredRow& row, int input) {
  const auto at = static_cast<std::size_t>(input);
  const ScorerInput& column = row.scorer->inputs()[at];
  ReasonColumn result;
  result.name = column.name;
  result.is_missing = !row.texts[at].has_value();
  if (column.encoding == Encoding::label) {
    result.value = row.texts[at].value_or("");
  } else {
    result.value = number_text(row.x[at]);
    result.usual = number_text(row.scorer->serving(row.x.data()).average(input), 3);
  }
  return result;
}

// What explain shows of a line's input or inputs: NULL for one that is missing.
std::optional<std::string> value_text(const ScoredRow& row, const Contribution& c) {
  const std::optional<std::string>& first = row.texts[static_cast<std::size_t>(c.input)];
  if (c.second < 0) return first;
  return first.value_or("NULL") + ":" + row.texts[static_cast<std::size_t>(c.second)].value_or("NULL");
}

std::string strongest_reasons(const ScoredRow& row, int k) {
  std::vector<Reason> reasons;
  for (const Contribution& c : row.scorer->explain(row.x.data())) {
    if (k-- <= 0) break;
    if (c.contribution == 0) continue;
    Reason reason = {{reason_column(row, c.input)}, c.contribution > 0};
    if (c.second >= 0) reason.columns.push_back(reason_column(row, c.second));
    reasons.push_back(std::move(reason));
  }
  if (row.model->levels.size() <= 2) return reasons_text(reasons);
  return reasons_text(reasons, "the chance of " + row.scorer->classify(row.x.data()));
}

void put_row(FunctionCallInfo fcinfo, Datum* values, bool* nulls) {
  auto* info = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  tuplestore_putvalues(info->setResult, info->setDesc, values, nulls);
}

Datum text_result(const std::string& text) {
  return PointerGetDatum(cstring_to_text_with_len(text.data(), static_cast<int>(text.size())));
}

}  // namespace
}  // namespace persona::pg

PERSONA_FUNCTION(classify)
{
  using namespace persona::pg;
  bool complete = false;
  const Datum result = guarded([&] {
    const ScoredRow row = read_row(fcinfo);
    complete = row.complete;
    if (!complete) return Datum{0};
    const std::string name = row.scorer->classify(row.x.data());
    return pg_call([&] { return text_result(name); });
  });
  if (!complete) PG_RETURN_NULL();
  return result;
}

PERSONA_FUNCTION(probabilities)
{
  using namespace persona::pg;
  InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
  guarded([&] {
    const ScoredRow row = read_row(fcinfo);
    if (!row.complete) return;
    for (const persona::ClassProbability& p : row.scorer->probabilities(row.x.data())) {
      pg_call([&] {
        Datum values[2] = {text_result(p.name), Float8GetDatum(p.probability)};
        bool nulls[2] = {};
        put_row(fcinfo, values, nulls);
      });
    }
  });
  return Datum{0};
}

PERSONA_FUNCTION(explain)
{
  using namespace persona::pg;
  InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
  guarded([&] {
    const ScoredRow row = read_row(fcinfo);
    if (!row.complete) return;
    int rank = 0;
    for (const persona::Contribution& c : row.scorer->explain(row.x.data())) {
      const std::optional<std::string> value = persona::pg::value_text(row, c);
      rank++;
      pg_call([&] {
        Datum values[5] = {Int32GetDatum(rank), text_result(c.term),
                           value.has_value() ? text_result(*value) : Datum{0}, Float8GetDatum(c.estimate),
                           Float8GetDatum(c.contribution + 0.0)};  // no minus zero
        bool nulls[5] = {false, false, !value.has_value(), false, false};
        put_row(fcinfo, values, nulls);
      });
    }
  });
  return Datum{0};
}

PERSONA_FUNCTION(reasons)
{
  using namespace persona::pg;
  bool complete = false;
  const Datum result = guarded([&] {
    const ScoredRow row = read_row(fcinfo);
    complete = row.complete;
    if (!complete) return Datum{0};
    const std::string text = strongest_reasons(row, PG_GETARG_INT32(2));
    return pg_call([&] { return text_result(text); });
  });
  if (!complete) PG_RETURN_NULL();
  return result;
}
