// Building and merging retention states; their layout is in retention.h.
#include "core/summaries/retention.h"

#include <algorithm>
#include <cstring>

#include "core/base/error.h"

namespace persona {
namespace {

using View = RetentionView;

void store_dim(char* state, std::size_t size) noexcept {
  store(state + 8, static_cast<std::int32_t>(size - View::kBitmap));
}

void store_early(char* state, std::int64_t early) {
  if (early > kMaxCount) throw Error(sqlstate::kNumericOutOfRange, "too many early events in one retention");
  store(state + View::kEarly, early);
}

}  // namespace

void retention_start(char* state, const RetentionTerms& terms) noexcept {
  const unsigned flags =
      (terms.clock == Clock::local ? View::kLocalFlag : 0U) | (terms.period.months ? View::kMonthsFlag : 0U);
  start_header(state, SummaryKind::retention, kRetentionVersion, static_cast<std::uint16_t>(flags), 0);
  store(state + View::kStart, terms.start);
  store(state + View::kPeriod, terms.period.length);
  store(state + View::kEarly, std::int64_t{0});
}

void retention_require_same(const RetentionTerms& a, const RetentionTerms& b) {
  if (a.clock != b.clock) {
    throw Error(sqlstate::kDataException, "cannot merge a retention of UTC times with one of local times",
                "timestamptz events make UTC states; timestamp and date events make local ones.",
                "Build both from the same type, for instance from ts AT TIME ZONE 'Europe/Paris'.");
  }
  if (!(a.period == b.period)) {
    throw Error(
        sqlstate::kInvalidParameter, "retentions have different periods",
        "One counts in periods of " + period_text(a.period) + ", the other of " + period_text(b.period) + ".",
        "Give every row and every part the same period.");
  }
  if (a.start != b.start) {
    throw Error(sqlstate::kInvalidParameter, "retentions have different starts",
                "One starts at " + time_text(a.start) + ", the other at " + time_text(b.start) + ".",
                "Group by what has one start, such as a customer; the first event of each is min(ts) OVER "
                "(PARTITION BY customer_id), computed in a subquery.");
  }
}

std::size_t retention_room(std::size_t size, std::int64_t n) {
  if (n >= kRetentionPeriods) {
    throw Error(sqlstate::kNumericOutOfRange, "event lies too many periods after the start",
                "It is in period " + std::to_string(n) + "; periods 0 to " +
                    std::to_string(kRetentionPeriods - 1) + " are kept.",
                "Choose a longer period, or leave such events out with FILTER.");
  }
  return std::max(size, View::kBitmap + static_cast<std::size_t>(n / 8) + 1);
}

void retention_mark(char* state, std::size_t size, std::size_t larger, std::int64_t n) noexcept {
  std::memset(state + size, 0, larger - size);
  char& byte = state[View::kBitmap + static_cast<std::size_t>(n / 8)];
  byte = static_cast<char>(static_cast<unsigned char>(byte) | (1U << static_cast<unsigned>(n % 8)));
  if (larger != size) store_dim(state, larger);
}

void retention_count_early(char* state) { store_early(state, View(state, 0).early_events() + 1); }

std::size_t retention_merged_size(const char* a, std::size_t size_a, const char* b, std::size_t size_b) {
  retention_require_same(View(a, size_a).terms(), View(b, size_b).terms());
  return std::max(size_a, size_b);
}

void retention_merge(char* to, const char* a, std::size_t size_a, const char* b, std::size_t size_b) {
  if (size_a < size_b) {
    std::swap(a, b);
    std::swap(size_a, size_b);
  }
  const std::int64_t early = View(a, size_a).early_events() + View(b, size_b).early_events();
  std::memcpy(to + 4, a + 4, size_a - 4);
  for (std::size_t i = View::kBitmap; i < size_b; ++i) to[i] = static_cast<char>(to[i] | b[i]);
  store_early(to, early);
}

}  // namespace persona
