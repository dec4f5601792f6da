// The code of the kernels of dense linear algebra, included by one source file per instruction set, which
// defines PERSONA_TARGET, the attribute of every function here, PERSONA_LANES, the doubles of a vector,
// PERSONA_TILE_ROWS and PERSONA_TILE_VECTORS, the vectors of a row of a tile. All of it is internal to that
// file. Vectors are a language extension of GCC and Clang on every target; a multiply and an add may become
// one FMA. Vectors are never passed by value: one that is wider than the baseline's registers has no calling
// convention.
#pragma once

#include <cmath>
#include <cstddef>

#include "core/linalg/dense_kernel.h"

namespace persona {
namespace {

constexpr std::ptrdiff_t kLanes = PERSONA_LANES;
constexpr std::ptrdiff_t kTileRows = PERSONA_TILE_ROWS;
constexpr std::ptrdiff_t kTileVectors = PERSONA_TILE_VECTORS;
constexpr std::ptrdiff_t kTileColumns = kTileVectors * kLanes;
static_assert(kPadRows % kTileRows == 0 && kPadColumns % kTileColumns == 0 && kTileColumns % kTileRows == 0);

using Lanes = double __attribute__((vector_size(8 * PERSONA_LANES)));
using FloatLanes = float __attribute__((vector_size(8 * PERSONA_LANES)));
using HalfFloatLanes = float __attribute__((vector_size(4 * PERSONA_LANES)));
constexpr std::ptrdiff_t kFloatLanes = 2 * kLanes;

// Vectors in memory of any alignment.
struct __attribute__((packed, may_alias)) Loose {
  Lanes v;
};
struct __attribute__((packed, may_alias)) LooseFloats {
  FloatLanes v;
};

struct __attribute__((packed, may_alias)) LooseHalf {
  HalfFloatLanes v;
};

PERSONA_TARGET inline const Loose& lanes(const double* x) { return *reinterpret_cast<const Loose*>(x); }
PERSONA_TARGET inline Loose& lanes(double* x) { return *reinterpret_cast<Loose*>(x); }
PERSONA_TARGET inline const LooseFloats& lanes(const float* x) {
  return *reinterpret_cast<const LooseFloats*>(x);
}

// The sums of a tile stay in registers for all steps: enough of them, independent, to hide the latency of
// FMA.
PERSONA_TARGET void multiply(std::ptrdiff_t steps, const double* a, std::ptrdiff_t a_stride, const double* b,
                             std::ptrdiff_t b_stride, double* c, std::ptrdiff_t c_stride) {
  Lanes sum[kTileRows][kTileVectors];
#pragma GCC unroll 8
  for (std::ptrdiff_t i = 0; i < kTileRows; ++i) {
    __builtin_prefetch(c + i * c_stride, 1);
    __builtin_prefetch(c + i * c_stride + kTileColumns - 1, 1);
#pragma GCC unroll 4
    for (std::ptrdiff_t v = 0; v < kTileVectors; ++v) sum[i][v] = Lanes{};
  }
#pragma GCC unroll 2
  for (std::ptrdiff_t k = 0; k < steps; ++k) {
    Lanes right[kTileVectors];
#pragma GCC unroll 4
    for (std::ptrdiff_t v = 0; v < kTileVectors; ++v) right[v] = lanes(b + v * kLanes).v;
#pragma GCC unroll 8
    for (std::ptrdiff_t i = 0; i < kTileRows; ++i) {
#pragma GCC unroll 4
      for (std::ptrdiff_t v = 0; v < kTileVectors; ++v) sum[i][v] += a[i] * right[v];
    }
    a += a_stride;
    b += b_stride;
  }
#pragma GCC unroll 8
  for (std::ptrdiff_t i = 0; i < kTileRows; ++i) {
#pragma GCC unroll 4
    for (std::ptrdiff_t v = 0; v < kTileVectors; ++v) {
      Loose& target = lanes(c + i * c_stride + v * kLanes);
      target.v += sum[i][v];
    }
  }
}

// row[j] -= sum_q factor[q] rows[q][j] for j in [first, last), in whole vectors, two rows at a time: kFrom
// rows of `stride` from `rows` on, kTo rows from `target`.
template <int kFrom, int kTo>
PERSONA_TARGET void subtract_rows(const double* rows, std::ptrdiff_t stride, const double* factors,
                                  double* target, std::ptrdiff_t first, std::ptrdiff_t last) {
  double factor[kFrom][kTo];
  for (int q = 0; q < kFrom; ++q) {
    for (int t = 0; t < kTo; ++t) factor[q][t] = factors[q * stride + t];
  }
  for (std::ptrdiff_t j = first; j < last; j += kLanes) {
    Lanes value[kTo];
#pragma GCC unroll 4
    for (int t = 0; t < kTo; ++t) value[t] = lanes(target + t * stride + j).v;
#pragma GCC unroll 4
    for (int q = 0; q < kFrom; ++q) {
      const Lanes row = lanes(rows + q * stride + j).v;
#pragma GCC unroll 4
      for (int t = 0; t < kTo; ++t) value[t] -= factor[q][t] * row;
    }
#pragma GCC unroll 4
    for (int t = 0; t < kTo; ++t) {
      Loose& to = lanes(target + t * stride + j);
      to.v = value[t];
    }
  }
}

// Four rows of U, then what they take from the rows below.
PERSONA_TARGET std::ptrdiff_t factor(double* a, std::ptrdiff_t size, std::ptrdiff_t columns,
                                     std::ptrdiff_t stride, const double* floors) {
  constexpr std::ptrdiff_t kRows = 4;
  const std::ptrdiff_t end = padded(columns, kLanes);
  for (std::ptrdiff_t k = 0; k < size; k += kRows) {
    double* rows = a + k * stride;
    const std::ptrdiff_t count = size - k < kRows ? size - k : kRows;
    for (std::ptrdiff_t r = 0; r < count; ++r) {
      double* row = rows + r * stride;
      const std::ptrdiff_t from = (k + r) / kLanes * kLanes;
      for (std::ptrdiff_t q = 0; q < r; ++q) {
        const double* above = rows + q * stride;
        const double times = above[k + r];
        for (std::ptrdiff_t j = from; j < end; j += kLanes) {
          Loose& to = lanes(row + j);
          to.v -= times * lanes(above + j).v;
        }
      }
      const double pivot = row[k + r];
      if (!(pivot > floors[k + r])) return k + r;
      const double scale = 1 / std::sqrt(pivot);
      for (std::ptrdiff_t j = from; j < end; j += kLanes) {
        Loose& to = lanes(row + j);
        to.v *= scale;
      }
    }
    std::ptrdiff_t i = k + count;
    for (; i + 2 <= size; i += 2) {
      subtract_rows<4, 2>(rows, stride, rows + i, a + i * stride, i / kLanes * kLanes, end);
    }
    if (i < size) subtract_rows<4, 1>(rows, stride, rows + i, a + i * stride, i / kLanes * kLanes, end);
  }
  return size;
}

PERSONA_TARGET void solve_lower(const double* u, std::ptrdiff_t size, std::ptrdiff_t stride, double* x) {
  for (std::ptrdiff_t k = 0; k < size; ++k) {
    const double* row = u + k * stride;
    const double value = x[k] / row[k];
    x[k] = value;
    std::ptrdiff_t j = k + 1;
    for (; j < size && j % kLanes != 0; ++j) x[j] -= row[j] * value;
    for (; j + kLanes <= size; j += kLanes) {
      Loose& to = lanes(x + j);
      to.v -= value * lanes(row + j).v;
    }
    for (; j < size; ++j) x[j] -= row[j] * value;
  }
}

PERSONA_TARGET void solve_upper(const double* u, std::ptrdiff_t size, std::ptrdiff_t stride, double* x) {
  for (std::ptrdiff_t k = size - 1; k >= 0; --k) {
    const double* row = u + k * stride;
    Lanes sums = Lanes{};
    double sum = 0;
    std::ptrdiff_t j = k + 1;
    for (; j + kLanes <= size; j += kLanes) sums += lanes(row + j).v * lanes(x + j).v;
    for (; j < size; ++j) sum += row[j] * x[j];
    for (std::ptrdiff_t lane = 0; lane < kLanes; ++lane) sum += sums[lane];
    x[k] = (x[k] - sum) / row[k];
  }
}

PERSONA_TARGET void widen(const float* from, std::ptrdiff_t size, double* to) {
  std::ptrdiff_t j = 0;
  for (; j + kLanes <= size; j += kLanes) {
    lanes(to + j).v = __builtin_convertvector(reinterpret_cast<const LooseHalf*>(from + j)->v, Lanes);
  }
  for (; j < size; ++j) to[j] = static_cast<double>(from[j]);
}

using Four = float __attribute__((vector_size(16)));
struct __attribute__((packed, may_alias)) LooseFour {
  Four v;
};

// GCC and Clang have two names for it.
#if defined(__clang__)
#define PERSONA_PICK(a, b, i, j, k, l) __builtin_shufflevector(a, b, i, j, k, l)
#else
#define PERSONA_PICK(a, b, i, j, k, l) \
  __builtin_shuffle(a, b, (__attribute__((vector_size(16))) int){i, j, k, l})
#endif

// The sum of all lanes in four: lane k is the sum of the lanes k, k + 4, ...
PERSONA_TARGET inline void fold(const FloatLanes& v, Four& folded) {
  const auto* parts = reinterpret_cast<const LooseFour*>(&v);
  folded = parts[0].v;
  for (std::ptrdiff_t part = 1; part < kFloatLanes / 4; ++part) folded += parts[part].v;
}

// The dot products of four rows at once.
PERSONA_TARGET inline void four_products(const float* rows, std::ptrdiff_t size, const float* x,
                                         float* result) {
  FloatLanes sums[4];
#pragma GCC unroll 4
  for (int r = 0; r < 4; ++r) sums[r] = FloatLanes{};
  std::ptrdiff_t j = 0;
  for (; j + kFloatLanes <= size; j += kFloatLanes) {
    const FloatLanes right = lanes(x + j).v;
#pragma GCC unroll 4
    for (int r = 0; r < 4; ++r) sums[r] += lanes(rows + r * size + j).v * right;
  }
  Four row[4];
#pragma GCC unroll 4
  for (int r = 0; r < 4; ++r) fold(sums[r], row[r]);
  // Adds while it transposes: first the halves of rows 0 and 1, and of 2 and 3.
  const Four ab = PERSONA_PICK(row[0], row[1], 0, 4, 1, 5) + PERSONA_PICK(row[0], row[1], 2, 6, 3, 7);
  const Four cd = PERSONA_PICK(row[2], row[3], 0, 4, 1, 5) + PERSONA_PICK(row[2], row[3], 2, 6, 3, 7);
  reinterpret_cast<LooseFour*>(result)->v =
      PERSONA_PICK(ab, cd, 0, 1, 4, 5) + PERSONA_PICK(ab, cd, 2, 3, 6, 7);
  for (; j < size; ++j) {
    for (int r = 0; r < 4; ++r) result[r] += rows[r * size + j] * x[j];
  }
}

PERSONA_TARGET void products(const float* rows, std::ptrdiff_t count, std::ptrdiff_t size, const float* x,
                             float* result) {
  std::ptrdiff_t r = 0;
  for (; r + 4 <= count; r += 4) four_products(rows + r * size, size, x, result + r);
  for (; r < count; ++r) {
    const float* row = rows + r * size;
    FloatLanes sums = FloatLanes{};
    std::ptrdiff_t j = 0;
    for (; j + kFloatLanes <= size; j += kFloatLanes) sums += lanes(row + j).v * lanes(x + j).v;
    Four folded;
    fold(sums, folded);
    float sum = (folded[0] + folded[2]) + (folded[1] + folded[3]);
    for (; j < size; ++j) sum += row[j] * x[j];
    result[r] = sum;
  }
}

constexpr DenseKernel kKernel = {kTileRows,   kTileColumns, multiply, factor,
                                 solve_lower, solve_upper,  widen,    products};

}  // namespace
}  // namespace persona
