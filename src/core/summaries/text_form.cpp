// Numbers to and from the text form, by std::to_chars and std::from_chars: exact, and blind to the locale.
#include "core/summaries/text_form.h"

#include <charconv>
#include <cmath>
#include <system_error>

#include "core/base/error.h"

namespace persona {

void append_integer(std::string& to, std::int64_t value) {
  char digits[24];
  to.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

void append_hex(std::string& to, std::uint64_t value) {
  char digits[24];
  to.append(digits, std::to_chars(digits, digits + sizeof digits, value, 16).ptr);
}

void append_double(std::string& to, double value) {
  char digits[32];
  to.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

void append_pair(std::string& to, DoubleDouble value) {
  append_double(to, value.hi);
  if (value.lo == 0) return;
  if (value.lo > 0) to.push_back('+');
  append_double(to, value.lo);
}

void append_quoted(std::string& to, std::string_view value) {
  to.push_back('"');
  for (const char c : value) {
    if (c == '"' || c == '\\') to.push_back('\\');
    to.push_back(c);
  }
  to.push_back('"');
}

std::string invalid_text_message(const char* type) {
  return std::string("invalid input syntax for type ") + type;
}

void TextReader::fail(const std::string& expected) const {
  throw Error(sqlstate::kInvalidText, invalid_text_message(type_),
              "Expected " + expected + " at character " + std::to_string(position_ + 1) + ".");
}

bool TextReader::accept(std::string_view literal) noexcept {
  if (rest().substr(0, literal.size()) != literal) return false;
  position_ += literal.size();
  return true;
}

void TextReader::expect(std::string_view literal) {
  if (!accept(literal)) fail("\"" + std::string(literal) + "\"");
}

void TextReader::expect_end() {
  if (!at_end()) fail("the end of the value");
}

std::int64_t TextReader::integer(std::int64_t least, std::int64_t greatest) {
  std::int64_t value = 0;
  const std::string_view text = rest();
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || value < least || value > greatest)
    fail("an integer from " + std::to_string(least) + " to " + std::to_string(greatest));
  position_ += static_cast<std::size_t>(end - text.data());
  return value;
}

std::uint64_t TextReader::hex() {
  std::uint64_t value = 0;
  const std::string_view text = rest();
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  const std::string_view digits = text.substr(0, static_cast<std::size_t>(end - text.data()));
  if (error != std::errc() || (digits.front() == '0' && digits.size() > 1) ||
      digits.find_first_of("ABCDEF") != std::string_view::npos)
    fail("a lower-case hexadecimal number without leading zeros");
  position_ += static_cast<std::size_t>(end - text.data());
  return value;
}

double TextReader::number() {
  double value = 0;
  const std::string_view text = rest();
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || !std::isfinite(value)) fail("a finite number");
  position_ += static_cast<std::size_t>(end - text.data());
  return value + 0.0;  // no negative zero
}

DoubleDouble TextReader::pair() {
  DoubleDouble value;
  value.hi = number();
  const std::string_view text = rest();
  const bool plus = !text.empty() && text.front() == '+';
  const bool minus = !text.empty() && text.front() == '-';
  if (!plus && !minus) return value;
  if (plus) ++position_;
  if (plus && !rest().empty() && rest().front() == '-') fail("a number without a sign");
  value.lo = number();
  return value;
}

std::string TextReader::quoted() {
  expect("\"");
  std::string value;
  while (!accept("\"")) {
    const bool escaped = accept("\\");
    if (at_end() || (escaped && text_[position_] != '"' && text_[position_] != '\\'))
      fail(escaped ? "a double quote or a backslash" : "a double quote");
    value.push_back(text_[position_++]);
  }
  return value;
}

}  // namespace persona
