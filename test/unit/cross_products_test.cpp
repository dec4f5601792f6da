// Cross products: exact on integers, the same from every kernel, however the rows are split or ordered, and
// for offsets and magnitudes that ruin plain sums of squares.
#include "core/regression/cross_products.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/cpu.h"
#include "core/base/random.h"
#include "core/regression/cross_products_accumulator.h"

namespace persona {
namespace {

using Columns = std::vector<std::vector<double>>;

CrossProducts accumulate(const Columns& columns, std::size_t first, std::size_t last, int block_rows = 256,
                         const CrossProductsKernel& kernel = cross_products_kernel()) {
  CrossProductsAccumulator accumulator(static_cast<int>(columns.size()), kernel);
  for (std::size_t r = first; r < last; r += static_cast<std::size_t>(block_rows)) {
    std::vector<const double*> pointers;
    for (const auto& column : columns) pointers.push_back(&column[r]);
    accumulator.consume(pointers.data(), std::min(block_rows, static_cast<int>(last - r)));
  }
  return accumulator.result();
}

CrossProducts accumulate(const Columns& columns) { return accumulate(columns, 0, columns.front().size()); }

// Differences relative to the columns' lengths, as rounding errors are.
double distance(const CrossProducts& a, const CrossProducts& b) {
  double most = 0;
  for (int j = 0; j < a.columns(); ++j) {
    for (int i = 0; i <= j; ++i) {
      const double lengths = std::sqrt(a.product(i, i).value() * a.product(j, j).value());
      most = std::max(most, std::fabs((a.product(i, j) - b.product(i, j)).value()) / lengths);
    }
  }
  return most;
}

Columns random_columns(int count, std::size_t rows, double offset) {
  Random random(11);
  Columns columns(static_cast<std::size_t>(count), std::vector<double>(rows));
  for (std::size_t r = 0; r < rows; ++r) {
    for (auto& column : columns) column[r] = offset + random.normal();
  }
  return columns;
}

TEST(CrossProducts, ExactForIntegers) {
  // x = 1 .. n: sum (x - mean)^2 = n (n^2 - 1) / 12; y = x^2 has mean (n + 1)(2n + 1) / 6 and, by the power
  // sums, sum (x - mean)(y - mean) = n (n^2 - 1)(n + 1) / 12.
  const double n = 1000;
  Columns columns(2, std::vector<double>(1000));
  for (int k = 0; k < 1000; ++k) {
    columns[0][static_cast<std::size_t>(k)] = k + 1;
    columns[1][static_cast<std::size_t>(k)] = (k + 1.0) * (k + 1.0);
  }
  const CrossProducts products = accumulate(columns);
  EXPECT_EQ(products.rows(), 1000);
  EXPECT_EQ(products.mean_value(0), 500.5);
  EXPECT_EQ(products.mean_value(1), (n + 1) * (2 * n + 1) / 6);
  EXPECT_EQ(products.product(0, 0).value(), n * (n * n - 1) / 12);
  EXPECT_EQ(products.product(0, 1).value(), n * (n * n - 1) * (n + 1) / 12);
  EXPECT_DOUBLE_EQ(products.sample_deviation(0), std::sqrt(n * (n + 1) / 12));
}

TEST(CrossProducts, KeepNinetyBitsBesideALargeOffset) {
  // Offset 10^9 and deviations k * 2^-20, exact in double: the centered sum of squares is that of k, scaled.
  const int n = 1001;
  Columns columns(1, std::vector<double>(static_cast<std::size_t>(n)));
  for (int k = 0; k < n; ++k) columns[0][static_cast<std::size_t>(k)] = 1e9 + k * 0x1p-20;
  const CrossProducts products = accumulate(columns);
  const double exact = static_cast<double>(n) * (static_cast<double>(n) * n - 1) / 12 * 0x1p-40;
  const DoubleDouble error = products.product(0, 0) - DoubleDouble(exact);
  EXPECT_LE(std::fabs(error.value()) / exact, 0x1p-90);
}

std::vector<const CrossProductsKernel*> vector_kernels() {
  std::vector<const CrossProductsKernel*> kernels;
  if (cpu_has_avx2_fma()) kernels.push_back(&avx2_cross_products_kernel());
  if (cpu_has_avx512()) kernels.push_back(&avx512_cross_products_kernel());
  return kernels;
}

TEST(CrossProducts, PortableAndVectorKernelsAgree) {
  if (vector_kernels().empty()) GTEST_SKIP() << "this processor has no AVX2 and FMA";
  for (const CrossProductsKernel* kernel : vector_kernels()) {
    for (const int count : {1, 2, 3, 4, 5, 6, 9, 14}) {
      const Columns columns = random_columns(count, 1003, 3.0);  // 1003: blocks that are not full
      const CrossProducts portable = accumulate(columns, 0, 1003, 256, portable_cross_products_kernel());
      const CrossProducts vector = accumulate(columns, 0, 1003, 256, *kernel);
      EXPECT_LE(distance(portable, vector), 1e-27) << count << " columns";
    }
  }
}

// Sums in plain double arithmetic: the same in any order but for rounding.
TEST(CrossProducts, PlainKernelsAgree) {
  if (vector_kernels().empty()) GTEST_SKIP() << "this processor has no AVX2 and FMA";
  const auto plain = [](const Columns& columns, const CrossProductsKernel& kernel) {
    CrossProductsAccumulator accumulator(static_cast<int>(columns.size()), kernel, SumPrecision::double_);
    std::vector<const double*> pointers(columns.size());
    for (std::size_t r = 0; r < columns[0].size(); r += 200) {
      for (std::size_t j = 0; j < columns.size(); ++j) pointers[j] = &columns[j][r];
      accumulator.consume(pointers.data(),
                          static_cast<int>(std::min<std::size_t>(200, columns[0].size() - r)));
    }
    return accumulator.result();
  };
  for (const CrossProductsKernel* kernel : vector_kernels()) {
    for (const int count : {1, 4, 9, 14}) {
      const Columns columns = random_columns(count, 30011, 3.0);  // many blocks more than are summed exactly
      const CrossProducts portable = plain(columns, portable_cross_products_kernel());
      const CrossProducts vector = plain(columns, *kernel);
      EXPECT_LE(distance(portable, vector), 1e-13) << count << " columns";
      EXPECT_LE(distance(accumulate(columns), vector), 1e-13) << count << " columns";
    }
  }
}

TEST(CrossProducts, RangesAreExact) {
  std::vector<const CrossProductsKernel*> kernels = vector_kernels();
  kernels.push_back(&portable_cross_products_kernel());
  for (const CrossProductsKernel* kernel : kernels) {
    for (int rows = 1; rows <= 13; ++rows) {
      for (int place = 0; place < rows; ++place) {
        std::vector<double> x(static_cast<std::size_t>(rows), 2.0);
        x[static_cast<std::size_t>(place)] = 5.0;
        double low = 0;
        double high = 0;
        kernel->range(x.data(), rows, &low, &high);
        EXPECT_EQ(low, rows == 1 ? 5.0 : 2.0);
        EXPECT_EQ(high, 5.0);
        x[static_cast<std::size_t>(place)] = -5.0;
        kernel->range(x.data(), rows, &low, &high);
        EXPECT_EQ(low, -5.0);
        EXPECT_EQ(high, rows == 1 ? -5.0 : 2.0);
      }
    }
  }
}

TEST(CrossProducts, MergeOfAnyPartsEqualsOnePass) {
  const Columns columns = random_columns(4, 5000, 100.0);
  const CrossProducts whole = accumulate(columns);
  for (const std::size_t cut : {std::size_t{1}, std::size_t{2}, std::size_t{257}, std::size_t{4999}}) {
    CrossProducts merged = accumulate(columns, 0, cut);
    merged.merge(accumulate(columns, cut, 5000));
    EXPECT_EQ(merged.rows(), 5000);
    EXPECT_LE(distance(whole, merged), 1e-26);
    EXPECT_LE(std::fabs((merged.mean(2) - whole.mean(2)).value()), 1e-26);
  }
  CrossProducts empty(4);
  empty.merge(whole);
  EXPECT_EQ(distance(whole, empty), 0);
  CrossProducts same = whole;
  same.merge(CrossProducts(4));
  EXPECT_EQ(distance(whole, same), 0);
}

TEST(CrossProducts, OrderAndBlocksDoNotMatter) {
  Columns columns = random_columns(3, 3000, 10.0);
  const CrossProducts whole = accumulate(columns);
  EXPECT_LE(distance(whole, accumulate(columns, 0, 3000, 7)), 1e-26);
  for (auto& column : columns) std::reverse(column.begin(), column.end());
  EXPECT_LE(distance(whole, accumulate(columns)), 1e-26);
  // Sorted rows: the first block says nothing of the rest.
  std::sort(columns[0].begin(), columns[0].end());
  const CrossProducts sorted = accumulate(columns);
  EXPECT_LE(std::fabs((sorted.product(0, 0) - whole.product(0, 0)).value()) / whole.product(0, 0).value(),
            1e-26);
}

TEST(CrossProducts, LateOffsetDoesNotHurt) {
  // 300 zeros, then 10^9 + k: centered sums from the two groups' exact moments.
  Columns columns(1, std::vector<double>(300, 0.0));
  const int n = 100000;
  for (int k = 0; k < n; ++k) columns[0].push_back(1e9 + (k % 2));
  const CrossProducts products = accumulate(columns);
  // Group of n: mean 1e9 + 1/2, sum of squares n / 4; merging adds d^2 * 300 n / (300 + n).
  const DoubleDouble gap = DoubleDouble(1e9) + DoubleDouble(0.5);
  const DoubleDouble exact =
      DoubleDouble(n / 4.0) + gap * gap * DoubleDouble(300.0 * n) / DoubleDouble(300.0 + n);
  EXPECT_LE(std::fabs(((products.product(0, 0) - exact) / exact).value()), 1e-25);
}

TEST(CrossProducts, HugeAndTinyValuesStayInRange) {
  const Columns plain = random_columns(2, 1000, 2.0);
  for (const int exponent : {-1050, -400, 300, 1020}) {
    Columns scaled = plain;
    for (double& x : scaled[0]) x = std::ldexp(x, exponent);
    if (exponent == -1050) {
      for (double& x : scaled[0]) x = x == 0 ? 0x1p-1074 : x;
    }
    const CrossProducts products = accumulate(scaled);
    // A correlation does not depend on units; denormals have few bits left.
    const double correlation = products.product(0, 1).value() /
                               std::sqrt(products.product(0, 0).value() * products.product(1, 1).value());
    const CrossProducts reference = accumulate(plain);
    const double expected = reference.product(0, 1).value() /
                            std::sqrt(reference.product(0, 0).value() * reference.product(1, 1).value());
    EXPECT_NEAR(correlation, expected, exponent < -1000 ? 1e-6 : 1e-14) << exponent;
    EXPECT_NEAR(std::ldexp(products.sample_deviation(0), -exponent), reference.sample_deviation(0),
                exponent < -1000 ? 1e-6 : 1e-14)
        << exponent;
  }
}

TEST(CrossProducts, UnitsAdaptWhenLaterValuesAreLarger) {
  // 1e-300 first, then 1: the early rows are zero beside the late ones.
  Columns columns(1, std::vector<double>(256, 1e-300));
  columns[0].resize(512, 1.0);
  const CrossProducts products = accumulate(columns);
  EXPECT_EQ(products.mean_value(0), 0.5);
  EXPECT_NEAR(products.population_deviation(0), 0.5, 1e-15);
}

TEST(CrossProducts, TellsConstantColumns) {
  for (const double value : {0.0, 0.1, -1.0 / 3.0, 1e9 + 0.1, 1e300, 5e-324}) {
    for (const std::size_t rows : {std::size_t{1}, std::size_t{3}, std::size_t{70000}}) {
      const CrossProducts products = accumulate({std::vector<double>(rows, value)});
      EXPECT_TRUE(products.constant(0)) << value << " x " << rows;
      EXPECT_EQ(products.population_deviation(0), 0);
    }
  }
  // One row of 70,000 differs by the least possible.
  std::vector<double> almost(70000, 0.1);
  almost[40000] = std::nextafter(0.1, 1.0);
  EXPECT_FALSE(accumulate({almost}).constant(0));
}

TEST(CrossProducts, ColumnsMayAppearLater) {
  const Columns columns = random_columns(2, 600, 1.0);
  Columns late = columns;
  std::fill_n(late[1].begin(), 300, 0.0);
  CrossProductsAccumulator accumulator(1);
  const double* first = columns[0].data();
  accumulator.consume(&first, 256);
  first += 256;
  accumulator.consume(&first, 44);
  accumulator.append_columns(1);
  const double* both[] = {&columns[0][300], &columns[1][300]};
  accumulator.consume(both, 200);
  const double* rest[] = {&columns[0][500], &columns[1][500]};
  accumulator.consume(rest, 100);
  EXPECT_LE(distance(accumulate(late), accumulator.result()), 1e-26);
  EXPECT_EQ(accumulator.minimum(1), *std::min_element(late[1].begin(), late[1].end()));
  EXPECT_EQ(accumulator.maximum(0), *std::max_element(late[0].begin(), late[0].end()));
}

}  // namespace
}  // namespace persona
