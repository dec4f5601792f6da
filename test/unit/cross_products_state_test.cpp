// cross_products against sums in 113 bits, NIST's certified Longley and persona.fit; the property that any
// partition merges to the one-pass answer; and that what subtract() leaves agrees with a recomputation or is
// refused, however large the part was.
#include "core/summaries/cross_products_state.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/regression/linear_regression.h"
#include "core/summaries/cross_products_rows.h"
#include "fit_support.h"
#include "regression_data.h"

namespace persona {
namespace {

using Rows = std::vector<std::vector<double>>;  // each y, x1, x2, ...
__extension__ using Quad = __float128;

CrossProductsState state_of(const Rows& rows, std::size_t first, std::size_t last, std::size_t block = 256) {
  CrossProductsState state(static_cast<int>(rows.front().size()));
  std::vector<double> values;
  for (std::size_t r = first; r < last; ++r) {
    values.insert(values.end(), rows[r].begin(), rows[r].end());
    if (values.size() == block * rows[r].size() || r + 1 == last) {
      state.add_rows(values.data(), static_cast<int>(values.size() / rows[r].size()));
      values.clear();
    }
  }
  return state;
}

CrossProductsState state_of(const Rows& rows) { return state_of(rows, 0, rows.size()); }

std::string bytes_of(const CrossProductsState& state) {
  std::string bytes(state.size(), '\0');
  state.write(bytes.data());
  return bytes;
}

CrossProductsState merged(CrossProductsState a, const CrossProductsState& b) {
  a.merge(b);
  return a;
}

// A group of an aggregate, as the server drives it.
class Group {
 public:
  explicit Group(int columns) : state_(cross_products_start_size(columns), '\0') {
    cross_products_start(state_.data(), columns);
  }
  void add(const std::vector<double>& row) {
    CrossProductsHead head = CrossProductsHead::read(state_.data());
    if (head.full()) {
      const std::size_t size = cross_products_room(state_.data());
      if (size == state_.size()) {
        cross_products_make_room(state_.data(), state_.data());
      } else {
        std::string larger(size, '\0');
        cross_products_make_room(larger.data(), state_.data());
        state_ = larger;
      }
      ASSERT_TRUE(cross_products_size_fits(state_.data(), state_.size()));
      head = CrossProductsHead::read(state_.data());
      ASSERT_FALSE(head.full());
    }
    std::copy(row.begin(), row.end(), cross_products_next_row(state_.data(), head));
    cross_products_count_row(state_.data(), head);
  }
  void skip() { cross_products_skip_row(state_.data()); }
  const std::string& bytes() const { return state_; }
  CrossProductsState value() const { return CrossProductsState::read(state_.data()); }

 private:
  std::string state_;
};

// Two passes in 113 bits.
struct Exact {
  std::vector<Quad> means;
  std::vector<std::vector<Quad>> products;

