#include "core/summaries/text_comparison.h"

#include <charconv>
#include <cmath>
#include <optional>

namespace persona {
namespace {

constexpr double kRelative = 1e-9;
constexpr double kOfLargest = 1e-15;
constexpr std::string_view kSeparators = " ,:=";

// Takes the next piece off the text; its separator is left at the front of the rest.
std::string_view next_piece(std::string_view* rest) {
  const std::size_t end = rest->find_first_of(kSeparators);
  const std::string_view piece = rest->substr(0, end);
  rest->remove_prefix(piece.size());
  return piece;
}

struct Number {
  double value = 0;
  bool whole = true;  // written without a fraction or an exponent, and without a low part
};

// Reads a decimal number off the front of the text.
std::optional<double> read_decimal(std::string_view* text) {
  const std::size_t sign = !text->empty() && text->front() == '-' ? 1 : 0;
  if (sign >= text->size() || (*text)[sign] < '0' || (*text)[sign] > '9') return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc()) return std::nullopt;
  text->remove_prefix(static_cast<std::size_t>(end - text->data()));
  return value;
}

// The whole piece as a number or a double-double.
std::optional<Number> read_number(std::string_view piece) {
  std::string_view rest = piece;
  const std::optional<double> high = read_decimal(&rest);
  if (!high) return std::nullopt;
  const std::string_view written = piece.substr(0, piece.size() - rest.size());
  Number number{*high, written.find_first_of(".e") == std::string_view::npos};
  if (rest.empty()) return number;
  const bool minus = rest.front() == '-';
  if (!minus && rest.front() != '+') return std::nullopt;
  rest.remove_prefix(1);
  const std::optional<double> low = read_decimal(&rest);
  if (!low || !rest.empty()) return std::nullopt;
  number.value += minus ? -*low : *low;
  number.whole = false;
  return number;
}

double largest_number(std::string_view text) {
  double largest = 0;
  while (!text.empty()) {
    const std::optional<Number> number = read_number(next_piece(&text));
    if (number && !number->whole) largest = std::fmax(largest, std::fabs(number->value));
    if (!text.empty()) text.remove_prefix(1);
  }
  return largest;
}

bool same_piece(std::string_view a, std::string_view b, double largest) {
  if (a == b) return true;
  const std::optional<Number> x = read_number(a);
  const std::optional<Number> y = read_number(b);
  if (!x || !y || (x->whole && y->whole)) return false;
  const double slack = kRelative * std::fmax(std::fabs(x->value), std::fabs(y->value));
  return std::fabs(x->value - y->value) <= std::fmax(slack, kOfLargest * largest);
}

}  // namespace

bool same_but_rounding(std::string_view a, std::string_view b) {
  if (a == b) return true;
  const double largest = std::fmax(largest_number(a), largest_number(b));
  bool bitmap = false;
  while (!a.empty() && !b.empty()) {
    const std::string_view of_a = next_piece(&a);
    const std::string_view of_b = next_piece(&b);
    if (bitmap ? of_a != of_b : !same_piece(of_a, of_b, largest)) return false;
    if (a.empty() || b.empty() || a.front() != b.front()) break;
    if (a.front() == ' ') bitmap = false;
    if (a.front() == '=' && of_a == "days") bitmap = true;
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  return a.empty() && b.empty();
}

}  // namespace persona
