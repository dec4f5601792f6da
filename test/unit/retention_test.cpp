// retention: periods on the calendar against PostgreSQL's own arithmetic, the property that any partition
// gives the bytes of one pass, the forms, and what is refused.
#include "core/summaries/retention.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/random.h"

namespace persona {
namespace {

constexpr std::int64_t kHour = kMicrosPerHour;
constexpr std::int64_t kDay = kMicrosPerDay;

// Days since 2000-01-01, from PostgreSQL: SELECT date '...' - date '2000-01-01'.
constexpr std::int64_t kJan31In2023 = 8431, kFeb27In2023 = 8458, kFeb28In2023 = 8459, kMar30In2023 = 8489,
                       kMar31In2023 = 8490, kJan31In2024 = 8796, kFeb28In2024 = 8824, kFeb29In2024 = 8825,
                       kFeb28In2025 = 9190;

std::string started(const RetentionTerms& terms) {
  std::string state(kRetentionLeastSize, '\0');
  retention_start(state.data(), terms);
  return state;
}

// As the aggregate does it.
void add(std::string* state, std::int64_t at) {
  const RetentionView view(state->data(), state->size());
  if (at < view.start()) return retention_count_early(state->data());
  const std::int64_t n = period_of(view.period(), view.start(), at);
  const std::size_t size = state->size();
  state->resize(retention_room(size, n));
  retention_mark(state->data(), size, state->size(), n);
}

std::string merged(const std::string& a, const std::string& b) {
  std::string to(retention_merged_size(a.data(), a.size(), b.data(), b.size()), '\0');
  retention_merge(to.data(), a.data(), a.size(), b.data(), b.size());
  return to;
}

RetentionView view_of(const std::string& state) { return {state.data(), state.size()}; }

TEST(RetentionPeriod, MonthsAreClippedToTheirLastDay) {
  // PostgreSQL: timestamp '2023-01-31 12:00' + n * interval '1 month' is 02-28, 03-31 and (2024) 02-29, at
  // 12:00.
  const std::int64_t start = kJan31In2023 * kDay + 12 * kHour;
  EXPECT_EQ(whole_months(start, start), 0);
  EXPECT_EQ(whole_months(start, kFeb27In2023 * kDay + 23 * kHour), 0);
  EXPECT_EQ(whole_months(start, kFeb28In2023 * kDay + 12 * kHour - 1), 0);
  EXPECT_EQ(whole_months(start, kFeb28In2023 * kDay + 12 * kHour), 1);
  EXPECT_EQ(whole_months(start, kMar30In2023 * kDay + 23 * kHour), 1);
  EXPECT_EQ(whole_months(start, kMar31In2023 * kDay + 12 * kHour), 2);
  EXPECT_EQ(whole_months(start, kJan31In2024 * kDay + 11 * kHour), 11);
  EXPECT_EQ(whole_months(start, kFeb28In2024 * kDay + 13 * kHour), 12);  // a leap year's 28th is not its last
  EXPECT_EQ(whole_months(start, kFeb29In2024 * kDay + 12 * kHour), 13);
  EXPECT_EQ(whole_months(kFeb29In2024 * kDay, kFeb28In2025 * kDay), 12);
  EXPECT_EQ(whole_months(kFeb29In2024 * kDay, kFeb28In2025 * kDay - 1), 11);
  EXPECT_EQ(period_of({true, 3}, start, kJan31In2024 * kDay + 12 * kHour), 4);
  // SELECT extract(year FROM age(timestamp '294276-12-31 23:59:59.999999', timestamp '4714-11-24 00:00 BC'))
  // and its month: 298,989 years and a month (there is no year 0).
  EXPECT_EQ(whole_months(kFirstMicros, kEndMicros - 1), 298989 * 12 + 1);
}

// A calendar of its own, day by day.
TEST(RetentionPeriod, MonthsEqualCountingDays) {
  // Every day from 1999-01-01 on, for 9 years, is (month since 1999-01, day).
  std::vector<std::pair<int, int>> calendar;
  constexpr std::int64_t kJan1In1999 = -365;
  for (int month = 0; month < 108; ++month) {
    const int year = 1999 + month / 12;
    const int of_year = month % 12;
    const int days = of_year == 1 ? (year == 2000 || year == 2004 ? 29 : 28)
                     : of_year == 3 || of_year == 5 || of_year == 8 || of_year == 10 ? 30
                                                                                     : 31;
    for (int day = 1; day <= days; ++day) calendar.emplace_back(month, day);
  }
  const auto last_day = [&](int month) {
    int last = 0;
    for (const auto& [m, d] : calendar) last = m == month ? d : last;
    return last;
  };
  std::vector<int> lengths;
  for (int month = 0; month < 108; ++month) lengths.push_back(last_day(month));
  Random random(90);
  for (int round = 0; round < 50000; ++round) {
    std::size_t i = random.below(calendar.size());
    std::size_t j = random.below(calendar.size());
    if (i > j) std::swap(i, j);
    // The greatest m for which the day m months after the first is not later than the second.
    int expected = 0;
    for (int m = 0; calendar[i].first + m < 108; ++m) {
      const int month = calendar[i].first + m;
      const std::pair<int, int> begins = {
          month, std::min(calendar[i].second, lengths[static_cast<std::size_t>(month)])};
      if (begins <= calendar[j]) expected = m;
    }
    ASSERT_EQ(whole_months((kJan1In1999 + static_cast<std::int64_t>(i)) * kDay + 7,
                           (kJan1In1999 + static_cast<std::int64_t>(j)) * kDay + 7),
              expected);
  }
}

TEST(RetentionPeriod, FixedPeriodsAreWhole) {
  EXPECT_EQ(period_of({false, 7 * kDay}, 100, 100 + 7 * kDay - 1), 0);
  EXPECT_EQ(period_of({false, 7 * kDay}, 100, 100 + 7 * kDay), 1);
  EXPECT_EQ(period_of({false, INT64_MAX}, kFirstMicros, kEndMicros - 1), 1);
  EXPECT_EQ(period_of({false, 1}, kFirstMicros, kEndMicros - 1), INT64_MAX);
}

TEST(RetentionPeriod, IsNamed) {
  EXPECT_EQ(period_text({true, 1}), "1 month");
  EXPECT_EQ(period_text({true, 12}), "12 months");
  EXPECT_EQ(period_text({false, 7 * kDay}), "7 days");
  EXPECT_EQ(period_text({false, kHour}), "3600 seconds");
  EXPECT_EQ(period_text({false, 1}), "1 microsecond");
  EXPECT_EQ(time_text(kFeb29In2024 * kDay + 13 * kHour + 61'000'000), "2024-02-29 13:01:01");
  EXPECT_EQ(time_text(-1), "1999-12-31 23:59:59.999999");
  EXPECT_EQ(time_text(kFirstMicros), "4714-11-24 00:00:00 BC");
  EXPECT_EQ(time_text(kEndMicros - 1), "294276-12-31 23:59:59.999999");
}

TEST(Retention, MarksPeriods) {
  std::string state = started({Clock::utc, 1000, {false, kDay}});
  EXPECT_FALSE(view_of(state).last_retained().has_value());
  EXPECT_FALSE(view_of(state).retained(0));
  for (const std::int64_t at : {std::int64_t{1000}, 1000 + 9 * kDay, 999 + 9 * kDay, std::int64_t{999}})
    add(&state, at);
  EXPECT_TRUE(view_of(state).retained(0));
  EXPECT_FALSE(view_of(state).retained(1));
  EXPECT_TRUE(view_of(state).retained(8));
  EXPECT_TRUE(view_of(state).retained(9));
  EXPECT_FALSE(view_of(state).retained(10));
  EXPECT_FALSE(view_of(state).retained(-1));
  EXPECT_FALSE(view_of(state).retained(INT64_MAX));
  EXPECT_EQ(view_of(state).last_retained(), 9);
  EXPECT_EQ(view_of(state).early_events(), 1);
  EXPECT_EQ(state.size(), kRetentionLeastSize + 2);
}

TEST(Retention, AnyPartitionIsOnePass) {
  Random random(91);
  for (int round = 0; round < 2000; ++round) {
    const bool months = round % 2 == 0;
    const RetentionTerms terms = {
        Clock::local, static_cast<std::int64_t>(random.below(1000)) * kDay, {months, months ? 1 : kDay}};
    std::string whole = started(terms);
    std::vector<std::string> parts(1 + random.below(6), whole);
    std::set<std::int64_t> active;
    std::int64_t early = 0;
    for (auto n = random.below(60); n > 0; --n) {
      const std::int64_t at = terms.start + (static_cast<std::int64_t>(random.below(1100)) - 50) * kDay;
      add(&whole, at);
      add(&parts[random.below(parts.size())], at);
      if (at < terms.start) ++early;
      // Months by trial: the calendar is tested above.
      if (at >= terms.start)
        active.insert(months ? whole_months(terms.start, at) : (at - terms.start) / kDay);
    }
    for (std::int64_t n = -3; n < 1200; ++n) ASSERT_EQ(view_of(whole).retained(n), active.count(n) > 0);
    ASSERT_EQ(view_of(whole).early_events(), early);
    while (parts.size() > 1) {
      const std::size_t i = random.below(parts.size() - 1);
      const std::string both = merged(parts[i], parts.back());
      ASSERT_EQ(merged(parts.back(), parts[i]), both);
      parts[i] = both;
      parts.pop_back();
    }
    ASSERT_EQ(parts[0], whole);
    ASSERT_EQ(retention_from_text(retention_to_text(whole.data(), whole.size())), whole);
    ASSERT_EQ(retention_from_binary(retention_to_binary(whole.data(), whole.size())), whole);
  }
}

template <typename Action>
void expect_error(const char* sqlstate, const std::string& detail, Action action) {
  try {
    action();
    ADD_FAILURE() << "accepted";
  } catch (const Error& e) {
    EXPECT_STREQ(e.sqlstate(), sqlstate);
    EXPECT_EQ(e.detail(), detail);
    EXPECT_FALSE(e.hint().empty());
  }
}

TEST(Retention, RefusesToMixTerms) {
  const RetentionTerms terms = {Clock::utc, 0, {false, kDay}};
  const auto mix = [&](const RetentionTerms& other) { merged(started(terms), started(other)); };
  EXPECT_NO_THROW(mix(terms));
  expect_error("22000", "timestamptz events make UTC states; timestamp and date events make local ones.",
               [&] {
                 mix({Clock::local, 0, {false, kDay}});
               });
  expect_error("22023", "One counts in periods of 1 day, the other of 1 month.", [&] {
    mix({Clock::utc, 0, {true, 1}});
  });
  expect_error("22023", "One starts at 2000-01-01 00:00:00, the other at 2000-01-02 00:00:00.", [&] {
    mix({Clock::utc, kDay, {false, kDay}});
  });
}

TEST(Retention, HasABoundOnItsPeriods) {
  std::string state = started({Clock::utc, 0, {false, kDay}});
  add(&state, 4095 * kDay);
  EXPECT_EQ(state.size(), kRetentionLeastSize + 512);
  EXPECT_EQ(view_of(state).last_retained(), 4095);
  expect_error("22003", "It is in period 4096; periods 0 to 4095 are kept.",
               [&] { add(&state, 4096 * kDay); });
}

TEST(RetentionForms, ArePinned) {
  // By hand from docs/summaries/retention.md: periods 0, 1, 2 and 9 are the bits 7 and, in the second
  // byte, 2.
  std::string state = started({Clock::local, kDay, {true, 1}});
  for (const int month : {0, 1, 2, 9}) add(&state, kDay + month * 31 * kDay);
  add(&state, 0);
  EXPECT_EQ(retention_to_text(state.data(), state.size()),
            "retention:1 local start=86400000000 months=1 early=1 periods=0-2,9");
  // 86,400,000,000 = 0x141dd76000.
  EXPECT_EQ(retention_to_binary(state.data(), state.size()),
            std::string("\x09\x01\x00\x03\x00\x00\x00\x02\x00\x00\x00\x00"
                        "\x00\x00\x00\x14\x1d\xd7\x60\x00\x00\x00\x00\x00\x00\x00\x00\x01"
                        "\x00\x00\x00\x00\x00\x00\x00\x01\x07\x02",
                        38));
}

void expect_refused(const std::string& text) {
  try {
    retention_from_text(text);
    ADD_FAILURE() << "accepted: " << text;
  } catch (const Error& e) {
    EXPECT_STREQ(e.sqlstate(), "22P02") << text;
  }
}

TEST(RetentionForms, RefuseForgedTexts) {
  ASSERT_NO_THROW(retention_from_text("retention:1 utc start=0 micros=5 early=0 periods="));
  ASSERT_NO_THROW(retention_from_text("retention:1 local start=0 months=1 early=9 periods=0,2-4,4095"));
  expect_refused("");
  expect_refused("retention:2 utc start=0 micros=5 early=0 periods=0");
  expect_refused("retention:1 cet start=0 micros=5 early=0 periods=0");
  expect_refused("retention:1 utc start=9223371331200000000 micros=5 early=0 periods=0");
  expect_refused("retention:1 utc start=0 micros=0 early=0 periods=0");
  expect_refused("retention:1 utc start=0 months=2147483648 early=0 periods=0");
  expect_refused("retention:1 utc start=0 days=1 early=0 periods=0");
  expect_refused("retention:1 utc start=0 micros=5 early=-1 periods=0");
  expect_refused("retention:1 utc start=0 micros=5 early=0 periods=4096");
  expect_refused("retention:1 utc start=0 micros=5 early=0 periods=3,2");  // not ascending
  expect_refused("retention:1 utc start=0 micros=5 early=0 periods=2,3");  // a run is written as one
  expect_refused("retention:1 utc start=0 micros=5 early=0 periods=2-2");  // and one period not as a run
  expect_refused("retention:1 utc start=0 micros=5 early=0 periods=-1");
  expect_refused("retention:1 utc start=0 micros=5 early=0 periods=2 ");
}

TEST(RetentionForms, RefuseForgedBytes) {
  std::string state = started({Clock::utc, kDay, {false, kDay}});
  add(&state, 10 * kDay);
  const std::string good = retention_to_binary(state.data(), state.size());
  ASSERT_EQ(retention_from_binary(good), state);
  ASSERT_EQ(good.size(), 38U);
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_THROW(retention_from_binary(good.substr(0, size)), Error) << size;
  EXPECT_THROW(retention_from_binary(good + '\1'), Error);  // longer than it says
  const auto refused = [&](std::size_t at, char byte) {
    std::string bad = good;
    bad[at] = byte;
    EXPECT_THROW(retention_from_binary(bad), Error) << at;
  };
  refused(0, 8);        // kind
  refused(1, 2);        // version
  refused(3, 4);        // flags nobody knows
  refused(3, 2);        // a day of microseconds is too many months
  refused(4, 1);        // length of the bitmap
  refused(7, 1);        // length of the bitmap
  refused(11, 1);       // reserved
  refused(12, '\x80');  // a start before the beginning of time
  refused(20, '\x80');  // a negative period
  refused(28, '\x80');  // a negative count
  refused(29, '\x40');  // a count beyond 2^53
  refused(37, 0);       // a bitmap that ends with 0
  std::string zero = good;
  zero.replace(20, 8, std::string(8, '\0'));  // no period
  EXPECT_THROW(retention_from_binary(zero), Error);
  std::string wide = good + std::string(511, '\1');
  wide[6] = 2;
  wide[7] = 1;  // 513 bytes of bitmap
  EXPECT_THROW(retention_from_binary(wide), Error);
}

}  // namespace
}  // namespace persona
