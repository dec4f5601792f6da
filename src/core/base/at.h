// Numbers of items and users are 32 bits wide, places in memory are not.
#pragma once

#include <cstddef>
#include <cstdint>

namespace persona {

/// The place of a number that is not negative.
inline std::size_t at(std::int32_t number) noexcept { return static_cast<std::size_t>(number); }

}  // namespace persona
