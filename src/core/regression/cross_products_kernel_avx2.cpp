// The cross products kernel with AVX2 and FMA. Only the functions marked so use these instructions: nothing
// inline from a shared header is compiled for them, so the linker cannot pick them for an older processor.
#include "core/regression/cross_products_fold_avx2.h"
#include "core/regression/cross_products_kernel.h"

#if defined(__x86_64__) && defined(__GNUC__)

namespace persona {
namespace {

PERSONA_AVX2 void range(const double* x, int rows, double* minimum, double* maximum) {
  double low = x[0];
  double high = x[0];
  std::ptrdiff_t r = 0;
  if (rows >= kLanes) {
    __m256d lows = _mm256_loadu_pd(x);
    __m256d highs = lows;
    for (r = kLanes; r + kLanes <= rows; r += kLanes) {
      const __m256d v = _mm256_loadu_pd(x + r);
      lows = _mm256_min_pd(lows, v);
      highs = _mm256_max_pd(highs, v);
    }
    alignas(32) double low_lanes[kLanes];
    alignas(32) double high_lanes[kLanes];
    _mm256_store_pd(low_lanes, lows);
    _mm256_store_pd(high_lanes, highs);
    for (int k = 0; k < kLanes; ++k) {
      low = low_lanes[k] < low ? low_lanes[k] : low;
      high = high_lanes[k] > high ? high_lanes[k] : high;
    }
  }
  for (; r < rows; ++r) {
    low = x[r] < low ? x[r] : low;
    high = x[r] > high ? x[r] : high;
  }
  *minimum = low;
  *maximum = high;
}

// Pairs (i, j) ... (i + kWidth - 1, j): one column against kWidth others, enough independent sums to hide the
// latency of FMA.
template <int kWidth, bool kPlain>
PERSONA_AVX2 void accumulate_tile(const double* const* columns, const double* bounds, int i, int j, int steps,
                                  double* state) {
  const double* y = columns[j];
  const double* x[kWidth];
  __m256d start[kWidth];
  __m256d sum[kWidth];
  __m256d rest[kWidth];
#pragma GCC unroll 8
  for (int w = 0; w < kWidth; ++w) {
    x[w] = columns[i + w];
    // 1.5 * 2^k with 2^(k-1) >= kMaxSteps * |x y|: the sum stays in [2^k, 2^(k+1)).
    start[w] = kPlain ? _mm256_setzero_pd() : _mm256_set1_pd(3.0 * kMaxSteps * bounds[i + w] * bounds[j]);
    sum[w] = start[w];
    rest[w] = _mm256_setzero_pd();
  }
  for (std::ptrdiff_t k = 0; k < steps * kLanes; k += kLanes) {
    const __m256d b = _mm256_loadu_pd(y + k);
#pragma GCC unroll 8
    for (int w = 0; w < kWidth; ++w) {
      const __m256d a = _mm256_loadu_pd(x[w] + k);
      const __m256d t = _mm256_fmadd_pd(a, b, sum[w]);
      if constexpr (kPlain) {
        sum[w] = t;
        continue;
      }
      const __m256d q = _mm256_sub_pd(t, sum[w]);
      rest[w] = _mm256_add_pd(rest[w], _mm256_fmsub_pd(a, b, q));
      sum[w] = t;
    }
  }
#pragma GCC unroll 8
  for (int w = 0; w < kWidth; ++w) {
    add_to_pair(state + w * kPairState, _mm256_sub_pd(sum[w], start[w]), rest[w]);
  }
}

template <bool kPlain>
PERSONA_AVX2 void accumulate_pairs(const double* const* columns, const double* bounds, int count, int steps,
                                   double* state) {
  constexpr int kTile = 4;
  for (int j = 0; j < count; ++j) {
    int i = 0;
    for (; i + kTile <= j + 1; i += kTile, state += kTile * kPairState) {
      accumulate_tile<kTile, kPlain>(columns, bounds, i, j, steps, state);
    }
    const int left = j + 1 - i;
    if (left == 3) accumulate_tile<3, kPlain>(columns, bounds, i, j, steps, state);
    if (left == 2) accumulate_tile<2, kPlain>(columns, bounds, i, j, steps, state);
    if (left == 1) accumulate_tile<1, kPlain>(columns, bounds, i, j, steps, state);
    state += left * kPairState;
  }
}

PERSONA_AVX2 void accumulate(const double* const* columns, const double* bounds, int count, int steps,
                             double* state) {
  accumulate_pairs<false>(columns, bounds, count, steps, state);
}

PERSONA_AVX2 void accumulate_plain(const double* const* columns, const double* bounds, int count, int steps,
                                   double* state) {
  accumulate_pairs<true>(columns, bounds, count, steps, state);
}

}  // namespace

const CrossProductsKernel& avx2_cross_products_kernel() noexcept {
  static constexpr CrossProductsKernel kernel = {range, accumulate, accumulate_plain};
  return kernel;
}

}  // namespace persona

#else

namespace persona {

const CrossProductsKernel& avx2_cross_products_kernel() noexcept { return portable_cross_products_kernel(); }

}  // namespace persona

#endif
