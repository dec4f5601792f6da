// cross_products: what subtract() leaves agrees with a recomputation to nine digits or is refused, however
// large the part was, and whether a part was ever in is told as far as can be. The bound behind this is
// checked against sums in 113 bits.
#include "cross_products_support.h"

#include <cmath>
#include <utility>

#include "core/base/error.h"
#include "fit_support.h"

namespace persona::testing {
namespace {

// Agreement to nine digits: matrices relative to lengths, estimates to themselves or their standard errors.
void expect_agrees(const CrossProductsState& got, const CrossProductsState& want) {
  constexpr double kDigits = 1e-9;
  ASSERT_EQ(got.rows(), want.rows());
  const int width = want.columns();
  const auto covariance = got.covariance();
  const auto expected = want.covariance();
  const auto correlation = got.correlation();
  const auto expected_correlation = want.correlation();
  ASSERT_EQ(covariance.size(), expected.size());
  if (expected.empty()) return;
  const auto at = [&](int i, int j) { return static_cast<std::size_t>(i * width + j); };
  for (int i = 0; i < width; ++i) {
    for (int j = 0; j < width; ++j) {
      const double lengths = std::sqrt(*expected[at(i, i)] * *expected[at(j, j)]);
      ASSERT_NEAR(*covariance[at(i, j)], *expected[at(i, j)], kDigits * lengths);
      ASSERT_EQ(correlation[at(i, j)].has_value(), expected_correlation[at(i, j)].has_value());
      if (!correlation[at(i, j)]) continue;
      ASSERT_NEAR(*correlation[at(i, j)], *expected_correlation[at(i, j)], kDigits);
    }
  }
  const std::vector<Coefficient> fit = got.linear_fit(names(width - 1));
  const std::vector<Coefficient> expected_fit = want.linear_fit(names(width - 1));
  for (std::size_t k = 0; k < fit.size(); ++k) {
    ASSERT_EQ(fit[k].estimate.has_value(), expected_fit[k].estimate.has_value()) << fit[k].term;
    ASSERT_EQ(fit[k].std_error.has_value(), expected_fit[k].std_error.has_value()) << fit[k].term;
    if (!fit[k].std_error) continue;
    const double scale = std::fabs(*expected_fit[k].estimate) + *expected_fit[k].std_error +
                         (k == 0 ? std::sqrt(*expected[0]) : 0);
    ASSERT_NEAR(*fit[k].estimate, *expected_fit[k].estimate, kDigits * scale) << fit[k].term;
    ASSERT_NEAR(*fit[k].std_error, *expected_fit[k].std_error, kDigits * *expected_fit[k].std_error);
  }
  ASSERT_EQ(got.r_squared().has_value(), want.r_squared().has_value());
  ASSERT_NEAR(got.r_squared().value_or(0), want.r_squared().value_or(0), kDigits);
}

TEST(CrossProductsSubtract, ErrorsStayFarBelowTheBoundItAssumes) {
  // |error of S_ij| <= 2^-84 sqrt(Q_i Q_j), Q = S + 2^-32 n m^2, and |error of m| <= 2^-96 |m| + 2^-84 sqrt(Q
  // / n), whatever the offsets, outliers, blocks and merges: here with 6 bits to spare.
  Random random(21);
  for (int round = 0; round < 60; ++round) {
    const double offset = round % 2 == 0 ? 0 : std::pow(10, 12 * random.uniform());
    Rows rows = random_rows(&random, 2 + random.below(4000), 2, offset, 1);
    const double outlier = std::pow(10, 12 * random.uniform());
    for (auto& row : rows) {
      for (double& x : row) x *= random.below(300) == 0 ? outlier : 1;
    }
    CrossProductsState state(3);
    for (std::size_t first = 0; first < rows.size();) {
      const std::size_t last = std::min(rows.size(), first + 1 + random.below(600));
      state.merge(state_of(rows, first, last));
      first = last;
    }
    const Exact exact(rows);
    const auto n = static_cast<double>(rows.size());
    std::vector<double> sums;
    for (int j = 0; j < 3; ++j) {
      const auto b = static_cast<std::size_t>(j);
      const double mean = std::fabs(static_cast<double>(exact.means[b]));
      sums.push_back(std::sqrt(static_cast<double>(exact.products[b][b]) + 0x1p-32 * n * mean * mean));
      const double gap = static_cast<double>(quad(state.products().mean(j)) - exact.means[b]);
      ASSERT_LE(std::fabs(gap), (0x1p-96 * mean + 0x1p-84 * sums[b] / std::sqrt(n)) / 64);
      for (int i = 0; i <= j; ++i) {
        const auto a = static_cast<std::size_t>(i);
        const double error = static_cast<double>(quad(state.products().product(i, j)) - exact.products[a][b]);
        ASSERT_LE(std::fabs(error), 0x1p-84 * sums[a] * sums[b] / 64) << round;
      }
    }
  }
}

TEST(CrossProductsSubtract, WhatRemainsAgreesWithARecomputationOrIsRefused) {
  Random random(12);
  int accepted = 0;
  int refused = 0;
  for (int round = 0; round < 600; ++round) {
    const int features = 1 + static_cast<int>(random.below(5));
    const double offset = round % 4 == 0 ? 1e6 : round % 4 == 1 ? 1e9 : 0;
    const bool collinear = round % 5 == 0 && features >= 2;
    // The customer's values are larger by up to 10^15: he may hold all but 1e-30 of the sums of squares.
    const double digits = 15 * random.uniform();
    Rows rest = random_rows(&random, 12 + random.below(600), features, offset, 1);
    Rows customer = random_rows(&random, 1 + random.below(60), features, offset, std::pow(10, digits));
    if (round % 7 == 0) {
      for (Rows* rows : {&rest, &customer}) {
        for (auto& row : *rows) {
          for (double& x : row) x = std::nearbyint(x);
        }
      }
    }
    if (collinear) {
      for (Rows* rows : {&rest, &customer}) {
        for (auto& row : *rows) row[2] = 4 * row[1];
      }
    }
    Rows all = rest;
    all.insert(all.end(), customer.begin(), customer.end());
    for (std::size_t r = all.size() - 1; r > 0; --r) std::swap(all[r], all[random.below(r + 1)]);
    CrossProductsState state = state_of(all, 0, all.size(), 1 + random.below(256));
    try {
      state.subtract(state_of(customer));
    } catch (const Error& e) {
      ASSERT_STREQ(e.sqlstate(), "22003") << e.what() << e.detail();
      ASSERT_FALSE(e.detail().empty());
      ++refused;
      // Nobody is refused who holds 99.9999 % of the sum of squares, with ten digits to spare.
      ASSERT_GT(digits, 2.5) << e.detail();
      continue;
    }
    ASSERT_LT(digits, 9) << "where nothing can be left";
    ++accepted;
    ASSERT_GE(state.error(), 1);
    ASSERT_NO_FATAL_FAILURE(expect_agrees(state, state_of(rest))) << "round " << round;
    ASSERT_EQ(cross_products_from_text(cross_products_to_text(bytes_of(state).data(), state.size())),
              bytes_of(state));
  }
  EXPECT_GE(accepted, 150);
  EXPECT_GE(refused, 150);
}

TEST(CrossProductsSubtract, ACustomerWithNearlyTheWholeSumOfSquares) {
  Random random(13);
  const Rows rest = random_rows(&random, 5000, 4, 20, 1);
  Rows customer = random_rows(&random, 50, 4, 20, 1e4);  // 1 - 1e-6
  Rows all = rest;
  all.insert(all.end(), customer.begin(), customer.end());
  CrossProductsState state = state_of(all);
  state.subtract(state_of(customer));
  expect_agrees(state, state_of(rest));
  EXPECT_GT(state.error(), 1e4);
  EXPECT_LT(state.error(), 1e8);

  customer = random_rows(&random, 50, 4, 20, 1e14);
  all = rest;
  all.insert(all.end(), customer.begin(), customer.end());
  state = state_of(all);
  const std::string before = bytes_of(state);
  try {
    state.subtract(state_of(customer));
    FAIL() << "26 digits are lost";
  } catch (const Error& e) {
    EXPECT_STREQ(e.sqlstate(), "22003");
    EXPECT_STREQ(e.what(), "subtracting this part would lose too many digits");
    EXPECT_NE(e.detail().find("of the sum of squares of y"), std::string::npos) << e.detail();
    EXPECT_EQ(e.hint(), "Aggregate the rows that remain anew.");
    EXPECT_EQ(bytes_of(state), before);
  }
}

TEST(CrossProductsSubtract, OneAfterTheOther) {
  // Of 400 customers 300 are forgotten, and the bound of the error grows with them, not by a bit each time.
  Random random(14);
  const std::size_t each = 25;
  const Rows rows = random_rows(&random, 400 * each, 3, 100, 1);
  CrossProductsState state = state_of(rows);
  for (std::size_t k = 0; k < 300; ++k) state.subtract(state_of(rows, k * each, (k + 1) * each));
  expect_agrees(state, state_of(rows, 300 * each, rows.size()));
  EXPECT_GT(state.error(), 2);
  EXPECT_LT(state.error(), 100);
}

TEST(CrossProductsSubtract, LossesAddUp) {
  // Each step alone keeps enough digits; together they do not, and the last is refused.
  Random random(15);
  const auto noise = [&](std::size_t count, double scale) {
    Rows rows;
    for (std::size_t r = 0; r < count; ++r)
      rows.push_back({scale * random.normal(), scale * random.normal()});
    return rows;
  };
  const Rows rest = noise(200, 1);
  const Rows large = noise(50, 1e4);
  const Rows larger = noise(50, 1e10);
  Rows all = rest;
  all.insert(all.end(), large.begin(), large.end());
  all.insert(all.end(), larger.begin(), larger.end());
  CrossProductsState state = state_of(all);
  state.subtract(state_of(larger));
  expect_agrees(state, merged(state_of(rest), state_of(large)));
  EXPECT_EQ(test::sqlstate_of([&] { state.subtract(state_of(large)); }), "22003");
  CrossProductsState fresh = merged(state_of(rest), state_of(large));
  EXPECT_EQ(test::sqlstate_of([&] { fresh.subtract(state_of(large)); }), "");
  // A merge does not hide it.
  CrossProductsState more = merged(state_of(rest), state);
  EXPECT_EQ(more.error(), state.error());
}

TEST(CrossProductsSubtract, CollinearColumnsStaySo) {
  Random random(16);
  Rows rows;
  for (int r = 0; r < 2000; ++r) {
    const double a = random.normal() * (r < 20 ? 1e3 : 1);
    const double b = random.normal();
    rows.push_back({2 * a - b, a, b, a + b, 7});  // an exact fit, x3 collinear, x4 constant
  }
  CrossProductsState state = state_of(rows);
  state.subtract(state_of(rows, 0, 20));
  const CrossProductsState want = state_of(rows, 20, 2000);
  const std::vector<Coefficient> fit = state.linear_fit(names(4));
  const std::vector<Coefficient> expected = want.linear_fit(names(4));
  for (std::size_t k = 0; k < fit.size(); ++k) {
    ASSERT_EQ(fit[k].estimate.has_value(), expected[k].estimate.has_value()) << k;
    EXPECT_NEAR(fit[k].estimate.value_or(0), expected[k].estimate.value_or(0), 1e-9) << k;
    EXPECT_NEAR(fit[k].std_error.value_or(0), 0, 1e-12) << k;
  }
  EXPECT_FALSE(fit[3].estimate || fit[4].estimate);
  EXPECT_EQ(*state.r_squared(), 1);
}

TEST(CrossProductsSubtract, NewlyCollinearColumnsAreRefused) {
  // Only the customer tells x2 from x1.
  Random random(17);
  Rows rows;
  for (int r = 0; r < 500; ++r) {
    const double a = random.normal();
    rows.push_back({a + random.normal(), a, r < 10 ? random.normal() : a});
  }
  CrossProductsState state = state_of(rows);
  EXPECT_EQ(test::sqlstate_of([&] { state.subtract(state_of(rows, 0, 10)); }), "22003");
  // Only the customer varies at all.
  for (std::size_t r = 0; r < rows.size(); ++r) rows[r][2] = r < 10 ? random.normal() : 0.3;
  state = state_of(rows);
  EXPECT_EQ(test::sqlstate_of([&] { state.subtract(state_of(rows, 0, 10)); }), "22003");
}

TEST(CrossProductsSubtract, AllRowsOrAllButOne) {
  Random random(18);
  const Rows rows = random_rows(&random, 100, 2, 3, 1);
  CrossProductsState state = state_of(rows);
  CrossProductsState all = state;
  all.subtract(state);
  EXPECT_EQ(all.rows(), 0);
  EXPECT_EQ(all.size(), kCrossProductsFirstSize);
  CrossProductsState one = state;
  one.subtract(state_of(rows, 0, 99));
  EXPECT_EQ(one.rows(), 1);
  for (int j = 0; j < 3; ++j)
    EXPECT_NEAR(one.products().mean_value(j), rows[99][static_cast<std::size_t>(j)], 1e-12);
  EXPECT_EQ(one.products().product(0, 0).hi, 0);
  // Nothing taken away changes nothing.
  CrossProductsState same = state;
  same.subtract(CrossProductsState(3));
  EXPECT_EQ(bytes_of(same), bytes_of(state));
}

TEST(CrossProductsSubtract, PartsThatWereNeverIn) {
  Random random(19);
  const Rows rows = random_rows(&random, 100, 2, 3, 1);
  const CrossProductsState state = state_of(rows);
  const auto refusal = [&](const Rows& part) {
    CrossProductsState copy = state;
    return test::sqlstate_of([&] { copy.subtract(state_of(part)); });
  };
  EXPECT_EQ(refusal(random_rows(&random, 101, 2, 3, 1)), "22000");  // more rows
  EXPECT_EQ(refusal(random_rows(&random, 100, 2, 3, 1)), "22000");  // as many, others
  EXPECT_EQ(refusal(random_rows(&random, 99, 2, 3, 1)), "22000");   // one would remain, and vary
  EXPECT_EQ(refusal(random_rows(&random, 10, 2, 3, 10)), "22000");  // a negative sum of squares
  EXPECT_EQ(refusal({{1000, 3, 3}}), "22000");                      // a mean far away
  // Sums of squares that fit, and a correlation that does not: y and x1 in step remain, more so than 1.
  Rows in_step;
  Rows against;
  for (int r = 0; r < 50; ++r) {
    const double a = random.normal();
    in_step.push_back({a, a + 0.01 * random.normal()});
    against.push_back({0.9 * a, -0.9 * a});
  }
  Rows twice = in_step;
  twice.insert(twice.end(), in_step.begin(), in_step.end());
  CrossProductsState copy = state_of(twice);
  EXPECT_EQ(test::sqlstate_of([&] { copy.subtract(state_of(against)); }), "22000");
  // A column that never varied.
  CrossProductsState constant = state_of({{1, 5}, {2, 5}, {4, 5}, {5, 5}});
  EXPECT_EQ(test::sqlstate_of([&] { constant.subtract(state_of({{1, 6}})); }), "22000");
  EXPECT_EQ(test::sqlstate_of([&] { constant.subtract(state_of({{1, 5}})); }), "");
  // Skipped rows count, too.
  CrossProductsState skipped(CrossProducts(3), 2, 1);
  copy = state;
  EXPECT_EQ(test::sqlstate_of([&] { copy.subtract(skipped); }), "22000");
  copy.merge(skipped);
  EXPECT_EQ(test::sqlstate_of([&] { copy.subtract(skipped); }), "");
  EXPECT_EQ(bytes_of(copy), bytes_of(state));
}

}  // namespace
}  // namespace persona::testing
