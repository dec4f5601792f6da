// What a forged activity state cannot get past: every invariant of the layout, and every relation between its
// parts that real events keep (counts add up, times fall on days in the set, days fit their weekdays).
#include <cmath>
#include <string>

#include "core/summaries/activity.h"
#include "core/summaries/calendar.h"
#include "core/summaries/pair_check.h"

namespace persona {
namespace {

using View = ActivityView;

// Each part answers what is wrong with it, or nullptr. They run in this order; later ones rely on earlier.

const char* wrong_layout(const char* state, std::size_t size) {
  if (size < kActivityFirstSize) return "The value is too short.";
  if (!header_matches(state, size, SummaryKind::activity, kActivityVersion, kActivityFirstSize))
    return "The kind or the format version is not known.";
  const View view(state, size);
  if ((header_flags(state) & ~View::kKnownFlags) != 0 || load<std::uint32_t>(state + 12) != 0 ||
      view.counters().width > 4)
    return "Reserved bits are set.";
  constexpr const char* kWrongLength = "The length does not fit the contents.";
  if (size < view.days_at()) return kWrongLength;
  const std::size_t days_size = view.days_size();
  if (view.is_list()) {
    return days_size % DayList::kEntrySize == 0 && days_size <= DayList::size(DayList::kMaxDays)
               ? nullptr
               : kWrongLength;
  }
  const std::int32_t runs = header_dim(state);
  if (runs < 0 || days_size % DaySet::kWordSize != 0 ||
      static_cast<std::size_t>(runs) > days_size / (DaySet::kRunSize + DaySet::kWordSize))
    return kWrongLength;
  return nullptr;
}

const char* wrong_list(const View& view) {
  if (!view.is_list()) return nullptr;
  const DayList days = view.list();
  for (std::int32_t i = 1; i <= days.entries; ++i)
    if (days.day(i) <= days.day(i - 1)) return "The days are not ascending.";
  return nullptr;
}

const char* wrong_set(const View& view) {
  if (view.is_list()) return nullptr;
  const DaySet days = view.set();
  constexpr std::int32_t kLeastWord = word_of_day(static_cast<std::int32_t>(kFirstMicros / kMicrosPerDay));
  constexpr std::int32_t kGreatestWord = word_of_day(static_cast<std::int32_t>(kEndMicros / kMicrosPerDay));
  if (days.before(0) != 0) return "The runs of days do not begin at the first word.";
  for (std::int32_t run = 0; run < days.runs; ++run) {
    const std::int32_t begin = days.before(run);
    const std::int32_t end = days.before(run + 1);
    if (end <= begin || end > days.words) return "A run of days is empty or too long.";
    if (days.first(run) < kLeastWord || days.first(run) > kGreatestWord ||
        end - begin > kGreatestWord - days.first(run) + 1)
      return "A day is out of range.";
    if (run > 0 && days.first(run) - (days.first(run - 1) + days.length(run - 1)) <= DaySet::kMaxGap)
      return "The runs of days are not ascending with gaps between them.";
    std::int32_t gap = DaySet::kMaxGap;  // a run may not begin with an empty word either
    for (std::int32_t i = begin; i < end; ++i) {
      gap = days.word(i) == 0 ? gap + 1 : 0;
      if (gap > DaySet::kMaxGap) return "A run of days has a long gap or begins with one.";
    }
    if (gap != 0) return "A run of days ends with a gap.";
  }
  return nullptr;
}

const char* wrong_counters(const View& view) {
  std::int64_t greatest = 0;
  for (int i = 0; i < kCounterCount; ++i) {
    const std::int64_t count = view.counter(i);
    if (count < 0 || count > kMaxCount) return "A count is out of range.";
    if (count > greatest) greatest = count;
  }
  if (counter_width_for(greatest) != view.counters().width)
    return "The counters are wider or narrower than they need be.";
  if (view.events() < 1 || view.events() > kMaxCount) return "The number of events is out of range.";
  if (view.counters().sum(0, View::kWeekdays) != view.events())
    return "The hours and the weekdays do not add up to the same number of events.";
  if (view.counter(View::kBare) > view.events())
    return "There are more events without an amount than events.";
  return nullptr;
}

const char* wrong_times(const View& view) {
  if (!is_finite_time(view.first_at()) || !is_finite_time(view.last_at())) return "A time is out of range.";
  if (view.first_at() > view.last_at()) return "The first event is later than the last.";
  if (view.events() == 1 && view.first_at() != view.last_at())
    return "The first and the last of one event differ.";
  if (view.counter(calendar_time(view.first_at()).hour) == 0 ||
      view.counter(calendar_time(view.last_at()).hour) == 0)
    return "The hour of the first or last event was not counted.";
  return nullptr;
}

const char* wrong_days(const View& view) {
  const DaysAsSet days(view);
  const DaySet& set = days.set();
  if (calendar_time(view.first_at()).day != set.first_day() ||
      calendar_time(view.last_at()).day != set.last_day())
    return "The first and last day are not those of the first and last event.";
  if (view.is_list() != DayList::holds(set.count(), set.first_day(), set.last_day()))
    return "The days are not in the form that their number asks for.";
  std::int64_t days_on[7] = {};
  for_each_day(set, [&](std::int32_t day) { ++days_on[weekday_of(day)]; });
  for (int w = 0; w < 7; ++w) {
    const std::int64_t events = view.counter(View::kWeekdays + w);
    if (days_on[w] > events || (days_on[w] == 0) != (events == 0)) return "The days do not fit the weekdays.";
  }
  return nullptr;
}

const char* wrong_amounts(const View& view) {
  const AmountSums amounts = view.amounts();
  if (!is_canonical_pair(amounts.total) || !is_canonical_pair(amounts.m2))
    return "The total or the squared deviations are not a finite number in its one form.";
  if (amounts.n == 0 && !(amounts.total == DoubleDouble())) return "There is a total without amounts.";
  if (amounts.n == 1 && amounts.total.lo != 0) return "The total of one amount has a remainder.";
  if (amounts.m2.hi < 0 || (amounts.n < 2 && amounts.m2.hi != 0))
    return "The squared deviations cannot be those of the amounts.";
  return nullptr;
}

}  // namespace

void activity_check(const char* state, std::size_t size, const char* sqlstate, const char* message) {
  const View view(state, size);
  const char* wrong = wrong_layout(state, size);
  if (wrong == nullptr) wrong = wrong_counters(view);
  if (wrong == nullptr) wrong = wrong_times(view);
  if (wrong == nullptr) wrong = wrong_list(view);
  if (wrong == nullptr) wrong = wrong_set(view);
  if (wrong == nullptr) wrong = wrong_days(view);
  if (wrong == nullptr) wrong = wrong_amounts(view);
  if (wrong != nullptr) throw Error(sqlstate, message, wrong);
}

}  // namespace persona
