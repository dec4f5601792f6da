#include "core/base/cpu.h"

#include <cstdlib>

namespace persona {

bool cpu_has_avx2_fma() noexcept {
#if defined(__x86_64__) && defined(__GNUC__)
  static const bool has = std::getenv("PERSONA_DISABLE_SIMD") == nullptr &&
                          __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
  return has;
#else
  return false;
#endif
}

bool cpu_has_avx512() noexcept {
#if defined(__x86_64__) && defined(__GNUC__)
  static const bool has = cpu_has_avx2_fma() && __builtin_cpu_supports("avx512f") != 0;
  return has;
#else
  return false;
#endif
}

}  // namespace persona
