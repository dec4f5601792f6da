// FNV-1a in 64 bits (Fowler, Noll and Vo): gathers the bytes of a text into a word that is the same on every
// machine. Its low bits are weak by themselves: mix it (mix64 in base/random.h) before taking a remainder.
#pragma once

#include <cstdint>
#include <string_view>

namespace persona {

inline std::uint64_t fnv1a(std::string_view text) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char byte : text) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3ULL;
  return hash;
}

}  // namespace persona
