// The code of the kernels of generalized linear models, included by one source file per instruction set,
// which defines PERSONA_TARGET as the attribute of every function here. All of it is internal to that file.
// Vectors of four doubles are a language extension of GCC and Clang on every target; a multiply and an add
// may become one FMA.
#pragma once

#include <cmath>
#include <cstdint>

#include "core/regression/glm_kernel.h"

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
  const Quad floored = argument < -708.0 ? Quad{-708.0, -708.0, -708.0, -708.0} : argument;
  const Quad x = floored > 709.0 ? Quad{709.0, 709.0, 709.0, 709.0} : floored;
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

// The linear predictor of all rows.
PERSONA_TARGET void predict(const double* const* columns, int count, int rows, const double* theta,
                            double* eta) {
  for (int r = 0; r < rows; r += 4) quad(eta + r).v = Quad{};
  for (int j = 0; j < count; j += kGlmTile) {
    const double* const* x = columns + j;
    const double* b = theta + j;
    for (int r = 0; r < rows; r += 4) {
      quad(eta + r).v += (quad(x[0] + r).v * b[0] + quad(x[1] + r).v * b[1]) +
                         (quad(x[2] + r).v * b[2] + quad(x[3] + r).v * b[3]);
    }
  }
}

// log(1 + e) for e in [0, 1], without the cancellation of adding first: with s = e / (2 + e) it is
// 2 artanh(s) = 2 (s + s^3 / 3 + ...), where s^2 <= 1/9 leaves 5e-18 after s^33.
PERSONA_TARGET inline void log_one_plus(const Quad& e, Quad& result) {
  const Quad s = e / (2.0 + e);
  const Quad q = s * s;
  Quad sum = q * (1.0 / 33) + 1.0 / 31;
  for (int k = 29; k > 1; k -= 2) sum = sum * q + 1.0 / k;
  result = 2.0 * (s + s * q * sum);
}

// Where evaluate() leaves what the gradient and the Hessian are made of.
struct Rows {
  double residual[kGlmRows];  // w (y - mu)
  double weight[kGlmRows];    // w times the variance
};

struct Extremes {
  Quad least;
  Quad greatest;
};

PERSONA_TARGET inline void start(const GlmSums& sums, Extremes& extremes) {
  const double least = sums.least_margin;
  const double greatest = sums.greatest_eta;
  extremes.least = Quad{least, least, least, least};
  extremes.greatest = Quad{greatest, greatest, greatest, greatest};
}

PERSONA_TARGET inline void finish(const Extremes& extremes, GlmSums& sums) {
  for (int k = 0; k < 4; ++k) {
    sums.least_margin = extremes.least[k] < sums.least_margin ? extremes.least[k] : sums.least_margin;
    sums.greatest_eta = extremes.greatest[k] > sums.greatest_eta ? extremes.greatest[k] : sums.greatest_eta;
  }
}

// Binary targets. The log likelihood of a row is min(margin, 0) - log(1 + exp(-|eta|)), the margin being eta
// on the side of its class.
template <bool kWeighted, bool kOffset>
PERSONA_TARGET void evaluate_logit(const GlmBlock& block, int padded, const double* eta, Rows& rows,
                                   GlmSums& sums) {
  Quad index = {0, 1, 2, 3};
  const double last = block.rows;
  Quad product = {1, 1, 1, 1};  // of 1 + exp(-|eta|): at most 2^64
  Quad likelihood = {};
  Extremes extremes;
  start(sums, extremes);
  const Quad zero = {};
  for (int r = 0; r < padded; r += 4) {
    const Quad linear = quad(eta + r).v;
    Quad x = linear;
    if constexpr (kOffset) x += quad(block.offset + r).v;
    const Quad y = quad(block.target + r).v;
    const Quad size = x < 0.0 ? -x : x;
    Quad e;
    exponential(-size, e);
    e = index < last ? e : zero;  // a padding row weighs nothing
    const Quad q = 1.0 / (1.0 + e);
    const Quad small = e * q;
    // mu = q or 1 - q: of the two the one that does not cancel.
    Quad difference = y > 0.5 ? (x < 0.0 ? q : small) : (x < 0.0 ? -small : -q);
    difference = index < last ? difference : zero;
    const Quad margin = y > 0.5 ? x : -x;
    const Quad lower = margin < 0.0 ? margin : zero;
    if constexpr (kWeighted) {
      const Quad w = quad(block.weight + r).v;
      Quad log_term;
      log_one_plus(e, log_term);
      likelihood += w * (lower - log_term);
      quad(rows.residual + r).v = w * difference;
      quad(rows.weight + r).v = w * (small * q);
    } else {
      product *= 1.0 + e;
      likelihood += lower;
      quad(rows.residual + r).v = difference;
      quad(rows.weight + r).v = small * q;
    }
    const Quad side = y > 0.5 ? linear : -linear;
    const Quad counted = index < last ? side : extremes.least;
    extremes.least = counted < extremes.least ? counted : extremes.least;
    const Quad reached = linear < 0.0 ? -linear : linear;
    extremes.greatest = reached > extremes.greatest ? reached : extremes.greatest;
    index += 4.0;
  }
  finish(extremes, sums);
  sums.log_likelihood += total(likelihood);
  if constexpr (!kWeighted) {
    for (int k = 0; k < 4; ++k) sums.log_likelihood -= std::log(product[k]);
  }
}

