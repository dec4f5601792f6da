#include "pg/models/options_json.h"

extern "C" {
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"
}

namespace persona::pg {
namespace {

std::string string_value(const JsonbValue& value) {
  return std::string(value.val.string.val, static_cast<std::size_t>(value.val.string.len));
}

OptionValue scalar(const JsonbValue& value, const std::string& name) {
  switch (value.type) {
    case jbvNull:
      return std::monostate{};
    case jbvBool:
      return value.val.boolean;
    case jbvNumeric:
      return pg_call([&] {
        return DatumGetFloat8(
            DirectFunctionCall1(numeric_float8_no_overflow, NumericGetDatum(value.val.numeric)));
      });
    case jbvString:
      return string_value(value);
    default:
      throw Error(sqlstate::kInvalidParameter, "\"" + name + "\" must be a scalar, a list or an object");
  }
}

// A list of strings or of numbers; an empty one is a list of strings.
OptionValue list(JsonbContainer* container, const std::string& name) {
  std::vector<std::string> strings;
  std::vector<double> numbers;
  const std::uint32_t count = JsonContainerSize(container);
  for (std::uint32_t i = 0; i < count; i++) {
    const JsonbValue* element = pg_call([&] { return getIthJsonbValueFromContainer(container, i); });
    const OptionValue value = element == nullptr ? OptionValue() : scalar(*element, name);
    if (const auto* string = std::get_if<std::string>(&value)) strings.push_back(*string);
    if (const auto* number = std::get_if<double>(&value)) numbers.push_back(*number);
  }
  if (strings.size() == count) return strings;
  if (numbers.size() == count) return numbers;
  throw Error(sqlstate::kInvalidParameter, "\"" + name + "\" must be a list of strings or of numbers");
}

// Calls `use(name, value)` for each member of an object; what is nested comes as a jbvBinary.
template <class Use>
void for_each_member(JsonbContainer* object, const Use& use) {
  JsonbIterator* iterator = pg_call([&] { return JsonbIteratorInit(object); });
  JsonbValue value;
  std::string name;
  for (;;) {
    const auto token = pg_call([&] { return JsonbIteratorNext(&iterator, &value, true); });
    if (token == WJB_DONE) return;
    if (token == WJB_KEY) name = string_value(value);
    if (token == WJB_VALUE) use(name, value);
  }
}

// An object of strings; of numbers and lists of numbers; or of strings and lists of strings.
OptionValue map(JsonbContainer* object, const std::string& name) {
  TextMap texts;
  NumberMap numbers;
  TextListMap lists;
  std::size_t count = 0;
  for_each_member(object, [&](const std::string& key, const JsonbValue& value) {
    count++;
    JsonbContainer* nested = value.type == jbvBinary ? value.val.binary.data : nullptr;
    if (nested != nullptr && JsonContainerIsObject(nested)) return;
    const OptionValue member = nested != nullptr ? list(nested, key) : scalar(value, key);
    if (const auto* text = std::get_if<std::string>(&member)) {
      texts[key] = *text;
      lists[key] = {*text};
    }
    if (const auto* number = std::get_if<double>(&member)) numbers[key] = {false, {*number}};
    if (const auto* several = std::get_if<std::vector<double>>(&member)) numbers[key] = {true, *several};
    if (const auto* several = std::get_if<std::vector<std::string>>(&member)) {
      lists[key] = *several;
      if (several->empty()) numbers[key] = {true, {}};
    }
  });
  if (texts.size() == count) return texts;
  if (numbers.size() == count) return numbers;
  if (lists.size() == count) return lists;
  throw Error(sqlstate::kInvalidParameter,
              "\"" + name + "\" must be an object of strings or of numbers, or of lists of one of them");
}

JsonbContainer* root_object(Datum jsonb, const char* what) {
  Jsonb* object = pg_call([&] { return DatumGetJsonbP(jsonb); });
  if (JB_ROOT_IS_OBJECT(object)) return &object->root;
  throw Error(sqlstate::kInvalidParameter, std::string(what) + " must be a JSON object");
}

}  // namespace

const std::vector<OptionSpec>& common_options() {
  static const std::vector<OptionSpec> options = {
      {"refresh_hours", OptionType::number, "0",
       "refresh_all leaves a version alone that is younger than this many hours.", 0, 1e6}};
  return options;
}

std::map<std::string, OptionValue> read_json_object(Datum jsonb, const char* what) {
  std::map<std::string, OptionValue> result;
  for_each_member(root_object(jsonb, what), [&](const std::string& name, const JsonbValue& value) {
    if (value.type != jbvBinary) {
      result[name] = scalar(value, name);
      return;
    }
    JsonbContainer* nested = value.val.binary.data;
    result[name] = JsonContainerIsArray(nested) ? list(nested, name) : map(nested, name);
  });
  return result;
}

bool json_member(Datum jsonb, const std::string& name, OptionValue* value) {
  JsonbValue* found = pg_call([&] {
    return getKeyJsonValueFromContainer(&DatumGetJsonbP(jsonb)->root, name.data(),
                                        static_cast<int>(name.size()), nullptr);
  });
  if (found == nullptr) return false;
  *value = found->type == jbvBinary ? OptionValue(std::vector<std::string>{}) : scalar(*found, name);
  return true;
}

std::string json_number_label(Datum jsonb, const std::string& name) {
  return pg_call([&] {
    const JsonbValue* found = getKeyJsonValueFromContainer(&DatumGetJsonbP(jsonb)->root, name.data(),
                                                           static_cast<int>(name.size()), nullptr);
    const Datum trimmed = DirectFunctionCall1(numeric_trim_scale, NumericGetDatum(found->val.numeric));
    return static_cast<const char*>(DatumGetCString(DirectFunctionCall1(numeric_out, trimmed)));
  });
}

bool json_numbers(Datum jsonb, const std::string& name, std::vector<double>* values) {
  JsonbValue* found = pg_call([&] {
    return getKeyJsonValueFromContainer(&DatumGetJsonbP(jsonb)->root, name.data(),
                                        static_cast<int>(name.size()), nullptr);
  });
  if (found == nullptr) return false;
  if (found->type == jbvNull) return true;
  if (found->type != jbvBinary || !JsonContainerIsArray(found->val.binary.data)) return false;
  JsonbContainer* container = found->val.binary.data;
  values->assign(JsonContainerSize(container), std::nan(""));
  for (std::size_t i = 0; i < values->size(); i++) {
    const JsonbValue* element =
        pg_call([&] { return getIthJsonbValueFromContainer(container, static_cast<std::uint32_t>(i)); });
    if (element->type == jbvNull) continue;
    if (element->type != jbvNumeric) return false;
    (*values)[i] = std::get<double>(scalar(*element, name));
  }
  return true;
}

std::vector<std::string> json_names(Datum jsonb, const char* what) {
  std::vector<std::string> names;
  for_each_member(root_object(jsonb, what),
                  [&](const std::string& name, const JsonbValue& /*value*/) { names.push_back(name); });
  return names;
}

Options parse_options(const Kind& kind, Datum jsonb) {
  std::vector<OptionSpec> specs = kind.options;
  specs.insert(specs.end(), common_options().begin(), common_options().end());
  return Options(std::move(specs), read_json_object(jsonb, "options"), kind.name);
}

}  // namespace persona::pg
