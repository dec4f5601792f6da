// Reducing, storing and merging the events of a funnel; the layout is in funnel.h.
#include "core/summaries/funnel.h"

#include <algorithm>
#include <string>

#include "core/summaries/funnel_codes.h"
#include "core/summaries/funnel_gathering.h"
#include "core/summaries/funnel_layout.h"
#include "core/summaries/text_form.h"

namespace persona {
namespace {

bool comes_before(const FunnelEvent& a, const FunnelEvent& b) noexcept {
  return a.at != b.at ? a.at < b.at : a.steps < b.steps;
}

std::string seconds_text(std::int64_t micros) {
  std::string text;
  append_double(text, static_cast<double>(micros) / 1e6);
  return text + " s";
}

}  // namespace

// What is left out, and why no later event can make it matter:
//
// - Of equal events (one time, the same steps) those beyond the number of their steps. A chain has each step
//   once, so it never uses more of them.
// - Where a chain has all steps, the events after the end of the first such chain. More events can only bring
//   that end forward: it is the least time up to which the events hold a complete chain, and both the depth
//   and the chain that funnel_chain() answers lie before it. Parts that were reduced still hold everything up
//   to the end of the whole, which is no later than theirs: so reducing them again after a merge gives what
//   reducing all events at once gives.
//
// Nothing else: any two events kept may be parted by one of another part that needs just the first of them,
// or just the second.
void funnel_reduce(const FunnelTerms& terms, FunnelEvents* events) {
  if (!std::is_sorted(events->begin(), events->end(), comes_before))
    std::sort(events->begin(), events->end(), comes_before);
  std::size_t kept = 0;
  int copies = 0;
  for (const FunnelEvent& event : *events) {
    const bool repeated =
        kept > 0 && (*events)[kept - 1].at == event.at && (*events)[kept - 1].steps == event.steps;
    copies = repeated ? copies + 1 : 1;
    if (copies <= __builtin_popcount(event.steps)) (*events)[kept++] = event;
  }
  events->resize(kept);
  const FunnelChain chain = funnel_chain(terms, *events);
  if (chain.depth == terms.steps) {
    const auto later = std::find_if(events->begin(), events->end(),
                                    [&](const FunnelEvent& event) { return event.at > chain.last; });
    events->erase(later, events->end());
  }
  if (events->size() > kFunnelMostEvents) {
    throw Error(sqlstate::kProgramLimit, "too many events in one funnel",
                "A funnel keeps at most " + std::to_string(kFunnelMostEvents) + " events that are steps.",
                "Group by customer or visit, and leave out rows that are no steps, for instance all but the "
                "first view of a page in a minute.");
  }
}

FunnelTerms funnel_terms(const char* state) noexcept {
  const unsigned flags = header_flags(state);
  FunnelTerms terms;
  terms.clock = (flags & kFunnelLocalFlag) != 0 ? Clock::local : Clock::utc;
  terms.any_order = (flags & kFunnelAnyOrderFlag) != 0;
  terms.steps = header_dim(state);
  terms.within = load<std::int64_t>(state + kFunnelWithin);
  return terms;
}

FunnelEvents funnel_events(const char* state, std::size_t size) {
  FunnelEvents events;
  const bool intact = funnel_is_gathering(state) ? read_gathered_events(state, size, &events)
                                                 : read_stored_events(state, size, &events);
  if (!intact) throw Error(sqlstate::kInternalError, "stored funnel is damaged");
  return events;
}

bool read_stored_events(const char* state, std::size_t size, FunnelEvents* events) {
  const std::int32_t steps = header_dim(state);
  const unsigned unit = (unsigned{header_flags(state)} >> kFunnelUnitShift) & kFunnelUnitMask;
  const auto first = load<std::int64_t>(state + kFunnelFirst);
  if (size < kFunnelLeastSize || steps < kFunnelLeastSteps || steps > kFunnelMostSteps ||
      unit >= kFunnelUnitCount || !is_finite_time(first))
    return false;
  return read_funnel_events(state + kFunnelLeastSize, size - kFunnelLeastSize, steps, unit, first, events);
}

std::string funnel_encode(const FunnelTerms& terms, const FunnelEvents& events) {
  const unsigned unit = funnel_unit(events);
  std::string bytes(kFunnelLeastSize, '\0');
  start_header(bytes.data(), SummaryKind::funnel, kFunnelVersion,
               static_cast<std::uint16_t>(funnel_flags(terms) | (unit << kFunnelUnitShift)), terms.steps);
  store(bytes.data() + kFunnelWithin, terms.within);
  store(bytes.data() + kFunnelFirst, events.empty() ? std::int64_t{0} : events.front().at);
  append_funnel_events(&bytes, terms.steps, unit, events);
  return bytes;
}

std::string funnel_canonical(const char* state, std::size_t size) {
  const FunnelTerms terms = funnel_terms(state);
  FunnelEvents events = funnel_events(state, size);
  funnel_reduce(terms, &events);
  return funnel_encode(terms, events);
}

void funnel_require_same(const FunnelTerms& a, const FunnelTerms& b) {
  if (a.clock != b.clock) {
    throw Error(sqlstate::kDataException, "cannot merge a funnel of UTC times with one of local times",
                "timestamptz events make UTC states; timestamp and date events make local ones.",
                "Build both from the same type, for instance from ts AT TIME ZONE 'Europe/Paris'.");
  }
  if (a.any_order != b.any_order) {
    throw Error(sqlstate::kDataException, "cannot merge a funnel in order with one in any order",
                "funnel_agg asks for the steps in order, funnel_any_order_agg does not.",
                "Build both by the same aggregate.");
  }
  if (a.steps != b.steps) {
    throw Error(sqlstate::kInvalidParameter, "funnels have different numbers of steps",
                "One has " + std::to_string(a.steps) + " steps, the other " + std::to_string(b.steps) + ".",
                "Give every row and every part the same steps.");
  }
  if (a.within != b.within) {
    throw Error(sqlstate::kInvalidParameter, "funnels allow different times",
                "One allows " + seconds_text(a.within) + " from the first step to the last, the other " +
                    seconds_text(b.within) + ".",
                "Give every row and every part the same \"within\".");
  }
}

std::string funnel_merge(const char* a, std::size_t size_a, const char* b, std::size_t size_b) {
  const FunnelTerms terms = funnel_terms(a);
  funnel_require_same(terms, funnel_terms(b));
  FunnelEvents events = funnel_events(a, size_a);
  const FunnelEvents other = funnel_events(b, size_b);
  events.insert(events.end(), other.begin(), other.end());
  funnel_reduce(terms, &events);
  return funnel_encode(terms, events);
}

}  // namespace persona
