// The portable cross products kernel: products are split into exact halves (Dekker 1971) since the baseline
// has no FMA instruction. Vectors of two doubles are a language extension of GCC and Clang on every target.
#include "core/base/cpu.h"
#include "core/base/double_double.h"
#include "core/regression/cross_products_kernel.h"

#include <cstdint>
#include <cstring>

namespace persona {
namespace {

using Pair = double __attribute__((vector_size(16)));
using PairBits = std::int64_t __attribute__((vector_size(16)));

// Keeps the upper 26 bits of each significand, so that products of halves are exact (those of two lower
// halves to 2^-106 of the product).
constexpr std::int64_t kUpperHalf = ~((std::int64_t{1} << 27) - 1);

inline Pair load(const double* x) {
  Pair v;
  std::memcpy(&v, x, sizeof v);
  return v;
}

inline void store(double* x, Pair v) { std::memcpy(x, &v, sizeof v); }

inline Pair upper_half(Pair v) {
  const PairBits mask = {kUpperHalf, kUpperHalf};
  return reinterpret_cast<Pair>(reinterpret_cast<PairBits>(v) & mask);
}

// Adds a double-double (high, low) to the stored one.
inline void fold(double* high_state, double* low_state, Pair high, Pair low) {
  const Pair old_high = load(high_state);
  const Pair s = old_high + high;
  const Pair t = s - old_high;
  const Pair error = (old_high - (s - t)) + (high - t);
  const Pair rest = load(low_state) + (error + low);
  const Pair sum = s + rest;
  store(high_state, sum);
  store(low_state, rest - (sum - s));
}

void range(const double* x, int rows, double* minimum, double* maximum) {
  double low = x[0];
  double high = x[0];
  for (int r = 1; r < rows; ++r) {
    low = x[r] < low ? x[r] : low;
    high = x[r] > high ? x[r] : high;
  }
  *minimum = low;
  *maximum = high;
}

// Two lanes of one pair of columns.
void accumulate_lanes(const double* x, const double* y, int steps, double sigma, double* high, double* low) {
  const Pair start = {sigma, sigma};
  Pair s = start;
  Pair rest = {0, 0};
  for (int k = 0; k < steps; ++k) {
    const Pair a = load(x + k * kLanes);
    const Pair b = load(y + k * kLanes);
    const Pair a_high = upper_half(a);
    const Pair b_high = upper_half(b);
    const Pair a_low = a - a_high;
    const Pair b_low = b - b_high;
    const Pair p = rounded<Pair>(a * b);
    const Pair error = ((a_high * b_high - p) + a_high * b_low + a_low * b_high) + a_low * b_low;
    const Pair t = s + p;
    const Pair q = t - s;
    rest += (p - q) + error;
    s = t;
  }
  fold(high, low, s - start, rest);
}

void accumulate(const double* const* columns, const double* bounds, int count, int steps, double* state) {
  for (int j = 0; j < count; ++j) {
    for (int i = 0; i <= j; ++i, state += kPairState) {
      // 1.5 * 2^k with 2^(k-1) >= kMaxSteps * |x y|: the sum stays in [2^k, 2^(k+1)).
      const double sigma = 3.0 * kMaxSteps * bounds[i] * bounds[j];
      accumulate_lanes(columns[i], columns[j], steps, sigma, state, state + kLanes);
      accumulate_lanes(columns[i] + 2, columns[j] + 2, steps, sigma, state + 2, state + kLanes + 2);
    }
  }
}

void accumulate_plain(const double* const* columns, const double* /*bounds*/, int count, int steps,
                      double* state) {
  for (int j = 0; j < count; ++j) {
    for (int i = 0; i <= j; ++i, state += kPairState) {
      const double* x = columns[i];
      const double* y = columns[j];
      Pair sum[2] = {};
      for (std::ptrdiff_t k = 0; k < steps * kLanes; k += kLanes) {
        sum[0] += load(x + k) * load(y + k);
        sum[1] += load(x + k + 2) * load(y + k + 2);
      }
      fold(state, state + kLanes, sum[0], Pair{});
      fold(state + 2, state + kLanes + 2, sum[1], Pair{});
    }
  }
}

}  // namespace

const CrossProductsKernel& portable_cross_products_kernel() noexcept {
  static constexpr CrossProductsKernel kernel = {range, accumulate, accumulate_plain};
  return kernel;
}

const CrossProductsKernel& cross_products_kernel() noexcept {
  if (cpu_has_avx512()) return avx512_cross_products_kernel();
  return cpu_has_avx2_fma() ? avx2_cross_products_kernel() : portable_cross_products_kernel();
}

}  // namespace persona
