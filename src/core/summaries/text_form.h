// The text form of a summary: a name with a format version, then fields, each after one blank:
//   moments:1 n=3 nulls=0 min=1 max=3 ...
// Integers are decimal, doubles the shortest digits that read back exactly (std::to_chars), whatever the
// session's extra_float_digits. A double-double is its high part and, when not zero, its signed low part:
// 0.30000000000000004-2.7755575615628914e-17. A text stands in double quotes, with a backslash before each
// double quote and backslash in it. Nothing else is accepted: no other blanks, signs or letters.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/double_double.h"

namespace persona {

void append_integer(std::string& to, std::int64_t value);
void append_hex(std::string& to, std::uint64_t value);
void append_double(std::string& to, double value);
void append_pair(std::string& to, DoubleDouble value);
void append_quoted(std::string& to, std::string_view value);

/// Reads a text form from the left. Every reader throws 22P02 with the position and what was expected there.
class TextReader {
 public:
  /// `type` as in "persona.activity", for messages.
  TextReader(std::string_view text, const char* type) noexcept : text_(text), type_(type) {}

  /// The exact characters, or an error.
  void expect(std::string_view literal);
  /// The exact characters if they come next.
  bool accept(std::string_view literal) noexcept;
  bool at_end() const noexcept { return position_ == text_.size(); }
  void expect_end();

  /// Decimal, a minus sign allowed, within the two bounds.
  std::int64_t integer(std::int64_t least, std::int64_t greatest);
  /// Lower-case hexadecimal without leading zeros.
  std::uint64_t hex();
  double number();
  DoubleDouble pair();
  std::string quoted();

  [[noreturn]] void fail(const std::string& expected) const;

 private:
  std::string_view rest() const noexcept { return text_.substr(position_); }

  std::string_view text_;
  const char* type_;
  std::size_t position_ = 0;
};

/// "invalid input syntax for type TYPE", as the built-in types say it.
std::string invalid_text_message(const char* type);

}  // namespace persona
