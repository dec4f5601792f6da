// Options of a model kind: declared as data (name, type, default, meaning), checked in one place, so that
// fit, the error hints and the view persona.kind_option all say the same.
#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

namespace persona {

enum class OptionType {
  boolean,
  integer,
  number,
  text,
  text_list,
  number_list,
  text_map,
  number_map,    ///< an object whose values are numbers or lists of numbers
  text_list_map  ///< an object whose values are strings or lists of strings
};

struct OptionSpec {
  const char* name;
  OptionType type;
  const char* default_value;  ///< as JSON; "null" when the option is off by default
  const char* summary;        ///< one sentence for persona.kind_option
  double minimum = -1e300;    ///< inclusive, for integer, number, number_list and number_map
  double maximum = 1e300;
  /// The only values allowed, when not empty, for text; for number_map: strings allowed in place of the
  /// object.
  std::vector<const char*> choices = {};
};

/// "boolean", "integer", ... as shown in persona.kind_option.
const char* option_type_name(OptionType type) noexcept;

/// One value of a number_map: a number alone means something else than a list of one.
struct NumberOrList {
  bool is_list = false;
  std::vector<double> numbers;  ///< one, when it is no list
};

using TextMap = std::map<std::string, std::string>;
using NumberMap = std::map<std::string, NumberOrList>;
using TextListMap = std::map<std::string, std::vector<std::string>>;

/// A JSON null, boolean, number, string, array of strings or of numbers, or object of strings, of numbers and
/// lists of them, or of strings and lists of them.
using OptionValue = std::variant<std::monostate, bool, double, std::string, std::vector<std::string>,
                                 std::vector<double>, TextMap, NumberMap, TextListMap>;

/// The options of one fit, checked against their specs. Getters return the default where nothing was given.
class Options {
 public:
  Options() = default;
  /// Throws 22023 on an unknown name (the hint lists the valid ones), a wrong type or a value out of range.
  Options(std::vector<OptionSpec> specs, std::map<std::string, OptionValue> given, const std::string& kind);

  bool boolean(const char* name) const;
  double number(const char* name) const;
  long long integer(const char* name) const;
  /// Empty when null, and for a number_map when it is an object.
  std::string text(const char* name) const;
  std::vector<std::string> text_list(const char* name) const;
  /// A number given alone is a list of one; empty when null.
  std::vector<double> number_list(const char* name) const;
  /// Empty when null.
  TextMap text_map(const char* name) const;
  /// Empty when null, and when one of the choices is given in its place: see text().
  NumberMap number_map(const char* name) const;
  /// A string given alone is a list of one; empty when null.
  TextListMap text_list_map(const char* name) const;
  /// Whether the kind has this option at all.
  bool declares(const char* name) const;
  /// False when the value is null (given so, or by default).
  bool has(const char* name) const;

 private:
  const OptionSpec& spec(const char* name) const;
  const OptionValue& value(const char* name) const;

  std::vector<OptionSpec> specs_;
  std::map<std::string, OptionValue> values_;
};

}  // namespace persona
