// decayed against its formula in 113-bit arithmetic, values by hand and by Python's decimal module, and the
// property that any partition, merged in any order, gives the one-pass answer.
#include "core/summaries/decayed.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/summaries/decayed_weight.h"

namespace persona {
namespace {

__extension__ using Quad = __float128;

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kWeek = 7 * kMicrosPerDay;

Quad magnitude(Quad x) { return x < 0 ? -x : x; }

Quad power_of_two(std::int64_t n) {
  if (n < -16000) return 0;
  Quad power = 1;
  for (std::int64_t i = n < 0 ? -n : n; i > 0; --i) power *= n < 0 ? 0.5 : 2;
  return power;
}

// 2^x by the series of exp, and log 2 = 2 artanh(1/3) by its own.
Quad exp2_quad(Quad x) {
  Quad log2 = 0;
  Quad power = Quad(1) / 3;
  for (int i = 0; i < 80; ++i, power /= 9) log2 += 2 * power / (2 * i + 1);
  const auto whole = static_cast<std::int64_t>(x);
  const Quad z = (x - whole) * log2;
  Quad sum = 1;
  Quad term = 1;
  for (int i = 1; i < 60; ++i) sum += term *= z / i;
  return sum * power_of_two(whole);
}

struct Event {
  std::int64_t at;
  double amount;
};

struct Answer {
  Quad total = 0, count = 0, size = 0;  // size: the sum of the absolute terms
};

Answer by_formula(const std::vector<Event>& events, std::int64_t half_life, std::int64_t as_of) {
  Answer answer;
  for (const Event& e : events) {
    const Quad weight = exp2_quad(-(Quad(as_of) - Quad(e.at)) / half_life);
    answer.total += weight * e.amount;
    answer.count += weight;
    answer.size += magnitude(weight * e.amount);
  }
  return answer;
}

Decayed decayed_of(const std::vector<Event>& events, std::int64_t half_life) {
  Decayed d = Decayed::of_event(Clock::utc, half_life, events[0].at, events[0].amount);
  for (std::size_t i = 1; i < events.size(); ++i)
    EXPECT_TRUE(d.merge(Decayed::of_event(Clock::utc, half_life, events[i].at, events[i].amount)));
  return d;
}

std::string state_of(const Decayed& d) {
  std::string state(kDecayedSize, '\0');
  d.write(state.data());
  return state;
}

TEST(HalfLifeWeight, IsTheFormulaToSeventyFourBits) {
  Random random(60);
  for (int i = 0; i < 20000; ++i) {
    const auto half_life =
        static_cast<std::int64_t>(1 + random.below(std::uint64_t{1} << (1 + random.below(52))));
    const auto elapsed = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(half_life) + 1));
    const DoubleDouble weight = half_life_weight(elapsed, half_life);
    const Quad exact = exp2_quad(-Quad(elapsed) / half_life);
    const Quad error = magnitude(Quad(weight.hi) + Quad(weight.lo) - exact) / exact;
    ASSERT_LE(static_cast<double>(error), 0x1p-74) << elapsed << " of " << half_life;
    ASSERT_EQ(weight.hi + weight.lo, weight.hi);
  }
  for (const std::int64_t half_life : {std::int64_t{1}, kSecond, kWeek, kMaxHalfLife}) {
    EXPECT_EQ(half_life_weight(0, half_life), DoubleDouble(1));
    EXPECT_EQ(half_life_weight(half_life, half_life), DoubleDouble(0.5));
  }
  // 2^(-1/2) to 33 digits: 0.707106781186547524400844362104849.
  const DoubleDouble root = half_life_weight(1, 2);
  EXPECT_EQ(root.hi, 0.707106781186547524400844362104849);
  EXPECT_NEAR(root.lo, -4.8336466567264567e-17, 0x1p-75);
}

TEST(Decayed, HalvesWithEveryHalfLifeToTheLastDigit) {
  Random random(61);
  for (int i = 0; i < 2000; ++i) {
    const auto at = static_cast<std::int64_t>(random.uniform() * 1e18) - 200'000'000'000'000'000;
    const auto half_life =
        static_cast<std::int64_t>(1 + random.below(std::uint64_t{1} << (1 + random.below(50))));
    const Decayed d = Decayed::of_event(Clock::utc, half_life, at, 100);
    ASSERT_EQ(d.total_as_of(at), 100);
    ASSERT_EQ(d.total_as_of(at + half_life), 50);
    ASSERT_EQ(d.total_as_of(at + 3 * half_life), 12.5);
    ASSERT_EQ(d.total_as_of(at - 2 * half_life), 400);  // an event still to come
    ASSERT_EQ(d.count_as_of(at), 1);
    ASSERT_EQ(d.count_as_of(at + half_life), 0.5);
    ASSERT_EQ(d.mean(), 100);
  }
}

