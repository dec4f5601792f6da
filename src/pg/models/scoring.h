// The columns of a row as a scorer's inputs: names are looked up once, then each row is arithmetic.
#pragma once

#include "pg/models/cache.h"
#include "pg/server/values.h"

namespace persona::pg {

/// Where one input of the scorer comes from.
struct InputSource {
  int position;  ///< attribute number or argument number, from 0
  ValueReader reader;
};

/// Throws 42703 when the row lacks a column that the model needs; the hint lists what it has.
[[noreturn]] void throw_missing_input(const LoadedModel& model, const std::string& column,
                                      const std::vector<std::string>& available);

/// The verbs for models of a kind, as a hint: "Use predict, ...".
const char* verbs_of(const Kind& kind);

/// The model's scorer; throws 0A000 when its kind has none.
const Scorer& scorer_of(const LoadedModel& model);

/// The model's transformer; throws 0A000 when its kind has none.
const Transformer& transformer_of(const LoadedModel& model);

/// Finds each of the model's inputs among named, typed columns. `sources` is palloc'd for inputs.size()
/// entries; what readers need is allocated in `context`. Throws 42703, and 42804 for a column of the wrong
/// type.
void bind_inputs(const LoadedModel& model, const std::vector<ScorerInput>& inputs,
                 const std::vector<std::string>& names, const std::vector<Oid>& types, InputSource* sources,
                 MemoryContext context);

/// Throws 22000 when an array does not have a value for each input.
void check_value_count(const LoadedModel& model, std::size_t needed, int given);

/// Reads one input. False when it is not usable as a number (NaN or infinite): the caller scores it as it is.
/// Server code: call it outside C++ frames or through pg_call.
double read_input(const Scorer* scorer, int input, InputSource* source, Datum value);

/// One input's value in a jsonb object: a number or a label, or nothing for a null. `names` are the object's,
/// for the hint. Throws 42703 when it is missing and 42804 when it is of the wrong type.
OptionValue json_input(const LoadedModel& model, Datum jsonb, const ScorerInput& input,
                       const std::vector<std::string>& names);

/// A row of named values from a jsonb object, as the scorer's inputs, and as text for explanations when
/// `texts` is given. False when one of them is null, which then is NaN. Throws 42703 for a missing one and
/// 42804 for one of the wrong type.
bool read_json_inputs(const LoadedModel& model, Datum jsonb, std::vector<double>* x,
                      std::vector<std::string>* texts);

/// The same of a composite value.
bool read_record_inputs(const LoadedModel& model, Datum record, std::vector<double>* x,
                        std::vector<std::string>* texts);

/// A number as people read it: so many significant digits, no exponent between 1 and 1e15.
std::string number_text(double x, int digits = 4);

}  // namespace persona::pg
