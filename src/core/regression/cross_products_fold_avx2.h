// How a block's sums enter the state, for the vector kernels of cross products. Internal linkage: each kernel
// has its own copy, so that the linker cannot pick one for an older processor.
#pragma once

#include "core/regression/cross_products_kernel.h"

#if defined(__x86_64__) && defined(__GNUC__)

#include <immintrin.h>

#define PERSONA_AVX2 __attribute__((target("avx2,fma")))

namespace persona {
namespace {

/// Adds the lanes' double-doubles (high, low), of which `high` is exact, to those of a pair.
PERSONA_AVX2 inline void add_to_pair(double* pair, __m256d high, __m256d low) {
  const __m256d old_high = _mm256_loadu_pd(pair);
  const __m256d s = _mm256_add_pd(old_high, high);
  const __m256d t = _mm256_sub_pd(s, old_high);
  const __m256d error = _mm256_add_pd(_mm256_sub_pd(old_high, _mm256_sub_pd(s, t)), _mm256_sub_pd(high, t));
  const __m256d rest = _mm256_add_pd(_mm256_loadu_pd(pair + kLanes), _mm256_add_pd(error, low));
  const __m256d total = _mm256_add_pd(s, rest);
  _mm256_storeu_pd(pair, total);
  _mm256_storeu_pd(pair + kLanes, _mm256_sub_pd(rest, _mm256_sub_pd(total, s)));
}

}  // namespace
}  // namespace persona

#endif