TEST(Decayed, ThreePurchases) {
  // 10, 20 and 7 on days 0, 3 and 10, half-life 7 days, as of day 12. By Python: sum(Decimal(x) * Decimal(2)
  // **
  // (-(Decimal(12) - t) / 7) for t, x in ((0, 10), (3, 20), (10, 7))) and the like, to 30 digits.
  const Decayed d = decayed_of({{0, 10}, {3 * kMicrosPerDay, 20}, {10 * kMicrosPerDay, 7}}, kWeek);
  EXPECT_DOUBLE_EQ(d.total_as_of(12 * kMicrosPerDay), 16.99323518764103368994);
  EXPECT_DOUBLE_EQ(d.count_as_of(12 * kMicrosPerDay), 1.53525644756257584334);
  EXPECT_DOUBLE_EQ(d.mean(), 11.06866231672243294781);
  EXPECT_EQ(d.last, 10 * kMicrosPerDay);
}

TEST(Decayed, AnyPartitionInAnyOrderIsTheFormula) {
  Random random(62);
  for (int round = 0; round < 150; ++round) {
    // Histories of a second to 300 years, half-lives of a second to 30 years: up to billions of them.
    const double span = 1e6 * std::exp(random.uniform() * std::log(1e10));
    const auto half_life = static_cast<std::int64_t>(1e6 * std::exp(random.uniform() * std::log(1e9)));
    const bool signs = round % 3 == 0;
    std::vector<Event> events;
    for (std::size_t n = 1 + random.below(200); n > 0; --n) {
      const double amount = std::exp(3 * random.normal());
      events.push_back({static_cast<std::int64_t>(random.uniform() * span) - 5'000'000'000'000'000,
                        signs && random.below(2) == 0 ? -amount : amount});
    }
    std::vector<std::vector<Event>> groups(1 + random.below(12));
    for (const Event& e : events) groups[random.below(groups.size())].push_back(e);
    std::vector<Decayed> parts;
    for (const std::vector<Event>& group : groups)
      if (!group.empty()) parts.push_back(decayed_of(group, half_life));
    while (parts.size() > 1) {
      const std::size_t i = random.below(parts.size() - 1);
      Decayed other = parts.back();
      const Decayed left = parts[i];
      ASSERT_TRUE(parts[i].merge(parts.back()));
      ASSERT_TRUE(other.merge(left));
      ASSERT_EQ(state_of(parts[i]), state_of(other));  // whichever is first
      parts.pop_back();
    }
    const std::int64_t last =
        std::max_element(events.begin(), events.end(), [](const Event& a, const Event& b) {
          return a.at < b.at;
        })->at;
    ASSERT_EQ(parts[0].last, last);
    for (const Decayed& d : {decayed_of(events, half_life), parts[0]}) {
      ASSERT_NO_THROW(decayed_check(state_of(d).data(), kDecayedSize, "XX000", ""));
      for (const std::int64_t as_of :
           {last, last + static_cast<std::int64_t>(random.uniform() * 100 * static_cast<double>(half_life)),
            last - static_cast<std::int64_t>(random.uniform() * 20 * static_cast<double>(half_life))}) {
        const Answer exact = by_formula(events, half_life, as_of);
        const auto total = static_cast<double>(exact.total);
        ASSERT_NEAR(d.total_as_of(as_of), total,
                    std::fabs(total) * 0x1p-53 + 1e-22 * static_cast<double>(exact.size) + 5e-324);
        const auto count = static_cast<double>(exact.count);
        ASSERT_NEAR(d.count_as_of(as_of), count, count * 0x1p-53 + 5e-324);
        ASSERT_NEAR(d.mean(), static_cast<double>(exact.total / exact.count),
                    1e-15 * static_cast<double>(exact.size / exact.count));
      }
    }
  }
}

TEST(Decayed, TwentyYearsOfASecondsHalfLife) {
  const std::int64_t now = 20 * 365 * kMicrosPerDay;
  const Decayed d = decayed_of({{0, 1e300}, {now, 3}, {now / 2, -1e300}, {now - kSecond, 4}}, kSecond);
  EXPECT_EQ(d.total_as_of(now), 5);
  EXPECT_EQ(d.count_as_of(now), 1.5);
  EXPECT_EQ(d.total_as_of(now + 3000 * kSecond), 0);
  EXPECT_EQ(d.total_as_of(0), std::numeric_limits<double>::infinity());  // 5 * 2^630720000
  EXPECT_EQ(decayed_of({{0, 1e300}, {2100 * kSecond, 0}}, kSecond).total_as_of(2100 * kSecond), 0);
  EXPECT_DOUBLE_EQ(decayed_of({{0, 1e300}, {1000 * kSecond, 0}}, kSecond).total_as_of(1000 * kSecond),
                   1e300 * 0x1p-1000);
}

