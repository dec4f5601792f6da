// What a verb that reads a row keeps between rows: the model it is bound to, and where in the row each of the
// model's inputs is. Kept in fn_extra, made at the first call, freed with its memory context.
#pragma once

#include "pg/models/scoring.h"

namespace persona::pg {

struct CallSite {
  Binding binding;
  InputSource* sources = nullptr;  ///< one an input; null when the columns are yet to be bound
  std::vector<double> x;           ///< one an input: the row on its way to the model
  // The record form only: the row type that sources are bound to.
  Oid row_type = InvalidOid;
  int32 row_typmod = -1;
  TupleDesc descriptor = nullptr;
  Datum* values = nullptr;
  bool* nulls = nullptr;
};

/// The inputs of a model, or an error when it is of a kind without this verb.
using InputsOf = const std::vector<ScorerInput>& (*)(const LoadedModel& model);

CallSite* make_call_site(FunctionCallInfo fcinfo);

void rebind_site(CallSite* site, const char* address, std::size_t length, InputsOf inputs_of);

/// The call site, made at the first call. Server code, as the functions below.
inline CallSite* call_site(FunctionCallInfo fcinfo) {
  auto* site = static_cast<CallSite*>(fcinfo->flinfo->fn_extra);
  return site != nullptr ? site : make_call_site(fcinfo);
}

/// Makes sure the site is bound to the model of argument 0; answers true when it was bound anew, so that the
/// caller binds its columns too.
inline bool bind_site(FunctionCallInfo fcinfo, CallSite* site, InputsOf inputs_of) {
  const text* address = PG_GETARG_TEXT_PP(0);
  const char* data = VARDATA_ANY(address);
  const std::size_t length = VARSIZE_ANY_EXHDR(address);
  if (holds(site->binding, data, length)) return false;
  rebind_site(site, data, length, inputs_of);
  return true;
}

/// Zeroed, for the site's inputs.
InputSource* allocate_sources(FunctionCallInfo fcinfo, const CallSite* site);

/// Binds the site to the model of argument 0 and to the row type of the record of argument 1, and reads the
/// record's columns into `values` and `nulls`, where `sources` says which is which.
void read_record(FunctionCallInfo fcinfo, CallSite* site, InputsOf inputs_of);

}  // namespace persona::pg
