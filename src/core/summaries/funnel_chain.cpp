// The longest chain of a funnel. An event serves at most one step of a chain; events at the same time may
// serve consecutive steps in either order, so the answer cannot depend on the order of rows.
//
// In order. A chain of k steps is k different events, the i-th satisfying step i, at non-decreasing times
// with last - first <= within. Let S(k) be the latest first event of any chain of k steps that has ended so
// far; of two chains of k steps the one that began later can be continued by whatever continues the other, so
// no more need be known. S does not increase with k, since a chain's beginning is a chain. Events at one time
// t continue a chain of j steps to one of k if different ones of them can be assigned to the steps j + 1 to
// k. What can be done for j can be done for j + 1, so there is a least such j, and as S does not increase
// with it the latest beginning is S(j), or t itself for j = 0. With one event a time this is one comparison a
// step.
//
// In any order. k events within `within` of each other serve k different steps: a matching of events to
// steps. Sets of events that can be matched are the independent sets of a transversal matroid (Edmonds and
// Fulkerson, J. Res. NBS 69B, 1965). Keep the basis that prefers later events: take each event in as it
// comes, and where it closes a circuit drop the earliest event of that. Such a basis holds, for every t, a
// greatest matching of the events since t (the greedy algorithm is optimal for all thresholds at once), so
// the greatest matching of a window that ends now is the number of its events that are in the basis.
#include <algorithm>
#include <limits>

#include "core/summaries/funnel.h"

namespace persona {
namespace {

constexpr int kNone = -1;

constexpr std::uint32_t bit(int step) noexcept { return std::uint32_t{1} << static_cast<unsigned>(step); }

// Two finite times may lie further apart than an int64 can say.
bool lie_within(std::int64_t first, std::int64_t last, std::int64_t within) noexcept {
  return static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(first) <=
         static_cast<std::uint64_t>(within);
}

// An assignment of events at one time to a run of steps, which moves up: a step is added at its end, steps
// are taken from its beginning.
class StepRun {
 public:
  StepRun(const FunnelEvent* events, std::size_t n) : events_(events), n_(n), step_of_(n, kNone) {}

  // Assigns an event to the step, moving others where they must; false where no assignment has it.
  bool add(int step) {
    std::uint32_t visited = 0;
    return assign(step, &visited);
  }
  void remove(int step) noexcept {
    for (std::size_t i = 0; i < n_; ++i)
      if (step_of_[i] == step) step_of_[i] = kNone;
  }

 private:
  // Looks for an augmenting path; at most as deep as there are steps.
  // NOLINTNEXTLINE(misc-no-recursion)
  bool assign(int step, std::uint32_t* visited) {
    *visited |= bit(step);
    for (std::size_t i = 0; i < n_; ++i) {
      if ((events_[i].steps & bit(step)) == 0) continue;
      const int other = step_of_[i];
      if (other != kNone && ((*visited & bit(other)) != 0 || !assign(other, visited))) continue;
      step_of_[i] = step;
      return true;
    }
    return false;
  }

  const FunnelEvent* events_;
  std::size_t n_;
  std::vector<int> step_of_;
};

// The chains in order that ended so far, by their number of steps.
class OrderedChains {
 public:
  explicit OrderedChains(const FunnelTerms& terms) : terms_(terms) {
    std::fill(std::begin(latest_first_), std::end(latest_first_), std::numeric_limits<std::int64_t>::min());
  }

  // Takes in all events of one time. The depth may grow.
  void add(const FunnelEvent* events, std::size_t n) {
    const std::int64_t at = events->at;
    if (n == 1) {
      // Downward, so that the event serves one step only.
      for (int k = std::min(deepest_ + 1, terms_.steps); k >= 1; --k)
        if ((events->steps & bit(k - 1)) != 0) extend(k - 1, k, at);
    } else {
      int least[kFunnelMostSteps + 1] = {};
      StepRun run(events, n);
      int j = 0;  // the run is of the steps j + 1 to k
      for (int k = 1; k <= terms_.steps; ++k) {
        while (j < k && !run.add(k - 1)) {
          if (j < k - 1) run.remove(j);
          ++j;
        }
        least[k] = j;
      }
      for (int k = terms_.steps; k >= 1; --k)
        if (least[k] < k && least[k] <= deepest_) extend(least[k], k, at);
    }
  }

