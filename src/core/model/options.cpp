#include "core/model/options.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "core/base/error.h"

namespace persona {
namespace {

// Defaults are written by us as JSON scalars; lists default to null.
OptionValue parse_default(const OptionSpec& spec) {
  const std::string text = spec.default_value;
  if (text == "null") return std::monostate{};
  switch (spec.type) {
    case OptionType::boolean:
      return text == "true";
    case OptionType::integer:
    case OptionType::number:
      return std::strtod(text.c_str(), nullptr);
    case OptionType::text:
      return text.substr(1, text.size() - 2);  // strip the quotes
    case OptionType::text_list:
      return std::vector<std::string>{};
    case OptionType::number_list:
      return std::vector<double>{};
    case OptionType::text_map:
      return TextMap{};
    case OptionType::number_map:
      return NumberMap{};
    case OptionType::text_list_map:
      return TextListMap{};
  }
  return std::monostate{};
}

bool is_empty_object(const OptionValue& value) {
  const auto* map = std::get_if<TextMap>(&value);
  return map != nullptr && map->empty();
}

// All numbers of a value: none where it is no number, list or object of numbers.
std::vector<double> all_numbers(const OptionValue& value) {
  std::vector<double> numbers;
  if (const auto* x = std::get_if<double>(&value)) numbers = {*x};
  if (const auto* list = std::get_if<std::vector<double>>(&value)) numbers = *list;
  if (const auto* map = std::get_if<NumberMap>(&value)) {
    for (const auto& [name, each] : *map) {
      numbers.insert(numbers.end(), each.numbers.begin(), each.numbers.end());
    }
  }
  return numbers;
}

bool all_finite(const std::vector<double>& numbers) {
  return std::all_of(numbers.begin(), numbers.end(), [](double x) { return std::isfinite(x); });
}

// Empty for a value that is neither a number nor a list of numbers.
std::vector<double> as_number_list(const OptionValue& value) {
  if (const auto* list = std::get_if<std::vector<double>>(&value)) return *list;
  if (const auto* x = std::get_if<double>(&value)) return {*x};
  return {};
}

bool type_matches(const OptionSpec& spec, const OptionValue& value) {
  if (std::holds_alternative<std::monostate>(value)) return true;
  switch (spec.type) {
    case OptionType::boolean:
      return std::holds_alternative<bool>(value);
    case OptionType::integer: {
      const auto* x = std::get_if<double>(&value);
      return x != nullptr && std::isfinite(*x) && *x == std::floor(*x) && std::fabs(*x) < 9e15;
    }
    case OptionType::number: {
      const auto* x = std::get_if<double>(&value);
      return x != nullptr && std::isfinite(*x);
    }
    case OptionType::text:
      return std::holds_alternative<std::string>(value);
    case OptionType::text_list:
      return std::holds_alternative<std::vector<std::string>>(value);
    case OptionType::number_list: {
      const std::vector<double> list = as_number_list(value);
      return !list.empty() && all_finite(list);
    }
    case OptionType::text_map:
      return std::holds_alternative<TextMap>(value);
    case OptionType::number_map:
      if (std::holds_alternative<std::string>(value)) return !spec.choices.empty();
      return is_empty_object(value) ||
             (std::holds_alternative<NumberMap>(value) && all_finite(all_numbers(value)));
    case OptionType::text_list_map:
      return std::holds_alternative<TextMap>(value) || std::holds_alternative<TextListMap>(value);
  }
  return false;
}

std::string shortest(double x) {
  char buffer[32];
  return std::string(buffer, std::to_chars(buffer, buffer + sizeof buffer, x).ptr);
}

void check_value(const OptionSpec& spec, const OptionValue& value) {
  if (!type_matches(spec, value)) {
    throw Error(sqlstate::kInvalidParameter, "option \"" + std::string(spec.name) + "\" has the wrong type",
                std::string("It takes a value of type ") + option_type_name(spec.type) + ".", spec.summary);
  }
  for (const double x : all_numbers(value)) {
    if (x < spec.minimum || x > spec.maximum) {
      std::string range = "It must be at least " + shortest(spec.minimum);
      if (spec.maximum < 1e300) range += " and at most " + shortest(spec.maximum);
      throw Error(sqlstate::kInvalidParameter, "option \"" + std::string(spec.name) + "\" is out of range",
                  range + ".", spec.summary);
    }
  }
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr || spec.choices.empty()) return;
  std::string list;
  for (const char* choice : spec.choices) {
    if (*text == choice) return;
    list.append(list.empty() ? "" : ", ").append(choice);
  }
  throw Error(sqlstate::kInvalidParameter,
              "option \"" + std::string(spec.name) + "\" cannot be \"" + *text + "\"", "",
              "Valid values are: " + list + ".");
}

}  // namespace

