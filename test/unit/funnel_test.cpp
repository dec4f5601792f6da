// funnel against brute force over all assignments of events to steps, the cases that others answered wrongly,
// and the property that any partition of the events, in any order and merged in any shape, gives the bytes of
// one pass.
#include "core/summaries/funnel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/summaries/funnel_gathering.h"

namespace persona {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::uint32_t kA = 1, kB = 2, kC = 4;

FunnelTerms terms_of(int steps, std::int64_t within, bool any_order = false) {
  return {Clock::utc, any_order, steps, within};
}

// A state as the aggregate makes it, event by event.
std::string gathered(const FunnelTerms& terms, const FunnelEvents& events) {
  std::string state(kFunnelGatheringSize, '\0');
  funnel_gather_start(state.data(), terms);
  for (const FunnelEvent& event : events) {
    if (funnel_gather(state.data(), state.size(), event)) continue;
    state.resize(funnel_gathering_room(state.data(), state.size(), 1));
    EXPECT_TRUE(funnel_gather(state.data(), state.size(), event));
  }
  return state;
}

std::string state_of(const FunnelTerms& terms, const FunnelEvents& events) {
  const std::string state = gathered(terms, events);
  return funnel_canonical(state.data(), state.size());
}

FunnelChain chain_of(const FunnelTerms& terms, const FunnelEvents& events) {
  const std::string state = state_of(terms, events);
  return funnel_chain(funnel_terms(state.data()), funnel_events(state.data(), state.size()));
}

int depth_of(const FunnelTerms& terms, const FunnelEvents& events) { return chain_of(terms, events).depth; }

// The better of two chains: deeper, then ending earlier, then beginning later.
bool is_better(const FunnelChain& a, const FunnelChain& b) {
  if (a.depth != b.depth) return a.depth > b.depth;
  if (a.depth == 0) return false;
  return a.last != b.last ? a.last < b.last : a.first > b.first;
}

// Tries every assignment of different events to steps; `depth` of the steps are assigned.
void search(const FunnelTerms& terms, const FunnelEvents& events, std::vector<bool>* used, int step,
            const FunnelChain& chain, FunnelChain* best) {
  if (is_better(chain, *best)) *best = chain;
  if (step == terms.steps) return;
  if (terms.any_order) search(terms, events, used, step + 1, chain, best);  // without this step
  for (std::size_t i = 0; i < events.size(); ++i) {
    if ((*used)[i] || ((events[i].steps >> static_cast<unsigned>(step)) & 1U) == 0) continue;
    FunnelChain longer = {chain.depth + 1, events[i].at, events[i].at};
    if (chain.depth > 0) {
      if (!terms.any_order && events[i].at < chain.last) continue;
      longer.first = std::min(chain.first, events[i].at);
      longer.last = std::max(chain.last, events[i].at);
      if (longer.last - longer.first > terms.within) continue;
    }
    (*used)[i] = true;
    search(terms, events, used, step + 1, longer, best);
    (*used)[i] = false;
  }
}

FunnelChain brute_force(const FunnelTerms& terms, const FunnelEvents& events) {
  FunnelChain best;
  std::vector<bool> used(events.size());
  search(terms, events, &used, 0, {}, &best);
  return best;
}

// Events at few different times, many of them with several steps.
FunnelEvents random_events(Random* random, int steps, std::size_t most, std::int64_t times) {
  FunnelEvents events(random->below(most + 1));
  const auto all = static_cast<std::uint32_t>((std::uint64_t{1} << static_cast<unsigned>(steps)) - 1);
  for (FunnelEvent& event : events) {
    event.at = static_cast<std::int64_t>(random->below(static_cast<std::uint64_t>(times))) - times / 2;
    event.steps = std::uint32_t{1} << random->below(static_cast<std::uint64_t>(steps));
    if (random->below(3) == 0) event.steps |= static_cast<std::uint32_t>(random->next()) & all;
  }
  return events;
}

void expect_same(const FunnelChain& got, const FunnelChain& expected) {
  ASSERT_EQ(got.depth, expected.depth);
  ASSERT_EQ(got.first, expected.first);
  ASSERT_EQ(got.last, expected.last);
}

TEST(Funnel, EqualsBruteForce) {
  Random random(80);
  int depths[2][7] = {};
  for (int round = 0; round < 40000; ++round) {
    const int steps = 2 + static_cast<int>(random.below(4));
    const auto times = static_cast<std::int64_t>(1 + random.below(9));
    const auto within = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(times) + 1));
    const FunnelTerms terms = terms_of(steps, within, round % 2 == 1);
    const FunnelEvents events = random_events(&random, steps, 7, times);
    const FunnelChain expected = brute_force(terms, events);
    expect_same(chain_of(terms, events), expected);
    ++depths[round % 2][expected.depth];
  }
  for (const auto& mode : depths)
    for (int depth = 0; depth <= 5; ++depth) EXPECT_GT(mode[depth], 50) << depth;
}

