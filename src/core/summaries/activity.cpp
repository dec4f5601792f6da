// Building, merging and reading activity states; their layout is in activity.h.
#include "core/summaries/activity.h"

#include <algorithm>
#include <cstring>

namespace persona {
namespace {

using View = ActivityView;

void store_amounts(char* state, const AmountSums& amounts) noexcept {
  store_pair(state + View::kTotal, amounts.total);
  store_pair(state + View::kM2, amounts.m2);
}

// The counters an event counts in: its hour, its weekday, and when it has no amount that too.
bool counters_full(const Counters& counters, const CalendarTime& time, bool bare) noexcept {
  return counters.is_full(time.hour) || counters.is_full(View::kWeekdays + time.weekday) ||
         (bare && counters.is_full(View::kBare));
}

std::size_t set_size(DaySetShape shape) noexcept {
  return DaySet::kRunSize * static_cast<std::size_t>(shape.runs) +
         DaySet::kWordSize * static_cast<std::size_t>(shape.words);
}

bool has_day(const View& view, std::int32_t day) noexcept {
  return view.is_list() ? view.list().contains(day) : view.set().position(word_of_day(day)) >= 0;
}

// activity_add() for counters of one width.
template <typename Of>
ActivityAdded add_event(char* state, std::size_t* size, std::size_t capacity, const ActivityEvent& event,
                        const CalendarTime& time) noexcept {
  const View view(state, *size);
  char* const counters = state + View::kCounters;
  if (Of::is_full(counters, time.hour) || Of::is_full(counters, View::kWeekdays + time.weekday) ||
      (!event.amount && Of::is_full(counters, View::kBare)))
    return ActivityAdded::needs_room;

  // Find the day: in a list that may grow, or in a bitmap that has its word.
  const std::size_t days_at = View::kCounters + sizeof(typename Of::Word) * (Of::kGreatest == 0xf ? 16 : 32);
  const bool is_list = view.is_list();
  bool new_day = false;
  char* word = nullptr;
  DayList list{};
  if (is_list) {
    list = {state + days_at, static_cast<std::int32_t>((*size - days_at) / DayList::kEntrySize),
            calendar_time(view.first_at()).day};
    new_day = !list.contains(time.day);
    if (new_day && (*size + DayList::kEntrySize > capacity || !list_takes(list, time.day)))
      return ActivityAdded::needs_room;
  } else {
    const DaySet days = view.set();
    const std::int32_t position = days.position(word_of_day(time.day));
    if (position < 0) return ActivityAdded::needs_room;
    word = state + days_at + DaySet::kRunSize * static_cast<std::size_t>(days.runs) +
           DaySet::kWordSize * static_cast<std::size_t>(position);
  }

  const std::int64_t events = Of::sum(counters, View::kWeekdays, View::kBare);
  if (events >= kMaxCount) return ActivityAdded::too_many;
  if (event.amount) {
    AmountSums amounts{events - static_cast<std::int64_t>(Of::get(counters, View::kBare)),
                       load_pair(state + View::kTotal), load_pair(state + View::kM2)};
    if (!amounts.add(*event.amount)) return ActivityAdded::overflow;
    store_amounts(state, amounts);
  } else {
    Of::increment(counters, View::kBare);
  }
  Of::increment(counters, time.hour);
  Of::increment(counters, View::kWeekdays + time.weekday);
  if (new_day) {
    insert_day(state + days_at, list, time.day);
    *size += DayList::kEntrySize;
  } else if (!is_list) {
    store(word, load<std::uint64_t>(word) | bit_of_day(time.day));
  }
  if (event.at < view.first_at()) store(state + View::kFirst, event.at);
  if (event.at > view.last_at()) store(state + View::kLast, event.at);
  return ActivityAdded::done;
}

// Puts a day that a state lacks into it; answers how long its days are then.
std::size_t make_day(char* state, const View& view, std::int64_t at, std::int32_t day) noexcept {
  char* const data = state + view.days_at();
  if (!view.is_list()) {
    const DaySet set = view.set();
    const NewWord place = place_word(set, word_of_day(day));
    insert_word(data, set, word_of_day(day), place);
    store(state + 8, place.shape.runs);
    return set_size(place.shape);
  }
  const DayList list = view.list();
  // A list is read from the first event's day on.
  if (at < view.first_at()) store(state + View::kFirst, at);
  if (list_takes(list, day)) {
    insert_day(data, list, day);
    return DayList::size(list.entries + 2);
  }
  FewDays days(list);
  days.insert(day);
  days.write_set(data);
  store(state + 8, days.shape().runs);
  return set_size(days.shape());
}

// The days of a merged state.
struct MergedDays {
  DaySetShape shape;
  std::int64_t count;
  bool list;

