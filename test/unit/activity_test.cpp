// activity: counts, times, profiles and amounts against a model that keeps every event, and the property that
// any partition merged in any order is the one-pass state.
#include "activity_support.h"

#include <gtest/gtest.h>

#include <cmath>

namespace persona::testing {
namespace {

// The calendar by other means: a walk over years and months.
struct Civil {
  int year, month, day;
};

std::int32_t days_by_walking(Civil to) {
  const auto leap = [](int y) { return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0; };
  const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  std::int32_t days = 0;
  for (int y = 2000; y < to.year; ++y) days += leap(y) ? 366 : 365;
  for (int y = 1999; y >= to.year; --y) days -= leap(y) ? 366 : 365;
  for (int m = 1; m < to.month; ++m) days += lengths[m - 1] + (m == 2 && leap(to.year) ? 1 : 0);
  return days + to.day - 1;
}

// Where a part is absorbed in place, the bytes are those of a merge; where it is not, nothing has changed.
TEST(Activity, AbsorbsAsItMerges) {
  Random random(11);
  int absorbed = 0;
  for (int round = 0; round < 3000; ++round) {
    const auto history = [&](int events, std::int64_t span_days) {
      std::string state(kActivityFirstSize, '\0');
      for (int i = 0; i < events; ++i) {
        const std::int64_t at =
            static_cast<std::int64_t>(random.uniform() * static_cast<double>(span_days * kDay)) -
            (random.below(20) == 0 ? 3000 * kDay : 0);
        const ActivityEvent event{
            at, random.below(3) == 0 ? std::nullopt : std::optional<double>(random.normal())};
        if (i == 0)
          activity_start(state.data(), Clock::utc, event);
        else
          add_event(&state, event);
      }
      return state;
    };
    const std::string a =
        history(1 + static_cast<int>(random.below(60)), 1 + static_cast<int>(random.below(400)));
    const std::string b =
        history(1 + static_cast<int>(random.below(30)), 1 + static_cast<int>(random.below(40)));
    std::string merged(activity_merged_size(a.data(), a.size(), b.data(), b.size()), '\0');
    activity_merge(merged.data(), a.data(), a.size(), b.data(), b.size());
    const std::size_t room = a.size() + random.below(60);
    std::string state = a;
    state.resize(room);
    std::size_t size = a.size();
    if (activity_absorb(state.data(), &size, room, b.data(), b.size())) {
      ASSERT_EQ(state.substr(0, size), merged);
      ++absorbed;
    } else {
      ASSERT_EQ(size, a.size());
      ASSERT_EQ(state.substr(0, size), a);
    }
  }
  EXPECT_GT(absorbed, 300);
}

TEST(Calendar, KnownDays) {
  // Weekdays from printed calendars: 1900-01-01 was a Monday, 2000-01-01 a Saturday, 2024-02-29 a Thursday.
  EXPECT_EQ(weekday_of(days_by_walking({1900, 1, 1})), 0);
  EXPECT_EQ(weekday_of(days_by_walking({2000, 1, 1})), 5);
  EXPECT_EQ(weekday_of(days_by_walking({2024, 2, 29})), 3);
  // A microsecond before 2000-01-01 is 23 h of Friday 1999-12-31.
  const CalendarTime before = calendar_time(-1);
  EXPECT_EQ(before.day, -1);
  EXPECT_EQ(before.hour, 23);
  EXPECT_EQ(before.weekday, 4);
  // The Julian day zero was a Monday.
  EXPECT_EQ(calendar_time(kFirstMicros).weekday, 0);
  EXPECT_EQ(calendar_time(kFirstMicros).hour, 0);
}

// Everything the accessors answer, from all the events.
struct Model {
  std::set<std::int64_t> days;
  std::int64_t hours[24] = {};
  std::int64_t weekdays[7] = {};
  std::vector<double> amounts;
  std::int64_t first = INT64_MAX, last = INT64_MIN, n = 0;

