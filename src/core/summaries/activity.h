// The summary `activity`: when a customer was active and what the events amounted to, in 80 to a few hundred
// bytes whatever the length of the history. It is a flat run of bytes (docs/summaries/activity.md):
//   header (dim = runs of the bitmap, 0 for a list) | first, last i64 | total, m2 double-double |
//   32 counters: 24 hours, 7 weekdays, events without an amount | days: a list or a bitmap
// Flag 1: times are local. Flags 2, 4, 8: width of the counters, 0 = 4 bits to 4 = 64, the least that holds
// the greatest. Nothing is held twice (the events are the sum of the weekdays) and equal contents are equal
// bytes: the size decides how many customers an aggregate keeps in cache. The first four bytes are never
// touched here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/summaries/amount_sums.h"
#include "core/summaries/calendar.h"
#include "core/summaries/counters.h"
#include "core/summaries/day_list.h"
#include "core/summaries/day_set.h"
#include "core/summaries/state_header.h"

namespace persona {

inline constexpr std::uint8_t kActivityVersion = 1;
/// The size of a state of one event: the least there is.
inline constexpr std::size_t kActivityFirstSize = 80;

struct ActivityEvent {
  std::int64_t at;               ///< microseconds since 2000-01-01 00:00, finite
  std::optional<double> amount;  ///< finite; an event without one counts as an event only
};

enum class ActivityAdded {
  done,
  needs_room,  ///< enlarge it to activity_room(), call activity_make_room(), then add again
  overflow,    ///< the total or the variance of the amounts left the range of float8
  too_many,    ///< beyond kMaxCount events
};

/// Where the parts of a state lie. `size` is the whole state's.
class ActivityView {
 public:
  static constexpr std::size_t kFirst = 16, kLast = 24, kTotal = 32, kM2 = 48, kCounters = 64;
  static constexpr int kWeekdays = 24, kBare = 31;  // first weekday's counter; events without an amount
  static constexpr unsigned kLocalFlag = 1, kWidthShift = 1, kWidthMask = 7, kKnownFlags = 15;

  ActivityView(const char* state, std::size_t size) noexcept : state_(state), size_(size) {}

  Clock clock() const noexcept {
    return (header_flags(state_) & kLocalFlag) != 0 ? Clock::local : Clock::utc;
  }
  Counters counters() const noexcept {
    return {state_ + kCounters,
            static_cast<int>((unsigned{header_flags(state_)} >> kWidthShift) & kWidthMask)};
  }
  /// Hours at 0 to 23, weekdays (Monday first) at 24 to 30.
  std::int64_t counter(int index) const noexcept { return counters().get(index); }
  std::int64_t events() const noexcept { return counters().sum(kWeekdays, kBare); }
  std::int64_t first_at() const noexcept { return load<std::int64_t>(state_ + kFirst); }
  std::int64_t last_at() const noexcept { return load<std::int64_t>(state_ + kLast); }
  AmountSums amounts() const noexcept {
    return {events() - counter(kBare), load_pair(state_ + kTotal), load_pair(state_ + kM2)};
  }

  std::size_t days_at() const noexcept { return kCounters + counters().size(); }
  std::size_t days_size() const noexcept { return size_ - days_at(); }
  bool is_list() const noexcept { return header_dim(state_) == 0; }
  /// The days of a state that is a list.
  DayList list() const noexcept {
    return {state_ + days_at(), static_cast<std::int32_t>(days_size() / DayList::kEntrySize),
            calendar_time(first_at()).day};
  }
  /// The days of a state that is not.
  DaySet set() const noexcept {
    const std::int32_t runs = header_dim(state_);
    const std::size_t words =
        (days_size() - DaySet::kRunSize * static_cast<std::size_t>(runs)) / DaySet::kWordSize;
    return {state_ + days_at(), runs, static_cast<std::int32_t>(words)};
  }
  std::int64_t active_days() const noexcept { return is_list() ? list().entries + 1 : set().count(); }

  /// Days from the last event, or from the first, to `as_of`, which is on the same clock. Negative when it
  /// lies before.
  double recency_days(std::int64_t as_of) const noexcept;
  double tenure_days(std::int64_t as_of) const noexcept;
  /// Events per `per_days` days of tenure; a tenure under one day counts as one day. per_days > 0.
  double frequency(std::int64_t as_of, double per_days) const noexcept;
  /// (last - first) / (events - 1) in days; none for one event.
  std::optional<double> mean_gap_days() const noexcept;

 private:
  const char* state_;
  std::size_t size_;
};

/// The days of a state as a bitmap, whatever their form in it.
class DaysAsSet {
 public:
  explicit DaysAsSet(const ActivityView& view) noexcept;
  DaysAsSet(const DaysAsSet&) = delete;
  DaysAsSet& operator=(const DaysAsSet&) = delete;
  const DaySet& set() const noexcept { return set_; }

 private:
  char unlisted_[FewDays::kSetSize];
  DaySet set_;
};

/// The flags of a header.
inline std::uint16_t activity_flags(Clock clock, int width) noexcept {
  return static_cast<std::uint16_t>((clock == Clock::local ? ActivityView::kLocalFlag : 0U) |
                                    (static_cast<unsigned>(width) << ActivityView::kWidthShift));
}

/// Writes a state of one event: kActivityFirstSize bytes.
void activity_start(char* state, Clock clock, const ActivityEvent& event) noexcept;

/// Adds an event in place, wholly or (any answer but done) not at all. The aggregate's hot path. A list of
/// days grows by itself while `*size`, which is then updated, stays within `capacity`.
ActivityAdded activity_add(char* state, std::size_t* size, std::size_t capacity,
                           const ActivityEvent& event) noexcept;

/// The size a state has once it took the event in: may be less than before, where a list becomes a bitmap.
std::size_t activity_room(const char* state, std::size_t size, const ActivityEvent& event) noexcept;

/// Makes the event's place in a state of `size` bytes, in memory for the greater of that and activity_room():
/// its day, wider counters. Until the event is added the state is not in its one form.
void activity_make_room(char* state, std::size_t size, const ActivityEvent& event) noexcept;

/// Merges a disjoint history into an aggregate's state where it lies, wholly or (false) not at all: where the
/// other has few days, the counters need not grow and the days find room within `capacity`; `*size` is
/// updated. The bytes are those of activity_merge(), which takes every other case. Most merges of a rollup
/// are of this kind: a day into months.
bool activity_absorb(char* state, std::size_t* size, std::size_t capacity, const char* other,
                     std::size_t other_size) noexcept;

/// The size of the merged state. Throws 22000 when one is local and the other not, 22003 beyond kMaxCount.
std::size_t activity_merged_size(const char* a, std::size_t size_a, const char* b, std::size_t size_b);

/// Merges disjoint histories into `to`, which has room for activity_merged_size() and overlaps neither.
/// The same bytes whichever is first. Throws 22003 when the total or variance leaves the range of float8.
void activity_merge(char* to, const char* a, std::size_t size_a, const char* b, std::size_t size_b);

/// Throws persona::Error{sqlstate, message, what is wrong} unless the bytes are a state in its one form that
/// some events can have led to, as far as can be told. The first four bytes are not looked at.
void activity_check(const char* state, std::size_t size, const char* sqlstate, const char* message);

}  // namespace persona
