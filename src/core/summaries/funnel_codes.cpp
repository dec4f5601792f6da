// Writing and reading the events of a funnel; their form is in funnel_codes.h.
#include "core/summaries/funnel_codes.h"

namespace persona {
namespace {

constexpr unsigned kVarintBits = 7;
constexpr std::uint64_t kMore = 0x80;
constexpr std::uint64_t kLow = 0x7f;

std::uint32_t steps_mask(int steps) noexcept {
  return ~std::uint32_t{0} >> (32U - static_cast<unsigned>(steps));
}

// Appends `value`, below which stand `bits` bits of `code`; bits < 7. Up to 70 bits in all.
void append_varint(std::string* to, std::uint64_t value, std::uint64_t code, unsigned bits) {
  std::uint64_t byte = ((value << bits) | code) & kLow;
  value >>= kVarintBits - bits;
  while (value != 0) {
    to->push_back(static_cast<char>(byte | kMore));
    byte = value & kLow;
    value >>= kVarintBits;
  }
  to->push_back(static_cast<char>(byte));
}

// Reads what append_varint() wrote; false where it could not have.
bool read_varint(const char** at, const char* end, unsigned bits, std::uint64_t* value, std::uint64_t* code) {
  if (*at == end) return false;
  std::uint64_t byte = static_cast<unsigned char>(*(*at)++);
  *code = byte & ((std::uint64_t{1} << bits) - 1);
  *value = (byte & kLow) >> bits;
  for (unsigned shift = kVarintBits - bits; (byte & kMore) != 0; shift += kVarintBits) {
    if (*at == end || shift >= 64) return false;
    byte = static_cast<unsigned char>(*(*at)++);
    const std::uint64_t part = byte & kLow;
    if (byte == 0 || (part << shift) >> shift != part) return false;
    *value |= part << shift;
  }
  return true;
}

}  // namespace

unsigned funnel_unit(const FunnelEvents& events) noexcept {
  unsigned unit = kFunnelUnitCount - 1;
  for (std::size_t i = 1; i < events.size() && unit > 0; ++i) {
    const std::uint64_t distance =
        static_cast<std::uint64_t>(events[i].at) - static_cast<std::uint64_t>(events[i - 1].at);
    while (distance % static_cast<std::uint64_t>(kFunnelUnits[unit]) != 0) --unit;
  }
  return unit;
}

void append_funnel_events(std::string* to, int steps, unsigned unit, const FunnelEvents& events) {
  const unsigned bits = funnel_code_bits(steps);
  const auto micros = static_cast<std::uint64_t>(kFunnelUnits[unit]);
  std::uint64_t before = events.empty() ? 0 : static_cast<std::uint64_t>(events.front().at);
  for (const FunnelEvent& event : events) {
    const auto at = static_cast<std::uint64_t>(event.at);
    const bool single = (event.steps & (event.steps - 1)) == 0;
    append_varint(to, (at - before) / micros,
                  static_cast<std::uint64_t>(single ? __builtin_ctz(event.steps) : steps), bits);
    if (!single) append_varint(to, event.steps, 0, 0);
    before = at;
  }
}

bool read_funnel_events(const char* data, std::size_t size, int steps, unsigned unit, std::int64_t first,
                        FunnelEvents* events) {
  const unsigned bits = funnel_code_bits(steps);
  const auto micros = static_cast<std::uint64_t>(kFunnelUnits[unit]);
  const auto end_of_time = static_cast<std::uint64_t>(kEndMicros);
  const char* const end = data + size;
  auto at = static_cast<std::uint64_t>(first);
  while (data != end) {
    std::uint64_t distance = 0;
    std::uint64_t code = 0;
    if (!read_varint(&data, end, bits, &distance, &code)) return false;
    if (distance > (end_of_time - 1 - at) / micros) return false;
    at += distance * micros;
    std::uint64_t mask = 0;
    if (code < static_cast<std::uint64_t>(steps)) {
      mask = std::uint64_t{1} << code;
    } else {
      std::uint64_t none = 0;
      if (code != static_cast<std::uint64_t>(steps) || !read_varint(&data, end, 0, &mask, &none))
        return false;
      if ((mask & ~std::uint64_t{steps_mask(steps)}) != 0 || (mask & (mask - 1)) == 0) return false;
    }
    events->push_back({static_cast<std::int64_t>(at), static_cast<std::uint32_t>(mask)});
  }
  return true;
}

}  // namespace persona
