// An activity state in plain memory, grown as the server grows it, and a model of it that keeps every event.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/random.h"
#include "core/summaries/activity.h"
#include "core/summaries/activity_forms.h"

namespace persona::testing {

inline constexpr std::int64_t kDay = kMicrosPerDay;
inline constexpr std::int64_t kHour = kMicrosPerHour;

/// Adds one event as the aggregate does, within exactly the memory it asks for. `slack` bytes are there to
/// spare.
inline ActivityAdded add_event(std::string* state, const ActivityEvent& event, std::size_t slack = 0) {
  std::size_t size = state->size();
  std::vector<char> memory(state->begin(), state->end());
  memory.resize(size + slack);
  ActivityAdded answer = activity_add(memory.data(), &size, memory.size(), event);
  if (answer == ActivityAdded::needs_room) {
    const std::size_t larger = activity_room(memory.data(), size, event);
    memory.resize(std::max(size, larger));
    memory.shrink_to_fit();
    activity_make_room(memory.data(), size, event);
    size = larger;
    answer = activity_add(memory.data(), &size, larger, event);
  }
  state->assign(memory.data(), size);
  return answer;
}

inline std::string start(const ActivityEvent& event, Clock clock = Clock::utc) {
  std::string state(kActivityFirstSize, '\0');
  activity_start(state.data(), clock, event);
  return state;
}

inline std::string state_of(const std::vector<ActivityEvent>& events, Clock clock = Clock::utc) {
  std::string state = start(events.at(0), clock);
  for (std::size_t i = 1; i < events.size(); ++i) {
    if (add_event(&state, events[i], i % 3) != ActivityAdded::done) std::abort();
  }
  return state;
}

inline std::string merge(const std::string& a, const std::string& b) {
  std::string to(activity_merged_size(a.data(), a.size(), b.data(), b.size()), '\0');
  activity_merge(to.data(), a.data(), a.size(), b.data(), b.size());
  return to;
}

inline ActivityView view(const std::string& state) { return {state.data(), state.size()}; }

/// Random events: `n` of them over `span` days from `from`, clustered when `span` is short.
inline std::vector<ActivityEvent> random_events(Random* random, int n, std::int64_t from, std::int64_t span) {
  std::vector<ActivityEvent> events;
  for (int i = 0; i < n; ++i) {
    const auto at = from + static_cast<std::int64_t>(random->uniform() * static_cast<double>(span * kDay));
    std::optional<double> amount;
    if (random->below(5) != 0) amount = 100 + 30 * random->normal();
    events.push_back({at, amount});
  }
  return events;
}

}  // namespace persona::testing
