// Double-double arithmetic against identities that hold exactly and digits from published tables.
#include "core/base/double_double.h"

#include <cmath>

#include <gtest/gtest.h>

namespace persona {
namespace {

TEST(DoubleDouble, TwoSumIsExact) {
  const DoubleDouble sum = two_sum(1.0, 0x1p-80);
  EXPECT_EQ(sum.hi, 1.0);
  EXPECT_EQ(sum.lo, 0x1p-80);
  const DoubleDouble reversed = two_sum(0x1p-80, 1.0);
  EXPECT_EQ(reversed.hi, 1.0);
  EXPECT_EQ(reversed.lo, 0x1p-80);
}

TEST(DoubleDouble, TwoProductIsExact) {
  // (1 + 2^-30)(1 - 2^-30) = 1 - 2^-60.
  const DoubleDouble product = two_product(1 + 0x1p-30, 1 - 0x1p-30);
  EXPECT_EQ(product.hi, 1.0);
  EXPECT_EQ(product.lo, -0x1p-60);
}

TEST(DoubleDouble, KeepsLowBitsThroughCancellation) {
  const DoubleDouble big = DoubleDouble(1e16) + DoubleDouble(1.0) + DoubleDouble(0x1p-40);
  EXPECT_EQ((big - DoubleDouble(1e16)).value(), 1 + 0x1p-40);
}

TEST(DoubleDouble, DivisionInvertsMultiplication) {
  const DoubleDouble third = DoubleDouble(1.0) / DoubleDouble(3.0);
  // 1/3 - double(1/3) = 2^-54 / 3: the double nearest to 1/3 is (2^54 - 1) / 3 / 2^54.
  EXPECT_EQ(third.hi, 1.0 / 3.0);
  EXPECT_DOUBLE_EQ(third.lo, 0x1p-54 / 3);
  EXPECT_LE(std::fabs((third * DoubleDouble(3.0) - DoubleDouble(1.0)).value()), 0x1p-103);
}

TEST(DoubleDouble, SquareRoot) {
  const DoubleDouble root = sqrt(DoubleDouble(2.0));
  // sqrt(2) = 1.41421356237309504880168872420969807856967187537694...; the double nearest to it is
  // 1.41421356237309514547462185873882845044136047363281..., 9.66729331345291303718716...e-17 larger.
  EXPECT_EQ(root.hi, 1.4142135623730951);
  EXPECT_NEAR(root.lo, -9.667293313452913e-17, 1e-31);
  EXPECT_LE(std::fabs((root * root - DoubleDouble(2.0)).value()), 0x1p-102);
  EXPECT_EQ(sqrt(DoubleDouble(0.0)).value(), 0.0);
}

TEST(DoubleDouble, ScalesByPowersOfTwoExactly) {
  const DoubleDouble x = two_sum(3.0, 0x1p-70);
  EXPECT_TRUE(ldexp(ldexp(x, 300), -300) == x);
}

TEST(DoubleDouble, OrderLooksAtBothParts) {
  EXPECT_TRUE(DoubleDouble(1.0, -0x1p-60) < DoubleDouble(1.0));
  EXPECT_FALSE(DoubleDouble(1.0) < DoubleDouble(1.0, -0x1p-60));
  EXPECT_TRUE(DoubleDouble(1.0) < DoubleDouble(2.0));
}

}  // namespace
}  // namespace persona
