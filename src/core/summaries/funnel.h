// The summary `funnel`: how many steps of a series a customer went through, in order or in any order, within
// a time of the first. A state keeps the events that are steps, each with its time and the steps it
// satisfies, because later parts may lie between those at hand; what no further event can make matter is left
// out (funnel_reduce). Layout (docs/summaries/funnel.md):
//   header (dim = steps) | within i64 | first i64 | events: varints of time since the one before and step
// Flag 1: times are local. Flag 2: any order. Flags 4, 8, 16: the unit of time, the coarsest that is exact.
// The first four bytes are never touched here. funnel_gathering.h has the form a running aggregate uses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/summaries/calendar.h"
#include "core/summaries/state_header.h"

namespace persona {

inline constexpr std::uint8_t kFunnelVersion = 1;
/// The size of a state without events: the least there is.
inline constexpr std::size_t kFunnelLeastSize = 32;
inline constexpr int kFunnelLeastSteps = 2;
inline constexpr int kFunnelMostSteps = 32;
/// What a state may keep. A customer with more has rows that are no steps of his.
inline constexpr std::size_t kFunnelMostEvents = 65536;

/// What all events of one funnel share.
struct FunnelTerms {
  Clock clock = Clock::utc;
  bool any_order = false;
  int steps = kFunnelLeastSteps;
  std::int64_t within = 0;  ///< microseconds from the first to the last step, at most; not negative
};

struct FunnelEvent {
  std::int64_t at;      ///< microseconds since 2000-01-01 00:00, finite
  std::uint32_t steps;  ///< bit i - 1 is set where the event satisfies step i; not 0
};

using FunnelEvents = std::vector<FunnelEvent>;

/// The longest chain, and of those the one that ends first, and of those the one that begins last.
struct FunnelChain {
  int depth = 0;           ///< number of steps, 0 to FunnelTerms::steps
  std::int64_t first = 0;  ///< time of its first event; 0 without a chain
  std::int64_t last = 0;

  double seconds() const noexcept {
    return static_cast<double>(static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(first)) / 1e6;
  }
};

/// Of events in ascending order of time; those at one time may stand in any order. Rules and proof of both
/// are in funnel_chain.cpp.
FunnelChain funnel_chain(const FunnelTerms& terms, const FunnelEvents& events);

/// Sorts events by time and steps, and leaves out those that cannot change funnel_chain() whatever is added
/// later. The same events in any order, reduced at once or part by part, give the same.
/// Throws 54000 where more than kFunnelMostEvents are left.
void funnel_reduce(const FunnelTerms& terms, FunnelEvents* events);

/// Of a state in either form. Throws XX000 when the bytes are damaged.
FunnelTerms funnel_terms(const char* state) noexcept;
FunnelEvents funnel_events(const char* state, std::size_t size);

/// A state in its one form, its first four bytes zero, of reduced events.
std::string funnel_encode(const FunnelTerms& terms, const FunnelEvents& events);

/// The one form of a state in either form.
std::string funnel_canonical(const char* state, std::size_t size);

/// Throws 22000 where clocks or orders differ, 22023 where the number of steps or the times allowed do.
void funnel_require_same(const FunnelTerms& a, const FunnelTerms& b);

/// The events of both, in its one form; the same bytes whichever is first. Throws as
/// funnel_require_same() and funnel_reduce() do.
std::string funnel_merge(const char* a, std::size_t size_a, const char* b, std::size_t size_b);

/// "funnel:1 utc ordered steps=3 within=3600000000 events=762600600000000:1,762600660000000:6".
std::string funnel_to_text(const char* state, std::size_t size);

/// A checked state, its first four bytes zero. Throws 22P02.
std::string funnel_from_text(std::string_view text);

/// The state in its one form without its length word, every number in network order.
std::string funnel_to_binary(const char* state, std::size_t size);

/// A checked state, its first four bytes zero. Throws 22P03.
std::string funnel_from_binary(std::string_view message);

}  // namespace persona
