// A nonnegative number rounded up to 16 bits: the eight bits of an exponent and eight of a fraction, the
// middle of a float. Past its bound an affinity keeps so, for every key, how much of its weight may be
// another's: whole numbers up to 512 exactly, any other at most 0.4 % above. Codes are ordered as what they
// stand for; the greatest stands for infinity, the sign for "no better than the bound of all keys".
#pragma once

#include <cmath>
#include <cstdint>

#include "core/summaries/bytes.h"

namespace persona {

inline constexpr std::uint16_t kInfiniteSlack = 0xff00;

/// The least code whose value is not below x, x >= 0.
inline std::uint16_t slack_code(double x) noexcept {
  constexpr std::uint32_t kDropped = 0x7fff;
  constexpr double kGreatest = 0x1.ffp127;  // the greatest code that is finite
  if (!(x <= kGreatest)) return kInfiniteSlack;
  auto narrow = static_cast<float>(x);
  if (narrow < x) narrow = std::nextafter(narrow, HUGE_VALF);
  std::uint32_t bits = 0;
  std::memcpy(&bits, &narrow, sizeof bits);
  return static_cast<std::uint16_t>((bits + kDropped) >> 15U);
}

inline double slack_value(std::uint16_t code) noexcept {
  const std::uint32_t bits = std::uint32_t{code} << 15U;
  float narrow = 0;
  std::memcpy(&narrow, &bits, sizeof narrow);
  return narrow;
}

}  // namespace persona
