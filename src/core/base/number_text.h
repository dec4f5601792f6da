// A number as the server prints a double: the shortest digits that read back as the same value, integers in
// full below 1e15.
#pragma once

#include <charconv>
#include <cmath>
#include <string>

namespace persona {

inline std::string number_text(double x) {
  char buffer[32];
  const bool plain = std::fabs(x) < 1e15 && x == std::floor(x);
  const auto end = plain ? std::to_chars(buffer, buffer + sizeof buffer, x, std::chars_format::fixed)
                         : std::to_chars(buffer, buffer + sizeof buffer, x);
  return {buffer, end.ptr};
}

}  // namespace persona
