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
      throw Error(sqlstate::kInvalidParameter, "\"" + name + "\" must be a scalar or a list of strings");
  }
}

std::vector<std::string> list(JsonbContainer* container, const std::string& name) {
  std::vector<std::string> result;
  const std::uint32_t count = JsonContainerSize(container);
  for (std::uint32_t i = 0; i < count; i++) {
    const JsonbValue* element = pg_call([&] { return getIthJsonbValueFromContainer(container, i); });
    if (element == nullptr || element->type != jbvString) {
      throw Error(sqlstate::kInvalidParameter, "\"" + name + "\" must be a list of strings");
    }
    result.push_back(string_value(*element));
  }
  return result;
}

}  // namespace

const std::vector<OptionSpec>& common_options() {
  static const std::vector<OptionSpec> options = {
      {"refresh_hours", OptionType::number, "0",
       "refresh_all leaves a version alone that is younger than this many hours.", 0, 1e6}};
  return options;
}

std::map<std::string, OptionValue> read_json_object(Datum jsonb, const char* what) {
  Jsonb* object = pg_call([&] { return DatumGetJsonbP(jsonb); });
  if (!JB_ROOT_IS_OBJECT(object)) {
    throw Error(sqlstate::kInvalidParameter, std::string(what) + " must be a JSON object");
  }
  std::map<std::string, OptionValue> result;
  JsonbIterator* iterator = pg_call([&] { return JsonbIteratorInit(&object->root); });
  JsonbValue value;
  std::string name;
  for (;;) {
    const auto token = pg_call([&] { return JsonbIteratorNext(&iterator, &value, true); });
    if (token == WJB_DONE) return result;
    if (token == WJB_KEY) {
      name = string_value(value);
    } else if (token == WJB_VALUE) {
      const bool is_list = value.type == jbvBinary && JsonContainerIsArray(value.val.binary.data);
      result[name] = is_list ? OptionValue(list(value.val.binary.data, name)) : scalar(value, name);
    }
  }
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

std::vector<std::string> json_names(Datum jsonb, const char* what) {
  Jsonb* object = pg_call([&] { return DatumGetJsonbP(jsonb); });
  if (!JB_ROOT_IS_OBJECT(object)) {
    throw Error(sqlstate::kInvalidParameter, std::string(what) + " must be a JSON object");
  }
  std::vector<std::string> names;
  JsonbIterator* iterator = pg_call([&] { return JsonbIteratorInit(&object->root); });
  JsonbValue value;
  for (;;) {
    const auto token = pg_call([&] { return JsonbIteratorNext(&iterator, &value, true); });
    if (token == WJB_DONE) return names;
    if (token == WJB_KEY) names.push_back(string_value(value));
  }
}

Options parse_options(const Kind& kind, Datum jsonb) {
  std::vector<OptionSpec> specs = kind.options;
  specs.insert(specs.end(), common_options().begin(), common_options().end());
  return Options(std::move(specs), read_json_object(jsonb, "options"), kind.name);
}

}  // namespace persona::pg