const char* option_type_name(OptionType type) noexcept {
  switch (type) {
    case OptionType::boolean:
      return "boolean";
    case OptionType::integer:
      return "integer";
    case OptionType::number:
      return "number";
    case OptionType::text:
      return "text";
    case OptionType::text_list:
      return "text[]";
    case OptionType::number_list:
      return "number[]";
    case OptionType::text_map:
      return "object";
    case OptionType::number_map:
      return "object of number[]";
    case OptionType::text_list_map:
      return "object of text[]";
  }
  return "";
}

Options::Options(std::vector<OptionSpec> specs, std::map<std::string, OptionValue> given,
                 const std::string& kind)
    : specs_(std::move(specs)), values_(std::move(given)) {
  for (auto& [name, value] : values_) {
    const OptionSpec* found = nullptr;
    std::string list;
    for (const OptionSpec& candidate : specs_) {
      if (name == candidate.name) found = &candidate;
      list.append(list.empty() ? "" : ", ").append(candidate.name);
    }
    if (found == nullptr) {
      std::string message = "unrecognized option \"";
      message.append(name).append("\"");
      // The options of a verb are of no kind.
      if (!kind.empty()) message.append(" for kind \"").append(kind).append("\"");
      throw Error(sqlstate::kInvalidParameter, message, "", "Valid options are: " + list + ".");
    }
    check_value(*found, value);
  }
  for (const OptionSpec& each : specs_) {
    OptionValue& value = values_[each.name];  // a null stands for the default, as an option left out does
    if (std::holds_alternative<std::monostate>(value)) value = parse_default(each);
  }
}

const OptionSpec& Options::spec(const char* name) const {
  for (const OptionSpec& each : specs_) {
    if (std::string_view(name) == each.name) return each;
  }
  throw Error(sqlstate::kInternalError, std::string("option \"") + name + "\" is not declared");
}

const OptionValue& Options::value(const char* name) const { return values_.at(spec(name).name); }

bool Options::has(const char* name) const { return !std::holds_alternative<std::monostate>(value(name)); }

bool Options::boolean(const char* name) const { return has(name) && std::get<bool>(value(name)); }

double Options::number(const char* name) const { return std::get<double>(value(name)); }

long long Options::integer(const char* name) const {
  return static_cast<long long>(std::get<double>(value(name)));
}

std::string Options::text(const char* name) const {
  const auto* text = std::get_if<std::string>(&value(name));
  return text == nullptr ? "" : *text;
}

std::vector<std::string> Options::text_list(const char* name) const {
  return has(name) ? std::get<std::vector<std::string>>(value(name)) : std::vector<std::string>{};
}

std::vector<double> Options::number_list(const char* name) const { return as_number_list(value(name)); }

TextMap Options::text_map(const char* name) const {
  return has(name) ? std::get<TextMap>(value(name)) : TextMap{};
}

NumberMap Options::number_map(const char* name) const {
  const auto* map = std::get_if<NumberMap>(&value(name));
  return map == nullptr ? NumberMap{} : *map;
}

TextListMap Options::text_list_map(const char* name) const {
  if (const auto* lists = std::get_if<TextListMap>(&value(name))) return *lists;
  TextListMap result;
  if (const auto* single = std::get_if<TextMap>(&value(name))) {
    for (const auto& [key, text] : *single) result[key] = {text};
  }
  return result;
}

bool Options::declares(const char* name) const {
  return std::any_of(specs_.begin(), specs_.end(),
                     [name = std::string_view(name)](const OptionSpec& each) { return name == each.name; });
}

}  // namespace persona
