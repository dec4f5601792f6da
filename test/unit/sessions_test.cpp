// sessions against a model that keeps every event: any order, any partition and any shape of merging give the
// bytes of one pass. Expected numbers elsewhere are worked out by hand, beside where they stand.
#include "core/summaries/sessions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/random.h"

namespace persona {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kGap = 30 * kMinute;

/// The state of an aggregate, in exactly the memory it asks for, as the server keeps it.
class Aggregate {
 public:
  explicit Aggregate(std::int64_t at, std::int64_t gap = kGap, Clock clock = Clock::utc)
      : memory_(kSessionsFirstSize) {
    sessions_start(memory_.data(), clock, gap, at);
  }

  void add(std::int64_t at) {
    if (sessions_add(memory_.data(), memory_.size(), at) != SessionAdded::done) insert({at, at, 1});
  }
  void insert(const Session& s) {
    for (;;) {
      const SessionAdded answer = sessions_insert(memory_.data(), memory_.size(), s);
      if (answer == SessionAdded::done) return;
      if (answer == SessionAdded::needs_room) {
        std::vector<char> larger(sessions_grown_size(memory_.data(), memory_.size()));
        sessions_move(larger.data(), larger.size(), memory_.data(), memory_.size());
        memory_.swap(larger);
      } else if (answer == SessionAdded::needs_rebuild) {
        const std::string bytes = sessions_rebuilt(memory_.data(), memory_.size(), s);
        memory_.assign(bytes.begin(), bytes.end());
        memory_.shrink_to_fit();
        ++rebuilds_;
        rebuilt_bytes_ += memory_.size();
      } else {
        sessions_refuse(answer);
      }
    }
  }
  void combine(const Aggregate& other) {
    for (const Session& s : sessions_listed(other.memory_.data(), other.memory_.size())) insert(s);
  }

  std::string stored() const { return sessions_stored(memory_.data(), memory_.size()); }
  SessionsView view() const { return {memory_.data(), memory_.size()}; }
  const std::vector<char>& memory() const { return memory_; }
  int rebuilds() const { return rebuilds_; }
  std::size_t rebuilt_bytes() const { return rebuilt_bytes_; }

