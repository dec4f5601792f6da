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

double part_level(const Scorer& scorer, int input, DatePart part, int number) {
  return scorer.level(input, date_part_labels(part)[static_cast<std::size_t>(date_part_label(part, number))]);
}

SourceColumn::Family family_of(const ScorerInput& input) {
  if (input.part != DatePart::none) return SourceColumn::Family::time;
  if (input.element > 0) return SourceColumn::Family::array;
  return input.encoding == Encoding::number ? SourceColumn::Family::number : SourceColumn::Family::label;
}

const char* fitted_on(const ScorerInput& input) {
  switch (family_of(input)) {
    case SourceColumn::Family::time:
      return "a date or timestamp";
    case SourceColumn::Family::array:
      return "an array of numbers";
    case SourceColumn::Family::number:
      return "a number";
    default:
      return "a label";
  }
}

void check_input_type(const LoadedModel& model, const ScorerInput& input, Oid type) {
  const auto family = pg_call([&] { return type_family(type); });
  if (family == family_of(input) || (input.group && family == SourceColumn::Family::number)) return;
  const std::string name = pg_call([&] { return format_type_be(type); });
  throw Error(sqlstate::kDatatypeMismatch,
              "column \"" + input.column() + "\" has type " + name + ", but model \"" + model.address() +
                  "\" was fitted on " + fitted_on(input),
              "", "Cast the column to the type it had in the source.");
}

std::size_t find_input(const LoadedModel& model, const ScorerInput& input,
                       const std::vector<std::string>& names) {
  const auto found = std::find(names.begin(), names.end(), input.column());
  if (found == names.end()) throw_missing_input(model, input.column(), names);
  return static_cast<std::size_t>(found - names.begin());
}

}  // namespace

void bind_inputs(const LoadedModel& model, const std::vector<ScorerInput>& inputs,
                 const std::vector<std::string>& names, const std::vector<Oid>& types, InputSource* sources,
                 MemoryContext context) {
  for (std::size_t i = 0; i < inputs.size(); i++) {
    const ScorerInput& input = inputs[i];
    const std::size_t at = find_input(model, input, names);
    check_input_type(model, input, types[at]);
    InputSource* source = &sources[i];
    source->position = static_cast<int>(at);
    source->part = input.part;
    source->name = input.column().c_str();  // the model outlives what is bound to it
    pg_call([&] {
      if (input.element > 0) {
        source->length = input.element == 1 ? input.length : -1;
        prepare_array_reader(&source->array, types[at]);
        return;
      }
      prepare_reader(&source->reader, types[at], input.encoding == Encoding::label, context);
      source->float8 = source->reader.type == FLOAT8OID && input.encoding == Encoding::number;
      if (input.part != DatePart::none) source->zone = find_time_zone(model.settings.time_zone.c_str());
    });
  }
}

bool read_missing_input(const Scorer* scorer, int input, const InputSource* source, double* x) {
  if (!scorer->takes_missing(input)) return false;
  x[input] = guarded([&] { return scorer->missing(input); });
  for (int k = 1; k < source->length; k++) x[input + k] = x[input];
  return true;
}

bool read_input(const Scorer* scorer, int input, InputSource* source, Datum value, double* x) {
  if (source->length > 0) {
    return source->array.numbers(value, source->name, source->length, x + input) ||
           scorer->takes_missing(input);
  }
  const bool number = scorer->inputs()[static_cast<std::size_t>(input)].encoding == Encoding::number;
  if (source->part != DatePart::none) {
    int part = 0;
    if (!read_date_part(source->reader.type, value, source->part, source->zone, &part)) {
      return read_missing_input(scorer, input, source, x);
    }
    x[input] = number ? part : guarded([&] { return part_level(*scorer, input, source->part, part); });
  } else if (number) {
    source->reader.number(value, &x[input]);
  } else {
    const std::string_view label = source->reader.label(value);
    x[input] = guarded([&] { return scorer->level(input, label); });
  }
  return true;
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
  if (input.group && std::holds_alternative<double>(value)) return json_number_label(jsonb, input.name);
  if (number ? std::holds_alternative<double>(value) : std::holds_alternative<std::string>(value))
    return value;
  throw Error(sqlstate::kDatatypeMismatch,
              "\"" + input.name + "\" has the wrong type for model \"" + model.address() + "\"",
              number ? "The model was fitted on a number." : "The model was fitted on a label.");
}

StreamColumn stream_input(const LoadedModel& model, const Source& source, int index) {
  const Scorer& scorer = scorer_of(model);
  const ScorerInput& input = scorer.inputs()[static_cast<std::size_t>(index)];
  std::vector<std::string> names;
  for (const SourceColumn& column : source.columns) names.push_back(column.name);
  const std::size_t at = find_input(model, input, names);
  check_input_type(model, input, source.types[at]);
  StreamColumn column;
  column.source = static_cast<int>(at);
  column.encoding = input.encoding;
  column.missing = scorer.takes_missing(index) ? Missing::pass : Missing::omit;
  column.part = input.part;
  column.element = input.element;
  column.length = input.length;
  return column;
}

}  // namespace persona::pg
