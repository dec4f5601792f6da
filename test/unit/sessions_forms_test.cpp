// The text and binary forms of sessions: exact both ways, pinned to the byte, and closed to forgeries.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/summaries/sessions.h"

namespace persona {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kGap = kDefaultSessionGap;

std::string text_of(const std::string& state) { return sessions_to_text(state.data(), state.size()); }
std::string binary_of(const std::string& state) { return sessions_to_binary(state.data(), state.size()); }

// One event at 2000-01-02 00:00; three from 02:00 to 02:10; two at 05:00:00.000001, the last session.
constexpr const char* kThreeSessions =
    "sessions:1 utc gap=1800000000 "
    "sessions=86400000000:1,93600000000:3:94200000000,104400000001:2:104400000001";
const std::vector<Session>& three_sessions() {
  static const std::vector<Session> sessions = {{86'400'000'000, 86'400'000'000, 1},
                                                {93'600'000'000, 94'200'000'000, 3},
                                                {104'400'000'001, 104'400'000'001, 2}};
  return sessions;
}

// The same byte by byte from docs/summaries/sessions.md. 86400 s is zigzag 172800 = 10 * 128^2 + 70 * 128 +
// 0; 7200 - 1800 - 1 = 5399 = 42 * 128 + 23; 600 = 4 * 128 + 88.
std::string three_sessions_binary() {
  const unsigned char bytes[] = {
      3,    1,    0,    4,    0,    0,    0,    3,    0, 0, 0, 0,  // kind, version, seconds, three sessions
      0,    0,    0,    0,    0x6b, 0x49, 0xd2, 0x00,              // gap = 1,800,000,000
      0,    0,    0,    0x18, 0x4e, 0xb9, 0x94, 0x01,              // first = last = 104,400,000,001
      0,    0,    0,    0x18, 0x4e, 0xb9, 0x94, 0x01,              //
      0,    0,    0,    0,    0,    0,    0,    2,                 // events
      0x80, 0xc6, 0x0a, 0,                                         // 86400 s, 1 event
      0x97, 0x2a, 2,    0xd8, 0x04};                               // 5399 s beyond the gap, 3 events, 600 s
  return {reinterpret_cast<const char*>(bytes), sizeof bytes};
}

TEST(SessionsText, IsPinned) {
  const std::string state = sessions_written(three_sessions(), Clock::utc, kGap);
  EXPECT_EQ(text_of(state), kThreeSessions);
  EXPECT_EQ(sessions_from_text(kThreeSessions), state);
}

TEST(SessionsBinary, IsPinned) {
  const std::string state = sessions_written(three_sessions(), Clock::utc, kGap);
  EXPECT_EQ(binary_of(state), three_sessions_binary());
  EXPECT_EQ(sessions_from_binary(three_sessions_binary()), state);
}

TEST(SessionsForms, RoundTripToTheByte) {
  Random random(52);
  for (int round = 0; round < 300; ++round) {
    const std::int64_t units[] = {1, 1000, kSecond};
    const std::int64_t unit = units[round % 3];
    const auto some = [&] {
      return static_cast<std::int64_t>(random.below(std::uint64_t{1} << random.below(30)));
    };
    std::vector<Session> sessions;
    std::int64_t at = (some() - some()) * unit;
    for (auto n = 1 + random.below(60); n > 0; --n) {
      Session s{at, at, 1 + some()};
      if (s.events > 1) s.last += std::min(some() * unit, kGap / unit * unit);
      sessions.push_back(s);
      at = s.last + (kGap / unit + 1 + some()) * unit;
    }
    const std::string state =
        sessions_written(sessions, random.below(2) == 0 ? Clock::utc : Clock::local, kGap);
    ASSERT_EQ(sessions_from_text(text_of(state)), state) << text_of(state);
    ASSERT_EQ(sessions_from_binary(binary_of(state)), state) << text_of(state);
    const std::vector<Session> listed = sessions_listed(state.data(), state.size());
    ASSERT_EQ(listed.size(), sessions.size());
    for (std::size_t i = 0; i < listed.size(); ++i) {
      ASSERT_EQ(listed[i].first, sessions[i].first);
      ASSERT_EQ(listed[i].last, sessions[i].last);
      ASSERT_EQ(listed[i].events, sessions[i].events);
    }
  }
}

TEST(SessionsVarint, HasOneForm) {
  const auto read = [](const std::string& bytes, std::uint64_t* value) {
    const char* at = bytes.data();
    return get_varint(&at, at + bytes.size(), value) && at == bytes.data() + bytes.size();
  };
  Random random(53);
  for (int round = 0; round < 2000; ++round) {
    const std::uint64_t value = random.next() >> random.below(64);
    char bytes[10];
    const auto length = static_cast<std::size_t>(put_varint(bytes, value) - bytes);
    std::uint64_t got = 0;
    ASSERT_TRUE(read(std::string(bytes, length), &got));
    ASSERT_EQ(got, value);
    ASSERT_FALSE(read(std::string(bytes, length - 1), &got));
  }
  std::uint64_t value = 0;
  EXPECT_TRUE(read(std::string(9, '\xff') + '\x01', &value));
  EXPECT_EQ(value, UINT64_MAX);
  EXPECT_FALSE(read(std::string(9, '\xff') + '\x02', &value));  // 65 bits
  EXPECT_FALSE(read(std::string(10, '\xff') + '\x01', &value));
  EXPECT_FALSE(read(std::string("\x80\x00", 2), &value));  // 0 in two bytes
  for (const std::int64_t number : {INT64_MIN, std::int64_t{-1}, std::int64_t{0}, INT64_MAX})
    EXPECT_EQ(unzigzag(zigzag(number)), number);
}

void expect_refused(const std::string& text) {
  try {
    sessions_from_text(text);
    ADD_FAILURE() << "accepted: " << text;
  } catch (const Error& e) {
    EXPECT_STREQ(e.sqlstate(), "22P02") << text;
  }
}

TEST(SessionsText, RefusesForgeries) {
  ASSERT_NO_THROW(sessions_from_text("sessions:1 local gap=10 sessions=0:1,11:2:21,32:1"));
  expect_refused("");
  expect_refused("sessions:2 utc gap=10 sessions=0:1");
  expect_refused("sessions:1 gap=10 sessions=0:1");
  expect_refused("sessions:1 utc gap=0 sessions=0:1");
  expect_refused("sessions:1 utc gap=-10 sessions=0:1");
  expect_refused("sessions:1 utc gap=10 sessions=");
  expect_refused("sessions:1 utc gap=10 sessions=0:0");
  expect_refused("sessions:1 utc gap=10 sessions=0:1:0");  // one event has no last time of its own
  expect_refused("sessions:1 utc gap=10 sessions=0:2");
  expect_refused("sessions:1 utc gap=10 sessions=5:2:4");
  expect_refused("sessions:1 utc gap=10 sessions=0:2:11");      // two events are at most the gap apart
  expect_refused("sessions:1 utc gap=10 sessions=0:3:21");      // three at most two gaps
  expect_refused("sessions:1 utc gap=10 sessions=0:1,10:1");    // one session
  expect_refused("sessions:1 utc gap=10 sessions=20:1,0:1");    // not ascending
  expect_refused("sessions:1 utc gap=10 sessions=0:2:9,19:1");  // one session
  expect_refused("sessions:1 utc gap=10 sessions=-211813488000000001:1");
  expect_refused("sessions:1 utc gap=10 sessions=9223371331200000000:1");
  expect_refused("sessions:1 utc gap=9223372036854775807 sessions=0:1,100:1");
  expect_refused("sessions:1 utc gap=10 sessions=0:9007199254740993:5");
  expect_refused("sessions:1 utc gap=10 sessions=0:9007199254740992:5,100:1");
  expect_refused("sessions:1 utc gap=10 sessions=0:1,");
  expect_refused("sessions:1 utc gap=10 sessions=0:1 ");
}

// What is wrong with the three sessions where `length` bytes at `at` are replaced; "" if nothing.
std::string wrong(std::size_t at, std::size_t length, const std::string& bytes) {
  std::string message = three_sessions_binary();
  message.replace(at, length, bytes);
  try {
    sessions_from_binary(message);
  } catch (const Error& e) {
    EXPECT_STREQ(e.sqlstate(), "22P03");
    return e.detail();
  }
  return "";
}

std::string number(std::int64_t value) {
  std::string bytes(8, '\0');
  store(bytes.data(), value);
  swap_network_order(bytes.data(), bytes.data(), 8);
  return bytes;
}

TEST(SessionsBinary, RefusesForgeries) {
  const std::string good = three_sessions_binary();
  EXPECT_EQ(wrong(0, 0, ""), "");
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_THROW(sessions_from_binary(good.substr(0, size)), Error) << size;
  EXPECT_THROW(sessions_from_binary(good + '\0'), Error);
  EXPECT_EQ(wrong(0, 1, "\x02"), "The kind or the format version is not known.");
  EXPECT_EQ(wrong(1, 1, "\x02"), "The kind or the format version is not known.");
  EXPECT_EQ(wrong(3, 1, "\x05"), "");                        // local
  EXPECT_EQ(wrong(3, 1, "\x0c"), "Reserved bits are set.");  // the working form
  EXPECT_EQ(wrong(3, 1, "\x14"), "Reserved bits are set.");
  EXPECT_EQ(wrong(3, 1, "\x06"), "Reserved bits are set.");  // no such unit
  EXPECT_EQ(wrong(8, 1, "\x01"), "Reserved bits are set.");
  EXPECT_EQ(wrong(7, 1, "\x04"), "The number of sessions does not fit the contents.");
  EXPECT_EQ(wrong(12, 8, number(0)), "The gap is not positive.");
  EXPECT_EQ(wrong(20, 16, number(kEndMicros) + number(kEndMicros)), "A time is out of range.");
  EXPECT_EQ(wrong(20, 8, number(104'400'000'002)), "A session ends before it begins.");
  EXPECT_EQ(wrong(36, 8, number(0)), "A number of events is out of range.");
  EXPECT_EQ(wrong(36, 8, number(kMaxCount + 1)), "A number of events is out of range.");
  EXPECT_EQ(wrong(36, 8, number(kMaxCount)), "The number of events is out of range.");
  EXPECT_EQ(wrong(36, 8, number(1)), "");
  EXPECT_EQ(wrong(28, 16, number(104'400'000'002) + number(1)),
            "A session is longer than its events and the gap allow.");
  EXPECT_EQ(wrong(20, 16, number(96'000'000'000) + number(96'000'000'000)),
            "The last two sessions are not further apart than the gap.");
  EXPECT_EQ(wrong(20, 16, number(90'000'000'000) + number(90'000'000'000)),
            "The last two sessions are not further apart than the gap.");
  EXPECT_EQ(wrong(44, 3, std::string("\x80\xc6\x8a\0", 4)),
            "The bytes of the sessions are not in their one form or out of range.");
  EXPECT_EQ(wrong(44, 3, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
            "The bytes of the sessions are not in their one form or out of range.");
  EXPECT_EQ(wrong(48, 2, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
            "The bytes of the sessions are not in their one form or out of range.");
  EXPECT_EQ(wrong(50, 1, "\xff\xff\xff\xff\xff\xff\xff\x7f"),
            "The bytes of the sessions are not in their one form or out of range.");
  EXPECT_EQ(wrong(51, 2, std::string("\x90\x1d", 2)),
            "A session is longer than its events and the gap allow.");
  // 172800 ms and so on: what is whole seconds may not be written in milliseconds.
  std::string finer = sessions_written({{0, 0, 1}, {kGap + kSecond, kGap + kSecond, 1}}, Clock::utc, kGap);
  store(finer.data() + 6, sessions_flags(Clock::utc, TimeUnit::millisecond));
  EXPECT_THROW(sessions_check(finer.data(), finer.size(), "XX000", ""), Error);
}

TEST(SessionsListed, RefusesWorkingFormsThatCannotBe) {
  std::string state(kSessionsFirstSize, '\0');
  sessions_start(state.data(), Clock::utc, kGap, 0);
  ASSERT_EQ(sessions_listed(state.data(), state.size()).size(), 1U);
  const auto expect_corrupt = [&](std::size_t at, auto value, std::size_t size = kSessionsFirstSize) {
    std::string forged = state;
    store(forged.data() + at, value);
    EXPECT_THROW(sessions_listed(forged.data(), size), Error) << at;
  };
  expect_corrupt(SessionsView::kEncodedSize, std::uint32_t{1});
  expect_corrupt(SessionsView::kPending, std::uint32_t{9});
  expect_corrupt(SessionsView::kPending, UINT32_MAX);
  expect_corrupt(SessionsView::kGap, std::int64_t{0});
  expect_corrupt(SessionsView::kFirst, std::int64_t{1});
  expect_corrupt(SessionsView::kEvents, std::int64_t{-1});
  expect_corrupt(SessionsView::kPending, std::uint32_t{0}, kSessionsWorkingSize - 8);
  expect_corrupt(8, std::int32_t{0});
  // Sessions wait only where many are encoded already.
  std::vector<Session> many;
  for (std::int64_t i = 0; i < 100; ++i) many.push_back({i * kMicrosPerDay, i * kMicrosPerDay, 1});
  state = sessions_written(many, Clock::utc, kGap);
  const Session earlier{-5, -4, 2};
  state = sessions_rebuilt(state.data(), state.size(), earlier);
  ASSERT_EQ(sessions_insert(state.data(), state.size(), earlier), SessionAdded::done);
  ASSERT_EQ(SessionsView(state.data(), state.size()).pending(), 1U);
  ASSERT_EQ(sessions_listed(state.data(), state.size()).size(), 100U);
  expect_corrupt(state.size() - 8, std::int64_t{0}, state.size());
  expect_corrupt(state.size() - 16, std::int64_t{-6}, state.size());
  expect_corrupt(state.size() - 24, std::int64_t{kEndMicros}, state.size());
}

}  // namespace
}  // namespace persona
