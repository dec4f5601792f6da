// The text and binary forms of a funnel: bytes written by hand, round trips, and what the readers refuse.
#include <gtest/gtest.h>

#include <string>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/summaries/funnel.h"
#include "core/summaries/funnel_gathering.h"

namespace persona {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::uint32_t kA = 1, kB = 2, kC = 4;

FunnelTerms terms_of(int steps, std::int64_t within) { return {Clock::utc, false, steps, within}; }

std::string state_of(const FunnelTerms& terms, FunnelEvents events) {
  funnel_reduce(terms, &events);
  return funnel_encode(terms, events);
}

TEST(FunnelForms, ArePinned) {
  // By hand from docs/summaries/funnel.md: 3 steps, so codes have 2 bits; 60 s, so the unit is the minute.
  // The first event: distance 0, step 1: 0x00. The second: distance 1, code 3, more than one step: 1 << 2 | 3
  // = 0x07, mask 6.
  const std::string state = state_of(terms_of(3, 3600 * kSecond), {{60 * kSecond, kB | kC}, {0, kA}});
  EXPECT_EQ(funnel_to_text(state.data(), state.size()),
            "funnel:1 utc ordered steps=3 within=3600000000 events=0:1,60000000:6");
  EXPECT_EQ(funnel_to_binary(state.data(), state.size()),
            std::string("\x08\x01\x00\x0c\x00\x00\x00\x03\x00\x00\x00\x00"
                        "\x00\x00\x00\x00\xd6\x93\xa4\x00\x00\x00\x00\x00\x00\x00\x00\x00"
                        "\x00\x07\x06",
                        31));
  // Local times in any order, 32 steps: codes have 6 bits. 1 us: unit 0, flags 3. 5 us, step 32: 5 << 6 | 31
  // = 351 = 0xdf 0x02.
  const std::string wide = state_of({Clock::local, true, 32, 1}, {{0, kA}, {5, std::uint32_t{1} << 31U}});
  EXPECT_EQ(funnel_to_text(wide.data(), wide.size()),
            "funnel:1 local any steps=32 within=1 events=0:1,5:80000000");
  EXPECT_EQ(funnel_to_binary(wide.data(), wide.size()).substr(2, 2), std::string("\x00\x03", 2));
  EXPECT_EQ(funnel_to_binary(wide.data(), wide.size()).substr(28), std::string("\x00\xdf\x02", 3));
}

TEST(FunnelForms, RoundTripToTheByte) {
  Random random(83);
  constexpr std::int64_t kUnits[] = {1, 1000, kSecond, 60 * kSecond, kMicrosPerHour, kMicrosPerDay};
  for (int round = 0; round < 3000; ++round) {
    const int steps = 2 + static_cast<int>(random.below(31));
    const FunnelTerms terms = {random.below(2) == 0 ? Clock::utc : Clock::local, round % 2 == 1, steps,
                               static_cast<std::int64_t>(random.next() >> 1U)};
    const std::int64_t unit = kUnits[random.below(6)];
    const std::uint64_t times = 1 + random.below(100000);
    FunnelEvents events(random.below(40));
    for (FunnelEvent& event : events) {
      event.at = (static_cast<std::int64_t>(random.below(times)) - 50000) * unit;
      event.steps = std::uint32_t{1} << random.below(static_cast<std::uint64_t>(steps));
      if (random.below(3) == 0) event.steps |= 1;
    }
    if (random.below(4) == 0) events.push_back({kFirstMicros, kA});
    if (random.below(4) == 0) events.push_back({kEndMicros - 1, kB});
    const std::string state = state_of(terms, events);
    ASSERT_EQ(funnel_from_text(funnel_to_text(state.data(), state.size())), state);
    ASSERT_EQ(funnel_from_binary(funnel_to_binary(state.data(), state.size())), state);
    std::string running(kFunnelGatheringSize, '\0');
    funnel_gather_start(running.data(), terms);
    running.resize(funnel_gathering_room(running.data(), running.size(), events.size()));
    funnel_gather_all(running.data(), running.size(), events);
    ASSERT_EQ(funnel_from_text(funnel_to_text(running.data(), running.size())), state);
    ASSERT_EQ(funnel_from_binary(funnel_to_binary(running.data(), running.size())), state);
  }
}

void expect_refused(const std::string& text) {
  try {
    funnel_from_text(text);
    ADD_FAILURE() << "accepted: " << text;
  } catch (const Error& e) {
    EXPECT_STREQ(e.sqlstate(), "22P02") << text;
  }
}

TEST(FunnelForms, RefuseForgedTexts) {
  ASSERT_NO_THROW(funnel_from_text("funnel:1 utc ordered steps=2 within=10 events="));
  ASSERT_NO_THROW(funnel_from_text("funnel:1 local any steps=2 within=0 events=0:1,5:3,5:3"));
  ASSERT_NO_THROW(funnel_from_text("funnel:1 utc ordered steps=2 within=10 events=0:1,1:2"));
  expect_refused("");
  expect_refused("funnel:2 utc ordered steps=2 within=10 events=0:1");
  expect_refused("funnel:1 cet ordered steps=2 within=10 events=0:1");
  expect_refused("funnel:1 utc strict steps=2 within=10 events=0:1");
  expect_refused("funnel:1 utc ordered steps=1 within=10 events=0:1");
  expect_refused("funnel:1 utc ordered steps=33 within=10 events=0:1");
  expect_refused("funnel:1 utc ordered steps=2 within=-1 events=0:1");
  expect_refused("funnel:1 utc ordered steps=2 within=10 events=0:0");          // no step
  expect_refused("funnel:1 utc ordered steps=2 within=10 events=0:4");          // a third of two
  expect_refused("funnel:1 utc ordered steps=2 within=10 events=5:1,0:1");      // not ascending
  expect_refused("funnel:1 utc ordered steps=2 within=10 events=20:2,20:1");    // not ascending
  expect_refused("funnel:1 utc ordered steps=2 within=10 events=0:1,0:1");      // a second one of one step
  expect_refused("funnel:1 utc ordered steps=2 within=10 events=0:1,1:2,2:1");  // after the end
  expect_refused("funnel:1 utc ordered steps=2 within=10 events=9223371331200000000:1");
  expect_refused("funnel:1 utc ordered steps=2 within=10 events=0:1,");
  expect_refused("funnel:1 utc ordered steps=2 within=10 events=0:1 ");
}

TEST(FunnelForms, RefuseForgedBytes) {
  const std::string state = state_of(terms_of(3, 10), {{0, kA}, {1000, kB | kC}});
  const std::string good = funnel_to_binary(state.data(), state.size());
  ASSERT_EQ(good.substr(28), std::string("\x00\x07\x06", 3));
  ASSERT_EQ(good[3], 1 << 2);  // milliseconds
  const auto refused = [&](std::size_t at, const std::string& bytes) {
    std::string bad = good;
    bad.replace(at, bad.size(),
                bytes + (at + bytes.size() < good.size() ? good.substr(at + bytes.size()) : ""));
    EXPECT_THROW(funnel_from_binary(bad), Error) << at << ' ' << testing::PrintToString(bytes);
  };
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_THROW(funnel_from_binary(good.substr(0, size)), Error) << size;
  refused(0, "\x09");                                           // kind
  refused(1, "\x02");                                           // version
  refused(2, "\x01");                                           // flags nobody knows
  refused(3, std::string(1, 1 << 5));                           // an aggregate's own form
  refused(3, std::string(1, 6 << 2));                           // no unit
  refused(7, "\x01");                                           // one step
  refused(7, "\x21");                                           // 33 steps
  refused(7, "\x02");                                           // two steps: the second event has no meaning
  refused(11, "\x01");                                          // reserved
  refused(12, "\x80");                                          // negative time allowed
  refused(20, "\x7f\xff\xff\xff\xff\xff\xff\xff");              // beyond the end of time
  refused(28, std::string("\x80\x00", 2));                      // a varint longer than it need be
  refused(28, "\x04");                                          // the first event not at the first time
  refused(30, "\x04");                                          // one step written as several
  refused(30, "\x09");                                          // a step that the funnel has not
  refused(29, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f");  // more than 64 bits
  refused(29, "\xfc\xff\xff\xff\xff\xff\xff\xff\xff\x01");      // a distance beyond the end of time
  // 1000 us in microseconds, where they are a millisecond: 1000 << 2 | 3 = 4003 = 0xa3 0x1f.
  std::string finer = good.substr(0, 28) + std::string("\x00\xa3\x1f\x06", 4);
  finer[3] = 0;
  EXPECT_THROW(funnel_from_binary(finer), Error);
  // A first time without an event.
  std::string empty = good.substr(0, 28);
  empty[3] = 5 << 2;
  ASSERT_NO_THROW(funnel_from_binary(empty));
  empty[27] = 1;
  EXPECT_THROW(funnel_from_binary(empty), Error);
}

}  // namespace
}  // namespace persona
