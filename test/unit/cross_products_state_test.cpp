// cross_products: fits, correlations and covariances against sums in 113 bits, NIST's certified Longley and
// persona.fit; the property that any partition merges to the one-pass answer; and the room for rows that wait
// inside an aggregate.
#include "cross_products_support.h"

#include <cmath>
#include <optional>
#include <utility>

#include "core/base/error.h"
#include "core/regression/linear_regression.h"
#include "fit_support.h"
#include "regression_data.h"

namespace persona::testing {
namespace {

// Entries relative to the lengths of their columns, means to the deviations and themselves.
void expect_exact(const CrossProductsState& state, const Exact& exact, double relative) {
  for (int j = 0; j < state.columns(); ++j) {
    const auto b = static_cast<std::size_t>(j);
    const double length_j = std::sqrt(static_cast<double>(exact.products[b][b]));
    const double mean = static_cast<double>(quad(state.products().mean(j)) - exact.means[b]);
    ASSERT_LE(std::fabs(mean), relative * (std::fabs(static_cast<double>(exact.means[b])) + length_j));
    for (int i = 0; i <= j; ++i) {
      const auto a = static_cast<std::size_t>(i);
      const double length_i = std::sqrt(static_cast<double>(exact.products[a][a]));
      const double gap = static_cast<double>(quad(state.products().product(i, j)) - exact.products[a][b]);
      ASSERT_LE(std::fabs(gap), relative * length_i * length_j) << i << ' ' << j;
    }
  }
}

TEST(CrossProductsState, SmallNumbersByHand) {
  // y 1 2 3, x 2 4 9: means 2 and 5; deviations -1 0 1 and -3 -1 4; sums 2, 3 + 0 + 4, 9 + 1 + 16.
  const CrossProductsState state = state_of({{1, 2}, {2, 4}, {3, 9}});
  EXPECT_EQ(cross_products_to_text(bytes_of(state).data(), state.size()),
            "cross_products:1 columns=2 rows=3 skipped=0 error=1 units=0,0 means=2,5 products=2,7,26");
  EXPECT_EQ(state.covariance(), (std::vector<std::optional<double>>{1, 3.5, 3.5, 13}));
  EXPECT_DOUBLE_EQ(*state.correlation()[1], 7 / std::sqrt(52.0));
  EXPECT_EQ(*state.correlation()[0], 1);
  // Slope 7 / 26, intercept 2 - 35 / 26; rss 2 - 49 / 26 = 3 / 26 with one degree of freedom.
  const std::vector<Coefficient> fit = state.linear_fit({"x1"});
  ASSERT_EQ(fit.size(), 2U);
  EXPECT_EQ(fit[0].term, "(intercept)");
  EXPECT_DOUBLE_EQ(*fit[0].estimate, 17.0 / 26);
  EXPECT_DOUBLE_EQ(*fit[1].estimate, 7.0 / 26);
  EXPECT_DOUBLE_EQ(*fit[1].std_error, std::sqrt(3.0) / 26);
  EXPECT_DOUBLE_EQ(*state.r_squared(), 49.0 / 52);
}

TEST(CrossProductsState, NistLongley) {
  Rows rows;
  for (std::size_t r = 0; r < test::kLongleyY.size(); ++r) {
    rows.push_back({test::kLongleyY[r], test::kLongleyX1[r], test::kLongleyX2[r], test::kLongleyX3[r],
                    test::kLongleyX4[r], test::kLongleyX5[r], test::kLongleyX6[r]});
  }
  // Certified: NIST StRD, Longley.dat.
  constexpr double kCertified[7][2] = {{-3482258.63459582, 890420.383607373},
                                       {15.0618722713733, 84.9149257747669},
                                       {-0.358191792925910E-01, 0.334910077722432E-01},
                                       {-2.02022980381683, 0.488399681651699},
                                       {-1.03322686717359, 0.214274163161675},
                                       {-0.511041056535807E-01, 0.226073200069370},
                                       {1829.15146461355, 455.478499142212}};
  // In one pass, and from one state a year.
  CrossProductsState years(7);
  for (std::size_t r = 0; r < rows.size(); ++r) years.merge(state_of(rows, r, r + 1));
  for (const CrossProductsState& state : {state_of(rows), years}) {
    const std::vector<Coefficient> fit = state.linear_fit(names(6));
    ASSERT_EQ(fit.size(), 7U);
    for (std::size_t k = 0; k < 7; ++k) {
      EXPECT_NEAR(*fit[k].estimate, kCertified[k][0], 2e-13 * std::fabs(kCertified[k][0])) << fit[k].term;
      EXPECT_NEAR(*fit[k].std_error, kCertified[k][1], 2e-13 * kCertified[k][1]) << fit[k].term;
    }
    EXPECT_NEAR(*state.r_squared(), 0.995479004577296, 1e-14);
    // scipy 1.10 on the certified figures, as in test/pgtap/linear_regression.sql.
    EXPECT_NEAR(*fit[6].p_value, 0.003036803341630311, 1e-11);
    EXPECT_NEAR(*fit[6].ci_low, 798.7875153044786, 1e-10 * 798.8);
    EXPECT_NEAR(*fit[6].ci_high, 2859.5154139226215, 1e-10 * 2859.5);
  }
}

TEST(CrossProductsState, DaysOfAYearRefitWhatOneFitOfAllRowsGives) {
  Random random(365);
  const int features = 8;
  const Rows rows = random_rows(&random, 20000, features, 50, 3);
  CrossProductsState year(features + 1);
  std::size_t first = 0;
  for (std::size_t day = 1; day <= 365; ++day) {
    const std::size_t last = rows.size() * day / 365;
    year.merge(state_of(rows, first, last));
    first = last;
  }
  std::vector<test::TestColumn> columns;
  for (int j = 0; j <= features; ++j) {
    std::vector<double> values;
    for (const auto& row : rows) values.push_back(row[static_cast<std::size_t>(j)]);
    columns.push_back(test::number_column(cross_products_column_name(j), std::move(values)));
  }
  const FittedModel model = test::fit_columns(linear_regression(), columns, "y");
  const std::vector<Coefficient> fit = year.linear_fit(names(features));
  ASSERT_EQ(fit.size(), model.coefficients.size());
  for (std::size_t k = 0; k < fit.size(); ++k) {
    const Coefficient& expected = model.coefficients[k];
    EXPECT_EQ(fit[k].term, expected.term);
    EXPECT_NEAR(*fit[k].estimate, *expected.estimate, 1e-12 * std::fabs(*expected.estimate));
    EXPECT_NEAR(*fit[k].std_error, *expected.std_error, 1e-12 * *expected.std_error);
    EXPECT_NEAR(*fit[k].statistic, *expected.statistic, 1e-12 * std::fabs(*expected.statistic));
    EXPECT_NEAR(*fit[k].ci_high, *expected.ci_high, 1e-12 * std::fabs(*expected.ci_high));
  }
  EXPECT_NEAR(*year.r_squared(), *test::find_metric(model, "r_squared"), 1e-14);
}

TEST(CrossProductsState, AnyPartitionMergesToTheOnePassAnswer) {
  Random random(7);
  for (int round = 0; round < 40; ++round) {
    const int features = 1 + static_cast<int>(random.below(6));
    const double offset = round % 3 == 0 ? 1e9 : round % 3 == 1 ? 0 : -12.5;
    const Rows rows =
        random_rows(&random, 2 + random.below(3000), features, offset, std::exp(random.normal()));
    std::vector<Group> groups;
    const std::size_t parts = 1 + random.below(12);
    for (std::size_t k = 0; k < parts; ++k) groups.emplace_back(features + 1);
    for (const auto& row : rows) groups[random.below(parts)].add(row);
    std::vector<CrossProductsState> states;
    for (const Group& group : groups) states.push_back(group.value());
    while (states.size() > 1) {
      const std::size_t i = random.below(states.size() - 1);
      const CrossProductsState left = merged(states[i], states.back());
      ASSERT_EQ(bytes_of(left), bytes_of(merged(states.back(), states[i])));  // whichever is first
      states[i] = left;
      states.pop_back();
    }
    ASSERT_EQ(states[0].rows(), static_cast<std::int64_t>(rows.size()));
    const Exact exact(rows);
    expect_exact(states[0], exact, 1e-20);
    expect_exact(state_of(rows), exact, 1e-20);
    expect_exact(state_of(rows, 0, rows.size(), 1 + random.below(256)), exact, 1e-20);
  }
}

TEST(CrossProductsState, ParallelWorkersMergeGroupsWithRowsThatWait) {
  Random random(8);
  const Rows rows = random_rows(&random, 700, 3, 5, 1);
  Group a(4);
  Group b(4);
  for (std::size_t r = 0; r < rows.size(); ++r) (r < 40 ? a : b).add(rows[r]);
  a.skip();
  b.skip();
  const CrossProductsState all = merged(a.value(), b.value());
  EXPECT_EQ(all.rows(), 700);
  EXPECT_EQ(all.skipped(), 2);
  expect_exact(all, Exact(rows), 1e-20);
  EXPECT_EQ(a.bytes(), Group(a).bytes());  // reading changes nothing
}

TEST(CrossProductsRows, MemoryOfAGroupFollowsItsRows) {
  const int columns = 21;
  Group group(columns);
  std::size_t largest = 0;
  const std::size_t row = 8 * columns;
  for (std::size_t r = 1; r <= 5000; ++r) {
    group.add(std::vector<double>(columns, static_cast<double>(r)));
    const std::size_t size = group.bytes().size();
    largest = std::max(largest, size);
    EXPECT_GE(size, cross_products_start_size(columns));
    EXPECT_LE(size, std::max<std::size_t>(256, 3 * r * row + 32)) << r;
    if (r <= 1024) {
      EXPECT_LE(size, cross_products_size(columns, true) + 32 * row) << r;
    }
  }
  EXPECT_EQ(largest, cross_products_size(columns, true) + 256 * row);
  EXPECT_EQ(group.value().rows(), 5000);
  EXPECT_EQ(group.value().products().mean_value(20), 2500.5);
}

TEST(CrossProductsRows, AStoredValueTakesMoreRows) {
  Random random(9);
  const Rows rows = random_rows(&random, 300, 2, 1, 1);
  const CrossProductsState stored = state_of(rows, 0, 200);
  std::string larger(cross_products_room(bytes_of(stored).data()), '\0');
  cross_products_make_room(larger.data(), bytes_of(stored).data());
  EXPECT_TRUE(cross_products_size_fits(larger.data(), larger.size()));
  EXPECT_EQ(bytes_of(CrossProductsState::read(larger.data())), bytes_of(stored));
}

TEST(CrossProductsState, CollinearAndConstantColumns) {
  Random random(10);
  Rows rows;
  for (int r = 0; r < 500; ++r) {
    const double a = random.normal();
    const double b = random.normal();
    rows.push_back({a - b + 0.1 * random.normal(), a, b, a + b, 0.1, 2 - a});
  }
  // x3 and x5 depend on the columns before, x4 on the intercept; whatever the parts.
  for (const std::size_t cut : {std::size_t{1}, std::size_t{100}, std::size_t{499}}) {
    const CrossProductsState state = merged(state_of(rows, 0, cut), state_of(rows, cut, 500));
    const std::vector<Coefficient> fit = state.linear_fit(names(5));
    for (const std::size_t k : {1U, 2U}) EXPECT_NEAR(*fit[k].estimate, k == 1 ? 1 : -1, 0.05);
    for (const std::size_t k : {3U, 4U, 5U}) {
      EXPECT_FALSE(fit[k].estimate || fit[k].std_error || fit[k].statistic || fit[k].p_value) << k;
      EXPECT_FALSE(fit[k].ci_low || fit[k].ci_high) << k;
    }
    const auto correlation = state.correlation();
    EXPECT_FALSE(correlation[4] || correlation[4 * 6] || correlation[4 * 6 + 4]);
    EXPECT_EQ(*correlation[6 + 5], -1);
    EXPECT_EQ(*state.covariance()[4 * 6 + 4], 0);
  }
}

TEST(CrossProductsState, LittleData) {
  CrossProductsState none(3);
  EXPECT_TRUE(none.correlation().empty());
  EXPECT_TRUE(none.covariance().empty());
  EXPECT_FALSE(none.r_squared().has_value());
  ASSERT_EQ(none.linear_fit(names(2)).size(), 3U);
  for (const Coefficient& c : none.linear_fit(names(2))) EXPECT_FALSE(c.estimate.has_value());

  const CrossProductsState one = state_of({{5, 1, 2}});
  EXPECT_TRUE(one.covariance().empty());
  EXPECT_FALSE(one.r_squared().has_value());
  EXPECT_EQ(*one.linear_fit(names(2))[0].estimate, 5);
  EXPECT_FALSE(one.linear_fit(names(2))[0].std_error.has_value());
  EXPECT_FALSE(one.linear_fit(names(2))[1].estimate.has_value());

  // As many rows as terms: exact, without standard errors.
  const CrossProductsState two = state_of({{1, 1}, {3, 2}});
  EXPECT_EQ(*two.linear_fit(names(1))[1].estimate, 2);
  EXPECT_FALSE(two.linear_fit(names(1))[1].std_error.has_value());
  // A y that does not vary has no R^2.
  EXPECT_FALSE(state_of({{3, 1}, {3, 2}, {3, 4}}).r_squared().has_value());
}

TEST(CrossProductsState, HugeAndTinyColumns) {
  Random random(11);
  const Rows plain = random_rows(&random, 600, 2, 3, 1);
  for (const int exponent : {-900, -250, 250, 1000}) {
    Rows scaled = plain;
    for (auto& row : scaled) row[1] = std::ldexp(row[1], exponent);
    const CrossProductsState whole = state_of(scaled);
    const CrossProductsState parts = merged(state_of(scaled, 0, 5), state_of(scaled, 5, 600));
    for (const CrossProductsState& state : {whole, parts}) {
      EXPECT_NE(state.products().exponent(1), 0);
      EXPECT_EQ(state.products().exponent(2), 0);
      EXPECT_EQ(cross_products_from_text(cross_products_to_text(bytes_of(state).data(), state.size())),
                bytes_of(state));
      EXPECT_NEAR(*state.correlation()[1], *state_of(plain).correlation()[1], 1e-15);
    }
    if (exponent == 1000) {
      EXPECT_THROW(whole.covariance(), Error);
    }
  }
}

TEST(CrossProductsState, DifferentColumnsDoNotMerge) {
  CrossProductsState a = state_of({{1, 2}});
  EXPECT_EQ(test::sqlstate_of([&] { a.merge(state_of({{1, 2, 3}})); }), "22023");
  EXPECT_EQ(test::sqlstate_of([&] { a.subtract(state_of({{1, 2, 3}})); }), "22023");
  const std::string many = cross_products_from_text(
      "cross_products:1 columns=2 rows=9007199254740992 skipped=0 error=1 units=0,0 "
      "means=1,1 products=0,0,0");
  CrossProductsState full = CrossProductsState::read(many.data());
  EXPECT_EQ(test::sqlstate_of([&] { full.merge(a); }), "22003");
  const double row[] = {1, 2};
  EXPECT_EQ(test::sqlstate_of([&] { full.add_rows(row, 1); }), "22003");
}

}  // namespace
}  // namespace persona::testing