  MergedDays(const View& a, const View& b, const DaySet& set_a, const DaySet& set_b) noexcept
      : shape(union_shape(set_a, set_b)), count(union_count(set_a, set_b)) {
    list = DayList::holds(count, calendar_time(std::min(a.first_at(), b.first_at())).day,
                          calendar_time(std::max(a.last_at(), b.last_at())).day);
  }
  std::size_t size() const noexcept { return list ? DayList::size(count) : set_size(shape); }
};

int merged_width(const Counters& a, const Counters& b) noexcept {
  std::int64_t greatest = 0;
  for (int i = 0; i < kCounterCount; ++i) greatest = std::max(greatest, a.get(i) + b.get(i));
  return counter_width_for(greatest);
}

double days_between(std::int64_t from, std::int64_t to) noexcept {
  // Two finite times may lie further apart than an int64 can say.
  __extension__ using Wide = __int128;
  return static_cast<double>(static_cast<Wide>(to) - from) / static_cast<double>(kMicrosPerDay);
}

}  // namespace

double ActivityView::recency_days(std::int64_t as_of) const noexcept {
  return days_between(last_at(), as_of);
}

double ActivityView::tenure_days(std::int64_t as_of) const noexcept {
  return days_between(first_at(), as_of);
}

double ActivityView::frequency(std::int64_t as_of, double per_days) const noexcept {
  return static_cast<double>(events()) / std::max(tenure_days(as_of), 1.0) * per_days;
}

std::optional<double> ActivityView::mean_gap_days() const noexcept {
  const std::int64_t n = events();
  if (n < 2) return std::nullopt;
  return days_between(first_at(), last_at()) / static_cast<double>(n - 1);
}

DaysAsSet::DaysAsSet(const ActivityView& view) noexcept : set_{nullptr, 0, 0} {
  if (!view.is_list()) {
    set_ = view.set();
    return;
  }
  const FewDays days(view.list());
  days.write_set(unlisted_);
  set_ = {unlisted_, days.shape().runs, days.shape().words};
}

void activity_start(char* state, Clock clock, const ActivityEvent& event) noexcept {
  AmountSums amounts;
  if (event.amount) amounts.add(*event.amount);
  start_header(state, SummaryKind::activity, kActivityVersion, activity_flags(clock, 0), 0);
  store(state + View::kFirst, event.at);
  store(state + View::kLast, event.at);
  store_amounts(state, amounts);
  std::memset(state + View::kCounters, 0, counters_size(0));
  const CalendarTime time = calendar_time(event.at);
  CountersOf<0>::increment(state + View::kCounters, time.hour);
  CountersOf<0>::increment(state + View::kCounters, View::kWeekdays + time.weekday);
  if (!event.amount) CountersOf<0>::increment(state + View::kCounters, View::kBare);
}

ActivityAdded activity_add(char* state, std::size_t* size, std::size_t capacity,
                           const ActivityEvent& event) noexcept {
  const CalendarTime time = calendar_time(event.at);
  return with_counters(View(state, *size).counters().width,
                       [&](auto of) { return add_event<decltype(of)>(state, size, capacity, event, time); });
}

std::size_t activity_room(const char* state, std::size_t size, const ActivityEvent& event) noexcept {
  const View view(state, size);
  const CalendarTime time = calendar_time(event.at);
  const bool wider = counters_full(view.counters(), time, !event.amount);
  const std::size_t days_at = View::kCounters + counters_size(view.counters().width + (wider ? 1 : 0));
  if (has_day(view, time.day)) return days_at + view.days_size();
  if (!view.is_list()) return days_at + set_size(place_word(view.set(), word_of_day(time.day)).shape);
  if (list_takes(view.list(), time.day)) return days_at + view.days_size() + DayList::kEntrySize;
  FewDays days(view.list());
  days.insert(time.day);
  return days_at + set_size(days.shape());
}

void activity_make_room(char* state, std::size_t size, const ActivityEvent& event) noexcept {
  const View view(state, size);
  const CalendarTime time = calendar_time(event.at);
  const Counters counters = view.counters();
  const bool wider = counters_full(counters, time, !event.amount);
  // The day first: a list that becomes a bitmap may shrink, and never needs more than the greater of both
  // sizes.
  std::size_t days_size = view.days_size();
  if (!has_day(view, time.day)) days_size = make_day(state, view, event.at, time.day);
  if (!wider) return;
  char* const data = state + View::kCounters;
  std::memmove(data + counters_size(counters.width + 1), data + counters.size(), days_size);
  for (int i = kCounterCount - 1; i >= 0; --i) store_counter(data, counters.width + 1, i, counters.get(i));
  store(state + 6, activity_flags(view.clock(), counters.width + 1));
}

std::size_t activity_merged_size(const char* a, std::size_t size_a, const char* b, std::size_t size_b) {
  const View first(a, size_a);
  const View second(b, size_b);
  if (first.clock() != second.clock()) {
    throw Error(sqlstate::kDataException, "cannot merge an activity of UTC times with one of local times",
                "timestamptz events make UTC states; timestamp and date events make local ones.",
                "Build both from the same type, for instance from ts AT TIME ZONE 'Europe/Paris'.");
  }
  if (first.events() > kMaxCount - second.events())
    throw Error(sqlstate::kNumericOutOfRange, "too many events in one activity");
  const DaysAsSet days_a(first);
  const DaysAsSet days_b(second);
  return View::kCounters + counters_size(merged_width(first.counters(), second.counters())) +
         MergedDays(first, second, days_a.set(), days_b.set()).size();
}

void activity_merge(char* to, const char* a, std::size_t size_a, const char* b, std::size_t size_b) {
  const View first(a, size_a);
  const View second(b, size_b);
  AmountSums amounts = first.amounts();
  if (!amounts.merge(second.amounts())) {
    throw Error(sqlstate::kNumericOutOfRange, "value out of range: overflow",
                "The total or the variance of the amounts is too large for double precision.");
  }
  const DaysAsSet days_a(first);
  const DaysAsSet days_b(second);
  const MergedDays days(first, second, days_a.set(), days_b.set());
  const int width = merged_width(first.counters(), second.counters());
  start_header(to, SummaryKind::activity, kActivityVersion, activity_flags(first.clock(), width),
               days.list ? 0 : days.shape.runs);
  store(to + View::kFirst, std::min(first.first_at(), second.first_at()));
  store(to + View::kLast, std::max(first.last_at(), second.last_at()));
  store_amounts(to, amounts);
  std::memset(to + View::kCounters, 0, counters_size(width));
  for (int i = 0; i < kCounterCount; ++i)
    store_counter(to + View::kCounters, width, i, first.counter(i) + second.counter(i));
  char* const data = to + View::kCounters + counters_size(width);
  if (!days.list) {
    write_union(data, days.shape, days_a.set(), days_b.set());
  } else {
    // The union of two lists, or it would not be one.
    FewDays all(first.list());
    const DayList other = second.list();
    for (std::int32_t i = 0; i <= other.entries; ++i)
      if (!all.contains(other.day(i))) all.insert(other.day(i));
    all.write_list(data);
  }
}

}  // namespace persona