  int deepest() const noexcept { return deepest_; }
  std::int64_t latest_first() const noexcept { return latest_first_[deepest_]; }

 private:
  // The latest chain of j steps continued to one of k; called for the greater k first, so that the chain of j
  // is one that ended before.
  void extend(int j, int k, std::int64_t at) noexcept {
    const std::int64_t first = j == 0 ? at : latest_first_[j];
    if (!lie_within(first, at, terms_.within)) return;
    latest_first_[k] = std::max(latest_first_[k], first);
    deepest_ = std::max(deepest_, k);  // shorter chains that this one begins with follow
  }

  const FunnelTerms& terms_;
  int deepest_ = 0;
  std::int64_t latest_first_[kFunnelMostSteps + 1];
};

// The events, at most one a step, that hold a greatest matching of every stretch of time up to now.
class LatestBasis {
 public:
  // Takes in an event that is not earlier than any before it.
  void add(const FunnelEvent& event) noexcept {
    int from[kFunnelMostSteps];  // the step whose event could move here, or kNone for the new event
    int queue[kFunnelMostSteps];
    int queued = 0;
    std::uint32_t seen = 0;
    const auto reach = [&](std::uint32_t steps, int by) {
      for (std::uint32_t rest = steps & ~seen; rest != 0; rest &= rest - 1) {
        const int step = __builtin_ctz(rest);
        from[step] = by;
        queue[queued++] = step;
      }
      seen |= steps;
    };
    reach(event.steps, kNone);
    int place = kNone;  // a free step, or that of the earliest event of the circuit
    for (int i = 0; i < queued; ++i) {
      const int step = queue[i];
      if ((taken_ & bit(step)) == 0) {
        place = step;
        break;
      }
      if (place == kNone || at_[step].at < at_[place].at) place = step;
      reach(at_[step].steps, step);
    }
    if (place == kNone) return;  // an event of no step
    taken_ |= bit(place);
    for (; from[place] != kNone; place = from[place]) at_[place] = at_[from[place]];
    at_[place] = event;
  }

  // The number of its events in the window that ends now.
  int depth(std::int64_t now, std::int64_t within) noexcept {
    int n = 0;
    for (std::uint32_t rest = taken_; rest != 0; rest &= rest - 1) {
      const std::int64_t at = at_[__builtin_ctz(rest)].at;
      if (lie_within(at, now, within)) times_[n++] = at;
    }
    return n;
  }
  // After depth(): the earliest of the n events it counted.
  std::int64_t earliest(int n) const noexcept { return *std::min_element(times_, times_ + n); }

 private:
  std::uint32_t taken_ = 0;
  FunnelEvent at_[kFunnelMostSteps] = {};
  std::int64_t times_[kFunnelMostSteps] = {};
};

// Calls visit(begin, n) for the events of each time, ascending, until it answers false.
template <typename Visit>
void for_each_time(const FunnelEvents& events, Visit visit) {
  for (std::size_t begin = 0, end = 0; begin < events.size(); begin = end) {
    while (end < events.size() && events[end].at == events[begin].at) ++end;
    if (!visit(events.data() + begin, end - begin)) return;
  }
}

FunnelChain chain_in_order(const FunnelTerms& terms, const FunnelEvents& events) {
  FunnelChain longest;
  OrderedChains chains(terms);
  for_each_time(events, [&](const FunnelEvent* at_once, std::size_t n) {
    chains.add(at_once, n);
    if (chains.deepest() > longest.depth) longest = {chains.deepest(), chains.latest_first(), at_once->at};
    return longest.depth < terms.steps;
  });
  return longest;
}

FunnelChain chain_in_any_order(const FunnelTerms& terms, const FunnelEvents& events) {
  FunnelChain longest;
  LatestBasis basis;
  for_each_time(events, [&](const FunnelEvent* at_once, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) basis.add(at_once[i]);
    const int depth = basis.depth(at_once->at, terms.within);
    if (depth > longest.depth) longest = {depth, basis.earliest(depth), at_once->at};
    return longest.depth < terms.steps;
  });
  return longest;
}

}  // namespace

FunnelChain funnel_chain(const FunnelTerms& terms, const FunnelEvents& events) {
  return terms.any_order ? chain_in_any_order(terms, events) : chain_in_order(terms, events);
}

}  // namespace persona