  void add(const ActivityEvent& event) {
    const auto day = static_cast<std::int64_t>(std::floor(static_cast<long double>(event.at) / kDay));
    days.insert(day);
    ++hours[(event.at - day * kDay) / kHour];
    ++weekdays[((day - 2) % 7 + 7) % 7];  // 2000-01-03 was a Monday
    first = std::min(first, event.at);
    last = std::max(last, event.at);
    if (event.amount) amounts.push_back(*event.amount);
    ++n;
  }
};

void expect_equal(const ActivityView& got, const Model& model) {
  ASSERT_EQ(got.events(), model.n);
  ASSERT_EQ(got.active_days(), static_cast<std::int64_t>(model.days.size()));
  ASSERT_EQ(got.first_at(), model.first);
  ASSERT_EQ(got.last_at(), model.last);
  for (int h = 0; h < 24; ++h) ASSERT_EQ(got.counter(h), model.hours[h]) << h;
  for (int w = 0; w < 7; ++w) ASSERT_EQ(got.counter(24 + w), model.weekdays[w]) << w;
  const DaysAsSet days(got);
  std::set<std::int64_t> listed;
  for_each_day(days.set(), [&](std::int32_t day) { listed.insert(day); });
  ASSERT_EQ(listed, model.days);
  const AmountSums sums = got.amounts();
  ASSERT_EQ(sums.n, static_cast<std::int64_t>(model.amounts.size()));
  // Two passes in 113 bits.
  __extension__ using Quad = __float128;
  Quad total = 0;
  for (const double x : model.amounts) total += x;
  if (sums.n > 0) {
    ASSERT_EQ(sums.total.value(), static_cast<double>(total));
  }
  if (sums.n > 1) {
    Quad m2 = 0;
    const Quad mean = total / static_cast<Quad>(sums.n);
    for (const double x : model.amounts) m2 += (static_cast<Quad>(x) - mean) * (static_cast<Quad>(x) - mean);
    const double sd = std::sqrt(static_cast<double>(m2 / static_cast<Quad>(sums.n - 1)));
    ASSERT_NEAR(sums.stddev(), sd, 1e-14 * sd);
    ASSERT_NEAR(sums.mean(), static_cast<double>(mean), 1e-15 * std::fabs(static_cast<double>(mean)));
  }
}

TEST(Activity, AgreesWithAModelThatKeepsEveryEvent) {
  Random random(20);
  for (const int n : {1, 2, 10, 24, 25, 26, 27, 60, 300, 3000}) {
    for (const std::int64_t span : {1, 30, 366, 3653, 65535, 65537, 400000}) {
      for (int repeat = 0; repeat < 5; ++repeat) {
        const auto from = static_cast<std::int64_t>(random.below(4000)) * kDay - 200000 * kDay;
        const std::vector<ActivityEvent> events = random_events(&random, n, from, span);
        Model model;
        for (const ActivityEvent& event : events) model.add(event);
        const std::string state = state_of(events);
        expect_equal(view(state), model);
        ASSERT_NO_THROW(activity_check(state.data(), state.size(), "22P03", "not in its one form"));
      }
    }
  }
}

TEST(Activity, AnyPartitionMergedInAnyOrderIsTheOnePassState) {
  Random random(21);
  for (int round = 0; round < 150; ++round) {
    const int n = 1 + static_cast<int>(random.below(400));
    const std::int64_t span = std::int64_t{1} << random.below(19);
    const std::vector<ActivityEvent> events = random_events(&random, n, -100 * kDay, span);
    const std::string whole = state_of(events);
    const std::size_t parts_wanted = 1 + random.below(12);
    std::vector<std::vector<ActivityEvent>> split(parts_wanted);
    for (const ActivityEvent& event : events) split[random.below(parts_wanted)].push_back(event);
    std::vector<std::string> parts;
    for (const auto& part : split)
      if (!part.empty()) parts.push_back(state_of(part));
    while (parts.size() > 1) {
      const std::size_t i = random.below(parts.size() - 1);
      const std::string other = parts.back();
      parts.pop_back();
      ASSERT_EQ(merge(parts[i], other), merge(other, parts[i]));  // the same bytes whichever is first
      parts[i] = merge(parts[i], other);
    }
    const std::string& rolled = parts[0];
    ASSERT_NO_THROW(activity_check(rolled.data(), rolled.size(), "22P03", "not in its one form"));
    // All but the two sums, which lie between the times and the counters, is the same byte for byte.
    ASSERT_EQ(rolled.size(), whole.size());
    ASSERT_EQ(rolled.substr(4, ActivityView::kTotal - 4), whole.substr(4, ActivityView::kTotal - 4));
    ASSERT_EQ(rolled.substr(ActivityView::kCounters), whole.substr(ActivityView::kCounters));
    const AmountSums a = view(rolled).amounts();
    const AmountSums b = view(whole).amounts();
    if (a.n > 1) {
      ASSERT_NEAR(a.mean(), b.mean(), 1e-15 * std::fabs(b.mean()));
      ASSERT_NEAR(a.stddev(), b.stddev(), 1e-13 * b.stddev());
    }
  }
}

TEST(Activity, SumsSurviveAMeanFarFromZero) {
  // Mean 1e9, deviation 1: one-pass formulas on plain doubles keep no digit of the variance.
  Random random(22);
  AmountSums whole;
  AmountSums parts[7];
  __extension__ using Quad = __float128;
  std::vector<double> values;
  for (int i = 0; i < 20000; ++i) {
    values.push_back(1e9 + random.normal());
    whole.add(values.back());
    parts[random.below(7)].add(values.back());
  }
  AmountSums rolled;
  for (const AmountSums& part : parts) rolled.merge(part);
  Quad total = 0;
  for (const double x : values) total += x;
  const Quad mean = total / 20000;
  Quad m2 = 0;
  for (const double x : values) m2 += (x - mean) * (x - mean);
  const auto expected = static_cast<double>(m2 / 19999);
  const double one_pass = whole.stddev() * whole.stddev();
  const double merged = rolled.stddev() * rolled.stddev();
  EXPECT_NEAR(one_pass, expected, 1e-13 * expected);
  EXPECT_NEAR(merged, expected, 1e-13 * expected);
}

TEST(Activity, EqualAmountsHaveNoDeviationHoweverMerged) {
  // 0.1 is not a binary fraction; parts of 3 and 7 have rounded means.
  AmountSums a;
  AmountSums b;
  for (int i = 0; i < 3; ++i) a.add(0.1);
  for (int i = 0; i < 7; ++i) b.add(0.1);
  a.merge(b);
  EXPECT_EQ(a.stddev(), 0);
  EXPECT_EQ(a.mean(), 0.1);
}

TEST(Activity, OverflowOnlyWhenAFiniteAmountGivesInfinity) {
  std::string state = start({0, 1e308});
  EXPECT_EQ(add_event(&state, {1, 1e308}), ActivityAdded::overflow);
  EXPECT_EQ(view(state).events(), 1);  // nothing was added
  // Equal huge amounts have a total in range and no variance.
  state = start({0, 1.5e307});
  for (int i = 1; i < 10; ++i) ASSERT_EQ(add_event(&state, {i, 1.5e307}), ActivityAdded::done);
  EXPECT_DOUBLE_EQ(view(state).amounts().total.value(), 1.5e308);
  EXPECT_EQ(view(state).amounts().stddev(), 0);
  const std::string a = start({0, 1.7e308});
  EXPECT_THROW(merge(a, a), Error);
}

TEST(Activity, AnswersAsOfADate) {
  // Two events, 10 and 4 days before the first of March 2000 (day 60).
  const std::string state = state_of({{50 * kDay, 5.0}, {56 * kDay, std::nullopt}, {50 * kDay + kHour, 7.0}});
  EXPECT_EQ(view(state).recency_days(60 * kDay), 4);
  EXPECT_EQ(view(state).tenure_days(60 * kDay), 10);
  EXPECT_DOUBLE_EQ(view(state).frequency(60 * kDay, 30), 9);             // 3 events in 10 days
  EXPECT_DOUBLE_EQ(view(state).frequency(50 * kDay + 2 * kHour, 1), 3);  // a tenure under a day is a day
  EXPECT_DOUBLE_EQ(*view(state).mean_gap_days(), 3);                     // 6 days, two gaps
  EXPECT_EQ(view(state).recency_days(55 * kDay), -1);
  EXPECT_FALSE(view(start({0, std::nullopt})).mean_gap_days().has_value());
  // From one end of time to the other is more microseconds than an int64 holds; in Julian days the end of the
  // server's timestamps is 109203528 (TIMESTAMP_END_JULIAN).
  const std::string ends = state_of({{kFirstMicros, std::nullopt}, {kEndMicros - 1, std::nullopt}});
  EXPECT_NEAR(view(ends).tenure_days(kEndMicros - 1), 109203528.0, 1e-6);
}

TEST(Activity, LocalAndUtcDoNotMix) {
  const std::string utc = start({0, std::nullopt}, Clock::utc);
  const std::string local = start({0, std::nullopt}, Clock::local);
  try {
    merge(utc, local);
    FAIL();
  } catch (const Error& e) {
    EXPECT_STREQ(e.sqlstate(), "22000");
  }
  EXPECT_EQ(view(merge(local, local)).clock(), Clock::local);
}

TEST(Activity, SizesStayBounded) {
  // Ten years of one event an hour: under 800 bytes.
  std::string state = start({0, 1.0});
  for (std::int64_t hour = 1; hour < 3653 * 24; ++hour)
    ASSERT_EQ(add_event(&state, {hour * kHour, 1.0}), ActivityAdded::done);
  EXPECT_LT(state.size(), 800U);
  EXPECT_EQ(view(state).active_days(), 3653);
  // One event in the year 1900 costs a run and a word.
  const std::size_t before = state.size();
  ASSERT_EQ(add_event(&state, {days_by_walking({1900, 1, 1}) * kDay, 1.0}), ActivityAdded::done);
  EXPECT_EQ(state.size(), before + 16);
  // The purchases of an ordinary customer fit into 128 bytes whatever the span.
  std::vector<ActivityEvent> purchases;
  for (int i = 0; i < 25; ++i) purchases.push_back({std::int64_t{i} * 100 * kDay + i % 24 * kHour, 9.99});
  EXPECT_LE(state_of(purchases).size(), 128U);
}

TEST(Activity, CountersWiden) {
  // 70,000 events in one hour take the counters from 4 over 8 and 16 to 32 bits.
  std::string state = start({0, std::nullopt});
  for (int i = 1; i < 70000; ++i) {
    ASSERT_EQ(add_event(&state, {i, std::nullopt}), ActivityAdded::done);
    if (i == 15 || i == 16 || i == 255 || i == 256 || i == 65535 || i == 65536) {
      ASSERT_EQ(view(state).events(), i + 1);
      ASSERT_EQ(view(state).counter(0), i + 1);
      ASSERT_NO_THROW(activity_check(state.data(), state.size(), "22P03", "not in its one form"));
    }
  }
  EXPECT_EQ(view(state).counters().width, 3);
  EXPECT_EQ(view(merge(state, state)).events(), 140000);
  EXPECT_EQ(view(state).amounts().n, 0);
}

}  // namespace
}  // namespace persona::testing
