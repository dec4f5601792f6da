// The inner loops of dense linear algebra, compiled three times from dense_kernel_body.h: portable, AVX2 with
// FMA, AVX-512. Everything else here is blocked so that these take nearly all of the time.
#pragma once

#include <cstddef>

namespace persona {

/// Rows and columns of a tile divide these, whatever the processor: what is padded to them needs no case for
/// the edge.
inline constexpr std::ptrdiff_t kPadRows = 8;
inline constexpr std::ptrdiff_t kPadColumns = 24;

/// The next multiple of `unit`.
constexpr std::ptrdiff_t padded(std::ptrdiff_t size, std::ptrdiff_t unit) {
  return (size + unit - 1) / unit * unit;
}

struct DenseKernel {
  std::ptrdiff_t tile_rows;     ///< divides kPadRows
  std::ptrdiff_t tile_columns;  ///< a multiple of tile_rows; divides kPadColumns

  /// c[i][j] += sum_k a[k][i] b[k][j] for a tile of i and j, k < steps; each argument by rows of its stride.
  void (*multiply)(std::ptrdiff_t steps, const double* a, std::ptrdiff_t a_stride, const double* b,
                   std::ptrdiff_t b_stride, double* c, std::ptrdiff_t c_stride);

  /// Upper triangle of a small symmetric A, by rows of `stride` (a multiple of kPadColumns), becomes U with A
  /// = U'U, without blocks, and what stands in the columns B from size to `columns`, below stride, becomes
  /// U'^-1 B. All else in the rows must be finite; it is written to. floors[k]: the pivot k, what is left of
  /// the diagonal entry, must be larger. Answers the first k of which that is not so, where A is left half
  /// done; else `size`.
  std::ptrdiff_t (*factor)(double* a, std::ptrdiff_t size, std::ptrdiff_t columns, std::ptrdiff_t stride,
                           const double* floors);

  /// x becomes U'^-1 x, and U^-1 x.
  void (*solve_lower)(const double* u, std::ptrdiff_t size, std::ptrdiff_t stride, double* x);
  void (*solve_upper)(const double* u, std::ptrdiff_t size, std::ptrdiff_t stride, double* x);

  /// Copies `size` numbers to double precision.
  void (*widen)(const float* from, std::ptrdiff_t size, double* to);

  /// products[r] = rows[r] . x for `count` rows of `size` floats without gaps.
  void (*products)(const float* rows, std::ptrdiff_t count, std::ptrdiff_t size, const float* x,
                   float* products);
};

const DenseKernel& portable_dense_kernel() noexcept;
/// The portable one where the compiler's target is not x86-64. Call only if cpu_has_avx2_fma().
const DenseKernel& avx2_dense_kernel() noexcept;
/// Likewise; call only if cpu_has_avx512().
const DenseKernel& avx512_dense_kernel() noexcept;
/// The best this processor has.
const DenseKernel& dense_kernel() noexcept;

}  // namespace persona
