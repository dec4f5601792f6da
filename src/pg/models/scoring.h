// The columns of a row as a scorer's inputs: names are looked up once, then each row is arithmetic.
#pragma once

#include "pg/models/cache.h"
#include "pg/models/source.h"
#include "pg/server/time_parts.h"
#include "pg/server/values.h"

namespace persona::pg {

/// Where one input of the scorer comes from. Plain data.
struct InputSource {
  int position;  ///< attribute number or argument number, from 0
  bool float8;   ///< the common case: a float8 as it is
  ValueReader reader;
  DatePart part;
  pg_tz* zone;
  int length;        ///< at the first element of an array: how many inputs it fills; -1 at the others; else 0
  const char* name;  ///< the column's
  ArrayReader array;
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

/// Reads one input that is not NULL, or all of an array, into x[input] and on. False when something is
/// missing that the model does not take; a plain number that is NaN or infinite is scored as it is. Server
/// code: call it outside C++ frames or through pg_call.
bool read_input(const Scorer* scorer, int input, InputSource* source, Datum value, double* x);

/// The same for an input that is NULL.
bool read_missing_input(const Scorer* scorer, int input, const InputSource* source, double* x);

/// Reads a row's inputs; `get(position)` answers the NullableDatum there. False when the score is NULL.
template <class Get>
bool read_inputs(const Scorer* scorer, InputSource* sources, int count, double* x, Get get) {
  for (int i = 0; i < count; i++) {
    InputSource* source = &sources[i];
    if (source->length < 0) continue;
    const NullableDatum argument = get(source->position);
    if (argument.isnull) {
      if (!read_missing_input(scorer, i, source, x)) return false;
    } else if (source->float8) {
      x[i] = DatumGetFloat8(argument.value);
    } else if (!read_input(scorer, i, source, argument.value, x)) {
      return false;
    }
  }
  return true;
}

/// One input's value in a jsonb object: a number or a label, or nothing for a null. `names` are the object's,
/// for the hint. Throws 42703 when it is missing and 42804 when it is of the wrong type.
OptionValue json_input(const LoadedModel& model, Datum jsonb, const ScorerInput& input,
                       const std::vector<std::string>& names);

/// The inputs of a row as the user wrote them.
using InputTexts = std::vector<std::optional<std::string>>;

/// A row of named values from a jsonb object, as the scorer's inputs, and as text for explanations when
/// `texts` is given: nothing for one that is null. False when one is null that the model does not take.
/// Throws 42703 for a missing one and 42804 for one of the wrong type.
bool read_json_inputs(const LoadedModel& model, Datum jsonb, std::vector<double>* x, InputTexts* texts);

/// The same of a composite value.
bool read_record_inputs(const LoadedModel& model, Datum record, std::vector<double>* x, InputTexts* texts);

/// The stream column of an input in a source of rows to score. Throws 42703, and 42804 for a column of
/// another type than the model was fitted on.
StreamColumn stream_input(const LoadedModel& model, const Source& source, int input);

/// An input as such a stream has it in a row.
double block_input(const Scorer& scorer, int input, const RowBlock& block, int row);

/// A number as people read it: four significant digits, no exponent between 1 and 1e15.
std::string number_text(double x);

}  // namespace persona::pg
