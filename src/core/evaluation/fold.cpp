#include "core/evaluation/fold.h"

#include "core/base/fnv.h"
#include "core/base/random.h"

namespace persona {

int fold_of(std::string_view key, int folds, std::int64_t seed) noexcept {
  // The seed is mixed on its own first: neighboring seeds would only shift neighboring hashes.
  const std::uint64_t mixed = mix64(fnv1a(key) ^ mix64(static_cast<std::uint64_t>(seed)));
  return 1 + static_cast<int>(mixed % static_cast<std::uint64_t>(folds));
}

}  // namespace persona
