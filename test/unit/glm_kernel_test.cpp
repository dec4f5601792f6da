// The kernels of generalized linear models against the formulas, row by row, and against each other.
#include "core/regression/glm_kernel.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/cpu.h"
#include "core/base/random.h"
#include "core/regression/glm_likelihood.h"

namespace persona::test {
namespace {

double relative(double value, double expected) { return std::fabs(value - expected) / std::fabs(expected); }

std::vector<const GlmKernel*> kernels() {
  std::vector<const GlmKernel*> all = {&portable_glm_kernel()};
  if (cpu_has_avx2_fma()) all.push_back(&avx2_glm_kernel());
  return all;
}

TEST(GlmKernel, ExponentialsAreAccurate) {
  std::vector<double> x;
  for (int k = 0; k < 70800; ++k) x.push_back(-0.01 * k);
  for (int k = 0; k <= 70900; ++k) x.push_back(0.01 * k);
  for (int k = 0; k < 2000; ++k) x.push_back(-std::ldexp(1.0, -k / 10) * (1 + 0.01 * (k % 10)));
  while (x.size() % 4 != 0) x.push_back(0);
  std::vector<double> result(x.size());
  for (const GlmKernel* kernel : kernels()) {
    kernel->exponentials(x.data(), static_cast<int>(x.size()), result.data());
    double most = 0;
    for (std::size_t k = 0; k < x.size(); ++k) most = std::max(most, relative(result[k], std::exp(x[k])));
    EXPECT_LE(most, 0x1p-51);  // 2 units in the last place
  }
  const double far[] = {-709, -1e4, -1e308, -750};
  const double near[] = {709, 710, 1e4, 1e308};
  for (const GlmKernel* kernel : kernels()) {
    kernel->exponentials(far, 4, result.data());
    for (int k = 0; k < 4; ++k) EXPECT_DOUBLE_EQ(result[static_cast<std::size_t>(k)], std::exp(-708.0));
    kernel->exponentials(near, 4, result.data());
    for (int k = 0; k < 4; ++k) EXPECT_DOUBLE_EQ(result[static_cast<std::size_t>(k)], std::exp(709.0));
  }
}

// Rows of `count` columns, a target, and by choice weights and offsets.
struct Rows {
  GlmRows meaning;
  RowCache cache;
};

Rows random_rows(GlmFamily family, int count, bool weights, bool offsets, Random& random) {
  GlmRows meaning;
  meaning.family = family;
  meaning.target = count;
  if (weights) meaning.weight = count + 1;
  if (offsets) meaning.offset = count + (weights ? 2 : 1);
  const int columns = count + 1 + (weights ? 1 : 0) + (offsets ? 1 : 0);
  RowCache cache(columns, 0);
  for (const int rows : {256, 256, 37, 1}) {
    std::vector<std::vector<double>> x(static_cast<std::size_t>(columns),
                                       std::vector<double>(static_cast<std::size_t>(rows)));
    std::vector<const double*> pointers;
    for (std::size_t j = 0; j < x.size(); ++j) {
      const int column = static_cast<int>(j);
      for (double& value : x[j]) {
        value = random.normal();
        if (column == meaning.target) {
          value = static_cast<double>(random.below(family == GlmFamily::logit ? 2 : 5));
        }
        if (column == meaning.weight) value = random.exponential();
      }
      pointers.push_back(x[j].data());
    }
    cache.append(pointers.data(), nullptr, rows);
  }
  return {meaning, std::move(cache)};
}

struct Sums {
  double log_likelihood = 0;
  double least_margin = std::numeric_limits<double>::infinity();
  double greatest_eta = 0;
  Vector gradient;
  Matrix hessian;
};

Sums by_formula(const Rows& rows, const Vector& theta) {
  const GlmRows& meaning = rows.meaning;
  Sums sums;
  sums.gradient = Vector::Zero(theta.size());
  sums.hessian = Matrix::Zero(theta.size(), theta.size());
  for (std::size_t b = 0; b < rows.cache.blocks(); ++b) {
    const RowCache::Block& block = rows.cache.block(b);
    for (int r = 0; r < block.rows; ++r) {
      Vector x(theta.size());
      for (int j = 0; j < theta.size(); ++j) x(j) = block.number(j)[r];
      const double linear = x.dot(theta);
      const double eta = linear + (meaning.offset < 0 ? 0 : block.number(meaning.offset)[r]);
      const double w = meaning.weight < 0 ? 1 : block.number(meaning.weight)[r];
      const double y = block.number(meaning.target)[r];
      const bool logit = meaning.family == GlmFamily::logit;
      const double mu = logit ? 1 / (1 + std::exp(-eta)) : std::exp(eta);
      sums.log_likelihood += w * (logit ? std::log(y == 1 ? mu : 1 - mu) : y * eta - mu);
      sums.gradient += w * (y - mu) * x;
      sums.hessian += w * (logit ? mu * (1 - mu) : mu) * x * x.transpose();
      if (logit) sums.least_margin = std::min(sums.least_margin, y == 1 ? linear : -linear);
      sums.greatest_eta = std::max(sums.greatest_eta, std::fabs(linear));
    }
  }
  return sums;
}

TEST(GlmKernel, SumsAreThoseOfTheFormulas) {
  Random random(4);
  for (const GlmFamily family : {GlmFamily::logit, GlmFamily::poisson}) {
    for (const int count : {1, 2, 3, 4, 5, 8, 11}) {
      for (int given = 0; given < 4; ++given) {
        const Rows rows = random_rows(family, count, (given & 1) != 0, (given & 2) != 0, random);
        std::vector<ModelColumn> columns(static_cast<std::size_t>(count));
        Vector theta(count);
        for (int j = 0; j < count; ++j) {
          columns[static_cast<std::size_t>(j)].recipe.first.number = j;
          theta(j) = 0.5 * random.normal();
        }
        const Sums expected = by_formula(rows, theta);
        for (const GlmKernel* kernel : kernels()) {
          NoPoll poll;
          GlmLikelihood likelihood(rows.cache, rows.meaning, columns, 0, 1, *kernel);
          const LikelihoodEvaluation at = likelihood.evaluate(theta, Derivatives::both, poll);
          EXPECT_LE(relative(at.log_likelihood, expected.log_likelihood), 1e-13) << count << given;
          EXPECT_LE((at.gradient - expected.gradient).norm(), 1e-12 * 550);
          EXPECT_LE((at.hessian - expected.hessian).norm(), 1e-14 * expected.hessian.norm() * 10);
          EXPECT_EQ(at.hessian, at.hessian.transpose());
          EXPECT_NEAR(at.greatest_eta, expected.greatest_eta, 1e-13);
          if (family == GlmFamily::logit) {
            EXPECT_NEAR(at.least_margin, expected.least_margin, 1e-13);
          }
          const LikelihoodEvaluation half = likelihood.evaluate(theta, Derivatives::gradient, poll);
          EXPECT_EQ(half.gradient, at.gradient);
          EXPECT_EQ(half.hessian.size(), 0);
        }
      }
    }
  }
}

}  // namespace
}  // namespace persona::test
