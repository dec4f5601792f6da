// The text and binary forms of activity: exact both ways, pinned to the byte, and closed to forgeries.
#include "activity_support.h"

#include <gtest/gtest.h>

#include <cstring>

namespace persona::testing {
namespace {

constexpr const char* kTwoEvents =
    "activity:1 utc events=2 first=0 last=90000000000 amounts=1 total=0.5 m2=0 hours=0:1,1:1 "
    "weekdays=6:1,7:1 "
    "days=0:3";

TEST(ActivityText, IsPinned) {
  // Written by hand from docs/summaries/activity.md: Saturday 2000-01-01 00:00 without an amount, Sunday
  // 01:00 with 0.5.
  EXPECT_EQ(activity_to_text(state_of({{0, std::nullopt}, {25 * kHour, 0.5}}).data(), kActivityFirstSize + 2),
            kTwoEvents);
}

TEST(ActivityBinary, IsPinned) {
  // The same two events, byte by byte from docs/summaries/activity.md.
  const unsigned char expected[] = {
      1,    1,    0,    0,    0,    0,    0,    0, 0, 0, 0, 0,  // kind, version, flags, dim, reserved
      0,    0,    0,    0,    0,    0,    0,    0,              // first
      0,    0,    0,    0x14, 0xf4, 0x6b, 0x04, 0,              // last = 90,000,000,000
      0x3f, 0xe0, 0,    0,    0,    0,    0,    0, 0, 0, 0, 0, 0, 0, 0, 0,  // total = 0.5 + 0
      0,    0,    0,    0,    0,    0,    0,    0, 0, 0, 0, 0, 0, 0, 0, 0,  // m2
      0x11, 0,    0,    0,    0,    0,    0,    0, 0, 0, 0, 0,              // hours 0 and 1
      0,    0,    0x10, 0x11,  // Saturday (29), Sunday (30), one without amount (31)
      0,    1};                // a day later
  const std::string state = state_of({{0, std::nullopt}, {25 * kHour, 0.5}});
  const std::string binary = activity_to_binary(state.data(), state.size());
  EXPECT_EQ(binary, std::string(reinterpret_cast<const char*>(expected), sizeof expected));
  EXPECT_EQ(activity_from_binary(binary).substr(4), state.substr(4));
}

TEST(ActivityForms, RoundTripToTheByte) {
  Random random(30);
  for (int round = 0; round < 300; ++round) {
    const int n = 1 + static_cast<int>(random.below(200));
    const std::int64_t span = std::int64_t{1} << random.below(20);
    const Clock clock = random.below(2) == 0 ? Clock::utc : Clock::local;
    const std::string state = state_of(random_events(&random, n, -300 * kDay, span), clock);
    const std::string text = activity_to_text(state.data(), state.size());
    ASSERT_EQ(activity_from_text(text).substr(4), state.substr(4)) << text;
    const std::string binary = activity_to_binary(state.data(), state.size());
    ASSERT_EQ(activity_from_binary(binary).substr(4), state.substr(4)) << text;
  }
}

TEST(ActivityText, LongGapsMakeRuns) {
  // 30 days in a row from day 0, and the word of day 64 * 10: ten words on, five or more apart.
  std::vector<ActivityEvent> events;
  for (int day = 0; day < 30; ++day) events.push_back({day * kDay, std::nullopt});
  events.push_back({640 * kDay, std::nullopt});
  events.push_back({(640 + 64 * 5) * kDay, std::nullopt});
  const std::string state = state_of(events);
  const std::string text = activity_to_text(state.data(), state.size());
  EXPECT_NE(text.find(" days=0:3fffffff,10:1.0.0.0.0.1"), std::string::npos) << text;
}

void expect_refused(const std::string& text) {
  try {
    activity_from_text(text);
    ADD_FAILURE() << "accepted: " << text;
  } catch (const Error& e) {
    EXPECT_STREQ(e.sqlstate(), "22P02") << text;
    EXPECT_FALSE(e.detail().empty()) << text;
  }
}

// kTwoEvents with one part replaced.
std::string with(const std::string& from, const std::string& to) {
  std::string text = kTwoEvents;
  const std::size_t at = text.find(from);
  if (at == std::string::npos) std::abort();
  return text.replace(at, from.size(), to);
}

TEST(ActivityText, RefusesForgeries) {
  ASSERT_NO_THROW(activity_from_text(kTwoEvents));
  expect_refused("");
  expect_refused("activity:2 utc");
  expect_refused(std::string(kTwoEvents) + " ");
  expect_refused(with("events=2", "events=3"));  // does not add up
  expect_refused(with("events=2", "events=0"));
  expect_refused(with("events=2", "events=9007199254740993"));
  expect_refused(with("first=0", "first=1000000000000"));         // after the last
  expect_refused(with("last=90000000000", "last=172800000000"));  // a day that is not in the set
  expect_refused(with("last=90000000000", "last=9223371331200000000"));
  expect_refused(with("last=90000000000", "last=9999999999999999999"));
  expect_refused(with("amounts=1", "amounts=3"));
  expect_refused(with("amounts=1", "amounts=0"));  // a total without amounts
  expect_refused(with("total=0.5", "total=nan"));
  expect_refused(with("total=0.5", "total=inf"));
  expect_refused(with("total=0.5", "total=1e999"));
  expect_refused(with("total=0.5", "total=0.5+0.25"));   // not in its one form
  expect_refused(with("total=0.5", "total=0.5+1e-30"));  // one amount has no remainder
  expect_refused(with("m2=0", "m2=1"));                  // one amount has no deviation
  expect_refused(with("m2=0", "m2=-1"));
  expect_refused(with("hours=0:1,1:1", "hours=0:1,1:2"));
  expect_refused(with("hours=0:1,1:1", "hours=1:1,0:1"));  // not ascending
  expect_refused(with("hours=0:1,1:1", "hours=2:2"));      // not the first event's hour
  expect_refused(with("hours=0:1,1:1", "hours=24:2"));
  expect_refused(with("weekdays=6:1,7:1", "weekdays=5:1,6:1"));  // not those of the days
  expect_refused(with("days=0:3", "days=0:1"));
  expect_refused(with("days=0:3", "days=0:7"));
  expect_refused(with("days=0:3", "days=0:03"));
  expect_refused(with("days=0:3", "days=0:0"));
  expect_refused(with("days=0:3", "days=0:3.0"));
  expect_refused(with("days=0:3", "days=0:1,0:2"));
  expect_refused(with("days=0:3", "days=99999999999:3"));
}

TEST(ActivityBinary, RefusesForgeries) {
  Random random(31);
  const std::string state = state_of(random_events(&random, 100, 0, 500));
  const std::string good = activity_to_binary(state.data(), state.size());
  ASSERT_NO_THROW(activity_from_binary(good));
  const auto refused = [&](std::size_t at, char value) {
    std::string bad = good;
    if (bad[at] == value) return true;
    bad[at] = value;
    try {
      activity_from_binary(bad);
      return false;
    } catch (const Error& e) {
      return std::strcmp(e.sqlstate(), "22P03") == 0;
    }
  };
  for (const char value : {'\0', '\1', '\x7f', '\xff'}) {
    for (std::size_t at = 0; at < 12; ++at) EXPECT_TRUE(refused(at, value)) << at;   // header
    for (std::size_t at = 60; at < 91; ++at) EXPECT_TRUE(refused(at, value)) << at;  // hours and weekdays
  }
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_THROW(activity_from_binary(good.substr(0, size)), Error) << size;
  EXPECT_THROW(activity_from_binary(good + std::string(8, '\1')), Error);
}

}  // namespace
}  // namespace persona::testing
