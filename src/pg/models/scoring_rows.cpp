// Rows to be scored once, from jsonb or a composite value: all inputs at once, and as text for explanations.
#include "pg/models/options_json.h"
#include "pg/models/scoring.h"

#include <charconv>

extern "C" {
#include "access/htup_details.h"
#include "utils/jsonb.h"
#include "utils/typcache.h"
}

namespace persona::pg {
namespace {

// The digits that read back as the same number.
std::string shortest_text(double x) {
  char buffer[32];
  return std::string(buffer, std::to_chars(buffer, buffer + sizeof buffer, x).ptr);
}

// Fills in inputs one after the other.
class RowReader {
 public:
  RowReader(const LoadedModel& model, std::vector<double>* x, InputTexts* texts)
      : model_(model), scorer_(scorer_of(model)), x_(x), texts_(texts) {}

  void number(double value, const std::string& text) { put(value, text); }
  void label(const std::string& label) { put(scorer_.level(next(), label), label); }
  void missing() {
    complete_ = complete_ && scorer_.takes_missing(next());
    put(complete_ ? scorer_.missing(next()) : std::nan(""), std::nullopt);
  }
  void date_part(const ScorerInput& input, Oid type, Datum value) {
    int part = 0;
    const bool there = pg_call([&] {
      return read_date_part(type, value, input.part, find_time_zone(model_.settings.time_zone.c_str()),
                            &part);
    });
    if (!there) {
      missing();
    } else if (input.encoding == Encoding::number) {
      number(part, std::to_string(part));
    } else {
      label(date_part_labels(input.part)[static_cast<std::size_t>(date_part_label(input.part, part))]);
    }
  }
  /// The number, or nothing where it is missing.
  void element(double value) {
    if (std::isnan(value)) {
      missing();
    } else {
      number(value, shortest_text(value));
    }
  }
  bool complete() const { return complete_; }

 private:
  int next() const { return static_cast<int>(x_->size()); }
  void put(double value, const std::optional<std::string>& text) {
    x_->push_back(value);
    if (texts_ != nullptr) texts_->push_back(text);
  }

  const LoadedModel& model_;
  const Scorer& scorer_;
  std::vector<double>* x_;
  InputTexts* texts_;
  bool complete_ = true;
};

[[noreturn]] void throw_wrong_type(const LoadedModel& model, const std::string& column, const char* needed) {
  throw Error(sqlstate::kDatatypeMismatch,
              "\"" + column + "\" has the wrong type for model \"" + model.address() + "\"",
              std::string("The model was fitted on ") + needed + ".");
}

void read_json_element(const LoadedModel& model, Datum jsonb, const ScorerInput& input,
                       const std::vector<std::string>& names, std::vector<double>* elements,
                       RowReader* reader) {
  if (input.element == 1) {
    if (std::find(names.begin(), names.end(), input.column()) == names.end()) {
      throw_missing_input(model, input.column(), names);
    }
    elements->assign(static_cast<std::size_t>(input.length), std::nan(""));
    if (!json_numbers(jsonb, input.column(), elements)) {
      throw_wrong_type(model, input.column(), "an array of numbers");
    }
    if (elements->size() != static_cast<std::size_t>(input.length)) {
      throw Error(sqlstate::kInvalidParameter, "array \"" + input.column() + "\" has " +
                                                   std::to_string(elements->size()) + " elements and not " +
                                                   std::to_string(input.length));
    }
  }
  reader->element((*elements)[static_cast<std::size_t>(input.element) - 1]);
}

void read_json_time(const LoadedModel& model, Datum jsonb, const ScorerInput& input,
                    const std::vector<std::string>& names, RowReader* reader) {
  OptionValue value;
  if (!json_member(jsonb, input.column(), &value)) throw_missing_input(model, input.column(), names);
  if (std::holds_alternative<std::monostate>(value)) return reader->missing();
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr) throw_wrong_type(model, input.column(), "a date or timestamp");
  const Datum time =
      pg_call([&] { return parse_time(text->c_str(), find_time_zone(model.settings.time_zone.c_str())); });
  reader->date_part(input, TIMESTAMPOID, time);
}

}  // namespace

bool read_json_inputs(const LoadedModel& model, Datum jsonb, std::vector<double>* x, InputTexts* texts) {
  const std::vector<std::string> names = json_names(jsonb, "features");
  RowReader reader(model, x, texts);
  std::vector<double> elements;
  for (const ScorerInput& input : scorer_of(model).inputs()) {
    if (input.element > 0) {
      read_json_element(model, jsonb, input, names, &elements, &reader);
      continue;
    }
    if (input.part != DatePart::none) {
      read_json_time(model, jsonb, input, names, &reader);
      continue;
    }
    const OptionValue value = json_input(model, jsonb, input, names);
    if (const auto* number = std::get_if<double>(&value)) {
      reader.number(*number, number_text(*number));
    } else if (const auto* label = std::get_if<std::string>(&value)) {
      reader.label(*label);
    } else {
      reader.missing();
    }
  }
  return reader.complete();
}

bool read_record_inputs(const LoadedModel& model, Datum record, std::vector<double>* x, InputTexts* texts) {
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
  RowReader reader(model, x, texts);
  std::vector<double> elements;
  for (std::size_t i = 0; i < n; i++) {
    const ScorerInput& input = scorer.inputs()[i];
    InputSource* source = &sources[i];
    const Datum value = values[source->position];
    if (nulls[source->position]) {
      reader.missing();
    } else if (input.element > 0) {
      if (input.element == 1) {
        elements.resize(static_cast<std::size_t>(input.length));
        pg_call([&] { source->array.numbers(value, source->name, source->length, elements.data()); });
      }
      reader.element(elements[static_cast<std::size_t>(input.element) - 1]);
    } else if (input.part != DatePart::none) {
      reader.date_part(input, source->reader.type, value);
    } else if (input.encoding == Encoding::label) {
      reader.label(std::string(pg_call([&] { return source->reader.label(value); })));
    } else {
      const double number = pg_call([&] {
        double result = 0;
        source->reader.number(value, &result);
        return result;
      });
      const Oid type = types[static_cast<std::size_t>(source->position)];
      reader.number(number, pg_call([&] {
                      Oid output;
                      bool is_varlena;
                      getTypeOutputInfo(type, &output, &is_varlena);
                      return static_cast<const char*>(OidOutputFunctionCall(output, value));
                    }));
    }
    if (!reader.complete()) return false;
  }
  return true;
}

}  // namespace persona::pg