 private:
  std::vector<char> memory_;
  int rebuilds_ = 0;
  std::size_t rebuilt_bytes_ = 0;
};

Aggregate aggregate_of(const std::vector<std::int64_t>& times, std::int64_t gap = kGap) {
  Aggregate a(times.at(0), gap);
  for (std::size_t i = 1; i < times.size(); ++i) a.add(times[i]);
  return a;
}

std::string state_of(const std::vector<std::int64_t>& times, std::int64_t gap = kGap) {
  return aggregate_of(times, gap).stored();
}

SessionTotals totals_of(const std::string& state) {
  return SessionsView(state.data(), state.size()).totals();
}

std::string text_of(const std::string& state) { return sessions_to_text(state.data(), state.size()); }

std::string merge(const std::string& a, const std::string& b) {
  return sessions_merged(a.data(), a.size(), b.data(), b.size());
}

void check(const std::string& state) {
  ASSERT_NO_THROW(sessions_check(state.data(), state.size(), "XX000", "the state is not in its one form"));
}

/// The text form by the definition: sort, and part where an event is more than the gap after the one before.
std::string model_text(std::vector<std::int64_t> times, std::int64_t gap) {
  std::sort(times.begin(), times.end());
  std::string text = "sessions:1 utc gap=" + std::to_string(gap) + " sessions=";
  for (std::size_t i = 0; i < times.size();) {
    std::size_t end = i + 1;
    while (end < times.size() && static_cast<__int128>(times[end]) - times[end - 1] <= gap) ++end;
    if (i > 0) text += ',';
    text += std::to_string(times[i]) + ":" + std::to_string(end - i);
    if (end - i > 1) text += ":" + std::to_string(times[end - 1]);
    i = end;
  }
  return text;
}

TEST(Sessions, TheGapItselfContinuesASession) {
  EXPECT_EQ(text_of(state_of({0, kGap})), "sessions:1 utc gap=1800000000 sessions=0:2:1800000000");
  EXPECT_EQ(text_of(state_of({0, kGap + 1})), "sessions:1 utc gap=1800000000 sessions=0:1,1800000001:1");
  EXPECT_EQ(text_of(state_of({kGap, 0})), "sessions:1 utc gap=1800000000 sessions=0:2:1800000000");
  EXPECT_EQ(text_of(state_of({kGap + 1, 0})), "sessions:1 utc gap=1800000000 sessions=0:1,1800000001:1");
  // Between parts as well; and an event between two sessions makes them one.
  EXPECT_EQ(text_of(merge(state_of({0}), state_of({kGap}))),
            "sessions:1 utc gap=1800000000 sessions=0:2:1800000000");
  EXPECT_EQ(text_of(merge(state_of({0, kGap + 1}), state_of({kMinute}))),
            "sessions:1 utc gap=1800000000 sessions=0:3:1800000001");
}

TEST(Sessions, TotalsByHand) {
  // 9:00, 9:10, 9:10 again and 9:25; 11:00 alone; 20:00 and 20:05: 25 and 0 and 5 minutes.
  const std::int64_t nine = 9 * kMicrosPerHour;
  const SessionTotals totals =
      totals_of(state_of({nine + 10 * kMinute, 20 * kMicrosPerHour, nine, 11 * kMicrosPerHour,
                          nine + 25 * kMinute, nine + 10 * kMinute, 20 * kMicrosPerHour + 5 * kMinute}));
  EXPECT_EQ(totals.sessions, 3);
  EXPECT_EQ(totals.events, 7);
  EXPECT_EQ(totals.bounces, 1);
  EXPECT_EQ(totals.browsing_seconds(), 1800);
  EXPECT_EQ(totals.mean_session_seconds(), 600);
  EXPECT_EQ(totals.events_per_session(), 7.0 / 3);
  EXPECT_EQ(totals.bounce_rate(), 1.0 / 3);
}

TEST(Sessions, SimultaneousEventsAreNoBounce) {
  const SessionTotals totals = totals_of(state_of({5, 5}));
  EXPECT_EQ(totals.sessions, 1);
  EXPECT_EQ(totals.bounces, 0);
  EXPECT_EQ(totals.browsing_seconds(), 0);
}

/// Events in clusters, in a unit of time of `grain` microseconds.
std::vector<std::int64_t> random_times(Random* random, std::size_t n, std::int64_t grain) {
  std::vector<std::int64_t> times;
  const std::int64_t from = -40000 * kMicrosPerDay;
  const std::uint64_t span = std::uint64_t{1} << (28 + random->below(24));
  std::int64_t at = from;
  while (times.size() < n) {
    if (times.empty() || random->below(4) == 0)
      at = from + static_cast<std::int64_t>(random->below(span));
    else
      at += static_cast<std::int64_t>(random->below(kGap / 2));
    times.push_back(at / grain * grain);
  }
  return times;
}

TEST(Sessions, AnyOrderAndPartitionIsOnePass) {
  Random random(50);
  for (int round = 0; round < 400; ++round) {
    const std::int64_t grains[] = {1, 1000, kSecond, kMinute};
    const std::int64_t gap = round % 5 == 0 ? 1 + static_cast<std::int64_t>(random.below(kGap)) : kGap;
    const std::vector<std::int64_t> times =
        random_times(&random, 1 + random.below(round % 10 == 0 ? 5000 : 200), grains[round % 4]);
    std::vector<std::int64_t> sorted = times;
    if (round % 3 == 0) std::sort(sorted.begin(), sorted.end());
    if (round % 3 == 1) std::sort(sorted.begin(), sorted.end(), std::greater<>());
    const std::string whole = state_of(sorted, gap);
    check(whole);
    ASSERT_EQ(text_of(whole), model_text(times, gap));

    std::vector<std::vector<std::int64_t>> parts(1 + random.below(20));
    for (const std::int64_t at : times) parts[random.below(parts.size())].push_back(at);
    parts.erase(std::remove_if(parts.begin(), parts.end(), [](const auto& part) { return part.empty(); }),
                parts.end());
    // By the aggregate's combine function, and by merge, in a random shape.
    std::vector<Aggregate> working;
    std::vector<std::string> stored;
    for (const auto& part : parts) {
      working.push_back(aggregate_of(part, gap));
      stored.push_back(working.back().stored());
    }
    while (stored.size() > 1) {
      const std::size_t i = random.below(stored.size() - 1);
      working[i].combine(working.back());
      working.pop_back();
      const std::string other = merge(stored.back(), stored[i]);
      stored[i] = merge(stored[i], stored.back());
      ASSERT_EQ(stored[i], other);  // whichever is first
      stored.pop_back();
    }
    ASSERT_EQ(working[0].stored(), whole);
    ASSERT_EQ(stored[0], whole);
  }
}

TEST(Sessions, TimesAtTheEndsOfTheirRange) {
  const std::vector<std::int64_t> ends = {0,  kEndMicros - 1, kFirstMicros,
                                          -1, kEndMicros - 1, kFirstMicros + 1};
  for (const std::int64_t gap : {std::int64_t{1}, kGap, kEndMicros, INT64_MAX}) {
    const std::string state = state_of(ends, gap);
    check(state);
    EXPECT_EQ(text_of(state), model_text(ends, gap));
    EXPECT_EQ(sessions_from_text(text_of(state)), state);
  }
  // 4714-11-24 BC to 294276 AD, in seconds rounded to a double: one session, since no pause is longer.
  EXPECT_EQ(totals_of(state_of(ends, INT64_MAX)).browsing_seconds(), 9435184819199.999999);
}

TEST(Sessions, AStateGrowsWithItsSessions) {
  EXPECT_EQ(state_of({0}).size(), 48U);
  EXPECT_EQ(Aggregate(0).memory().size(), 128U);
  // Visits two days apart: of one event 4 bytes each, of three within 20 minutes 6, but for the last, which
  // is in the fixed part, and for the first, which counts from the year 2000.
  std::vector<std::int64_t> bounces, visits;
  for (std::int64_t i = 0; i < 301; ++i) {
    const std::int64_t at = 24 * 365 * kMicrosPerDay + i * 2 * kMicrosPerDay;
    bounces.push_back(at);
    for (const std::int64_t after : {0, 7, 20}) visits.push_back(at + after * kMinute);
  }
  EXPECT_EQ(state_of(bounces).size(), 48U + 300 * 4 + 2);
  EXPECT_EQ(state_of(visits).size(), 48U + 300 * 6 + 2);  // 300 sessions in 1,850 bytes
  for (auto& at : visits) at += 123'000;
  EXPECT_EQ(state_of(visits).size(), 48U + 300 * 8 + 2);  // milliseconds
  for (auto& at : visits) at += 456;
  EXPECT_EQ(state_of(visits).size(), 48U + 300 * 12 + 2);  // microseconds
}

TEST(Sessions, TheUnitIsTheCoarsestOfWhatIsLeft) {
  // Half a second past is the end of a session until a later event continues it; then whole seconds remain.
  const std::string finer = state_of({0, kSecond / 2, 10 * kGap});
  const std::string coarse = state_of({0, kSecond, 10 * kGap});
  EXPECT_EQ(SessionsView(finer.data(), finer.size()).unit(), TimeUnit::millisecond);
  EXPECT_EQ(SessionsView(coarse.data(), coarse.size()).unit(), TimeUnit::second);
  // By merging, and by an event that one aggregate meets later.
  const std::string expected = state_of({0, kSecond, 10 * kGap, kSecond / 4});
  EXPECT_EQ(SessionsView(expected.data(), expected.size()).unit(), TimeUnit::second);
  EXPECT_EQ(merge(state_of({0, kSecond / 4, 10 * kGap}), state_of({kSecond})), expected);
  EXPECT_EQ(state_of({0, kSecond / 4, 10 * kGap, kSecond}), expected);
  check(expected);
}

TEST(Sessions, NoOrderMakesAGroupQuadratic) {
  // Events in sessions of 20. All that rebuilds read and write is a multiple of the events, however many.
  for (const std::int64_t n : {25'000, 100'000}) {
    const std::size_t bound = static_cast<std::size_t>(n) * 40;
    std::vector<std::int64_t> times;
    for (std::int64_t i = 0; i < n; ++i) times.push_back(i / 20 * 3 * kMicrosPerHour + i % 20 * 61 * kSecond);
    const Aggregate ascending = aggregate_of(times);
    EXPECT_EQ(ascending.rebuilds(), 0);
    Random random(51);
    for (std::size_t i = times.size(); i > 1; --i) std::swap(times[i - 1], times[random.below(i)]);
    const Aggregate shuffled = aggregate_of(times);
    EXPECT_LE(shuffled.rebuilt_bytes(), bound);
    EXPECT_LE(shuffled.memory().size(), 4 * ascending.memory().size());
    std::sort(times.begin(), times.end(), std::greater<>());
    const Aggregate descending = aggregate_of(times);
    EXPECT_LE(descending.rebuilt_bytes(), bound);
    EXPECT_EQ(shuffled.stored(), ascending.stored());
    EXPECT_EQ(descending.stored(), ascending.stored());

    // Parts in any order, each a session of two events.
    Aggregate sum(-kMicrosPerDay);
    for (std::int64_t i = 0; i < n; ++i) {
      const std::int64_t at = i * 977 % n * kMicrosPerDay;
      sum.insert({at, at + kMinute, 2});
    }
    EXPECT_LE(sum.rebuilt_bytes(), 2 * bound);  // three numbers each, not one
    EXPECT_EQ(totals_of(sum.stored()).sessions, n + 1);
  }
}

TEST(Sessions, ClocksAndGapsDoNotMix) {
  const auto sqlstate_of = [](const std::string& a, const std::string& b) -> std::string {
    try {
      merge(a, b);
    } catch (const Error& e) {
      return std::string(e.sqlstate()) + " " + e.detail();
    }
    return "";
  };
  EXPECT_EQ(sqlstate_of(state_of({0}), Aggregate(0, kGap, Clock::local).stored()).substr(0, 5), "22000");
  EXPECT_EQ(sqlstate_of(state_of({0}), state_of({0}, 1'500'000)),
            "22023 One gap is 1800 seconds, the other 1.5 seconds.");
}

TEST(Sessions, TooMuchIsRefused) {
  const auto sqlstate_of = [](auto body) -> std::string {
    try {
      body();
    } catch (const Error& e) {
      return e.sqlstate();
    }
    return "";
  };
  const std::string most = sessions_written({{0, kGap, kMaxCount}}, Clock::utc, kGap);
  EXPECT_EQ(sqlstate_of([&] { merge(most, state_of({0})); }), "22003");          // one session
  EXPECT_EQ(sqlstate_of([&] { merge(most, state_of({-2 * kGap})); }), "22003");  // two
  Aggregate full(0);
  EXPECT_EQ(sqlstate_of([&] { full.insert({0, kGap, kMaxCount}); }), "22003");
  // Sessions of 17 bytes, ascending, until the state is full.
  std::int64_t sessions = 1;
  EXPECT_EQ(sqlstate_of([&] {
              for (std::int64_t at = 0; sessions < 5'000'000; ++sessions) {
                at += std::int64_t{1} << 40U;
                full.insert({at, at + (std::int64_t{1} << 38U) + 1, 1 << 30U});
              }
            }),
            "54000");
  EXPECT_GE(sessions, 3'000'000);
  EXPECT_LE(full.memory().size(), kMaxSessionsSize + (std::size_t{16} << 20U));
  EXPECT_EQ(sqlstate_of([&] { full.stored(); }), "54000");
}

}  // namespace
}  // namespace persona
