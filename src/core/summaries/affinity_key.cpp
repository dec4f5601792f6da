// SipHash-2-4 and the cutting of long texts (affinity_key.h).
#include "core/summaries/affinity_key.h"

namespace persona {
namespace {

std::uint64_t rotate(std::uint64_t x, unsigned k) noexcept { return (x << k) | (x >> (64U - k)); }

// Eight bytes, the least first, whatever the machine's order.
std::uint64_t little_endian(const char* bytes) noexcept {
  std::uint64_t word = 0;
  for (unsigned i = 0; i < 8; ++i) word |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  return word;
}

struct SipState {
  std::uint64_t v0 = 0x0706050403020100 ^ 0x736f6d6570736575;
  std::uint64_t v1 = 0x0f0e0d0c0b0a0908 ^ 0x646f72616e646f6d;
  std::uint64_t v2 = 0x0706050403020100 ^ 0x6c7967656e657261;
  std::uint64_t v3 = 0x0f0e0d0c0b0a0908 ^ 0x7465646279746573;

  void round() noexcept {
    v0 += v1;
    v1 = rotate(v1, 13) ^ v0;
    v0 = rotate(v0, 32);
    v2 += v3;
    v3 = rotate(v3, 16) ^ v2;
    v0 += v3;
    v3 = rotate(v3, 21) ^ v0;
    v2 += v1;
    v1 = rotate(v1, 17) ^ v2;
    v2 = rotate(v2, 32);
  }
  void compress(std::uint64_t word) noexcept {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }
};

}  // namespace

std::uint64_t affinity_hash(const char* bytes, std::size_t size) noexcept {
  SipState s;
  std::size_t at = 0;
  for (; at + 8 <= size; at += 8) s.compress(little_endian(bytes + at));
  char last[8] = {};
  std::memcpy(last, bytes + at, size - at);
  last[7] = static_cast<char>(size);
  s.compress(little_endian(last));
  s.v2 ^= 0xffU;
  for (int i = 0; i < 4; ++i) s.round();
  return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

AffinityKey hashed_affinity_key(const char* prefix, std::size_t size, std::uint64_t hash,
                                char* memory) noexcept {
  std::memcpy(memory, prefix, size);
  store(memory + size, hash);
  swap_network_order(memory + size, memory + size, 8);
  return {memory, static_cast<std::uint16_t>(size + kAffinityHashSize), true};
}

AffinityKey cut_affinity_key(const char* text, std::size_t size, std::size_t prefix, char* memory) noexcept {
  return hashed_affinity_key(text, prefix, affinity_hash(text, size), memory);
}

}  // namespace persona
