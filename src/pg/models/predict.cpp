// predict(model, row): the score of one row. The row arrives as columns (after the planner's rewriting, see
// predict_rewrite.cpp), as a record, as jsonb or as an array; each form binds names once a call site.
#include "pg/models/call_site.h"

#include <algorithm>

extern "C" {
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
}

namespace persona::pg {
namespace {

const std::vector<ScorerInput>& scorer_inputs(const LoadedModel& model) { return scorer_of(model).inputs(); }

// A version that was stored while the query was being planned may read a column that the plan leaves out.
void check_columns_given(const LoadedModel& model, const std::vector<std::string>& names, std::size_t given) {
  for (const ScorerInput& input : scorer_inputs(model)) {
    const auto found = std::find(names.begin(), names.end(), input.column());
    if (found == names.end() || static_cast<std::size_t>(found - names.begin()) < given) continue;
    throw Error(sqlstate::kNotInPrerequisiteState,
                "model \"" + model.address() + "\" was stored while the query was being planned", "",
                "Run the query again.");
  }
}

// Argument 1 names the columns that follow from argument 3, and behind them those of the row that no version
// of the model reads.
void bind_columns(FunctionCallInfo fcinfo, CallSite* site) {
  MemoryContext const context = fcinfo->flinfo->fn_mcxt;
  Datum* names = nullptr;
  int count = 0;
  deconstruct_array(PG_GETARG_ARRAYTYPE_P(1), TEXTOID, -1, false, TYPALIGN_INT, &names, nullptr, &count);
  bool plain = !get_fn_expr_variadic(fcinfo->flinfo);
  for (int i = 3; i < PG_NARGS(); i++) plain = plain && OidIsValid(get_fn_expr_argtype(fcinfo->flinfo, i));
  if (!plain)
    ereport(ERROR,
            (errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("predict_columns cannot be called this way"),
             errhint("Call predict in a query.")));
  const int given = PG_NARGS() - 3;
  if (count < given) {
    ereport(ERROR,
            (errcode(ERRCODE_DATA_EXCEPTION), errmsg("predict_columns needs one name for each column")));
  }
  InputSource* sources = allocate_sources(fcinfo, site);
  guarded([&] {
    std::vector<std::string> column_names;
    std::vector<Oid> types;
    for (int i = 0; i < count; i++) {
      const auto* name = reinterpret_cast<const struct varlena*>(DatumGetPointer(names[i]));
      column_names.emplace_back(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
      types.push_back(i < given ? pg_call([&] { return get_fn_expr_argtype(fcinfo->flinfo, i + 3); })
                                : InvalidOid);
    }
    check_columns_given(*site->binding.model, column_names, static_cast<std::size_t>(given));
    bind_inputs(*site->binding.model, scorer_inputs(*site->binding.model), column_names, types, sources,
                context);
  });
  for (std::size_t i = 0; i < site->x.size(); i++) sources[i].position += 3;
  site->sources = sources;
}

const Scorer* scorer(const CallSite* site) { return site->binding.model->scorer.get(); }

double score(const CallSite* site) {
  return guarded([&] { return scorer(site)->predict(site->x.data()); });
}

Datum predict_json(FunctionCallInfo fcinfo, Datum jsonb) {
  CallSite* site = call_site(fcinfo);
  bind_site(fcinfo, site, scorer_inputs);
  bool complete = false;
  double result = 0;
  guarded([&] {
    std::vector<double> x;
    complete = read_json_inputs(*site->binding.model, jsonb, &x, nullptr);
    if (complete) result = scorer(site)->predict(x.data());
  });
  if (!complete) PG_RETURN_NULL();
  PG_RETURN_FLOAT8(result);
}

}  // namespace
}  // namespace persona::pg

// predict_columns(model, names, present, VARIADIC columns): what the planner makes of predict(model, row).
// `present` is NULL where the row itself is (the nullable side of an outer join).
PERSONA_FUNCTION(predict_columns)
{
  using namespace persona::pg;
  if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2)) PG_RETURN_NULL();
  CallSite* site = call_site(fcinfo);
  if (bind_site(fcinfo, site, scorer_inputs) || site->sources == nullptr) bind_columns(fcinfo, site);
  const int n = static_cast<int>(site->x.size());
  const bool complete = read_inputs(scorer(site), site->sources, n, site->x.data(),
                                    [fcinfo](int position) { return fcinfo->args[position]; });
  if (!complete) PG_RETURN_NULL();
  PG_RETURN_FLOAT8(score(site));
}

// The record form, for whatever the rewriting does not cover.
PERSONA_FUNCTION(predict_record)
{
  using namespace persona::pg;
  CallSite* site = call_site(fcinfo);
  read_record(fcinfo, site, scorer_inputs);
  const int n = static_cast<int>(site->x.size());
  const bool complete = read_inputs(scorer(site), site->sources, n, site->x.data(), [site](int position) {
    return NullableDatum{site->values[position], site->nulls[position]};
  });
  if (!complete) PG_RETURN_NULL();
  PG_RETURN_FLOAT8(score(site));
}

PERSONA_FUNCTION(predict_jsonb)
{ return persona::pg::predict_json(fcinfo, PG_GETARG_DATUM(1)); }

PERSONA_FUNCTION(predict_text)
{
  char* json = text_to_cstring(PG_GETARG_TEXT_PP(1));
  return persona::pg::predict_json(fcinfo, DirectFunctionCall1(jsonb_in, CStringGetDatum(json)));
}

PERSONA_FUNCTION(predict_array)
{
  using namespace persona::pg;
  CallSite* site = call_site(fcinfo);
  bind_site(fcinfo, site, scorer_inputs);
  ArrayType* array = PG_GETARG_ARRAYTYPE_P(1);
  const int given = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
  const int n = static_cast<int>(site->x.size());
  guarded([&] {
    for (const persona::ScorerInput& input : scorer(site)->inputs()) {
      if (input.encoding == persona::Encoding::number) continue;
      throw persona::Error(persona::sqlstate::kDatatypeMismatch,
                           "model \"" + site->binding.model->address() + "\" has the label column \"" +
                               input.name + "\", which an array of numbers cannot hold",
                           "", "Pass the row to predict instead.");
    }
    check_value_count(*site->binding.model, site->x.size(), given);
  });
  if (!array_contains_nulls(array)) {
    std::memcpy(site->x.data(), ARR_DATA_PTR(array), sizeof(double) * static_cast<std::size_t>(n));
    PG_RETURN_FLOAT8(score(site));
  }
  Datum* values = nullptr;
  bool* nulls = nullptr;
  int count = 0;
  deconstruct_array(array, FLOAT8OID, sizeof(double), true, TYPALIGN_DOUBLE, &values, &nulls, &count);
  for (int i = 0; i < n; i++) {
    site->x[i] = nulls[i] ? std::nan("") : DatumGetFloat8(values[i]);
    if (nulls[i] && !scorer(site)->takes_missing(i)) PG_RETURN_NULL();
  }
  PG_RETURN_FLOAT8(score(site));
}