TEST(Funnel, WhatIsLeftOutNeverMatters) {
  Random random(81);
  int shorter = 0;
  for (int round = 0; round < 20000; ++round) {
    const int steps = 2 + static_cast<int>(random.below(2));
    const FunnelTerms terms = terms_of(steps, static_cast<std::int64_t>(random.below(6)), round % 2 == 1);
    FunnelEvents now = random_events(&random, steps, 6, 6);
    const FunnelEvents later = random_events(&random, steps, 4, 8);
    FunnelEvents all = now;
    all.insert(all.end(), later.begin(), later.end());
    funnel_reduce(terms, &now);
    shorter += now.size() + later.size() < all.size() ? 1 : 0;
    now.insert(now.end(), later.begin(), later.end());
    expect_same(brute_force(terms, now), brute_force(terms, all));
  }
  EXPECT_GT(shorter, 5000);
}

TEST(Funnel, AnyPartitionInAnyOrderIsOnePass) {
  Random random(82);
  for (int round = 0; round < 2000; ++round) {
    const int steps = 2 + static_cast<int>(random.below(31));
    const FunnelTerms terms = terms_of(steps, static_cast<std::int64_t>(random.below(40)), round % 2 == 1);
    FunnelEvents events =
        random_events(&random, steps, 200, 1 + static_cast<std::int64_t>(random.below(300)));
    const std::string whole = state_of(terms, events);
    std::vector<FunnelEvents> parts(1 + random.below(6));
    std::reverse(events.begin(), events.end());
    for (const FunnelEvent& event : events) parts[random.below(parts.size())].push_back(event);

    std::vector<std::string> states;
    for (const FunnelEvents& part : parts) states.push_back(state_of(terms, part));
    std::string rolled(kFunnelGatheringSize, '\0');  // as rollup does, parts in both forms
    funnel_gather_start(rolled.data(), terms);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const std::string part = i % 2 == 0 ? states[i] : gathered(terms, parts[i]);
      const FunnelEvents of_part = funnel_events(part.data(), part.size());
      rolled.resize(funnel_gathering_room(rolled.data(), rolled.size(), of_part.size()));
      funnel_gather_all(rolled.data(), rolled.size(), of_part);
    }
    ASSERT_EQ(funnel_canonical(rolled.data(), rolled.size()), whole);
    while (states.size() > 1) {
      const std::size_t i = random.below(states.size() - 1);
      const std::string& other = states.back();
      const std::string merged = funnel_merge(states[i].data(), states[i].size(), other.data(), other.size());
      ASSERT_EQ(funnel_merge(other.data(), other.size(), states[i].data(), states[i].size()), merged);
      states[i] = merged;
      states.pop_back();
    }
    ASSERT_EQ(states[0], whole);
  }
}

// The cases below are those in which windowFunnel of ClickHouse and its like answered wrongly.

