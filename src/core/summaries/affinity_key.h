// The keys of an affinity as bytes in one order, by memcmp: a text as it is; a bigint as eight bytes, the
// greatest first and the sign inverted, so that their order is that of the numbers. A text of more than 64
// bytes is cut: what is kept is as many whole characters as 56 bytes hold, for people, and a hash of the
// whole text, for identity (SipHash-2-4: Aumasson and Bernstein, INDOCRYPT 2012, LNCS 7668, 489-508). Two
// long texts are taken for one key only where they begin alike and agree in all 64 bits.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "core/summaries/bytes.h"

namespace persona {

struct AffinityKey {
  const char* bytes;
  std::uint16_t size;
  bool cut;  ///< the last eight bytes are the hash
};

inline constexpr std::size_t kAffinityKeyLimit = 64;     ///< bytes of the longest text kept whole
inline constexpr std::size_t kAffinityPrefixLimit = 56;  ///< and kept of a longer one, at most
inline constexpr std::size_t kAffinityHashSize = 8;
inline constexpr std::size_t kAffinityBigintSize = 8;

/// SipHash-2-4 under the key 00 01 ... 0f.
std::uint64_t affinity_hash(const char* bytes, std::size_t size) noexcept;

/// A text of more than kAffinityKeyLimit bytes, cut after `prefix` of them, at most kAffinityPrefixLimit. The
/// key lies in `memory`, of kAffinityKeyLimit bytes.
AffinityKey cut_affinity_key(const char* text, std::size_t size, std::size_t prefix, char* memory) noexcept;

/// The cut key of a prefix and a hash that are known.
AffinityKey hashed_affinity_key(const char* prefix, std::size_t size, std::uint64_t hash,
                                char* memory) noexcept;

/// The part of a text key that is shown, and the hash of a cut one.
inline std::size_t shown_size(const AffinityKey& key) noexcept {
  return key.size - (key.cut ? kAffinityHashSize : 0);
}
inline std::uint64_t hash_of(const AffinityKey& key) noexcept {
  std::uint64_t hash = 0;
  swap_network_order(reinterpret_cast<char*>(&hash), key.bytes + shown_size(key), 8);
  return hash;
}

/// A bigint as a key, which lies in `memory`, of kAffinityBigintSize bytes; and back.
inline AffinityKey bigint_affinity_key(std::int64_t value, char* memory) noexcept {
  store(memory, static_cast<std::uint64_t>(value) ^ (std::uint64_t{1} << 63U));
  swap_network_order(memory, memory, 8);
  return {memory, kAffinityBigintSize, false};
}
inline std::int64_t bigint_of(const AffinityKey& key) noexcept {
  std::uint64_t value = 0;
  swap_network_order(reinterpret_cast<char*>(&value), key.bytes, 8);
  return static_cast<std::int64_t>(value ^ (std::uint64_t{1} << 63U));
}

/// Below, at or above 0. A cut key follows the whole one of the same bytes.
inline int compare_keys(const AffinityKey& a, const AffinityKey& b) noexcept {
  const int order = std::memcmp(a.bytes, b.bytes, std::min(a.size, b.size));
  if (order != 0) return order;
  if (a.size != b.size) return a.size < b.size ? -1 : 1;
  return static_cast<int>(a.cut) - static_cast<int>(b.cut);
}

}  // namespace persona
