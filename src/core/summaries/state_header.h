// The sixteen bytes every stored summary begins with (docs/formats.md):
//   0 length word (the server's)   4 kind u8   5 version u8   6 flags u16   8 dim i32   12 reserved, 0
// A summary never changes its kind or version; a version that is not known is refused.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/error.h"
#include "core/summaries/bytes.h"

namespace persona {

/// Numbers that stand in stored states: never renumbered, never used twice.
enum class SummaryKind : std::uint8_t {
  activity = 1,
  moments = 2,
  sessions = 3,
  affinity = 4,
  recent = 5,
  decayed = 6,
  cross_products = 7,
  funnel = 8,
  retention = 9
};

inline constexpr std::size_t kHeaderSize = 16;
/// The widest count a state holds: every smaller integer is a double, exactly.
inline constexpr std::int64_t kMaxCount = std::int64_t{1} << 53U;

inline std::uint16_t header_flags(const char* state) noexcept { return load<std::uint16_t>(state + 6); }
inline std::int32_t header_dim(const char* state) noexcept { return load<std::int32_t>(state + 8); }

inline void start_header(char* state, SummaryKind kind, std::uint8_t version, std::uint16_t flags,
                         std::int32_t dim) noexcept {
  store(state + 4, static_cast<std::uint8_t>(kind));
  store(state + 5, version);
  store(state + 6, flags);
  store(state + 8, dim);
  store(state + 12, std::uint32_t{0});
}

/// Whether a state is of this kind and version and at least `size` bytes long: what every reader asks first.
inline bool header_matches(const char* state, std::size_t size, SummaryKind kind, std::uint8_t version,
                           std::size_t least) noexcept {
  return size >= least && load<std::uint8_t>(state + 4) == static_cast<std::uint8_t>(kind) &&
         load<std::uint8_t>(state + 5) == version;
}

}  // namespace persona