  explicit Exact(const Rows& rows) {
    const std::size_t width = rows.front().size();
    means.assign(width, 0);
    products.assign(width, std::vector<Quad>(width, 0));
    for (const auto& row : rows) {
      for (std::size_t j = 0; j < width; ++j) means[j] += row[j];
    }
    for (Quad& mean : means) mean /= rows.size();
    for (const auto& row : rows) {
      for (std::size_t j = 0; j < width; ++j) {
        for (std::size_t i = 0; i < width; ++i) products[i][j] += (row[i] - means[i]) * (row[j] - means[j]);
      }
    }
  }
};

Quad quad(DoubleDouble x) { return static_cast<Quad>(x.hi) + x.lo; }

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

Rows random_rows(Random* random, std::size_t count, int features, double offset, double scale) {
  Rows rows;
  for (std::size_t r = 0; r < count; ++r) {
    std::vector<double> row(static_cast<std::size_t>(features) + 1);
    row[0] = random->normal();
    for (int j = 1; j <= features; ++j) {
      const double x = offset + scale * random->normal();
      row[static_cast<std::size_t>(j)] = x;
      row[0] += (x - offset) / j;
    }
    rows.push_back(row);
  }
  return rows;
}

std::vector<std::string> names(int features) {
  std::vector<std::string> result;
  for (int j = 1; j <= features; ++j) result.push_back(cross_products_column_name(j));
  return result;
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

// ---- subtract ----

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

// ---- forms ----

TEST(CrossProductsBinary, IsPinned) {
  // The state of y 1 2 3, x 2 4 9, byte by byte from docs/summaries/cross_products.md, less the length word.
  std::string expected(cross_products_size(2, true) - 4, '\0');
  const auto put = [&](std::size_t at, const std::string& bytes) {
    expected.replace(at, bytes.size(), bytes);
  };
  expected[0] = 7;
  expected[1] = 1;
  expected[7] = 2;                  // columns
  expected[19] = 3;                 // rows
  put(28, "\x3f\xf0");              // error 1
  put(44, std::string("\x40", 1));  // mean 2
  put(60, "\x40\x14");              // mean 5
  put(76, std::string("\x40", 1));  // product 2
  put(92, "\x40\x1c");              // product 7
  put(108, "\x40\x3a");             // product 26
  const CrossProductsState state = state_of({{1, 2}, {2, 4}, {3, 9}});
  EXPECT_EQ(cross_products_to_binary(bytes_of(state).data(), state.size()), expected);
}

TEST(CrossProductsForms, RoundTripToTheByte) {
  Random random(20);
  for (int round = 0; round < 200; ++round) {
    const int features = 1 + static_cast<int>(random.below(9));
    Rows rows = random_rows(&random, 1 + random.below(60), features, 10 * random.normal(), 1);
    const double scale = std::exp(200 * random.normal());
    for (auto& row : rows) row.back() *= scale;
    Group group(features + 1);
    for (const auto& row : rows) group.add(row);
    if (round % 2 == 0) group.skip();
    const std::string state = bytes_of(group.value());
    // The forms of a group with rows waiting are those of its value.
    const std::string text = cross_products_to_text(group.bytes().data(), group.bytes().size());
    ASSERT_EQ(text, cross_products_to_text(state.data(), state.size()));
    ASSERT_EQ(cross_products_from_text(text), state);
    const std::string binary = cross_products_to_binary(group.bytes().data(), group.bytes().size());
    ASSERT_EQ(binary, cross_products_to_binary(state.data(), state.size()));
    ASSERT_EQ(cross_products_from_binary(binary), state);
  }
}

TEST(CrossProductsForms, ValuesThatHardlyVaryCanBeReadBack) {
  for (const double base : {1.0, 0.1, 1e9}) {
    Rows rows(70000, {base, 3 * base});
    rows[40000][0] = std::nextafter(base, 2 * base);
    rows[40001][1] = std::nextafter(3 * base, 0.0);
    for (const std::size_t last : {std::size_t{40001}, std::size_t{40002}, std::size_t{70000}}) {
      const CrossProductsState state = state_of(rows, 0, last);
      EXPECT_FALSE(state.products().constant(0));
      EXPECT_EQ(cross_products_from_binary(cross_products_to_binary(bytes_of(state).data(), state.size())),
                bytes_of(state));
    }
  }
}

TEST(CrossProductsText, RefusesForgeries) {
  const auto refused = [](const std::string& text) {
    EXPECT_EQ(test::sqlstate_of([&] { cross_products_from_text(text); }), "22P02") << text;
  };
  ASSERT_NO_THROW(cross_products_from_text(
      "cross_products:1 columns=2 rows=3 skipped=1 error=1 units=0,0 means=2,5 products=2,7,26"));
  ASSERT_NO_THROW(cross_products_from_text("cross_products:1 columns=2 rows=0 skipped=5"));
  refused("");
  refused("cross_products:2 columns=2 rows=3 skipped=1 error=1 units=0,0 means=2,5 products=2,7,26");
  refused("cross_products:1 columns=1 rows=3 skipped=1 error=1 units=0 means=2 products=2");
  refused("cross_products:1 columns=102 rows=0 skipped=1");
  refused("cross_products:1 columns=2 rows=0 skipped=0");
  refused("cross_products:1 columns=2 rows=0 skipped=1 error=1 units=0,0 means=0,0 products=0,0,0");
  refused("cross_products:1 columns=2 rows=-3 skipped=1 error=1 units=0,0 means=2,5 products=2,7,26");
  refused("cross_products:1 columns=2 rows=3 skipped=-1 error=1 units=0,0 means=2,5 products=2,7,26");
  refused(
      "cross_products:1 columns=2 rows=9007199254740993 skipped=1 error=1 units=0,0 means=2,5 "
      "products=2,7,26");
  refused("cross_products:1 columns=2 rows=3 skipped=1 error=0.5 units=0,0 means=2,5 products=2,7,26");
  refused("cross_products:1 columns=2 rows=3 skipped=1 error=1e30 units=0,0 means=2,5 products=2,7,26");
  refused("cross_products:1 columns=2 rows=3 skipped=1 error=1 units=1,0 means=2,5 products=2,7,26");
  refused("cross_products:1 columns=2 rows=3 skipped=1 error=1 units=2000,0 means=2,5 products=2,7,26");
  refused("cross_products:1 columns=2 rows=3 skipped=1 error=1 units=0,0 means=1e300,5 products=0,0,26");
  refused("cross_products:1 columns=2 rows=3 skipped=1 error=1 units=0,0 means=inf,5 products=2,7,26");
  refused("cross_products:1 columns=2 rows=3 skipped=1 error=1 units=0,0 means=2+1,5 products=2,7,26");
  refused("cross_products:1 columns=2 rows=3 skipped=1 error=1 units=0,0 means=2,5 products=-2,7,26");
  refused(
      "cross_products:1 columns=2 rows=3 skipped=1 error=1 units=0,0 means=2,5 products=2,7.3,26");  // |r| >
                                                                                                     // 1
  refused("cross_products:1 columns=2 rows=3 skipped=1 error=1 units=0,0 means=2,5 products=2,-7.3,26");
  refused(
      "cross_products:1 columns=2 rows=3 skipped=1 error=1 units=0,0 means=2,5 products=0,1e-40,26");  // constant
  refused("cross_products:1 columns=2 rows=3 skipped=1 error=1 units=0,0 means=2,5 products=1e-60,0,26");
  refused(
      "cross_products:1 columns=2 rows=1 skipped=1 error=1 units=0,0 means=2,5 products=2,7,26");  // of one
                                                                                                   // row
  refused("cross_products:1 columns=2 rows=3 skipped=1 error=1 units=0,0 means=2,5 products=2,7,26 ");
  refused("cross_products:1 columns=2 rows=3 skipped=1 error=1 units=0,0 means=2,5 products=2,7");
}

TEST(CrossProductsBinary, RefusesForgeries) {
  const CrossProductsState state = state_of({{1, 2, 3}, {2, 4, 5}, {3, 9, 1}});
  const std::string good = cross_products_to_binary(bytes_of(state).data(), state.size());
  ASSERT_NO_THROW(cross_products_from_binary(good));
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_THROW(cross_products_from_binary(good.substr(0, size)), Error) << size;
  EXPECT_THROW(cross_products_from_binary(good + '\0'), Error);
  for (const std::size_t at : {0U, 1U, 2U, 3U, 4U, 7U, 8U, 9U, 10U, 11U, 12U, 20U, 36U, 51U}) {
    std::string bad = good;  // 3: the flag of rows that wait; 51: what pads the units
    bad[at] = static_cast<char>(bad[at] ^ (at == 12 || at == 20 ? 0x80 : 1));
    EXPECT_THROW(cross_products_from_binary(bad), Error) << at;
  }
  std::string bad = good;
  bad[60] = static_cast<char>(0x80);  // a low part of minus zero
  EXPECT_THROW(cross_products_from_binary(bad), Error);
}

}  // namespace
}  // namespace persona
