// Which of k folds a row belongs to, from its key alone: the same on every machine and version, whatever the
// order of the rows, and whatever other rows there are.
#pragma once

#include <cstdint>
#include <string_view>

namespace persona {

/// The fold, 1 to `folds`, of the key's bytes; folds > 0. FNV-1a in 64 bits (Fowler, Noll and Vo)
/// gathers the bytes, splitmix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
/// OOPSLA 2014) mixes them with the seed, and the fold is the remainder by `folds`, plus one.
int fold_of(std::string_view key, int folds, std::int64_t seed) noexcept;

}  // namespace persona
