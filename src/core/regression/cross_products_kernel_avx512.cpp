// The cross products kernel with AVX-512: eight rows at a time, and 32 registers for tiles of four columns by
// two, which need half the loads. Only the functions marked so use these instructions (see
// cross_products_kernel_avx2.cpp).
#include "core/regression/cross_products_fold_avx2.h"
#include "core/regression/cross_products_kernel.h"

#if defined(__x86_64__) && defined(__GNUC__)

#define PERSONA_AVX512 __attribute__((target("avx512f,avx2,fma")))

namespace persona {
namespace {

constexpr int kRows = 8;

// Lanes 0 to 3 and 4 to 7, added. (The unmasked intrinsics make GCC 12 warn of its own headers: its bug
// 105593.)
PERSONA_AVX512 inline __m256d add_halves(__m512d x) {
  return _mm256_add_pd(_mm512_maskz_extractf64x4_pd(0xff, x, 0), _mm512_maskz_extractf64x4_pd(0xff, x, 1));
}

// The sums of the pairs of columns i ... i + kWidth - 1 with j ... j + kHeight - 1.
template <int kWidth, int kHeight>
struct Sums {
  __m512d sum[kHeight][kWidth];
  __m512d rest[kHeight][kWidth];
};

// Adds the products of eight rows, or of those that `there` has a bit for.
template <bool kPlain, int kWidth, int kHeight>
PERSONA_AVX512 __attribute__((always_inline)) inline void add_rows(const double* const* columns, int i, int j,
                                                                   std::ptrdiff_t row, __mmask8 there,
                                                                   Sums<kWidth, kHeight>* sums) {
  __m512d b[kHeight];
#pragma GCC unroll 8
  for (int h = 0; h < kHeight; ++h) b[h] = _mm512_maskz_loadu_pd(there, columns[j + h] + row);
#pragma GCC unroll 8
  for (int w = 0; w < kWidth; ++w) {
    const __m512d a = _mm512_maskz_loadu_pd(there, columns[i + w] + row);
#pragma GCC unroll 8
    for (int h = 0; h < kHeight; ++h) {
      const __m512d t = _mm512_fmadd_pd(a, b[h], sums->sum[h][w]);
      if constexpr (kPlain) {
        sums->sum[h][w] = t;
        continue;
      }
      const __m512d q = _mm512_sub_pd(t, sums->sum[h][w]);
      sums->rest[h][w] = _mm512_add_pd(sums->rest[h][w], _mm512_fmsub_pd(a, b[h], q));
      sums->sum[h][w] = t;
    }
  }
}

// 1.5 * 2^k with 2^(k-1) >= kMaxSteps * |x y|: the sum stays in [2^k, 2^(k+1)).
template <bool kPlain>
PERSONA_AVX512 inline __m512d first_sum(double bound) {
  return kPlain ? _mm512_setzero_pd() : _mm512_set1_pd(3.0 * kMaxSteps * bound);
}

template <bool kPlain, int kWidth, int kHeight>
PERSONA_AVX512 void accumulate_tile(const double* const* columns, const double* bounds, int i, int j,
                                    int steps, double* state) {
  Sums<kWidth, kHeight> sums;
#pragma GCC unroll 8
  for (int h = 0; h < kHeight; ++h) {
#pragma GCC unroll 8
    for (int w = 0; w < kWidth; ++w) {
      sums.sum[h][w] = first_sum<kPlain>(bounds[i + w] * bounds[j + h]);
      sums.rest[h][w] = _mm512_setzero_pd();
    }
  }
  const std::ptrdiff_t rows = std::ptrdiff_t{steps} * kLanes;
  std::ptrdiff_t row = 0;
  for (; row + kRows <= rows; row += kRows)
    add_rows<kPlain, kWidth, kHeight>(columns, i, j, row, 0xff, &sums);
  if (row < rows) add_rows<kPlain, kWidth, kHeight>(columns, i, j, row, 0x0f, &sums);
#pragma GCC unroll 8
  for (int h = 0; h < kHeight; ++h) {
#pragma GCC unroll 8
    for (int w = 0; w < kWidth; ++w) {
      // Two lanes become one of kMaxSteps products, as sigma allows for: their high parts add exactly.
      const __m512d high = _mm512_sub_pd(sums.sum[h][w], first_sum<kPlain>(bounds[i + w] * bounds[j + h]));
      add_to_pair(state + kPairState * (std::ptrdiff_t{j + h} * (j + h + 1) / 2 + i + w), add_halves(high),
                  add_halves(sums.rest[h][w]));
    }
  }
}

template <bool kPlain>
void accumulate_pairs(const double* const* columns, const double* bounds, int count, int steps,
                      double* state) {
  constexpr int kTile = 4;
  // Column j with those from i on that are in no tile.
  const auto accumulate_rest = [&](int i, int j) {
    for (; i + kTile <= j + 1; i += kTile)
      accumulate_tile<kPlain, kTile, 1>(columns, bounds, i, j, steps, state);
    const int left = j + 1 - i;
    if (left == 3) accumulate_tile<kPlain, 3, 1>(columns, bounds, i, j, steps, state);
    if (left == 2) accumulate_tile<kPlain, 2, 1>(columns, bounds, i, j, steps, state);
    if (left == 1) accumulate_tile<kPlain, 1, 1>(columns, bounds, i, j, steps, state);
  };
  for (int j = 0; j < count; j += 2) {
    int i = 0;
    if (j + 1 < count) {
      for (; i + kTile <= j + 1; i += kTile)
        accumulate_tile<kPlain, kTile, 2>(columns, bounds, i, j, steps, state);
      accumulate_rest(i, j + 1);
    }
    accumulate_rest(i, j);
  }
}

void accumulate(const double* const* columns, const double* bounds, int count, int steps, double* state) {
  accumulate_pairs<false>(columns, bounds, count, steps, state);
}

void accumulate_plain(const double* const* columns, const double* bounds, int count, int steps,
                      double* state) {
  accumulate_pairs<true>(columns, bounds, count, steps, state);
}

}  // namespace

const CrossProductsKernel& avx512_cross_products_kernel() noexcept {
  static const CrossProductsKernel kernel = {avx2_cross_products_kernel().range, accumulate,
                                             accumulate_plain};
  return kernel;
}

}  // namespace persona

#else

namespace persona {

const CrossProductsKernel& avx512_cross_products_kernel() noexcept {
  return portable_cross_products_kernel();
}

}  // namespace persona

#endif
