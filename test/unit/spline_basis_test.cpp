// Natural cubic splines: their defining properties, and the functions themselves written out.
#include "core/regression/spline_basis.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace persona::test {
namespace {

const std::vector<double> kKnots = {16, 21, 25, 33};

std::vector<double> basis_at(double x, const std::vector<double>& knots = kKnots) {
  std::vector<double> values(knots.size() - 1);
  natural_spline(knots, x, values.data());
  return values;
}

// The formula of the header, as it stands there.
double by_formula(const std::vector<double>& knots, std::size_t k, double x) {
  const double last = knots.back();
  const auto cube = [](double u) { return u > 0 ? u * u * u : 0; };
  const auto d = [&](double knot) { return (cube(x - knot) - cube(x - last)) / (last - knot); };
  return (d(knots[k - 1]) - d(knots[knots.size() - 2])) / (last - knots.front());
}

TEST(SplineBasis, IsTheFormula) {
  for (double x = 5; x < 60; x += 0.37) {
    const std::vector<double> values = basis_at(x);
    EXPECT_EQ(values[0], x);
    for (std::size_t k = 1; k < values.size(); ++k) {
      EXPECT_NEAR(values[k], by_formula(kKnots, k, x), 1e-11 * (1 + std::fabs(values[k]))) << x;
    }
  }
}

TEST(SplineBasis, IsLinearBeyondTheOuterKnots) {
  for (const double start : {-1000.0, 10.0, 33.0, 100.0, 1e6}) {
    const std::vector<double> a = basis_at(start);
    const std::vector<double> b = basis_at(start + 3);
    const std::vector<double> c = basis_at(start + 6);
    for (std::size_t k = 0; k < a.size(); ++k) {
      EXPECT_NEAR(c[k] - b[k], b[k] - a[k], 1e-9 * (1 + std::fabs(a[k]) * 1e-3)) << start;
    }
  }
  EXPECT_EQ(basis_at(-1000)[1], 0);
}

TEST(SplineBasis, HasTwoContinuousDerivativesAtItsKnots) {
  constexpr double kStep = 1e-4;
  for (const double knot : kKnots) {
    for (std::size_t k = 1; k < 3; ++k) {
      const auto second = [&](double x) {
        return (basis_at(x - kStep)[k] - 2 * basis_at(x)[k] + basis_at(x + kStep)[k]) / (kStep * kStep);
      };
      EXPECT_NEAR(second(knot - 2 * kStep), second(knot + 2 * kStep), 1e-3) << knot;
      EXPECT_NEAR(basis_at(knot - 1e-9)[k], basis_at(knot + 1e-9)[k], 1e-7) << knot;
    }
  }
}

TEST(SplineBasis, KeepsItsDigitsFarAway) {
  // Beyond the last knot t: r (h_k^2 - h_3^2) + 3 (h_k - h_3) (x - t), h_k = (t - t_k) / r, r = 17.
  const double x = 1e12;
  const double h1 = 1;
  const double h2 = 12.0 / 17;
  const double h3 = 8.0 / 17;
  const std::vector<double> values = basis_at(x);
  EXPECT_NEAR(values[1] / (17 * (h1 * h1 - h3 * h3) + 3 * (h1 - h3) * (x - 33)), 1, 1e-15);
  EXPECT_NEAR(values[2] / (17 * (h2 * h2 - h3 * h3) + 3 * (h2 - h3) * (x - 33)), 1, 1e-15);
  for (const double huge : {1e300, -1e300}) {
    for (const double value : basis_at(huge)) EXPECT_TRUE(std::isfinite(value));
  }
  for (const double value : basis_at(1.5e300, {1e300, 1.2e300, 1.9e300})) EXPECT_TRUE(std::isfinite(value));
}

TEST(SplineBasis, OfWhatIsMissingIsMissing) {
  for (const double value : basis_at(NAN)) EXPECT_TRUE(std::isnan(value));
}

TEST(SplineBasis, KnotsAreAtTheUsualQuantiles) {
  EXPECT_EQ(knot_probabilities(3), (std::vector<double>{.1, .5, .9}));
  EXPECT_EQ(knot_probabilities(4), (std::vector<double>{.05, .35, .65, .95}));
  // Harrell's table gives .025 .1833 .3417 .5 .6583 .8167 .975 for seven.
  const std::vector<double> printed = {.025, .1833, .3417, .5, .6583, .8167, .975};
  const std::vector<double> seven = knot_probabilities(7);
  ASSERT_EQ(seven.size(), printed.size());
  for (std::size_t k = 0; k < printed.size(); ++k) EXPECT_NEAR(seven[k], printed[k], 5e-5);
  EXPECT_EQ(knot_probabilities(kMostKnots).size(), static_cast<std::size_t>(kMostKnots));
}

}  // namespace
}  // namespace persona::test