TEST(Decayed, TheEndsOfTime) {
  const std::int64_t end = kEndMicros - 1;
  for (const std::int64_t half_life : {std::int64_t{1}, kMaxHalfLife - 1, kMaxHalfLife}) {
    const Decayed d = decayed_of({{kFirstMicros, 7}, {end, 8}}, half_life);
    EXPECT_EQ(d.total_as_of(end), 8);  // 1,079 half-lives at the least: 7 * 2^-1079 is no digit of it
    EXPECT_EQ(d.last, end);
    const Decayed first = decayed_of({{kFirstMicros, 7}}, half_life);
    EXPECT_EQ(first.total_as_of(kFirstMicros), 7);
    EXPECT_EQ(first.total_as_of(end), 0);
    EXPECT_EQ(Decayed::of_event(Clock::utc, half_life, end, 0).total_as_of(kFirstMicros), 0);
  }
}

TEST(Decayed, AmountsNearTheGreatestDouble) {
  constexpr double kGreatest = std::numeric_limits<double>::max();
  for (std::int64_t at = 0; at < kWeek; at += kWeek / 7 - 11) {
    Decayed d = Decayed::of_event(Clock::utc, kWeek, at, kGreatest);
    EXPECT_EQ(d.total_as_of(at), kGreatest);
    EXPECT_EQ(d.total_as_of(at + kWeek), kGreatest / 2);
    EXPECT_EQ(d.mean(), kGreatest);
  }
  Decayed d = Decayed::of_event(Clock::utc, kWeek, 0, kGreatest);
  const std::string before = state_of(d);
  EXPECT_FALSE(d.merge(d));
  EXPECT_EQ(state_of(d), before);
}

TEST(Decayed, PutsTogetherOnlyWhatFadesAlike) {
  const auto refusal = [](const Decayed& a, const Decayed& b) {
    try {
      decayed_require_same(a, b);
      return std::string();
    } catch (const Error& e) {
      return std::string(e.sqlstate()) + " " + e.what();
    }
  };
  const Decayed utc = Decayed::of_event(Clock::utc, kWeek, 0, 1);
  EXPECT_EQ(refusal(utc, utc), "");
  EXPECT_EQ(refusal(utc, Decayed::of_event(Clock::local, kWeek, 0, 1)),
            "22000 cannot merge a decayed total of UTC times with one of local times");
  EXPECT_EQ(refusal(utc, Decayed::of_event(Clock::utc, 90 * kSecond, 0, 1)),
            "22023 cannot put together decayed totals with half-lives of 7 days and 90 seconds");
  EXPECT_EQ(
      refusal(Decayed::of_event(Clock::utc, 1, 0, 1), Decayed::of_event(Clock::utc, kMicrosPerHour, 0, 1)),
      "22023 cannot put together decayed totals with half-lives of 1 microsecond and 1 hour");
}

TEST(DecayedText, IsPinned) {
  // A day's half-life; 12 at noon of 2000-01-02 counts 2^(-1/2) at midnight, 3 at midnight counts whole: the
  // total is 12 * 0.70710678118654752440... + 3. By Python's decimal, as the nearest pairs.
  const Decayed d =
      decayed_of({{2 * kMicrosPerDay - kMicrosPerDay / 2, 12}, {2 * kMicrosPerDay, 3}}, kMicrosPerDay);
  EXPECT_EQ(d.total.hi, 11.48528137423857);
  EXPECT_EQ(d.weight.hi, 1.7071067811865475);
  const Decayed one = Decayed::of_event(Clock::local, kMicrosPerDay, -kMicrosPerDay, -2.5);
  EXPECT_EQ(decayed_to_text(state_of(one).data()),
            "decayed:1 local half_life=86400000000 last=-86400000000 total=-2.5 weight=1");
}

TEST(DecayedBinary, IsPinned) {
  // 1.5 at 2000-01-01 00:00, half-life 1 second = 0xf4240 microseconds. Byte by byte from
  // docs/summaries/decayed.md.
  std::string expected(kDecayedSize - 4, '\0');
  expected[0] = 6;
  expected[1] = 1;
  expected[17] = '\x0f';
  expected[18] = '\x42';
  expected[19] = '\x40';
  expected[28] = '\x3f';
  expected[29] = '\xf8';
  expected[44] = '\x3f';
  expected[45] = '\xf0';
  EXPECT_EQ(decayed_to_binary(state_of(Decayed::of_event(Clock::utc, kSecond, 0, 1.5)).data()), expected);
}

