// Seeded random numbers that are the same on every machine and compiler: splitmix64 seeds xoshiro256++
// (Blackman and Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47(4), 2021), and the
// transforms are our own because those of <random> differ between standard libraries.
#pragma once

#include <cmath>
#include <cstdint>

namespace persona {

/// One step of splitmix64: a bijection on 64-bit words that mixes every input bit into every output bit.
inline std::uint64_t mix64(std::uint64_t z) noexcept {
  z += 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31U);
}

class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept {
    for (auto& word : state_) {
      seed += 0x9e3779b97f4a7c15ULL;
      word = mix64(seed);
    }
  }

  /// 64 uniform bits.
  std::uint64_t next() noexcept {
    const std::uint64_t result = rotate(state_[0] + state_[3], 23U) + state_[0];
    const std::uint64_t t = state_[1] << 17U;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = rotate(state_[3], 45U);
    return result;
  }

  /// Uniform in [0, 1), 53 bits.
  double uniform() noexcept { return static_cast<double>(next() >> 11U) * 0x1p-53; }

  /// Uniform in {0, ..., bound - 1}, bound > 0, without modulo bias (Lemire 2019, ACM TOMACS 29(1)).
  std::uint64_t below(std::uint64_t bound) noexcept {
    __extension__ using Wide = unsigned __int128;
    Wide product = static_cast<Wide>(next()) * bound;
    auto low = static_cast<std::uint64_t>(product);
    if (low < bound) {
      const std::uint64_t threshold = (0 - bound) % bound;
      while (low < threshold) {
        product = static_cast<Wide>(next()) * bound;
        low = static_cast<std::uint64_t>(product);
      }
    }
    return static_cast<std::uint64_t>(product >> 64U);
  }

  /// Exponential with mean 1.
  double exponential() noexcept { return -std::log1p(-uniform()); }

  /// Standard normal by the polar method (Marsaglia and Bray 1964); the second deviate is not kept, so that a
  /// draw depends only on the state.
  double normal() noexcept {
    for (;;) {
      const double u = 2 * uniform() - 1;
      const double v = 2 * uniform() - 1;
      const double s = u * u + v * v;
      if (s > 0 && s < 1) return u * std::sqrt(-2 * std::log(s) / s);
    }
  }

 private:
  static std::uint64_t rotate(std::uint64_t x, unsigned k) noexcept { return (x << k) | (x >> (64U - k)); }

  std::uint64_t state_[4];
};

}  // namespace persona
