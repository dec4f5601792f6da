// Event times of summaries as arguments: timestamptz is an instant, timestamp and date are local times.
#pragma once

#include "pg/server/state.h"

#include "core/summaries/calendar.h"

extern "C" {
#include "utils/date.h"
}

namespace persona::pg {

inline constexpr const char* kFilterTimes =
    "Leave such events out, for instance with FILTER (WHERE isfinite(ts)) after the aggregate.";

[[noreturn]] inline void raise_time_out_of_range(const char* what, const char* hint) {
  char message[64];
  strlcpy(message, what, sizeof message);
  strlcat(message, " is infinite or out of range", sizeof message);
  raise(sqlstate::kDatetimeOverflow, message, "", hint);
}

/// Midnight of a date, by no time zone; outside the finite range stays outside.
inline std::int64_t midnight(DateADT date) {
  if (DATE_NOT_FINITE(date) || date >= kEndMicros / kMicrosPerDay) return PG_INT64_MAX;
  return static_cast<std::int64_t>(date) * kMicrosPerDay;
}

/// The time argument of an aggregate's row, checked: 22008 outside the finite range.
inline std::int64_t event_time(std::int64_t at) {
  if (unlikely(!is_finite_time(at))) raise_time_out_of_range("event time", kFilterTimes);
  return at;
}

/// Raises 22000 unless a state of clock `is` may be asked or merged as one of clock `wanted`.
inline void require_clock(Clock is, Clock wanted, const char* message, const char* hint) {
  if (likely(is == wanted)) return;
  raise(sqlstate::kDataException, message,
        "timestamptz events make UTC states; timestamp and date events make local ones.", hint);
}

/// An amount or weight argument, checked: 22003 for NaN and infinity. `what` as in "amount".
inline double finite_argument(double value, const char* what) {
  if (likely(std::isfinite(value))) return value;
  char message[64];
  strlcpy(message, what, sizeof message);
  strlcat(message, " is NaN or infinite", sizeof message);
  raise(sqlstate::kNumericOutOfRange, message, "",
        "Leave such events out, for instance with FILTER (WHERE amount <> ALL "
        "('{NaN,Infinity,-Infinity}')) after the aggregate.");
}

}  // namespace persona::pg
