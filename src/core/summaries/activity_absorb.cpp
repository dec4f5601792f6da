// Merging a part of few days into an activity state in place: the hot path of rollup.
#include <algorithm>

#include "core/summaries/activity.h"

namespace persona {
namespace {

using View = ActivityView;

// The sums of the other's counters that are not 0 and the state's own.
struct CounterSums {
  int count = 0;
  std::uint8_t index[kCounterCount];
  std::uint64_t sum[kCounterCount];
};

// False when one does not fit into the state's width.
bool add_counters(const Counters& own, const Counters& other, CounterSums* sums) noexcept {
  return with_counters(own.width, [&](auto of) {
    return with_counters(other.width, [&](auto other_of) {
      for (int i = 0; i < kCounterCount; ++i) {
        const std::uint64_t added = other_of.get(other.data, i);
        if (added == 0) continue;
        const std::uint64_t own_count = of.get(own.data, i);
        if (added > of.kGreatest - own_count) return false;
        sums->index[sums->count] = static_cast<std::uint8_t>(i);
        sums->sum[sums->count++] = own_count + added;
      }
      return true;
    });
  });
}

void store_counters(char* data, int width, const CounterSums& sums) noexcept {
  with_counters(width, [&](auto of) {
    for (int i = 0; i < sums.count; ++i) of.set(data, sums.index[i], sums.sum[i]);
  });
}

// The days of `other` that the list lacks, ascending; -1 when the list cannot take them.
int missing_days(const DayList& list, const DayList& other, std::int32_t* missing) noexcept {
  int count = 0;
  for (std::int32_t i = 0; i <= other.entries; ++i) {
    const std::int32_t day = other.day(i);
    if (!list.contains(day)) missing[count++] = day;
  }
  if (count == 0) return 0;
  const std::int32_t first = std::min(list.first_day, missing[0]);
  const std::int32_t last = std::max(list.day(list.entries), missing[count - 1]);
  return DayList::holds(list.entries + 1 + count, first, last) ? count : -1;
}

bool has_words(const DaySet& set, const DayList& other) noexcept {
  for (std::int32_t i = 0; i <= other.entries; ++i)
    if (set.position(word_of_day(other.day(i))) < 0) return false;
  return true;
}

void set_days(char* data, const DaySet& set, const DayList& other) noexcept {
  char* const words = data + DaySet::kRunSize * static_cast<std::size_t>(set.runs);
  for (std::int32_t i = 0; i <= other.entries; ++i) {
    const std::int32_t day = other.day(i);
    char* const word = words + DaySet::kWordSize * static_cast<std::size_t>(set.position(word_of_day(day)));
    store(word, load<std::uint64_t>(word) | bit_of_day(day));
  }
}

}  // namespace

bool activity_absorb(char* state, std::size_t* size, std::size_t capacity, const char* other,
                     std::size_t other_size) noexcept {
  const View own(state, *size);
  const View part(other, other_size);
  if (own.clock() != part.clock() || !part.is_list()) return false;
  if (own.events() > kMaxCount - part.events()) return false;
  CounterSums counters;
  if (!add_counters(own.counters(), part.counters(), &counters)) return false;
  std::int32_t missing[DayList::kMaxDays];
  int added = 0;
  if (own.is_list()) {
    added = missing_days(own.list(), part.list(), missing);
    if (added < 0 || *size + DayList::kEntrySize * static_cast<std::size_t>(added) > capacity) return false;
  } else if (!has_words(own.set(), part.list())) {
    return false;
  }
  AmountSums amounts = own.amounts();
  if (!amounts.merge(part.amounts())) return false;

  char* const days = state + own.days_at();
  if (own.is_list()) {
    DayList list = own.list();
    for (int i = 0; i < added; ++i) {
      insert_day(days, list, missing[i]);
      list = {days, list.entries + 1, std::min(list.first_day, missing[i])};
    }
    *size += DayList::kEntrySize * static_cast<std::size_t>(added);
  } else {
    set_days(days, own.set(), part.list());
  }
  store_counters(state + View::kCounters, own.counters().width, counters);
  store(state + View::kFirst, std::min(own.first_at(), part.first_at()));
  store(state + View::kLast, std::max(own.last_at(), part.last_at()));
  store_pair(state + View::kTotal, amounts.total);
  store_pair(state + View::kM2, amounts.m2);
  return true;
}

}  // namespace persona
