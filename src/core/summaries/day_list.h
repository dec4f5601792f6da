// A set of few days as a list: the distance of each later day from the first, u16, ascending; the first day
// is kept elsewhere. Most customers of a shop buy on a handful of days: listed, their state fits into 128
// bytes however long the history. A set of more than kMaxDays days, or with more than 65,535 days between the
// first and the last, is a bitmap (day_set.h): which of the two a set is follows from the set alone.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/summaries/bytes.h"
#include "core/summaries/day_set.h"

namespace persona {

struct DayList {
  static constexpr std::int32_t kMaxDays = 25;
  static constexpr std::int32_t kMaxSpan = 65535;
  static constexpr std::size_t kEntrySize = 2;

  const char* data;
  std::int32_t entries;  ///< days but the first
  std::int32_t first_day;

  static bool holds(std::int64_t days, std::int64_t first_day, std::int64_t last_day) noexcept {
    return days <= kMaxDays && last_day - first_day <= kMaxSpan;
  }
  static std::size_t size(std::int64_t days) noexcept {
    return kEntrySize * static_cast<std::size_t>(days - 1);
  }

  std::int32_t entry(std::int32_t i) const noexcept {
    return load<std::uint16_t>(data + kEntrySize * static_cast<std::size_t>(i));
  }
  /// The i-th day, 0 <= i <= entries.
  std::int32_t day(std::int32_t i) const noexcept { return i == 0 ? first_day : first_day + entry(i - 1); }
  bool contains(std::int32_t day) const noexcept {
    const std::int32_t distance = day - first_day;
    if (distance <= 0) return distance == 0;
    std::int32_t i = entries - 1;
    while (i >= 0 && entry(i) > distance) --i;
    return i >= 0 && entry(i) == distance;
  }
};

/// Whether the list may take another day in and remain one.
inline bool list_takes(const DayList& list, std::int32_t day) noexcept {
  if (list.entries + 1 >= DayList::kMaxDays) return false;
  const std::int32_t last = list.day(list.entries);
  return DayList::holds(0, day < list.first_day ? day : list.first_day, day > last ? day : last);
}

/// Puts a day that the list lacks into it at `data`, which has room for one entry more. Where it comes before
/// the first, it becomes the first.
void insert_day(char* data, const DayList& list, std::int32_t day) noexcept;

/// At most kMaxDays + 1 days in ascending order, taken out of their form: a list on its way to another form.
class FewDays {
 public:
  explicit FewDays(const DayList& list) noexcept {
    for (std::int32_t i = 0; i <= list.entries; ++i) days_[count_++] = list.day(i);
  }
  void insert(std::int32_t day) noexcept {
    int i = count_++;
    for (; i > 0 && days_[i - 1] > day; --i) days_[i] = days_[i - 1];
    days_[i] = day;
  }

  bool contains(std::int32_t day) const noexcept {
    for (int i = 0; i < count_; ++i)
      if (days_[i] == day) return true;
    return false;
  }

  int count() const noexcept { return count_; }
  DaySetShape shape() const noexcept;
  /// As a bitmap of that shape, or as a list.
  void write_set(char* data) const noexcept;
  void write_list(char* data) const noexcept;

  /// Room for the bitmap of any list.
  static constexpr std::size_t kSetSize =
      (DayList::kMaxDays + 1) * (DaySet::kRunSize + DaySet::kWordSize * (1 + DaySet::kMaxGap));

 private:
  std::int32_t days_[DayList::kMaxDays + 1];
  int count_ = 0;
};

}  // namespace persona
