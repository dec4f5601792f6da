// The form a funnel has while an aggregate runs: its events unsorted, twelve bytes each, with room for more
// behind them, so that a row costs the same in whatever order rows come. When the room is used up the events
// are sorted and reduced; where that frees less than a quarter, the room is doubled. Layout:
//   header (flag 32) | within i64 | latest i64: no later event can matter | count u32 | 0 u32 |
//   {time i64, steps u32} each | room
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/summaries/funnel.h"

namespace persona {

/// Room for seven events, in one class of the server's allocator.
inline constexpr std::size_t kFunnelGatheringSize = 128;

/// Whether a state has this form, and not the stored one.
bool funnel_is_gathering(const char* state) noexcept;

/// Writes a state without events: kFunnelGatheringSize bytes. `terms` must be valid.
void funnel_gather_start(char* state, const FunnelTerms& terms) noexcept;

/// Whether a state of this form has exactly these terms: what every row asks first.
bool funnel_gathers(const char* state, const FunnelTerms& terms) noexcept;

/// Adds an event in place. False, with nothing changed, when there is no room for it.
bool funnel_gather(char* state, std::size_t size, const FunnelEvent& event) noexcept;

/// The size a state needs to take `more` events in: `size` where they fit, then or after the events were
/// reduced in place, else more. Throws 54000 as funnel_reduce() does.
std::size_t funnel_gathering_room(char* state, std::size_t size, std::size_t more);

/// Adds the events of a state in either form to one that has room for them.
void funnel_gather_all(char* state, std::size_t size, const FunnelEvents& events) noexcept;

}  // namespace persona
