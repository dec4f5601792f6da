// The text form of an activity state.
#include <algorithm>
#include <cstdint>
#include <iterator>
#include <vector>

#include "core/summaries/activity.h"
#include "core/summaries/activity_forms.h"
#include "core/summaries/text_form.h"

namespace persona {
namespace {

using View = ActivityView;

constexpr const char* kType = "persona.activity";

void append_counters(std::string& to, const View& view, int begin, int end, int shown_from) {
  const char* separator = "";
  for (int i = begin; i < end; ++i) {
    const std::int64_t count = view.counter(i);
    if (count == 0) continue;
    to += separator;
    append_integer(to, i - begin + shown_from);
    to += ':';
    append_integer(to, count);
    separator = ",";
  }
}

// "9:1,13:2" into counts[0 .. size - 1], ascending.
void read_counters(TextReader& in, std::int64_t* counts, int size, int shown_from) {
  std::int64_t least = shown_from;
  do {
    const std::int64_t index = in.integer(least, size - 1 + shown_from);
    in.expect(":");
    counts[index - shown_from] = in.integer(1, kMaxCount);
    least = index + 1;
  } while (in.accept(","));
}

struct Word {
  std::int32_t index;
  std::uint64_t bits;
};

// The days as read: the words that have a bit set, and what else the text claims.
struct Days {
  struct Word {
    std::int32_t index;
    std::uint64_t bits;
  };
  std::vector<Word> words;
  DaySetMeasure measure;
  DaySetShape written;
};

// "114:8000000000000001.0.3f,120:1": runs of words, each run named by its first word.
Days read_days(TextReader& in) {
  constexpr std::int64_t kBound = INT64_C(1) << 24U;  // beyond every word; activity_check() knows the range
  Days days;
  std::int64_t least = -kBound;
  do {
    std::int64_t index = in.integer(least, kBound);
    in.expect(":");
    ++days.written.runs;
    do {
      const std::uint64_t bits = in.hex();
      ++days.written.words;
      if (bits != 0) {
        days.words.push_back({static_cast<std::int32_t>(index), bits});
        days.measure.push(static_cast<std::int32_t>(index));
      }
      ++index;
    } while (index <= kBound && in.accept("."));
    least = index;
  } while (in.accept(","));
  if (days.measure.shape().runs != days.written.runs || days.measure.shape().words != days.written.words)
    in.fail("runs of days with at most four empty words inside and more between, before the end");
  return days;
}

// Appends the later days' distances from the first.
void append_list(std::string& to, const DaySet& set) {
  const std::int32_t first_day = set.first_day();
  for_each_day(set, [&](std::int32_t day) {
    if (day == first_day) return;
    char entry[DayList::kEntrySize];
    store(entry, static_cast<std::uint16_t>(day - first_day));
    to.append(entry, sizeof entry);
  });
}

}  // namespace

std::string activity_to_text(const char* state, std::size_t size) {
  const View view(state, size);
  const AmountSums amounts = view.amounts();
  std::string to = "activity:";
  append_integer(to, kActivityVersion);
  to += view.clock() == Clock::local ? " local" : " utc";
  to += " events=";
  append_integer(to, view.events());
  to += " first=";
  append_integer(to, view.first_at());
  to += " last=";
  append_integer(to, view.last_at());
  to += " amounts=";
  append_integer(to, amounts.n);
  to += " total=";
  append_pair(to, amounts.total);
  to += " m2=";
  append_pair(to, amounts.m2);
  to += " hours=";
  append_counters(to, view, 0, View::kWeekdays, 0);
  to += " weekdays=";
  append_counters(to, view, View::kWeekdays, View::kBare, 1);
  to += " days=";
  const DaysAsSet as_set(view);
  const DaySet& days = as_set.set();
  for (std::int32_t run = 0; run < days.runs; ++run) {
    if (run > 0) to += ',';
    append_integer(to, days.first(run));
    for (std::int32_t i = days.before(run); i < days.before(run + 1); ++i) {
      to += i == days.before(run) ? ':' : '.';
      append_hex(to, days.word(i));
    }
  }
  return to;
}

std::string activity_from_text(std::string_view text) {
  TextReader in(text, kType);
  in.expect("activity:");
  in.expect(std::to_string(kActivityVersion) + " ");
  const bool local = in.accept("local");
  if (!local) in.expect("utc");
  in.expect(" events=");
  const std::int64_t events = in.integer(1, kMaxCount);
  in.expect(" first=");
  const std::int64_t first = in.integer(kFirstMicros, kEndMicros - 1);
  in.expect(" last=");
  const std::int64_t last = in.integer(first, kEndMicros - 1);
  AmountSums amounts;
  in.expect(" amounts=");
  amounts.n = in.integer(0, events);
  in.expect(" total=");
  amounts.total = in.pair();
  in.expect(" m2=");
  amounts.m2 = in.pair();
  std::int64_t counters[kCounterCount] = {};
  in.expect(" hours=");
  read_counters(in, counters, View::kWeekdays, 0);
  in.expect(" weekdays=");
  read_counters(in, counters + View::kWeekdays, 7, 1);
  counters[View::kBare] = events - amounts.n;
  std::int64_t weekdays = 0;
  for (int i = View::kWeekdays; i < View::kBare; ++i) weekdays += counters[i];
  if (weekdays != events) in.fail("weekdays that add up to the events, before this");
  in.expect(" days=");
  const Days days = read_days(in);
  in.expect_end();

  // The days as a bitmap first: then it is known which form they take.
  const DaySetShape shape = days.written;
  std::string bitmap(DaySet::kRunSize * static_cast<std::size_t>(shape.runs) +
                         DaySet::kWordSize * static_cast<std::size_t>(shape.words),
                     '\0');
  DaySetWriter writer(bitmap.data(), shape);
  for (const Days::Word& word : days.words) writer.push(word.index, word.bits);
  const DaySet set{bitmap.data(), shape.runs, shape.words};
  const bool list = DayList::holds(set.count(), set.first_day(), set.last_day());

  const int width = counter_width_for(*std::max_element(std::begin(counters), std::end(counters)));
  std::string bytes(View::kCounters + counters_size(width), '\0');
  char* const state = bytes.data();
  start_header(state, SummaryKind::activity, kActivityVersion,
               activity_flags(local ? Clock::local : Clock::utc, width), list ? 0 : shape.runs);
  store(state + View::kFirst, first);
  store(state + View::kLast, last);
  store_pair(state + View::kTotal, amounts.total);
  store_pair(state + View::kM2, amounts.m2);
  for (int i = 0; i < kCounterCount; ++i) store_counter(state + View::kCounters, width, i, counters[i]);
  if (list) {
    append_list(bytes, set);
  } else {
    bytes += bitmap;
  }
  activity_check(bytes.data(), bytes.size(), sqlstate::kInvalidText, invalid_text_message(kType).c_str());
  return bytes;
}

}  // namespace persona
