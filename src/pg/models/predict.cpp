// predict(model, row): the score of one row. The row arrives as columns (after the planner's rewriting, see
// predict_rewrite.cpp), as a record, as jsonb or as an array; each form binds names once a call site.
#include "pg/models/scoring.h"

extern "C" {
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/typcache.h"
}

namespace persona::pg {
namespace {

// What a call site keeps in fn_extra. Freed with its memory context by a reset callback.
struct CallSite {
  Binding binding;
  const Scorer* scorer = nullptr;  ///< of binding.model
  InputSource* sources = nullptr;
  std::vector<double> x;
  // The record form only: the row type that sources are bound to.
  Oid row_type = InvalidOid;
  int32 row_typmod = -1;
  TupleDesc descriptor = nullptr;
  Datum* values = nullptr;
  bool* nulls = nullptr;
};

void free_site(void* site) { delete static_cast<CallSite*>(site); }

// The call site, made at the first call.
CallSite* call_site(FunctionCallInfo fcinfo) {
  auto* site = static_cast<CallSite*>(fcinfo->flinfo->fn_extra);
  if (site != nullptr) return site;
  MemoryContext const context = fcinfo->flinfo->fn_mcxt;
  auto* callback =
      static_cast<MemoryContextCallback*>(MemoryContextAlloc(context, sizeof(MemoryContextCallback)));
  site = guarded([] { return new CallSite; });
  callback->func = free_site;
  callback->arg = site;
  MemoryContextRegisterResetCallback(context, callback);
  fcinfo->flinfo->fn_extra = site;
  return site;
}

// Makes sure the site is bound to the model of argument 0; answers true when it was bound anew, so that the
// caller binds its columns too.
bool bind_site(FunctionCallInfo fcinfo, CallSite* site) {
  const text* address = PG_GETARG_TEXT_PP(0);
  const char* data = VARDATA_ANY(address);
  const std::size_t length = VARSIZE_ANY_EXHDR(address);
  if (holds(site->binding, data, length)) return false;
  guarded([&] {
    site->binding = Binding{};
    site->scorer = nullptr;
    if (site->sources != nullptr) pfree(site->sources);
    site->sources = nullptr;
    Binding binding = bind_model(std::string(data, length));
    site->scorer = &scorer_of(*binding.model);
    site->x.resize(site->scorer->inputs().size());
    site->binding = std::move(binding);
  });
  return true;
}

InputSource* allocate_sources(FunctionCallInfo fcinfo, std::size_t count) {
  return static_cast<InputSource*>(
      MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(InputSource) * (count + 1)));
}

// Argument 1 names the columns that follow from argument 3.
void bind_columns(FunctionCallInfo fcinfo, CallSite* site) {
  MemoryContext const context = fcinfo->flinfo->fn_mcxt;
  Datum* names = nullptr;
  int count = 0;
  deconstruct_array(PG_GETARG_ARRAYTYPE_P(1), TEXTOID, -1, false, TYPALIGN_INT, &names, nullptr, &count);
  for (int i = 3; i < PG_NARGS(); i++) {
    if (OidIsValid(get_fn_expr_argtype(fcinfo->flinfo, i))) continue;
    ereport(ERROR,
            (errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("predict_columns cannot be called this way"),
             errhint("Call predict in a query.")));
  }
  if (count != PG_NARGS() - 3) {
    ereport(ERROR,
            (errcode(ERRCODE_DATA_EXCEPTION), errmsg("predict_columns needs one name for each column")));
  }
  InputSource* sources = allocate_sources(fcinfo, site->x.size());
  guarded([&] {
    std::vector<std::string> column_names;
    std::vector<Oid> types;
    for (int i = 0; i < count; i++) {
      const auto* name = reinterpret_cast<const struct varlena*>(DatumGetPointer(names[i]));
      column_names.emplace_back(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
      types.push_back(pg_call([&] { return get_fn_expr_argtype(fcinfo->flinfo, i + 3); }));
    }
    bind_inputs(*site->binding.model, column_names, types, sources, context);
  });
  for (std::size_t i = 0; i < site->x.size(); i++) sources[i].position += 3;
  site->sources = sources;
}

void bind_row_type(FunctionCallInfo fcinfo, CallSite* site, Oid type, int32 typmod) {
  MemoryContext const context = fcinfo->flinfo->fn_mcxt;
  MemoryContext const outer = MemoryContextSwitchTo(context);
  site->row_type = InvalidOid;
  site->descriptor = lookup_rowtype_tupdesc_copy(type, typmod);
  site->values = static_cast<Datum*>(palloc(sizeof(Datum) * (site->descriptor->natts + 1)));
  site->nulls = static_cast<bool*>(palloc(site->descriptor->natts + 1));
  MemoryContextSwitchTo(outer);
  InputSource* sources = allocate_sources(fcinfo, site->x.size());
  guarded([&] {
    std::vector<std::string> names;
    std::vector<Oid> types;
    for (int i = 0; i < site->descriptor->natts; i++) {
      const Form_pg_attribute attribute = TupleDescAttr(site->descriptor, i);
      names.emplace_back(attribute->attisdropped ? "" : NameStr(attribute->attname));
      types.push_back(attribute->atttypid);
    }
    bind_inputs(*site->binding.model, names, types, sources, context);
  });
  site->sources = sources;
  site->row_type = type;
  site->row_typmod = typmod;
}

double score(const CallSite* site) {
  return guarded([&] { return site->scorer->predict(site->x.data()); });
}

Datum predict_json(FunctionCallInfo fcinfo, Datum jsonb) {
  CallSite* site = call_site(fcinfo);
  bind_site(fcinfo, site);
  bool complete = false;
  double result = 0;
  guarded([&] {
    std::vector<double> x;
    complete = read_json_inputs(*site->binding.model, jsonb, &x, nullptr);
    if (complete) result = site->scorer->predict(x.data());
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
  if (bind_site(fcinfo, site) || site->sources == nullptr) bind_columns(fcinfo, site);
  const int n = static_cast<int>(site->x.size());
  double* x = site->x.data();
  for (int i = 0; i < n; i++) {
    InputSource* source = &site->sources[i];
    const NullableDatum* argument = &fcinfo->args[source->position];
    if (argument->isnull) PG_RETURN_NULL();
    x[i] = source->reader.type == FLOAT8OID ? DatumGetFloat8(argument->value)
                                            : read_input(site->scorer, i, source, argument->value);
  }
  PG_RETURN_FLOAT8(score(site));
}

// The record form, for whatever the rewriting does not cover.
PERSONA_FUNCTION(predict_record)
{
  using namespace persona::pg;
  CallSite* site = call_site(fcinfo);
  HeapTupleHeader header = PG_GETARG_HEAPTUPLEHEADER(1);
  const Oid type = HeapTupleHeaderGetTypeId(header);
  const int32 typmod = HeapTupleHeaderGetTypMod(header);
  const bool rebound = bind_site(fcinfo, site);
  if (rebound || site->row_type != type || site->row_typmod != typmod)
    bind_row_type(fcinfo, site, type, typmod);
  HeapTupleData tuple;
  tuple.t_len = HeapTupleHeaderGetDatumLength(header);
  ItemPointerSetInvalid(&tuple.t_self);
  tuple.t_tableOid = InvalidOid;
  tuple.t_data = header;
  heap_deform_tuple(&tuple, site->descriptor, site->values, site->nulls);
  const int n = static_cast<int>(site->x.size());
  for (int i = 0; i < n; i++) {
    InputSource* source = &site->sources[i];
    if (site->nulls[source->position]) PG_RETURN_NULL();
    site->x[i] = read_input(site->scorer, i, source, site->values[source->position]);
  }
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
  bind_site(fcinfo, site);
  ArrayType* array = PG_GETARG_ARRAYTYPE_P(1);
  const int given = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
  const int n = static_cast<int>(site->x.size());
  guarded([&] {
    for (const persona::ScorerInput& input : site->scorer->inputs()) {
      if (input.encoding == persona::Encoding::number) continue;
      throw persona::Error(persona::sqlstate::kDatatypeMismatch,
                           "model \"" + site->binding.model->address() + "\" has the label column \"" +
                               input.name + "\", which an array of numbers cannot hold",
                           "", "Pass the row to predict instead.");
    }
    if (given != n) {
      throw persona::Error(persona::sqlstate::kDataException,
                           "model \"" + site->binding.model->address() + "\" needs " + std::to_string(n) +
                               " values, not " + std::to_string(given),
                           "Values are taken in the order of persona.feature.feature_no.");
    }
  });
  if (array_contains_nulls(array)) PG_RETURN_NULL();
  std::memcpy(site->x.data(), ARR_DATA_PTR(array), sizeof(double) * static_cast<std::size_t>(n));
  PG_RETURN_FLOAT8(score(site));
}