TEST(DecayedForms, RoundTripToTheByte) {
  Random random(63);
  for (int round = 0; round < 1000; ++round) {
    const auto half_life = static_cast<std::int64_t>(1 + random.below(kMaxHalfLife));
    Decayed d = Decayed::of_event(round % 2 == 0 ? Clock::utc : Clock::local, half_life,
                                  static_cast<std::int64_t>(random.uniform() * 1e18), random.normal());
    Decayed old = d;
    old.last -= static_cast<std::int64_t>(random.uniform() * 1100) * half_life;  // down to the least doubles
    ASSERT_TRUE(d.merge(old));
    const std::string state = state_of(d);
    ASSERT_EQ(decayed_from_text(decayed_to_text(state.data())), state);
    ASSERT_EQ(decayed_from_binary(decayed_to_binary(state.data())), state);
  }
}

TEST(DecayedForms, WhatIsLeftOfAFadedTotalIsInItsOneForm) {
  Random random(64);
  for (int round = 0; round < 20000; ++round) {
    Decayed d = decayed_of({{0, random.normal()}, {3, random.normal()}, {7, random.normal()}}, 10);
    ASSERT_TRUE(d.merge(
        Decayed::of_event(Clock::utc, 10, 10 * static_cast<std::int64_t>(900 + random.below(200)), 0)));
    ASSERT_NO_THROW(decayed_check(state_of(d).data(), kDecayedSize, "XX000", ""))
        << decayed_to_text(state_of(d).data());
  }
}

void expect_refused(const std::string& text) {
  try {
    decayed_from_text(text);
    ADD_FAILURE() << "accepted: " << text;
  } catch (const Error& e) {
    EXPECT_STREQ(e.sqlstate(), "22P02") << text;
  }
}

TEST(DecayedText, RefusesForgeries) {
  ASSERT_NO_THROW(decayed_from_text("decayed:1 utc half_life=1000000 last=0 total=1.5 weight=1"));
  ASSERT_NO_THROW(
      decayed_from_text("decayed:1 local half_life=1000000 last=-500000 total=0 weight=0.7071067811865476"));
  expect_refused("");
  expect_refused("decayed:2 utc half_life=1000000 last=0 total=1.5 weight=1");
  expect_refused("decayed:1 gmt half_life=1000000 last=0 total=1.5 weight=1");
  expect_refused("decayed:1 utc half_life=0 last=0 total=1.5 weight=1");
  expect_refused("decayed:1 utc half_life=8640000000000001 last=0 total=1.5 weight=1");
  expect_refused("decayed:1 utc half_life=1000000 last=9223371331200000000 total=1.5 weight=1");
  expect_refused("decayed:1 utc half_life=1000000 last=0 total=inf weight=1");
  expect_refused("decayed:1 utc half_life=1000000 last=0 total=1.5+1 weight=1");  // not in its one form
  expect_refused("decayed:1 utc half_life=1000000 last=0 total=1.5 weight=0.9");
  expect_refused("decayed:1 utc half_life=1000000 last=-500000 total=1.5 weight=0.707");
  expect_refused("decayed:1 utc half_life=1000000 last=0 total=1.5 weight=-1");
  expect_refused("decayed:1 utc half_life=1000000 last=0 total=1.5 weight=1 ");
}

TEST(DecayedBinary, RefusesForgeries) {
  const std::string good = decayed_to_binary(state_of(Decayed::of_event(Clock::utc, kSecond, 0, 1.5)).data());
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_THROW(decayed_from_binary(good.substr(0, size)), Error) << size;
  EXPECT_THROW(decayed_from_binary(good + '\0'), Error);
  for (std::size_t at = 0; at < 12; ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 4);
    EXPECT_THROW(decayed_from_binary(bad), Error) << at;
  }
  const auto with = [&](std::size_t at, const std::string& bytes) {
    std::string bad = good;
    bad.replace(at, bytes.size(), bytes);
    return bad;
  };
  EXPECT_THROW(decayed_from_binary(with(12, std::string(8, '\0'))), Error);                // no half-life
  EXPECT_THROW(decayed_from_binary(with(12, std::string("\x00\x20", 2))), Error);          // beyond 2^53
  EXPECT_THROW(decayed_from_binary(with(20, std::string("\x7f\xff\xff\xff", 4))), Error);  // no time
  EXPECT_THROW(decayed_from_binary(with(28, std::string("\x7f\xf0", 2))), Error);  // an infinite total
  EXPECT_THROW(decayed_from_binary(with(28, std::string("\x80\0", 2))), Error);    // a negative zero
  EXPECT_THROW(decayed_from_binary(with(44, std::string("\x3f\xe0", 2))), Error);  // half a weight
}

}  // namespace
}  // namespace persona
