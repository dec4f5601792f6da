// The summary `decayed`: a total that fades with a half-life, in 64 bytes, mergeable. The total as of t is
// the sum of amount * 2^(-(t - ts) / half_life). Exponential decay can be kept forward, from a fixed time on,
// and carried over to any other by one factor (Cormode, Shkapenyuk, Srivastava and Xu, "Forward decay: a
// practical time decay model for streaming systems", ICDE 2009). The sums here are as of the first whole
// multiple of the half-life, counted from 2000-01-01, that is not before the last event: then no weight is
// above 1, and carrying over from one such time to another is a shift of the exponent, which is exact,
// whatever the order of events and parts. Layout (docs/summaries/decayed.md):
//   header (dim 0; flag 1: times are local) | half_life, last i64 | total, weight double-double
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/double_double.h"
#include "core/summaries/calendar.h"

namespace persona {

inline constexpr std::uint8_t kDecayedVersion = 1;
inline constexpr std::size_t kDecayedSize = 64;
/// 100,000 days, in microseconds: below 2^53, so that half-lives are doubles.
inline constexpr std::int64_t kMaxHalfLife = 100'000 * kMicrosPerDay;

/// The contents of a state.
struct Decayed {
  Clock clock = Clock::utc;
  std::int64_t half_life = 0;  ///< microseconds, 1 to kMaxHalfLife
  std::int64_t last = 0;       ///< the last event, microseconds since 2000-01-01 00:00, finite
  DoubleDouble total;          ///< of the amounts, as of the reference time
  DoubleDouble weight;         ///< of the events, as of the reference time; above 0.5, the least of the last

  /// One event of a finite amount.
  static Decayed of_event(Clock clock, std::int64_t half_life, std::int64_t at, double amount) noexcept;

  /// Of a state of kDecayedSize bytes.
  static Decayed read(const char* state) noexcept;
  /// Writes everything but the first four bytes.
  void write(char* state) const noexcept;

  /// Adds a disjoint part of the same clock and half-life; the same bits whichever is first. False, with
  /// nothing changed, when a sum leaves the range of float8.
  bool merge(const Decayed& other) noexcept;

  /// The total, and the sum of the weights, as of a time on the same clock. Before the last event, events
  /// still to come weigh more than 1; infinite when out of the range of float8.
  double total_as_of(std::int64_t as_of) const noexcept;
  double count_as_of(std::int64_t as_of) const noexcept;
  /// The mean of the amounts by weight, the same as of any time.
  double mean() const noexcept;
};

/// Throws unless two states, or a state and a row, may be put together: 22000 when one has local times and
/// the other not, 22023 when half-lives differ.
void decayed_require_same(const Decayed& a, const Decayed& b);

/// Throws persona::Error{sqlstate, message, what is wrong} unless the bytes are a state that some events can
/// have led to, as far as can be told. The first four bytes are not looked at.
void decayed_check(const char* state, std::size_t size, const char* sqlstate, const char* message);

/// "decayed:1 utc half_life=604800000000 last=762600600000000 total=12.5 weight=1".
std::string decayed_to_text(const char* state);

/// A checked state, its first four bytes zero. Throws 22P02.
std::string decayed_from_text(std::string_view text);

/// The state without its length word, every number in network order.
std::string decayed_to_binary(const char* state);

/// A checked state, its first four bytes zero. Throws 22P03.
std::string decayed_from_binary(std::string_view message);

}  // namespace persona
