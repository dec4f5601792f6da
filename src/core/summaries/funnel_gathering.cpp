// Events of a funnel gathered by an aggregate; the form is in funnel_gathering.h.
#include "core/summaries/funnel_gathering.h"

#include "core/summaries/funnel_layout.h"

namespace persona {
namespace {

constexpr std::size_t kLatest = 24, kCount = 32, kReserved = 36, kEvents = 40, kEventSize = 12;

std::size_t count_of(const char* state) noexcept { return load<std::uint32_t>(state + kCount); }
std::size_t capacity(std::size_t size) noexcept { return (size - kEvents) / kEventSize; }

// Writes an event behind those there are, unless it cannot matter.
void put(char* state, const FunnelEvent& event) noexcept {
  if (event.at > load<std::int64_t>(state + kLatest)) return;
  const std::size_t count = count_of(state);
  char* const at = state + kEvents + kEventSize * count;
  store(at, event.at);
  store(at + 8, event.steps);
  store(state + kCount, static_cast<std::uint32_t>(count + 1));
}

}  // namespace

bool funnel_is_gathering(const char* state) noexcept {
  return (header_flags(state) & kFunnelGatheringFlag) != 0;
}

void funnel_gather_start(char* state, const FunnelTerms& terms) noexcept {
  start_header(state, SummaryKind::funnel, kFunnelVersion,
               static_cast<std::uint16_t>(funnel_flags(terms) | kFunnelGatheringFlag), terms.steps);
  store(state + kFunnelWithin, terms.within);
  store(state + kLatest, kEndMicros - 1);
  store(state + kCount, std::uint32_t{0});
  store(state + kReserved, std::uint32_t{0});
}

bool funnel_gathers(const char* state, const FunnelTerms& terms) noexcept {
  return header_flags(state) == (funnel_flags(terms) | kFunnelGatheringFlag) &&
         header_dim(state) == terms.steps && load<std::int64_t>(state + kFunnelWithin) == terms.within;
}

bool funnel_gather(char* state, std::size_t size, const FunnelEvent& event) noexcept {
  if (count_of(state) == capacity(size)) return event.at > load<std::int64_t>(state + kLatest);
  put(state, event);
  return true;
}

std::size_t funnel_gathering_room(char* state, std::size_t size, std::size_t more) {
  if (count_of(state) + more <= capacity(size)) return size;
  const FunnelTerms terms = funnel_terms(state);
  FunnelEvents events = funnel_events(state, size);
  funnel_reduce(terms, &events);
  std::int64_t latest = load<std::int64_t>(state + kLatest);
  if (funnel_chain(terms, events).depth == terms.steps) latest = events.back().at;
  store(state + kLatest, latest);
  store(state + kCount, std::uint32_t{0});
  for (const FunnelEvent& event : events) put(state, event);
  // A quarter stays free, so that sorting costs each event a few times its share, however many there will be.
  while (4 * (events.size() + more) > 3 * capacity(size)) size *= 2;
  return size;
}

void funnel_gather_all(char* state, std::size_t size, const FunnelEvents& events) noexcept {
  for (const FunnelEvent& event : events)
    if (count_of(state) < capacity(size)) put(state, event);
}

bool read_gathered_events(const char* state, std::size_t size, FunnelEvents* events) {
  const std::int32_t steps = header_dim(state);
  if (size < kFunnelGatheringSize || steps < kFunnelLeastSteps || steps > kFunnelMostSteps ||
      count_of(state) > capacity(size))
    return false;
  events->reserve(count_of(state));
  for (std::size_t i = 0; i < count_of(state); ++i) {
    const char* const at = state + kEvents + kEventSize * i;
    events->push_back({load<std::int64_t>(at), load<std::uint32_t>(at + 8)});
  }
  return true;
}

}  // namespace persona
