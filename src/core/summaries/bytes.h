// Numbers in plain memory of any alignment: palloc'd states and network messages alike are read and written
// through these, never through a cast pointer.
#pragma once

#include <cstdint>
#include <cstring>

#include "core/base/double_double.h"

namespace persona {

template <typename T>
T load(const char* at) noexcept {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

template <typename T>
void store(char* at, T value) noexcept {
  std::memcpy(at, &value, sizeof value);
}

inline DoubleDouble load_pair(const char* at) noexcept { return {load<double>(at), load<double>(at + 8)}; }

/// Stores without a negative zero, so that equal numbers are equal bytes.
inline void store_pair(char* at, DoubleDouble value) noexcept {
  store(at, value.hi + 0.0);
  store(at + 8, value.lo + 0.0);
}

/// The big-endian (network) form of `width` = 1, 2, 4 or 8 bytes, from or to the machine's own order. The
/// same call does both ways; `to` and `from` may be the same place.
inline void swap_network_order(char* to, const char* from, int width) noexcept {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  switch (width) {
    case 2:
      return store(to, __builtin_bswap16(load<std::uint16_t>(from)));
    case 4:
      return store(to, __builtin_bswap32(load<std::uint32_t>(from)));
    case 8:
      return store(to, __builtin_bswap64(load<std::uint64_t>(from)));
    default:
      break;
  }
#endif
  std::memmove(to, from, static_cast<std::size_t>(width));
}

}  // namespace persona
