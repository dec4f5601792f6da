#include "core/evaluation/fold.h"

#include "core/base/random.h"

namespace persona {

int fold_of(std::string_view key, int folds, std::int64_t seed) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : key) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3ULL;
  }
  // The seed is mixed on its own first: neighboring seeds would only shift neighboring hashes.
  const std::uint64_t mixed = mix64(hash ^ mix64(static_cast<std::uint64_t>(seed)));
  return 1 + static_cast<int>(mixed % static_cast<std::uint64_t>(folds));
}

}  // namespace persona
