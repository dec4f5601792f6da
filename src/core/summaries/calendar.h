// Days, hours and weekdays of PostgreSQL's times: microseconds since 2000-01-01 00:00, proleptic Gregorian,
// without leap seconds. The same arithmetic serves UTC times and local ones.
#pragma once

#include <cstdint>

namespace persona {

inline constexpr std::int64_t kMicrosPerHour = 3'600'000'000;
inline constexpr std::int64_t kMicrosPerDay = 24 * kMicrosPerHour;

/// The range of a finite timestamp: 4714-11-24 BC (the Julian day zero) up to, not including, 294277 AD.
inline constexpr std::int64_t kFirstMicros = -211'813'488'000'000'000;
inline constexpr std::int64_t kEndMicros = 9'223'371'331'200'000'000;

inline constexpr bool is_finite_time(std::int64_t micros) noexcept {
  return micros >= kFirstMicros && micros < kEndMicros;
}

/// Whether times are instants (timestamptz, seen in UTC) or wall-clock times (timestamp, date).
enum class Clock { utc, local };

struct CalendarTime {
  std::int32_t day;  ///< days since 2000-01-01, rounded down
  int hour;          ///< 0 to 23
  int weekday;       ///< 0 = Monday to 6 = Sunday
};

/// 0 = Monday. 2000-01-01 was a Saturday.
inline constexpr int weekday_of(std::int32_t day) noexcept {
  const int w = (day % 7 + 5) % 7;
  return w < 0 ? w + 7 : w;
}

inline constexpr CalendarTime calendar_time(std::int64_t micros) noexcept {
  std::int64_t day = micros / kMicrosPerDay;
  std::int64_t rest = micros % kMicrosPerDay;
  if (rest < 0) {
    rest += kMicrosPerDay;
    --day;
  }
  const auto d = static_cast<std::int32_t>(day);
  return {d, static_cast<int>(rest / kMicrosPerHour), weekday_of(d)};
}

}  // namespace persona
