// Events as bytes. Each is one varint (seven bits a byte, the low ones first, the high bit set where more
// follow): in its low bits a code, above them the time since the event before in the state's unit. Code c is
// the single step c + 1; the code that is the number of steps says that a varint follows with the events's
// mask of two or more steps. A visitor's clicks seconds apart cost one or two bytes each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "core/summaries/funnel.h"

namespace persona {

/// Units of time that a state may count in, finest first; flags hold the index.
inline constexpr std::int64_t kFunnelUnits[] = {1,          1'000,          1'000'000,
                                                60'000'000, kMicrosPerHour, kMicrosPerDay};
inline constexpr unsigned kFunnelUnitCount = 6;

/// Bits of the code: enough for 0 to the number of steps.
inline unsigned funnel_code_bits(int steps) noexcept {
  return 32U - static_cast<unsigned>(__builtin_clz(static_cast<unsigned>(steps)));
}

/// The coarsest unit in which all distances of sorted events are whole.
unsigned funnel_unit(const FunnelEvents& events) noexcept;

/// Appends the events.
void append_funnel_events(std::string* to, int steps, unsigned unit, const FunnelEvents& events);

/// Reads all of `data`. False, with some events read, where it is malformed: a varint cut short, too long or
/// beyond its range, a time out of range, a mask that is no mask.
bool read_funnel_events(const char* data, std::size_t size, int steps, unsigned unit, std::int64_t first,
                        FunnelEvents* events);

}  // namespace persona
