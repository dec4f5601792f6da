// The summary `retention`: in which periods after a start a customer was active. Period n begins at
// start + n periods; periods are a fixed time or whole calendar months. A state has 40 bytes and one bit a
// period up to the last active one, at most kRetentionPeriods. Layout (docs/summaries/retention.md):
//   header (dim = bytes of the bitmap) | start i64 | period i64 | early events i64 | bitmap
// Flag 1: times are local. Flag 2: the period is in months, else in microseconds. Bit n mod 8 of byte n / 8
// is period n; the last byte is not 0. The first four bytes are never touched here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/summaries/retention_period.h"
#include "core/summaries/state_header.h"

namespace persona {

inline constexpr std::uint8_t kRetentionVersion = 1;
/// The size of a state without an active period: the least there is.
inline constexpr std::size_t kRetentionLeastSize = 40;
/// Periods 0 to 4095: eleven years of days, eighty of weeks.
inline constexpr std::int64_t kRetentionPeriods = 4096;

/// What all rows of one state share.
struct RetentionTerms {
  Clock clock = Clock::utc;
  std::int64_t start = 0;  ///< microseconds since 2000-01-01 00:00, finite
  RetentionPeriod period;
};

/// A look at a state of `size` bytes.
class RetentionView {
 public:
  static constexpr std::size_t kStart = 16, kPeriod = 24, kEarly = 32, kBitmap = 40;
  static constexpr unsigned kLocalFlag = 1, kMonthsFlag = 2, kKnownFlags = 3;

  RetentionView(const char* state, std::size_t size) noexcept : state_(state), size_(size) {}

  Clock clock() const noexcept {
    return (header_flags(state_) & kLocalFlag) != 0 ? Clock::local : Clock::utc;
  }
  std::int64_t start() const noexcept { return load<std::int64_t>(state_ + kStart); }
  RetentionPeriod period() const noexcept {
    return {(header_flags(state_) & kMonthsFlag) != 0, load<std::int64_t>(state_ + kPeriod)};
  }
  RetentionTerms terms() const noexcept { return {clock(), start(), period()}; }
  /// Number of events before the start.
  std::int64_t early_events() const noexcept { return load<std::int64_t>(state_ + kEarly); }

  /// Periods that the bitmap has bits for.
  std::int64_t periods() const noexcept { return 8 * static_cast<std::int64_t>(size_ - kBitmap); }
  bool retained(std::int64_t n) const noexcept {
    return n >= 0 && n < periods() &&
           ((static_cast<unsigned char>(state_[kBitmap + static_cast<std::size_t>(n / 8)]) >>
             static_cast<unsigned>(n % 8)) &
            1U) != 0;
  }
  /// None without an active period.
  std::optional<std::int64_t> last_retained() const noexcept {
    for (std::int64_t n = periods() - 1; n >= 0; --n)
      if (retained(n)) return n;
    return std::nullopt;
  }

 private:
  const char* state_;
  std::size_t size_;
};

/// Writes a state without an active period: kRetentionLeastSize bytes.
void retention_start(char* state, const RetentionTerms& terms) noexcept;

/// Throws 22023, naming both, where start or period differ, 22000 where the clocks do.
void retention_require_same(const RetentionTerms& a, const RetentionTerms& b);
inline bool retention_has(const RetentionView& view, const RetentionTerms& terms) noexcept {
  return view.start() == terms.start && view.clock() == terms.clock && view.period() == terms.period;
}

/// The size a state has once period n is active. Throws 22003 beyond kRetentionPeriods.
std::size_t retention_room(std::size_t size, std::int64_t n);

/// Marks period n in a state that has `size` of `larger` = retention_room() bytes.
void retention_mark(char* state, std::size_t size, std::size_t larger, std::int64_t n) noexcept;

/// Counts an event before the start. Throws 22003 beyond kMaxCount.
void retention_count_early(char* state);

/// The size of the merged state; throws as retention_require_same() does.
std::size_t retention_merged_size(const char* a, std::size_t size_a, const char* b, std::size_t size_b);

/// Merges into `to`, which has room for retention_merged_size() and overlaps neither; the same bytes
/// whichever is first. Throws 22003 beyond kMaxCount early events.
void retention_merge(char* to, const char* a, std::size_t size_a, const char* b, std::size_t size_b);

/// Throws persona::Error{sqlstate, message, what is wrong} unless the bytes are a state in its one form.
void retention_check(const char* state, std::size_t size, const char* sqlstate, const char* message);

/// "retention:1 utc start=762600600000000 months=1 early=0 periods=0-3,7"; "micros=" for a fixed period.
std::string retention_to_text(const char* state, std::size_t size);

/// A checked state, its first four bytes zero. Throws 22P02.
std::string retention_from_text(std::string_view text);

/// The state without its length word, every number in network order.
std::string retention_to_binary(const char* state, std::size_t size);

/// A checked state, its first four bytes zero. Throws 22P03.
std::string retention_from_binary(std::string_view message);

}  // namespace persona
