// How sessions are written in bytes: ascending, each by its distance from the one before, in a unit of time
// that all of them share, as variable-length integers (seven bits a byte, the least significant first; DWARF
// calls this LEB128). A session of one event takes 4 bytes where times are whole seconds and visits days
// apart, one of more events 6.
//   distance  of the first session: its first time, zigzag (0, -1, 1, -2 are 0, 1, 2, 3); of a later one: its
//             first time less the previous one's last, less the least that parts two sessions
//   events    less 1
//   duration  last time less first; only where there is more than one event
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/summaries/bytes.h"
#include "core/summaries/calendar.h"
#include "core/summaries/state_header.h"

namespace persona {

/// A run of events, each at most the gap after the one before.
struct Session {
  std::int64_t first;   ///< microseconds since 2000-01-01 00:00
  std::int64_t last;    ///< >= first
  std::int64_t events;  ///< >= 1
};

/// later - earlier >= 0: the whole range of times is wider than int64.
inline std::uint64_t micros_between(std::int64_t earlier, std::int64_t later) noexcept {
  return static_cast<std::uint64_t>(later) - static_cast<std::uint64_t>(earlier);
}

/// Whether an event at `later` >= `earlier` continues the session that has one at `earlier`.
inline bool continues(std::int64_t earlier, std::int64_t later, std::int64_t gap) noexcept {
  return micros_between(earlier, later) <= static_cast<std::uint64_t>(gap);
}

/// The unit of encoded times: 1 us, 1 ms or 1 s, numbered as in a state's flags.
enum class TimeUnit : unsigned { microsecond = 0, millisecond = 1, second = 2 };

inline constexpr std::int64_t micros_of(TimeUnit unit) noexcept {
  return unit == TimeUnit::microsecond ? 1 : unit == TimeUnit::millisecond ? 1'000 : 1'000'000;
}

/// micros / micros_of(unit) by constants, which compilers turn into multiplications.
inline std::int64_t in_units(std::int64_t micros, TimeUnit unit) noexcept {
  if (unit == TimeUnit::microsecond) return micros;
  return unit == TimeUnit::millisecond ? micros / 1'000 : micros / 1'000'000;
}

/// The coarsest unit in which both times of a session are whole numbers.
inline TimeUnit coarsest_unit(const Session& s) noexcept {
  if (s.first % 1'000 != 0 || s.last % 1'000 != 0) return TimeUnit::microsecond;
  if (s.first % 1'000'000 != 0 || s.last % 1'000'000 != 0) return TimeUnit::millisecond;
  return TimeUnit::second;
}

/// The most bytes a session takes: two 64-bit integers and one of kMaxCount.
inline constexpr std::size_t kMaxEncodedSession = 28;

inline char* put_varint(char* to, std::uint64_t value) noexcept {
  for (; value >= 128; value >>= 7U) *to++ = static_cast<char>(value | 128U);
  *to++ = static_cast<char>(value);
  return to;
}

/// Moves `*at` behind an integer before `end`. False when there is none in its shortest form.
inline bool get_varint(const char** at, const char* end, std::uint64_t* value) noexcept {
  std::uint64_t bits = 0;
  for (unsigned shift = 0; *at != end && shift < 64; shift += 7) {
    const auto byte = static_cast<unsigned char>(*(*at)++);
    if (shift == 63 && byte > 1) return false;
    bits |= static_cast<std::uint64_t>(byte & 127U) << shift;
    if (byte < 128) {
      *value = bits;
      return byte != 0 || shift == 0;
    }
  }
  return false;
}

inline std::uint64_t zigzag(std::int64_t value) noexcept {
  return (static_cast<std::uint64_t>(value) << 1U) ^ (value < 0 ? ~std::uint64_t{0} : std::uint64_t{0});
}

inline std::int64_t unzigzag(std::uint64_t value) noexcept {
  return static_cast<std::int64_t>((value >> 1U) ^
                                   ((value & 1U) != 0 ? ~std::uint64_t{0} : std::uint64_t{0}));
}

/// What the next session's distance counts from.
struct SessionChain {
  TimeUnit unit;
  std::uint64_t gap;      ///< in units, rounded down
  bool empty;             ///< whether no session is written yet
  std::int64_t previous;  ///< the last time of the session before, in units

  SessionChain(TimeUnit unit, std::int64_t gap_micros) noexcept
      : unit(unit), gap(static_cast<std::uint64_t>(in_units(gap_micros, unit))), empty(true), previous(0) {}

  /// Writes the next session, whose times are whole units, later than the one before by more than the gap;
  /// answers where it ends, at most kMaxEncodedSession on.
  char* put(char* to, const Session& s) noexcept {
    const std::int64_t first = in_units(s.first, unit);
    const std::int64_t last = in_units(s.last, unit);
    to = put_varint(to, empty ? zigzag(first) : micros_between(previous, first) - gap - 1);
    to = put_varint(to, static_cast<std::uint64_t>(s.events - 1));
    if (s.events > 1) to = put_varint(to, micros_between(first, last));
    empty = false;
    previous = last;
    return to;
  }

  /// Reads the next session at `*from`, which moves behind it. False, with nothing moved, at the end or where
  /// the bytes are not one of times in range and at most kMaxCount events.
  bool get(const char** from, const char* end, Session* s) noexcept {
    const char* at = *from;
    std::uint64_t distance = 0;
    std::uint64_t more = 0;
    std::uint64_t duration = 0;
    if (!get_varint(&at, end, &distance) || !get_varint(&at, end, &more) ||
        (more > 0 && !get_varint(&at, end, &duration)))
      return false;
    const std::int64_t least = in_units(kFirstMicros, unit);
    const std::int64_t greatest = in_units(kEndMicros - 1, unit);
    std::int64_t first = 0;
    if (empty) {
      first = unzigzag(distance);
      if (first < least || first > greatest) return false;
    } else {
      const std::uint64_t room = micros_between(previous, greatest);
      if (gap >= room || distance > room - gap - 1) return false;
      first = static_cast<std::int64_t>(static_cast<std::uint64_t>(previous) + gap + 1 + distance);
    }
    if (duration > micros_between(first, greatest) || more >= static_cast<std::uint64_t>(kMaxCount))
      return false;
    *from = at;
    empty = false;
    previous = static_cast<std::int64_t>(static_cast<std::uint64_t>(first) + duration);
    *s = {first * micros_of(unit), previous * micros_of(unit), static_cast<std::int64_t>(more) + 1};
    return true;
  }
};

}  // namespace persona