// Counts. The log likelihood of a row is y eta - mu (and -log(y!), which does not depend on theta).
template <bool kWeighted, bool kOffset>
PERSONA_TARGET void evaluate_poisson(const GlmBlock& block, int padded, const double* eta, Rows& rows,
                                     GlmSums& sums) {
  Quad index = {0, 1, 2, 3};
  const double last = block.rows;
  Quad likelihood = {};
  Extremes extremes;
  start(sums, extremes);
  const Quad zero = {};
  for (int r = 0; r < padded; r += 4) {
    const Quad linear = quad(eta + r).v;
    Quad x = linear;
    if constexpr (kOffset) x += quad(block.offset + r).v;
    const Quad y = quad(block.target + r).v;
    Quad mu;
    exponential(x, mu);
    mu = index < last ? mu : zero;
    const Quad difference = y - mu;
    const Quad value = y * x - mu;
    if constexpr (kWeighted) {
      const Quad w = quad(block.weight + r).v;
      likelihood += w * value;
      quad(rows.residual + r).v = w * difference;
      quad(rows.weight + r).v = w * mu;
    } else {
      likelihood += value;
      quad(rows.residual + r).v = difference;
      quad(rows.weight + r).v = mu;
    }
    const Quad reached = linear < 0.0 ? -linear : linear;
    extremes.greatest = reached > extremes.greatest ? reached : extremes.greatest;
    index += 4.0;
  }
  finish(extremes, sums);
  sums.log_likelihood += total(likelihood);
}

PERSONA_TARGET void add_gradient(const double* const* columns, int count, int rows, const double* residual,
                                 double* gradient) {
  for (int j = 0; j < count; j += kGlmTile) {
    Quad sum[kGlmTile] = {};
    for (int r = 0; r < rows; r += 4) {
#pragma GCC unroll 4
      for (int k = 0; k < kGlmTile; ++k) sum[k] += quad(columns[j + k] + r).v * quad(residual + r).v;
    }
    for (int k = 0; k < kGlmTile && j + k < count; ++k) gradient[j + k] += total(sum[k]);
  }
}

// Two weighted columns against four plain ones at a time: eight sums in registers.
PERSONA_TARGET void add_hessian(const double* const* columns, int count, int rows, const double* weight,
                                double* hessian) {
  alignas(32) double first[kGlmRows];
  alignas(32) double second[kGlmRows];
  for (int j = 0; j < count; j += 2) {
    const double* left = columns[j];
    const double* right = columns[j + 1];
    for (int r = 0; r < rows; r += 4) {
      quad(first + r).v = quad(left + r).v * quad(weight + r).v;
      quad(second + r).v = quad(right + r).v * quad(weight + r).v;
    }
    for (int i = 0; i <= j + 1; i += kGlmTile) {
      Quad sum[2][kGlmTile] = {};
      const double* x[kGlmTile];
      for (int k = 0; k < kGlmTile; ++k) x[k] = columns[i + k];
      for (int r = 0; r < rows; r += 4) {
        const Quad a = quad(first + r).v;
        const Quad b = quad(second + r).v;
#pragma GCC unroll 4
        for (int k = 0; k < kGlmTile; ++k) {
          const Quad c = quad(x[k] + r).v;
          sum[0][k] += a * c;
          sum[1][k] += b * c;
        }
      }
#pragma GCC unroll 4
      for (int k = 0; k < kGlmTile; ++k) {
        if (i + k <= j) hessian[j * (j + 1) / 2 + i + k] += total(sum[0][k]);
        if (i + k <= j + 1 && j + 1 < count) hessian[(j + 1) * (j + 2) / 2 + i + k] += total(sum[1][k]);
      }
    }
  }
}

using Evaluate = void (*)(const GlmBlock&, int, const double*, Rows&, GlmSums&);

PERSONA_TARGET void accumulate(const GlmBlock& block, Evaluate evaluate, GlmSums& sums) {
  alignas(32) double eta[kGlmRows];
  alignas(32) Rows rows;
  const int padded = (block.rows + 3) / 4 * 4;
  predict(block.columns, block.count, padded, block.theta, eta);
  evaluate(block, padded, eta, rows, sums);
  add_gradient(block.columns, block.count, padded, rows.residual, sums.gradient);
  if (sums.hessian != nullptr) {
    add_hessian(block.columns, block.count, padded, rows.weight, sums.hessian);
  }
}

PERSONA_TARGET void accumulate_logit(const GlmBlock& block, GlmSums& sums) {
  constexpr Evaluate kEvaluate[2][2] = {{evaluate_logit<false, false>, evaluate_logit<false, true>},
                                        {evaluate_logit<true, false>, evaluate_logit<true, true>}};
  accumulate(block, kEvaluate[block.weight != nullptr][block.offset != nullptr], sums);
}

PERSONA_TARGET void accumulate_poisson(const GlmBlock& block, GlmSums& sums) {
  constexpr Evaluate kEvaluate[2][2] = {{evaluate_poisson<false, false>, evaluate_poisson<false, true>},
                                        {evaluate_poisson<true, false>, evaluate_poisson<true, true>}};
  accumulate(block, kEvaluate[block.weight != nullptr][block.offset != nullptr], sums);
}

constexpr GlmKernel kKernel = {standardize,  accumulate_logit, accumulate_poisson, predict,
                               add_gradient, add_hessian,      exponentials};

}  // namespace
}  // namespace persona
