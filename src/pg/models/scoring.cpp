#include "pg/models/scoring.h"

#include "pg/models/options_json.h"

#include <charconv>

extern "C" {
#include "access/htup_details.h"
#include "utils/fmgroids.h"
#include "utils/jsonb.h"
#include "utils/typcache.h"
}

namespace persona::pg {

void throw_missing_input(const LoadedModel& model, const std::string& column,
                         const std::vector<std::string>& available) {
  std::string list;
  for (const std::string& name : available) list += (list.empty() ? "" : ", ") + name;
  throw Error(sqlstate::kUndefinedColumn,
              "the row lacks column \"" + column + "\", which model \"" + model.address() + "\" needs", "",
              list.empty() ? "The row has no named columns." : "The row has: " + list + ".");
}

const char* verbs_of(const Kind& kind) {
  switch (kind.task) {
    case Task::regression:
    case Task::classification:
      return "Use predict, classify, probabilities or explain.";
    case Task::recommendation:
      return "Use recommend, recommend_for_items, similar_items or preference.";
    case Task::transformation:
      return "Use scale or scale_array.";
  }
  return "";
}

namespace {

[[noreturn]] void throw_not_of_this_kind(const LoadedModel& model, const char* what) {
  throw Error(sqlstate::kFeatureNotSupported,
              "model \"" + model.address() + "\" of kind \"" + model.kind->name + "\" does not " + what, "",
              verbs_of(*model.kind));
}

}  // namespace

const Scorer& scorer_of(const LoadedModel& model) {
  if (model.scorer == nullptr) throw_not_of_this_kind(model, "score rows");
  return *model.scorer;
}

const Transformer& transformer_of(const LoadedModel& model) {
  if (model.transformer == nullptr) throw_not_of_this_kind(model, "scale rows");
  return *model.transformer;
}

void check_value_count(const LoadedModel& model, std::size_t needed, int given) {
  if (static_cast<std::size_t>(given) == needed) return;
  throw Error(sqlstate::kDataException,
              "model \"" + model.address() + "\" needs " + std::to_string(needed) + " values, not " +
                  std::to_string(given),
              "Values are taken in the order of persona.feature.feature_no.");
}

namespace {

void check_input_type(const LoadedModel& model, const ScorerInput& input, Oid type) {
  const bool number = input.encoding == Encoding::number;
  const auto family = pg_call([&] { return type_family(type); });
  if (family == (number ? SourceColumn::Family::number : SourceColumn::Family::label)) return;
  const std::string name = pg_call([&] { return format_type_be(type); });
  throw Error(sqlstate::kDatatypeMismatch,
              "column \"" + input.name + "\" has type " + name + ", but model \"" + model.address() +
                  "\" was fitted on a " + (number ? "number" : "label"),
              "", "Cast the column to the type it had in the source.");
}

}  // namespace

void bind_inputs(const LoadedModel& model, const std::vector<ScorerInput>& inputs,
                 const std::vector<std::string>& names, const std::vector<Oid>& types, InputSource* sources,
                 MemoryContext context) {
  for (std::size_t i = 0; i < inputs.size(); i++) {
    std::size_t at = 0;
    while (at < names.size() && names[at] != inputs[i].name) at++;
    if (at == names.size()) throw_missing_input(model, inputs[i].name, names);
    check_input_type(model, inputs[i], types[at]);
    sources[i].position = static_cast<int>(at);
    pg_call([&] {
      prepare_reader(&sources[i].reader, types[at], inputs[i].encoding == Encoding::label, context);
    });
  }
}

double read_input(const Scorer* scorer, int input, InputSource* source, Datum value) {
  if (scorer->inputs()[static_cast<std::size_t>(input)].encoding == Encoding::number) {
    double number;
    source->reader.number(value, &number);
    return number;
  }
  const std::string_view label = source->reader.label(value);
  return guarded([&] { return scorer->level(input, label); });
}

std::string number_text(double x, int digits) {
  char buffer[32];
  const auto [end, error] =
      std::to_chars(buffer, buffer + sizeof buffer, x, std::chars_format::general, digits);
  // General format turns to exponents for what people read as a plain number.
  if (error == std::errc() && std::memchr(buffer, 'e', static_cast<std::size_t>(end - buffer)) != nullptr &&
      std::fabs(x) >= 1 && std::fabs(x) < 1e15) {
    const auto [plain_end, plain_error] =
        std::to_chars(buffer, buffer + sizeof buffer, std::round(x), std::chars_format::fixed);
    if (plain_error == std::errc()) return std::string(buffer, plain_end);
  }
  return std::string(buffer, end);
}

OptionValue json_input(const LoadedModel& model, Datum jsonb, const ScorerInput& input,
                       const std::vector<std::string>& names) {
  OptionValue value;
  if (!json_member(jsonb, input.name, &value)) throw_missing_input(model, input.name, names);
  if (std::holds_alternative<std::monostate>(value)) return value;
  const bool number = input.encoding == Encoding::number;
  const auto* truth = std::get_if<bool>(&value);
  if (truth != nullptr && !number) return std::string(*truth ? "true" : "false");
  if (number ? std::holds_alternative<double>(value) : std::holds_alternative<std::string>(value))
    return value;
  throw Error(sqlstate::kDatatypeMismatch,
              "\"" + input.name + "\" has the wrong type for model \"" + model.address() + "\"",
              number ? "The model was fitted on a number." : "The model was fitted on a label.");
}

bool read_json_inputs(const LoadedModel& model, Datum jsonb, std::vector<double>* x,
                      std::vector<std::string>* texts) {
  const Scorer& scorer = scorer_of(model);
  const std::vector<std::string> names = json_names(jsonb, "features");
  bool complete = true;
  for (std::size_t i = 0; i < scorer.inputs().size(); i++) {
    const OptionValue value = json_input(model, jsonb, scorer.inputs()[i], names);
    if (const auto* number = std::get_if<double>(&value)) {
      x->push_back(*number);
      if (texts != nullptr) texts->push_back(number_text(*number));
    } else if (const auto* label = std::get_if<std::string>(&value)) {
      x->push_back(scorer.level(static_cast<int>(i), *label));
      if (texts != nullptr) texts->push_back(*label);
    } else {
      complete = false;
      x->push_back(std::nan(""));
      if (texts != nullptr) texts->emplace_back();
    }
  }
  return complete;
}

bool read_record_inputs(const LoadedModel& model, Datum record, std::vector<double>* x,
                        std::vector<std::string>* texts) {
  const Scorer& scorer = scorer_of(model);
  HeapTupleHeader header = nullptr;
  TupleDesc descriptor = nullptr;
  Datum* values = nullptr;
  bool* nulls = nullptr;
  InputSource* sources = nullptr;
  const std::size_t n = scorer.inputs().size();
  pg_call([&] {
    header = DatumGetHeapTupleHeader(record);
    descriptor =
        lookup_rowtype_tupdesc_copy(HeapTupleHeaderGetTypeId(header), HeapTupleHeaderGetTypMod(header));
    HeapTupleData tuple;
    tuple.t_len = HeapTupleHeaderGetDatumLength(header);
    ItemPointerSetInvalid(&tuple.t_self);
    tuple.t_tableOid = InvalidOid;
    tuple.t_data = header;
    values = static_cast<Datum*>(palloc(sizeof(Datum) * descriptor->natts));
    nulls = static_cast<bool*>(palloc(descriptor->natts));
    heap_deform_tuple(&tuple, descriptor, values, nulls);
    sources = static_cast<InputSource*>(palloc0(sizeof(InputSource) * (n + 1)));
  });
  std::vector<std::string> names;
  std::vector<Oid> types;
  for (int i = 0; i < descriptor->natts; i++) {
    const Form_pg_attribute attribute = TupleDescAttr(descriptor, i);
    names.emplace_back(attribute->attisdropped ? "" : NameStr(attribute->attname));
    types.push_back(attribute->atttypid);
  }
  bind_inputs(model, scorer.inputs(), names, types, sources, CurrentMemoryContext);
  bool complete = true;
  for (std::size_t i = 0; i < n; i++) {
    InputSource* source = &sources[i];
    if (nulls[source->position]) {
      complete = false;
      x->push_back(std::nan(""));
      if (texts != nullptr) texts->emplace_back();
      continue;
    }
    const Datum value = values[source->position];
    x->push_back(pg_call([&] { return read_input(&scorer, static_cast<int>(i), source, value); }));
    if (texts == nullptr) continue;
    if (scorer.inputs()[i].encoding == Encoding::label) {
      texts->emplace_back(pg_call([&] { return source->reader.label(value); }));
      continue;
    }
    const Oid type = types[static_cast<std::size_t>(source->position)];
    texts->emplace_back(pg_call([&] {
      Oid output;
      bool is_varlena;
      getTypeOutputInfo(type, &output, &is_varlena);
      return static_cast<const char*>(OidOutputFunctionCall(output, value));
    }));
  }
  return complete;
}

}  // namespace persona::pg