TEST(Funnel, AnEventServesOneStep) {
  EXPECT_EQ(depth_of(terms_of(2, 10), {{0, kA | kB}}), 1);
  EXPECT_EQ(depth_of(terms_of(2, 10), {{0, kA | kB}, {5, kA | kB}}), 2);
  EXPECT_EQ(depth_of(terms_of(3, 10), {{0, kA | kB}, {5, kA | kB}, {6, kB}}), 2);
  EXPECT_EQ(depth_of(terms_of(2, 10, true), {{0, kA | kB}}), 1);
  // The event of both steps must serve the second: another serves the first.
  EXPECT_EQ(depth_of(terms_of(3, 10), {{0, kA}, {1, kA | kB}, {2, kC}}), 3);
}

TEST(Funnel, ARepeatedFirstStepOpensASecondWindow) {
  // Only the later first step is near enough.
  EXPECT_EQ(depth_of(terms_of(3, 10), {{0, kA}, {8, kA}, {12, kB}, {18, kC}}), 3);
  // Only the earlier one has a second step behind it: it is not forgotten at 8.
  EXPECT_EQ(depth_of(terms_of(3, 10), {{0, kA}, {5, kB}, {8, kA}, {10, kC}}), 3);
  // A chain that grew too old does not hide a younger one.
  EXPECT_EQ(depth_of(terms_of(3, 10), {{0, kA}, {1, kB}, {20, kA}, {25, kB}, {30, kC}}), 3);
}

TEST(Funnel, EventsAtOneTimeHaveNoOrder) {
  FunnelEvents events = {{7, kA}, {7, kB}, {7, kC}};
  do {
    EXPECT_EQ(depth_of(terms_of(3, 0), events), 3);
  } while (
      std::next_permutation(events.begin(), events.end(),
                            [](const FunnelEvent& a, const FunnelEvent& b) { return a.steps < b.steps; }));
  EXPECT_EQ(depth_of(terms_of(3, 5), {{7, kA}, {7, kB | kC}}), 2);
  EXPECT_EQ(depth_of(terms_of(3, 5), {{7, kA | kB}, {7, kA | kC}, {7, kA}}), 3);
  EXPECT_EQ(depth_of(terms_of(3, 5), {{7, kB}, {7, kC}, {2, kA}}), 3);
}

TEST(Funnel, TheWindowIncludesItsEnd) {
  EXPECT_EQ(depth_of(terms_of(2, 10), {{0, kA}, {10, kB}}), 2);
  EXPECT_EQ(depth_of(terms_of(2, 10), {{0, kA}, {11, kB}}), 1);
  EXPECT_EQ(depth_of(terms_of(3, 10), {{0, kA}, {10, kB}, {11, kC}}), 2);
  EXPECT_EQ(depth_of(terms_of(2, 10, true), {{0, kB}, {10, kA}}), 2);
  EXPECT_EQ(depth_of(terms_of(2, 10, true), {{0, kB}, {11, kA}}), 1);
}

TEST(Funnel, OrderMattersUnlessItMayNot) {
  const FunnelEvents backward = {{0, kC}, {1, kB}, {2, kA}};
  EXPECT_EQ(depth_of(terms_of(3, 10), backward), 1);
  EXPECT_EQ(depth_of(terms_of(3, 10, true), backward), 3);
  EXPECT_EQ(depth_of(terms_of(3, 10), {{0, kB}, {1, kC}}), 0);  // without the first step there is no chain
  EXPECT_EQ(depth_of(terms_of(3, 10, true), {{0, kB}, {1, kC}}), 2);
}

TEST(Funnel, TheFirstConversionIsTimed) {
  // Depth 2 is first reached at 20 s, from the later of the two first steps.
  const FunnelChain chain =
      chain_of(terms_of(2, 60 * kSecond),
               {{0, kA}, {5 * kSecond, kA}, {20 * kSecond, kB}, {21 * kSecond, kA}, {22 * kSecond, kB}});
  EXPECT_EQ(chain.seconds(), 15);
  EXPECT_EQ(chain_of(terms_of(2, 60), {{3, kA}}).seconds(), 0);
  // The ends of time are further apart than an int64 can say.
  EXPECT_EQ(depth_of(terms_of(2, INT64_MAX), {{kFirstMicros, kA}, {kEndMicros - 1, kB}}), 1);
  EXPECT_EQ(depth_of(terms_of(2, INT64_MAX), {{kFirstMicros, kA}, {INT64_MAX + kFirstMicros, kB}}), 2);
}

