// The kernels of dense linear algebra, and the inverse and the small systems built on them, against Eigen.
// What the processor does not have is not run; the code is one for all vector lengths.
#include "core/linalg/dense_kernel.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/cpu.h"
#include "core/base/eigen.h"
#include "core/base/random.h"
#include "core/linalg/normal_equations.h"
#include "core/linalg/symmetric_matrix.h"
#include "interactions_support.h"

namespace persona::interactions_test {
namespace {

std::vector<const DenseKernel*> kernels() {
  std::vector<const DenseKernel*> all = {&portable_dense_kernel()};
  if (cpu_has_avx2_fma()) all.push_back(&avx2_dense_kernel());
  if (cpu_has_avx512()) all.push_back(&avx512_dense_kernel());
  return all;
}

// Positive definite, with this condition number.
Matrix random_matrix(Random& random, Eigen::Index size, double condition) {
  Matrix x(size, size);
  for (Eigen::Index i = 0; i < size; ++i) {
    for (Eigen::Index j = 0; j < size; ++j) x(i, j) = random.normal();
  }
  const Matrix q = Eigen::HouseholderQR<Matrix>(x).householderQ();
  Vector values(size);
  for (Eigen::Index i = 0; i < size; ++i) {
    values(i) = std::pow(condition,
                         -static_cast<double>(i) / static_cast<double>(std::max<Eigen::Index>(size - 1, 1)));
  }
  const Matrix result = q * values.asDiagonal() * q.transpose();
  return (result + result.transpose()) / 2;
}

TEST(DenseKernel, MultipliesATile) {
  Random random(1);
  for (const DenseKernel* kernel : kernels()) {
    EXPECT_EQ(kPadRows % kernel->tile_rows, 0);
    EXPECT_EQ(kPadColumns % kernel->tile_columns, 0);
    EXPECT_EQ(kernel->tile_columns % kernel->tile_rows, 0);
    const std::ptrdiff_t rows = kernel->tile_rows, columns = kernel->tile_columns;
    for (const std::ptrdiff_t steps : {0, 1, 2, 3, 17, 192}) {
      const auto random_values = [&](std::ptrdiff_t count) {
        std::vector<double> values(static_cast<std::size_t>(count));
        for (double& value : values) value = random.normal();
        return values;
      };
      // Strides beyond the tile, and an end of the memory right behind the last number.
      const std::ptrdiff_t a_stride = rows + 3, b_stride = columns + 1, c_stride = columns + 5;
      const auto a = random_values(std::max<std::ptrdiff_t>(steps * a_stride - 3, 0));
      const auto b = random_values(std::max<std::ptrdiff_t>(steps * b_stride - 1, 0));
      const auto before = random_values(rows * c_stride - 5);
      auto c = before;
      kernel->multiply(steps, a.data(), a_stride, b.data(), b_stride, c.data(), c_stride);
      for (std::ptrdiff_t place = 0; place < static_cast<std::ptrdiff_t>(c.size()); ++place) {
        const std::ptrdiff_t i = place / c_stride, j = place % c_stride;
        double expected = before[static_cast<std::size_t>(place)];
        for (std::ptrdiff_t k = 0; k < steps && j < columns; ++k) {
          expected +=
              a[static_cast<std::size_t>(k * a_stride + i)] * b[static_cast<std::size_t>(k * b_stride + j)];
        }
        EXPECT_NEAR(c[static_cast<std::size_t>(place)], expected, 1e-12);
      }
    }
  }
}

TEST(DenseKernel, FactorsAndSolves) {
  Random random(2);
  for (const DenseKernel* kernel : kernels()) {
    for (const Eigen::Index size : {1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 63, 64, 65, 130}) {
      const Matrix matrix = random_matrix(random, size, 1e4);
      const std::ptrdiff_t stride = padded(size, kPadColumns);
      std::vector<double> a(static_cast<std::size_t>(size * stride), 0);
      for (Eigen::Index i = 0; i < size; ++i) {
        for (Eigen::Index j = i; j < size; ++j) a[static_cast<std::size_t>(i * stride + j)] = matrix(i, j);
      }
      const std::vector<double> floors(static_cast<std::size_t>(size), 1e-14);
      ASSERT_EQ(kernel->factor(a.data(), size, size, stride, floors.data()), size);
      const Matrix upper = Eigen::LLT<Matrix>(matrix).matrixU();
      Vector right(size);
      for (Eigen::Index i = 0; i < size; ++i) {
        right(i) = random.normal();
        for (Eigen::Index j = i; j < size; ++j) {
          EXPECT_NEAR(a[static_cast<std::size_t>(i * stride + j)], upper(i, j), 1e-12);
        }
      }
      const Vector expected = matrix.ldlt().solve(right);
      std::vector<double> x(right.data(), right.data() + size);
      kernel->solve_lower(a.data(), size, stride, x.data());
      kernel->solve_upper(a.data(), size, stride, x.data());
      for (Eigen::Index i = 0; i < size; ++i) EXPECT_NEAR(x[static_cast<std::size_t>(i)], expected(i), 1e-7);
    }
  }
}

TEST(DenseKernel, FindsTheRowThatIsNotDetermined) {
  for (const DenseKernel* kernel : kernels()) {
    for (const std::ptrdiff_t bad : {0, 1, 3, 4, 9}) {
      for (const double pivot : {0.0, -1.0, std::numeric_limits<double>::quiet_NaN()}) {
        std::vector<double> a(10 * kPadColumns, 0);
        for (std::ptrdiff_t i = 0; i < 10; ++i)
          a[static_cast<std::size_t>(i * kPadColumns + i)] = i == bad ? pivot : 2;
        const std::vector<double> floors(10, 1e-12);
        EXPECT_EQ(kernel->factor(a.data(), 10, 10, kPadColumns, floors.data()), bad);
      }
    }
  }
}

TEST(DenseKernel, ProductsOfFloats) {
  Random random(3);
  for (const DenseKernel* kernel : kernels()) {
    for (const std::ptrdiff_t size : {1, 3, 4, 7, 8, 16, 31, 64, 100, 512}) {
      for (const std::ptrdiff_t count : {0, 1, 3, 4, 6}) {
        std::vector<float> rows(static_cast<std::size_t>(count * size)), x(static_cast<std::size_t>(size));
        for (float& value : rows) value = static_cast<float>(random.normal());
        for (float& value : x) value = static_cast<float>(random.normal());
        std::vector<float> result(static_cast<std::size_t>(count), 99);
        kernel->products(rows.data(), count, size, x.data(), result.data());
        for (std::ptrdiff_t r = 0; r < count; ++r) {
          double expected = 0;
          for (std::ptrdiff_t j = 0; j < size; ++j) {
            expected += static_cast<double>(rows[static_cast<std::size_t>(r * size + j)]) *
                        static_cast<double>(x[static_cast<std::size_t>(j)]);
          }
          EXPECT_NEAR(static_cast<double>(result[static_cast<std::size_t>(r)]), expected, 1e-4);
        }
      }
    }
  }
}

SymmetricMatrix upper_of(const Matrix& matrix) {
  NoPoll poll;
  SymmetricMatrix result(matrix.rows(), poll);
  for (Eigen::Index i = 0; i < matrix.rows(); ++i) {
    for (Eigen::Index j = i; j < matrix.rows(); ++j) result.row(i)[j] = matrix(i, j);
  }
  return result;
}

TEST(Invert, EqualsEigen) {
  Random random(4);
  NoPoll poll;
  for (const Eigen::Index size : {1, 2, 23, 24, 25, 95, 191, 192, 193, 216, 400}) {
    for (const double condition : {10.0, 1e6}) {
      const Matrix matrix = random_matrix(random, size, condition);
      SymmetricMatrix inverse = upper_of(matrix);
      ASSERT_EQ(invert(inverse, 1e-12, poll), -1);
      inverse.mirror(poll);
      const Matrix expected = matrix.llt().solve(Matrix::Identity(size, size));
      double error = 0;
      for (Eigen::Index i = 0; i < size; ++i) {
        for (Eigen::Index j = 0; j < size; ++j)
          error = std::max(error, std::fabs(inverse.row(i)[j] - expected(i, j)));
      }
      EXPECT_LE(error, 1e-14 * condition * condition)
          << size;  // the norm of the inverse is the condition here
    }
  }
}

TEST(Invert, NamesTheRowThatDependsOnOthers) {
  Random random(5);
  NoPoll poll;
  for (const Eigen::Index size : {2, 60, 300, 500}) {
    Matrix x(size + 5, size);
    for (Eigen::Index i = 0; i < x.rows(); ++i) {
      for (Eigen::Index j = 0; j < size; ++j) x(i, j) = random.normal();
    }
    const auto bad = static_cast<Eigen::Index>(1 + random.below(static_cast<std::uint64_t>(size - 1)));
    x.col(bad) = 2 * x.col(0) - (bad > 1 ? 1.0 : 0.0) * x.col(bad / 2);
    SymmetricMatrix matrix = upper_of(x.transpose() * x);
    EXPECT_EQ(invert(matrix, static_cast<double>(size) * 0x1p-50, poll), bad);
  }
  SymmetricMatrix empty(0, poll);
  EXPECT_EQ(invert(empty, 0, poll), -1);
}

TEST(Invert, CanBeStopped) {
  const SymmetricMatrix matrix = upper_of(Matrix::Ones(700, 700) + Matrix::Identity(700, 700));
  StoppingPoll never(-1);
  SymmetricMatrix first = matrix;
  invert(first, 0, never);
  // n^3 operations, and at least a check in every 64 million of them.
  EXPECT_GE(never.checks(), 700 * 700 * 700 / 64'000'000);
  for (long at = 1; at <= never.checks(); at += 1 + never.checks() / 8) {
    StoppingPoll poll(at);
    SymmetricMatrix other = matrix;
    EXPECT_THROW(invert(other, 0, poll), StoppingPoll::Stop);
  }
}

TEST(NormalEquations, EqualEigen) {
  Random random(7);
  NoPoll no_poll;
  PacedPoll poll(no_poll);
  for (const Eigen::Index size : {1, 5, 24, 64, 130}) {
    const Eigen::Index rows = 150;
    std::vector<float> table;
    Matrix y(rows, size);
    for (Eigen::Index r = 0; r < rows; ++r) {
      for (Eigen::Index f = 0; f < size; ++f) {
        table.push_back(static_cast<float>(random.normal()));
        y(r, f) = static_cast<double>(table.back());
      }
    }
    NormalEquations equations(size);
    equations.clear();
    equations.add({table.data(), size}, nullptr, nullptr, static_cast<std::size_t>(rows), poll);
    const std::vector<double> gram = equations.matrix();
    for (const bool weighted : {false, true}) {
      for (const std::size_t count : {0U, 1U, 47U, 49U, 120U}) {
        std::vector<std::int32_t> some;
        std::vector<double> weights;
        Matrix a = 0.3 * y.transpose() * y + 2 * Matrix::Identity(size, size);
        Vector b = Vector::Zero(size);
        for (std::size_t k = 0; k < count; ++k) {
          some.push_back(static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(rows))));
          weights.push_back(weighted ? random.uniform() * 3 : 1);
          a += weights.back() * y.row(some.back()).transpose() * y.row(some.back());
          b += weights.back() * y.row(some.back()).transpose();
        }
        equations.start(gram, 0.3, 2);
        equations.add({table.data(), size}, some.data(), weighted ? weights.data() : nullptr, count, poll);
        ASSERT_TRUE(equations.solve(poll));
        const Vector expected = a.ldlt().solve(b);
        EXPECT_NEAR(equations.gain(), b.dot(expected), 1e-10);
        std::vector<double> again(b.data(), b.data() + size);
        equations.solve_for(again.data());
        for (Eigen::Index f = 0; f < size; ++f) {
          EXPECT_NEAR(equations.solution()[static_cast<std::size_t>(f)], expected(f), 1e-11);
          EXPECT_NEAR(again[static_cast<std::size_t>(f)], expected(f), 1e-11);
        }
      }
    }
    equations.start(gram, 0, 0);
    EXPECT_FALSE(equations.solve(poll));
  }
}

}  // namespace
}  // namespace persona::interactions_test
