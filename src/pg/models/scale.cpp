// scale(model, row): the row's numbers, normalized, as a JSON object by column; scale_array: as an array.
// Each form binds names once a call site, as predict does.
#include "pg/models/call_site.h"

#include "pg/models/options_json.h"

extern "C" {
#include "common/shortest_dec.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"
}

namespace persona::pg {
namespace {

const std::vector<ScorerInput>& transformer_inputs(const LoadedModel& model) {
  return transformer_of(model).inputs();
}

void transform(CallSite* site) {
  site->binding.model->transformer->transform(site->x.data(), site->x.data());
}

// The shortest digits that read back as x, whatever the session's extra_float_digits.
Numeric shortest_numeric(double x) {
  char digits[DOUBLE_SHORTEST_DECIMAL_LEN];
  double_to_shortest_decimal_buf(x, digits);
  return DatumGetNumeric(DirectFunctionCall3(numeric_in, CStringGetDatum(digits),
                                             ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
}

// The transformed row as a JSON object; what is NaN, and so no JSON number, is null.
Datum json_result(const CallSite* site) {
  const std::vector<ScorerInput>& inputs = site->binding.model->transformer->inputs();
  JsonbParseState* state = nullptr;
  pushJsonbValue(&state, WJB_BEGIN_OBJECT, nullptr);
  for (std::size_t i = 0; i < inputs.size(); i++) {
    JsonbValue key;
    key.type = jbvString;
    key.val.string.val = const_cast<char*>(inputs[i].name.data());
    key.val.string.len = static_cast<int>(inputs[i].name.size());
    pushJsonbValue(&state, WJB_KEY, &key);
    JsonbValue value;
    if (std::isnan(site->x[i])) {
      value.type = jbvNull;
    } else {
      value.type = jbvNumeric;
      value.val.numeric = shortest_numeric(site->x[i]);
    }
    pushJsonbValue(&state, WJB_VALUE, &value);
  }
  return JsonbPGetDatum(JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, nullptr)));
}

Datum scale_json(FunctionCallInfo fcinfo, Datum jsonb) {
  CallSite* site = call_site(fcinfo);
  bind_site(fcinfo, site, transformer_inputs);
  guarded([&] {
    const LoadedModel& model = *site->binding.model;
    const std::vector<ScorerInput>& inputs = model.transformer->inputs();
    const std::vector<std::string> names = json_names(jsonb, "features");
    for (std::size_t i = 0; i < inputs.size(); i++) {
      const OptionValue value = json_input(model, jsonb, inputs[i], names);
      const auto* number = std::get_if<double>(&value);
      site->x[i] = number != nullptr ? *number : std::nan("");
    }
  });
  transform(site);
  return json_result(site);
}

}  // namespace
}  // namespace persona::pg

PERSONA_FUNCTION(scale_record)
{
  using namespace persona::pg;
  CallSite* site = call_site(fcinfo);
  read_record(fcinfo, site, transformer_inputs);
  for (std::size_t i = 0; i < site->x.size(); i++) {
    const InputSource* source = &site->sources[i];
    site->x[i] = std::nan("");
    if (!site->nulls[source->position]) source->reader.number(site->values[source->position], &site->x[i]);
  }
  transform(site);
  return json_result(site);
}

PERSONA_FUNCTION(scale_jsonb)
{ return persona::pg::scale_json(fcinfo, PG_GETARG_DATUM(1)); }

PERSONA_FUNCTION(scale_text)
{
  char* json = text_to_cstring(PG_GETARG_TEXT_PP(1));
  return persona::pg::scale_json(fcinfo, DirectFunctionCall1(jsonb_in, CStringGetDatum(json)));
}

PERSONA_FUNCTION(scale_array)
{
  using namespace persona::pg;
  CallSite* site = call_site(fcinfo);
  bind_site(fcinfo, site, transformer_inputs);
  Datum* elements;
  bool* nulls;
  int count;
  deconstruct_array(PG_GETARG_ARRAYTYPE_P(1), FLOAT8OID, sizeof(double), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE,
                    &elements, &nulls, &count);
  guarded([&] { check_value_count(*site->binding.model, site->x.size(), count); });
  for (int i = 0; i < count; i++) site->x[i] = nulls[i] ? std::nan("") : DatumGetFloat8(elements[i]);
  transform(site);
  for (int i = 0; i < count; i++) {
    nulls[i] = std::isnan(site->x[i]);
    elements[i] = Float8GetDatum(site->x[i]);
  }
  int lower = 1;
  PG_RETURN_ARRAYTYPE_P(construct_md_array(elements, nulls, 1, &count, &lower, FLOAT8OID, sizeof(double),
                                           FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}