TEST(Funnel, KeepsWhatCanMatter) {
  const FunnelTerms terms = terms_of(2, 10);
  const auto kept = [&](const FunnelEvents& events) {
    const std::string state = state_of(terms, events);
    return funnel_events(state.data(), state.size()).size();
  };
  EXPECT_EQ(kept(FunnelEvents(1000, {5, kA})), 1U);
  EXPECT_EQ(kept(FunnelEvents(1000, {5, kA | kB})), 2U);
  EXPECT_EQ(kept({{0, kA}, {1, kB}, {2, kA}, {3, kB}}), 2U);  // complete at 1
  EXPECT_EQ(kept({{0, kA}, {1, kA}, {2, kA}, {30, kB}}), 4U);
  EXPECT_EQ(kept({}), 0U);
}

TEST(Funnel, GathersWithoutGrowingOnceComplete) {
  const FunnelTerms terms = terms_of(2, 10);
  FunnelEvents events = {{0, kA}, {1, kB}};
  for (std::int64_t i = 0; i < 5000; ++i) events.push_back({2 + i, kA});
  EXPECT_EQ(gathered(terms, events).size(), kFunnelGatheringSize);
}

TEST(Funnel, HasABoundOnItsEvents) {
  const FunnelTerms terms = terms_of(2, 10);
  FunnelEvents events;
  for (std::size_t i = 0; i < kFunnelMostEvents; ++i)
    events.push_back({static_cast<std::int64_t>(i) * 100 * kSecond, kA});
  std::string state = state_of(terms, events);
  // One byte of time and step: 100 s are no multiple of a minute, so seconds are counted: 100 * 4 needs two
  // bytes.
  EXPECT_EQ(state.size(), kFunnelLeastSize + 1 + 2 * (kFunnelMostEvents - 1));
  EXPECT_EQ(funnel_from_text(funnel_to_text(state.data(), state.size())), state);
  const std::string one = state_of(terms, {{-1, kB}});
  try {
    funnel_merge(state.data(), state.size(), one.data(), one.size());
    ADD_FAILURE() << "65,537 events were kept";
  } catch (const Error& e) {
    EXPECT_STREQ(e.sqlstate(), "54000");
    EXPECT_FALSE(e.hint().empty());
  }
}

void expect_error(const char* sqlstate, const FunnelTerms& a, const FunnelTerms& b) {
  try {
    funnel_require_same(a, b);
    ADD_FAILURE() << "merged";
  } catch (const Error& e) {
    EXPECT_STREQ(e.sqlstate(), sqlstate);
  }
}

TEST(Funnel, RefusesToMixTerms) {
  const FunnelTerms terms = terms_of(3, 10);
  EXPECT_NO_THROW(funnel_require_same(terms, terms));
  expect_error("22000", terms, {Clock::local, false, 3, 10});
  expect_error("22000", terms, terms_of(3, 10, true));
  expect_error("22023", terms, terms_of(4, 10));
  expect_error("22023", terms, terms_of(3, 11));
  const std::string state = gathered(terms, {});
  EXPECT_TRUE(funnel_gathers(state.data(), terms));
  EXPECT_FALSE(funnel_gathers(state.data(), {Clock::local, false, 3, 10}));
  EXPECT_FALSE(funnel_gathers(state.data(), terms_of(3, 10, true)));
  EXPECT_FALSE(funnel_gathers(state.data(), terms_of(4, 10)));
  EXPECT_FALSE(funnel_gathers(state.data(), terms_of(3, 11)));
}

TEST(Funnel, ADamagedStateIsAnErrorNotACrash) {
  std::string state = state_of(terms_of(3, 10), {{0, kA}, {1000, kB | kC}});
  state.back() = '\xff';
  try {
    funnel_events(state.data(), state.size());
    ADD_FAILURE() << "read";
  } catch (const Error& e) {
    EXPECT_STREQ(e.sqlstate(), "XX000");
  }
}

}  // namespace
}  // namespace persona
