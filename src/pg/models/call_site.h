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

/// The call site, made at the first call. Server code, as the functions below.
CallSite* call_site(FunctionCallInfo fcinfo);

/// Makes sure the site is bound to the model of argument 0; answers true when it was bound anew, so that the
/// caller binds its columns too.
bool bind_site(FunctionCallInfo fcinfo, CallSite* site, InputsOf inputs_of);

/// Zeroed, for the site's inputs.
InputSource* allocate_sources(FunctionCallInfo fcinfo, const CallSite* site);

/// Binds the site to the model of argument 0 and to the row type of the record of argument 1, and reads the
/// record's columns into `values` and `nulls`, where `sources` says which is which.
void read_record(FunctionCallInfo fcinfo, CallSite* site, InputsOf inputs_of);

}  // namespace persona::pg
