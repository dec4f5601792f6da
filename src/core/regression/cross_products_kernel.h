// The inner loop of cross products carried to about 106 bits, compiled three times: portable, AVX2 with FMA,
// AVX-512. Each product x y is added to a running sum s that starts at a large constant sigma (Rump, Ogita
// and Oishi, "Accurate floating-point summation I", SIAM J. Sci. Comput. 31(1), 2008, section 3): t = s + x y
// rounds at the fixed unit ulp(sigma), q = t - s is exact, and the remainder x y - q goes to a second sum.
// That is four instructions a product with FMA: t = fma(x, y, s), q = t - s, low += fma(x, y, -q), s = t.
#pragma once

#include <cstddef>

namespace persona {

/// Rows are taken four at a time, each lane with its own sums.
inline constexpr std::ptrdiff_t kLanes = 4;
/// Most groups of kLanes rows in one call: a block of 256 rows. The choice of sigma relies on it.
inline constexpr int kMaxSteps = 64;
/// Doubles of state for one pair of columns: the high parts of the lanes, then their low parts.
inline constexpr std::ptrdiff_t kPairState = 2 * kLanes;

struct CrossProductsKernel {
  /// Least and greatest of x[0 .. rows), rows >= 1, finite.
  void (*range)(const double* x, int rows, double* minimum, double* maximum);

  /// Adds sum_r columns[i][r] columns[j][r] to the state of each pair i <= j < count: a double-double per
  /// lane at state + kPairState * (j (j + 1) / 2 + i). Columns hold kLanes * steps values, steps <=
  /// kMaxSteps, padded with zeros; bounds[i] is a power of two >= the largest |columns[i][r]|.
  void (*accumulate)(const double* const* columns, const double* bounds, int count, int steps, double* state);

  /// The same, the sums of this call in plain double arithmetic: a fourth of the work.
  void (*accumulate_plain)(const double* const* columns, const double* bounds, int count, int steps,
                           double* state);
};

const CrossProductsKernel& portable_cross_products_kernel() noexcept;
/// The portable one where the compiler's target is not x86-64. Call only if cpu_has_avx2_fma().
const CrossProductsKernel& avx2_cross_products_kernel() noexcept;
/// Likewise; call only if cpu_has_avx512().
const CrossProductsKernel& avx512_cross_products_kernel() noexcept;
/// The best this processor has.
const CrossProductsKernel& cross_products_kernel() noexcept;

}  // namespace persona
