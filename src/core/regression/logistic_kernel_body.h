// The code of the logistic kernels, included by one source file per instruction set, which defines
// PERSONA_TARGET as the attribute of every function here. All of it is internal to that file. Vectors of four
// doubles are a language extension of GCC and Clang on every target; a multiply and an add may become one
// FMA.
#pragma once

#include <cstdint>

#include "core/regression/logistic_kernel.h"

namespace persona {
namespace {

using Quad = double __attribute__((vector_size(32)));
using QuadBits = std::int64_t __attribute__((vector_size(32)));
// Four doubles in memory of any alignment.
struct __attribute__((packed, may_alias)) LooseQuad {
  Quad v;
};

PERSONA_TARGET inline const LooseQuad& quad(const double* x) {
  return *reinterpret_cast<const LooseQuad*>(x);
}
PERSONA_TARGET inline LooseQuad& quad(double* x) { return *reinterpret_cast<LooseQuad*>(x); }

// exp(x) = 2^n exp(r) with n = round(x / ln 2), |r| <= ln 2 / 2, the Taylor series of exp(r) to r^13
// (remainder 4e-18), and ln 2 in two parts so that r keeps its low bits (Cody and Waite, "Software Manual for
// the Elementary Functions", 1980, chapter 6).
// Vectors are passed by reference: without AVX one of 32 bytes has no calling convention.
PERSONA_TARGET inline void exponential(const Quad& argument, Quad& result) {
  constexpr double kLog2E = 1.4426950408889634;
  constexpr double kLn2High = 6.93147180369123816490e-01;  // 33 bits: n * kLn2High is exact
  constexpr double kLn2Low = 1.90821492927058770002e-10;
  constexpr double kRound = 0x1.8p52;  // adding it leaves the nearest integer in the low bits
  const Quad x = argument < -708.0 ? Quad{-708.0, -708.0, -708.0, -708.0} : argument;
  const Quad shifted = x * kLog2E + kRound;
  const Quad n = shifted - kRound;
  const Quad r = (x - n * kLn2High) - n * kLn2Low;
  Quad p = r * (1.0 / 6227020800.0) + 1.0 / 479001600.0;
  p = p * r + 1.0 / 39916800.0;
  p = p * r + 1.0 / 3628800.0;
  p = p * r + 1.0 / 362880.0;
  p = p * r + 1.0 / 40320.0;
  p = p * r + 1.0 / 5040.0;
  p = p * r + 1.0 / 720.0;
  p = p * r + 1.0 / 120.0;
  p = p * r + 1.0 / 24.0;
  p = p * r + 1.0 / 6.0;
  p = p * r + 0.5;
  p = 1.0 + (r + r * r * p);
  const QuadBits power = reinterpret_cast<QuadBits>(shifted) << 52;
  result = reinterpret_cast<Quad>(reinterpret_cast<QuadBits>(p) + power);
}

PERSONA_TARGET void exponentials(const double* x, int n, double* result) {
  for (int k = 0; k < n; k += 4) {
    const Quad argument = quad(x + k).v;  // a copy, and so aligned
    Quad e;
    exponential(argument, e);
    quad(result + k).v = e;
  }
}

PERSONA_TARGET void standardize(const double* x, int rows, double center, double inverse_scale, double* z) {
  int r = 0;
  for (; r + 4 <= rows; r += 4) quad(z + r).v = (quad(x + r).v - center) * inverse_scale;
  for (; r < rows; ++r) z[r] = (x[r] - center) * inverse_scale;
}

PERSONA_TARGET inline double total(const Quad& v) { return (v[0] + v[1]) + (v[2] + v[3]); }

// Linear predictor of all rows.
PERSONA_TARGET void predict(const LogisticBlock& block, int padded, double* eta) {
  for (int r = 0; r < padded; r += 4) quad(eta + r).v = Quad{};
  for (int j = 0; j < block.padded_count; j += kLogisticTile) {
    const double* const* x = block.columns + j;
    const double* theta = block.theta + j;
    for (int r = 0; r < padded; r += 4) {
      quad(eta + r).v += (quad(x[0] + r).v * theta[0] + quad(x[1] + r).v * theta[1]) +
                         (quad(x[2] + r).v * theta[2] + quad(x[3] + r).v * theta[3]);
    }
  }
}

// Residuals y - p and weights p (1 - p) from the linear predictor, and the likelihood's parts.
PERSONA_TARGET void evaluate(const LogisticBlock& block, int padded, const double* eta, double* residual,
                             double* weight, LogisticSums& sums) {
  Quad index = {0, 1, 2, 3};
  const double last = block.rows;
  Quad product = {1, 1, 1, 1};
  Quad lower = {};
  Quad least = {sums.least_margin, sums.least_margin, sums.least_margin, sums.least_margin};
  Quad greatest = {sums.greatest_eta, sums.greatest_eta, sums.greatest_eta, sums.greatest_eta};
  const Quad zero = {};
  for (int r = 0; r < padded; r += 4) {
    const Quad x = quad(eta + r).v;
    const Quad y = quad(block.target + r).v;
    const Quad size = x < 0.0 ? -x : x;
    Quad e;
    exponential(-size, e);
    e = index < last ? e : zero;  // a padding row weighs nothing
    const Quad q = 1.0 / (1.0 + e);
    const Quad small = e * q;
    // p = q or 1 - q: of the two the one that does not cancel.
    const Quad difference = y > 0.5 ? (x < 0.0 ? q : small) : (x < 0.0 ? -small : -q);
    const Quad margin = y > 0.5 ? x : -x;
    quad(residual + r).v = index < last ? difference : zero;
    quad(weight + r).v = small * q;
    product *= 1.0 + e;
    lower += margin < 0.0 ? margin : zero;
    const Quad counted = index < last ? margin : least;
    least = counted < least ? counted : least;
    greatest = size > greatest ? size : greatest;
    index += 4.0;
  }
  for (int k = 0; k < 4; ++k) {
    sums.product[k] = product[k];
    sums.least_margin = least[k] < sums.least_margin ? least[k] : sums.least_margin;
    sums.greatest_eta = greatest[k] > sums.greatest_eta ? greatest[k] : sums.greatest_eta;
  }
  sums.lower += total(lower);
}

PERSONA_TARGET void add_gradient(const LogisticBlock& block, int padded, const double* residual,
                                 double* gradient) {
  for (int j = 0; j < block.padded_count; j += kLogisticTile) {
    Quad sum[kLogisticTile] = {};
    for (int r = 0; r < padded; r += 4) {
#pragma GCC unroll 4
      for (int k = 0; k < kLogisticTile; ++k)
        sum[k] += quad(block.columns[j + k] + r).v * quad(residual + r).v;
    }
    for (int k = 0; k < kLogisticTile && j + k < block.count; ++k) gradient[j + k] += total(sum[k]);
  }
}

// Two weighted columns against four plain ones at a time: eight sums in registers.
PERSONA_TARGET void add_hessian(const LogisticBlock& block, int padded, const double* weight,
                                double* hessian) {
  alignas(32) double first[kLogisticRows];
  alignas(32) double second[kLogisticRows];
  for (int j = 0; j < block.count; j += 2) {
    const double* left = block.columns[j];
    const double* right = block.columns[j + 1];
    for (int r = 0; r < padded; r += 4) {
      quad(first + r).v = quad(left + r).v * quad(weight + r).v;
      quad(second + r).v = quad(right + r).v * quad(weight + r).v;
    }
    for (int i = 0; i <= j + 1; i += kLogisticTile) {
      Quad sum[2][kLogisticTile] = {};
      const double* x[kLogisticTile];
      for (int k = 0; k < kLogisticTile; ++k) x[k] = block.columns[i + k];
      for (int r = 0; r < padded; r += 4) {
        const Quad a = quad(first + r).v;
        const Quad b = quad(second + r).v;
#pragma GCC unroll 4
        for (int k = 0; k < kLogisticTile; ++k) {
          const Quad c = quad(x[k] + r).v;
          sum[0][k] += a * c;
          sum[1][k] += b * c;
        }
      }
#pragma GCC unroll 4
      for (int k = 0; k < kLogisticTile; ++k) {
        if (i + k <= j) hessian[j * (j + 1) / 2 + i + k] += total(sum[0][k]);
        if (i + k <= j + 1 && j + 1 < block.count) {
          hessian[(j + 1) * (j + 2) / 2 + i + k] += total(sum[1][k]);
        }
      }
    }
  }
}

PERSONA_TARGET void accumulate(const LogisticBlock& block, LogisticSums& sums) {
  alignas(32) double eta[kLogisticRows];
  alignas(32) double residual[kLogisticRows];
  alignas(32) double weight[kLogisticRows];
  const int padded = (block.rows + 3) / 4 * 4;
  predict(block, padded, eta);
  evaluate(block, padded, eta, residual, weight, sums);
  add_gradient(block, padded, residual, sums.gradient);
  add_hessian(block, padded, weight, sums.hessian);
}

}  // namespace
}  // namespace persona
