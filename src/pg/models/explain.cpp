// classify, probabilities, explain and reasons: what stands behind a score, for a record, jsonb or JSON text.
#include "pg/models/scoring.h"

extern "C" {
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
}

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
  const Oid type = declared_type(fcinfo, 1);
  if (type != JSONBOID && type != TEXTOID) {
    row.complete = read_record_inputs(*row.model, PG_GETARG_DATUM(1), &row.x, &row.texts);
    return row;
  }
  const Datum jsonb = type == JSONBOID ? PG_GETARG_DATUM(1) : pg_call([&] {
    return DirectFunctionCall1(jsonb_in, CStringGetDatum(text_to_cstring(PG_GETARG_TEXT_PP(1))));
  });
  row.complete = read_json_inputs(*row.model, jsonb, &row.x, &row.texts);
  return row;
}

// One input in a reason: "recency_days 12 (average 80.5)".
std::string phrase(const ScoredRow& row, int index) {
  const auto input = static_cast<std::size_t>(index);
  const ScorerInput& column = row.scorer->inputs()[input];
  const std::optional<std::string>& text = row.texts[input];
  if (!text.has_value()) return column.name + " missing";
  if (column.encoding == Encoding::label) return column.name + " " + *text;
  return column.name + " " + number_text(row.x[input]) + " (average " +
         number_text(row.scorer->average(index)) + ")";
}

// One line of a reason: "recency_days 12 (average 80.5) raises it".
std::string phrase(const ScoredRow& row, const Contribution& c) {
  std::string text = phrase(row, c.input);
  if (c.second >= 0) text += " with " + phrase(row, c.second);
  return text + (c.contribution > 0 ? " raises it" : " lowers it");
}

// What explain shows of a line's input or inputs: NULL for one that is missing.
std::optional<std::string> value_text(const ScoredRow& row, const Contribution& c) {
  const std::optional<std::string>& first = row.texts[static_cast<std::size_t>(c.input)];
  if (c.second < 0) return first;
  return first.value_or("NULL") + ":" + row.texts[static_cast<std::size_t>(c.second)].value_or("NULL");
}

std::string reasons_text(const ScoredRow& row, int k) {
  std::string result;
  for (const Contribution& c : row.scorer->explain(row.x.data())) {
    if (k-- <= 0) break;
    if (c.contribution == 0) continue;
    result += (result.empty() ? "" : "; ") + phrase(row, c);
  }
  return result.empty() ? "nothing sets it apart from the average" : result;
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
    const std::string text = reasons_text(row, PG_GETARG_INT32(2));
    return pg_call([&] { return text_result(text); });
  });
  if (!complete) PG_RETURN_NULL();
  return result;
}
