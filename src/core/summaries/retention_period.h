// The periods that retention counts in, and which of them a time falls into. A fixed period has a length in
// microseconds; a calendar one is a number of months. Period n begins at start + n periods, as PostgreSQL
// adds an interval to a timestamp: n months after the 31st is the last day of a shorter month, and every
// period is counted from the start, so that one that begins on January 31 begins anew on February 28 and on
// March 31. Both on the clock of the state: no time zone, no daylight saving.
#pragma once

#include <cstdint>
#include <string>

#include "core/summaries/calendar.h"

namespace persona {

struct RetentionPeriod {
  bool months = false;
  std::int64_t length = 1;  ///< months or microseconds, at least 1

  friend bool operator==(const RetentionPeriod& a, const RetentionPeriod& b) noexcept {
    return a.months == b.months && a.length == b.length;
  }
};

/// Whole months from one time to a later one: the greatest m with start + m months <= at.
std::int64_t whole_months(std::int64_t start, std::int64_t at) noexcept;

/// The period a time falls into, 0 from the start on; at >= start.
std::int64_t period_of(const RetentionPeriod& period, std::int64_t start, std::int64_t at) noexcept;

/// "1 month", "3 months", "1 day", "7 days", "5400 seconds", for messages.
std::string period_text(const RetentionPeriod& period);

/// "2024-01-31 12:00:00", with six decimals where they are not 0, for messages.
std::string time_text(std::int64_t at);

}  // namespace persona
