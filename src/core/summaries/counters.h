// Thirty-two counters of one width, which grows from 4 bits over 8, 16 and 32 to 64 as the greatest needs it.
// Two 4-bit counters share a byte, the one of even index in the low half.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "core/summaries/bytes.h"

namespace persona {

inline constexpr int kCounterCount = 32;

/// Counters of 4 << kWidth bits at `data`.
template <int kWidth>
struct CountersOf {
  using Word =
      std::conditional_t<(kWidth <= 1), std::uint8_t,
                         std::conditional_t<kWidth == 2, std::uint16_t,
                                            std::conditional_t<kWidth == 3, std::uint32_t, std::uint64_t>>>;
  static constexpr std::uint64_t kGreatest = kWidth == 0 ? 0xf : static_cast<Word>(-1);

  static std::size_t offset(int index) noexcept {
    return sizeof(Word) * static_cast<std::size_t>(kWidth == 0 ? index / 2 : index);
  }
  static unsigned shift(int index) noexcept {
    return kWidth == 0 ? (static_cast<unsigned>(index) & 1U) * 4 : 0;
  }

  static std::uint64_t get(const char* data, int index) noexcept {
    return (std::uint64_t{load<Word>(data + offset(index))} >> shift(index)) & kGreatest;
  }
  /// Writes one counter. The other half of a 4-bit counter's byte is kept.
  static void set(char* data, int index, std::uint64_t value) noexcept {
    const std::uint64_t other = load<Word>(data + offset(index)) & ~(kGreatest << shift(index));
    store(data + offset(index), static_cast<Word>(other | (value << shift(index))));
  }
  /// Adds one to a counter that is not full.
  static void increment(char* data, int index) noexcept {
    store(data + offset(index),
          static_cast<Word>(load<Word>(data + offset(index)) + (std::uint64_t{1} << shift(index))));
  }
  static bool is_full(const char* data, int index) noexcept { return get(data, index) == kGreatest; }
  static std::int64_t sum(const char* data, int begin, int end) noexcept {
    std::uint64_t total = 0;
#pragma GCC unroll 8
    for (int i = begin; i < end; ++i) total += get(data, i);
    return static_cast<std::int64_t>(total);
  }
};

/// Calls action(CountersOf<width>()) and answers what it answers.
template <typename Action>
auto with_counters(int width, Action action) noexcept -> decltype(action(CountersOf<0>())) {
  switch (width) {
    case 0:
      return action(CountersOf<0>());
    case 1:
      return action(CountersOf<1>());
    case 2:
      return action(CountersOf<2>());
    case 3:
      return action(CountersOf<3>());
    default:
      return action(CountersOf<4>());
  }
}

/// The least width (0 = 4 bits to 4 = 64) that holds a count.
inline int counter_width_for(std::int64_t greatest) noexcept {
  return greatest <= 0xf ? 0 : greatest <= 0xff ? 1 : greatest <= 0xffff ? 2 : greatest <= 0xffffffff ? 3 : 4;
}

/// Bytes of all counters.
inline std::size_t counters_size(int width) noexcept {
  return std::size_t{16} << static_cast<unsigned>(width);
}

inline void store_counter(char* data, int width, int index, std::int64_t value) noexcept {
  with_counters(width, [=](auto of) { of.set(data, index, static_cast<std::uint64_t>(value)); });
}

/// A look at counters that lie in a state.
struct Counters {
  const char* data;
  int width;

  std::int64_t get(int index) const noexcept {
    return with_counters(width, [=](auto of) { return static_cast<std::int64_t>(of.get(data, index)); });
  }
  std::int64_t sum(int begin, int end) const noexcept {
    return with_counters(width, [=](auto of) { return of.sum(data, begin, end); });
  }
  bool is_full(int index) const noexcept {
    return with_counters(width, [=](auto of) { return of.is_full(data, index); });
  }
  std::size_t size() const noexcept { return counters_size(width); }
};

}  // namespace persona
