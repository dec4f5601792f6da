// Offsets and flags of a funnel state, in its stored form and while an aggregate runs (funnel.h,
// funnel_gathering.h).
#pragma once

#include "core/summaries/funnel.h"

namespace persona {

inline constexpr unsigned kFunnelLocalFlag = 1, kFunnelAnyOrderFlag = 2, kFunnelUnitShift = 2,
                          kFunnelUnitMask = 7, kFunnelGatheringFlag = 32, kFunnelStoredFlags = 31;
inline constexpr std::size_t kFunnelWithin = 16, kFunnelFirst = 24;

inline unsigned funnel_flags(const FunnelTerms& terms) noexcept {
  return (terms.clock == Clock::local ? kFunnelLocalFlag : 0U) | (terms.any_order ? kFunnelAnyOrderFlag : 0U);
}

/// The events of a state of either form; false where it is damaged.
bool read_stored_events(const char* state, std::size_t size, FunnelEvents* events);
bool read_gathered_events(const char* state, std::size_t size, FunnelEvents* events);

}  // namespace persona
