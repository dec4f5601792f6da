// Months on the calendar; what a period is stands in retention_period.h.
#include "core/summaries/retention_period.h"

#include <algorithm>
#include <cstdio>

namespace persona {
namespace {

struct Date {
  std::int64_t year;  // astronomical: 0 is 1 BC
  int month;          // 1 to 12
  int day;            // 1 to 31
};

constexpr std::int64_t kDaysOfEra = 146097;  // 400 years
constexpr std::int64_t kEpoch = 730425;      // days from 0000-03-01 to 2000-01-01

// The proleptic Gregorian date of a day since 2000-01-01. Years are counted from March, so that the leap day
// comes last (Hinnant, "chrono-compatible low-level date algorithms", 2013, civil_from_days).
Date date_of(std::int64_t day) noexcept {
  const std::int64_t days = day + kEpoch;
  const std::int64_t era = (days >= 0 ? days : days - (kDaysOfEra - 1)) / kDaysOfEra;
  const std::int64_t of_era = days - era * kDaysOfEra;  // 0 to 146096
  const std::int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const std::int64_t of_year = of_era - (365 * year + year / 4 - year / 100);  // from March 1
  const std::int64_t month = (5 * of_year + 2) / 153;                          // 0 = March
  const auto calendar_month = static_cast<int>(month < 10 ? month + 3 : month - 9);
  return {year + era * 400 + (calendar_month <= 2 ? 1 : 0), calendar_month,
          static_cast<int>(of_year - (153 * month + 2) / 5 + 1)};
}

int days_in_month(std::int64_t year, int month) noexcept {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return kDays[month - 1] + (month == 2 && leap ? 1 : 0);
}

std::int64_t time_of_day(std::int64_t at, std::int32_t day) noexcept {
  return at - std::int64_t{day} * kMicrosPerDay;
}

std::string counted(std::int64_t n, const char* unit) {
  return std::to_string(n) + ' ' + unit + (n == 1 ? "" : "s");
}

}  // namespace

std::int64_t whole_months(std::int64_t start, std::int64_t at) noexcept {
  const std::int32_t start_day = calendar_time(start).day;
  const std::int32_t at_day = calendar_time(at).day;
  const Date from = date_of(start_day);
  const Date to = date_of(at_day);
  const std::int64_t months = (to.year - from.year) * 12 + (to.month - from.month);
  // The start's day in the month that `at` lies in; that month's share has begun if it is not later.
  const int begins = std::min(from.day, days_in_month(to.year, to.month));
  const bool begun =
      begins != to.day ? begins < to.day : time_of_day(start, start_day) <= time_of_day(at, at_day);
  return begun ? months : months - 1;
}

std::int64_t period_of(const RetentionPeriod& period, std::int64_t start, std::int64_t at) noexcept {
  if (period.months) return whole_months(start, at) / period.length;
  // Two finite times may lie further apart than an int64 can say.
  const std::uint64_t passed = static_cast<std::uint64_t>(at) - static_cast<std::uint64_t>(start);
  const std::uint64_t n = passed / static_cast<std::uint64_t>(period.length);
  return static_cast<std::int64_t>(std::min<std::uint64_t>(n, INT64_MAX));
}

std::string period_text(const RetentionPeriod& period) {
  if (period.months) return counted(period.length, "month");
  if (period.length % kMicrosPerDay == 0) return counted(period.length / kMicrosPerDay, "day");
  constexpr std::int64_t kMicrosPerSecond = 1'000'000;
  if (period.length % kMicrosPerSecond == 0) return counted(period.length / kMicrosPerSecond, "second");
  return counted(period.length, "microsecond");
}

std::string time_text(std::int64_t at) {
  const CalendarTime time = calendar_time(at);
  const Date date = date_of(time.day);
  const std::int64_t micros = time_of_day(at, time.day) % kMicrosPerHour;
  char text[64];
  (void)std::snprintf(text, sizeof text, "%04d-%02d-%02d %02d:%02d:%02d",
                      static_cast<int>(date.year > 0 ? date.year : 1 - date.year), date.month, date.day,
                      time.hour, static_cast<int>(micros / 60'000'000),
                      static_cast<int>(micros / 1'000'000 % 60));
  std::string to = text;
  if (micros % 1'000'000 != 0) {
    (void)std::snprintf(text, sizeof text, ".%06d", static_cast<int>(micros % 1'000'000));
    to += text;
  }
  return date.year > 0 ? to : to + " BC";
}

}  // namespace persona
