// Linear regression against NIST's certified values, statsmodels and scikit-learn.
#include "core/regression/linear_regression.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/random.h"
#include "fit_support.h"
#include "regression_data.h"

namespace persona::test {
namespace {

// Digits that agree: the log relative error of NIST's guidelines.
double digits(double value, double certified) {
  if (value == certified) return 15;
  return -std::log10(certified == 0 ? std::fabs(value) : std::fabs(value - certified) / std::fabs(certified));
}

void expect_term(const FittedModel& model, const std::string& term, double estimate, double std_error,
                 double least_digits) {
  const Coefficient& coefficient = find_term(model, term);
  ASSERT_TRUE(coefficient.estimate && coefficient.std_error) << term;
  EXPECT_GE(digits(*coefficient.estimate, estimate), least_digits) << term << " " << *coefficient.estimate;
  EXPECT_GE(digits(*coefficient.std_error, std_error), least_digits) << term << " " << *coefficient.std_error;
}

void expect_metric(const FittedModel& model, const std::string& name, double value, double least_digits) {
  const std::optional<double> metric = find_metric(model, name);
  ASSERT_TRUE(metric.has_value()) << name;
  EXPECT_GE(digits(*metric, value), least_digits) << name << " " << *metric;
}

std::vector<TestColumn> longley() {
  return {number_column("y", kLongleyY),   number_column("x1", kLongleyX1), number_column("x2", kLongleyX2),
          number_column("x3", kLongleyX3), number_column("x4", kLongleyX4), number_column("x5", kLongleyX5),
          number_column("x6", kLongleyX6)};
}

std::vector<double> power(const std::vector<double>& x, int exponent) {
  std::vector<double> result(x.size(), 1.0);
  for (std::size_t i = 0; i < x.size(); ++i) {
    for (int k = 0; k < exponent; ++k) result[i] *= x[i];
  }
  return result;
}

std::vector<TestColumn> polynomial(const std::vector<double>& y, const std::vector<double>& x, int degree) {
  std::vector<TestColumn> columns = {number_column("y", y)};
  for (int k = 1; k <= degree; ++k) columns.push_back(number_column("x" + std::to_string(k), power(x, k)));
  return columns;
}

// Certified values: Longley.dat of NIST StRD.
TEST(LinearRegression, Longley) {
  const FittedModel model = fit_columns(linear_regression(), longley(), "y");
  constexpr double kDigits = 12.9;  // certified to 15
  expect_term(model, "(intercept)", -3482258.63459582, 890420.383607373, kDigits);
  expect_term(model, "x1", 15.0618722713733, 84.9149257747669, kDigits);
  expect_term(model, "x2", -0.358191792925910E-01, 0.334910077722432E-01, kDigits);
  expect_term(model, "x3", -2.02022980381683, 0.488399681651699, kDigits);
  expect_term(model, "x4", -1.03322686717359, 0.214274163161675, kDigits);
  expect_term(model, "x5", -0.511041056535807E-01, 0.226073200069370, kDigits);
  expect_term(model, "x6", 1829.15146461355, 455.478499142212, kDigits);
  expect_metric(model, "sigma", 304.854073561965, kDigits);
  expect_metric(model, "r_squared", 0.995479004577296, kDigits);
  expect_metric(model, "rss", 836424.055505915, kDigits);
  expect_metric(model, "f_statistic", 330.285339234588, kDigits);
  expect_metric(model, "rank", 7, 15);
  expect_metric(model, "residual_df", 9, 15);
  EXPECT_TRUE(model.notices.empty());
}

TEST(LinearRegression, Norris) {
  const FittedModel model = fit_columns(linear_regression(), polynomial(kNorrisY, kNorrisX, 1), "y");
  expect_term(model, "(intercept)", -0.262323073774029, 0.232818234301152, 13);
  expect_term(model, "x1", 1.00211681802045, 0.429796848199937E-03, 13);
  expect_metric(model, "sigma", 0.884796396144373, 13);
  expect_metric(model, "f_statistic", 5436385.54079785, 13);
}

TEST(LinearRegression, Pontius) {
  const FittedModel model = fit_columns(linear_regression(), polynomial(kPontiusY, kPontiusX, 2), "y");
  expect_term(model, "(intercept)", 0.673565789473684E-03, 0.107938612033077E-03, 13);
  expect_term(model, "x1", 0.732059160401003E-06, 0.157817399981659E-09, 13);
  expect_term(model, "x2", -0.316081871345029E-14, 0.486652849992036E-16, 13);
  expect_metric(model, "rss", 0.155761768796992E-05, 13);
  expect_metric(model, "f_statistic", 185330865.995752, 13);
}

// Exact fits: certified estimates 1, ..., 1, residual standard deviation and standard errors 0.
TEST(LinearRegression, Wampler1) {
  const FittedModel model = fit_columns(linear_regression(), polynomial(kWampler1Y, kWampler1X, 5), "y");
  for (const Coefficient& coefficient : model.coefficients) {
    EXPECT_GE(digits(*coefficient.estimate, 1.0), 14) << coefficient.term;
    EXPECT_EQ(*coefficient.std_error, 0);
    EXPECT_FALSE(coefficient.statistic || coefficient.p_value);
    EXPECT_EQ(*coefficient.ci_low, *coefficient.estimate);
  }
  expect_metric(model, "r_squared", 1, 15);
  EXPECT_EQ(find_metric(model, "sigma"), 0);
  EXPECT_EQ(find_metric(model, "rss"), 0);
  EXPECT_FALSE(find_metric(model, "f_statistic") || find_metric(model, "aic"));
}

// Certified estimates 1, 0.1, ..., 0.00001.
TEST(LinearRegression, Wampler2) {
  const FittedModel model = fit_columns(linear_regression(), polynomial(kWampler2Y, kWampler2X, 5), "y");
  const double certified[] = {1, 0.1, 0.01, 0.001, 0.0001, 0.00001};
  for (std::size_t k = 0; k < 6; ++k) {
    EXPECT_GE(digits(*model.coefficients[k].estimate, certified[k]), 13) << model.coefficients[k].term;
  }
}

TEST(LinearRegression, NoInt1WithoutIntercept) {
  const FittedModel model =
      fit_columns(linear_regression(), polynomial(kNoInt1Y, kNoInt1X, 1), "y", {{"intercept", false}});
  ASSERT_EQ(model.coefficients.size(), 1U);
  expect_term(model, "x1", 2.07438016528926, 0.165289256198347E-01, 13);
  expect_metric(model, "sigma", 3.56753034006338, 13);
  expect_metric(model, "r_squared", 0.999365492298663, 13);
  expect_metric(model, "f_statistic", 15750.25, 13);
}

// statsmodels 0.13.5, OLS(bwt ~ age + lwt + C(race)); R and we count sigma as a parameter in AIC and BIC,
// statsmodels does not, so its values are raised by 2 and log(189).
TEST(LinearRegression, LabelsAgreeWithStatsmodels) {
  std::vector<std::string> race;
  for (const double code : kBirthRace) race.push_back(code == 1 ? "1" : code == 2 ? "2" : "3");
  const FittedModel model = fit_columns(linear_regression(),
                                        {number_column("age", kBirthAge), number_column("lwt", kBirthLwt),
                                         label_column("race", race), number_column("bwt", kBirthBwt)},
                                        "bwt");
  ASSERT_EQ(model.coefficients.size(), 5U);
  EXPECT_EQ(model.coefficients[3].term, "race=2");
  EXPECT_EQ(model.coefficients[4].term, "race=3");
  expect_term(model, "(intercept)", 2461.147481952393, 314.72232683567944, 10);
  expect_term(model, "age", 1.2988305630725432, 10.10770097144567, 10);
  expect_term(model, "lwt", 4.619544755027577, 1.7877292080678204, 10);
  expect_term(model, "race=2", -447.6146913855081, 161.3693098048431, 10);
  expect_term(model, "race=3", -239.356515083526, 115.18891976206169, 10);
  const Coefficient& race2 = find_term(model, "race=2");
  EXPECT_GE(digits(*race2.statistic, -2.7738526732675783), 10);
  EXPECT_GE(digits(*race2.p_value, 0.006110757047348857), 10);
  EXPECT_GE(digits(*race2.ci_low, -765.9867449963085), 10);
  EXPECT_GE(digits(*race2.ci_high, -129.2426377747076), 10);
  expect_metric(model, "r_squared", 0.08536043836899432, 10);
  expect_metric(model, "adjusted_r_squared", 0.06547696963788541, 10);
  expect_metric(model, "f_statistic", 4.293035562524515, 10);
  expect_metric(model, "f_p_value", 0.002410442100879604, 10);
  expect_metric(model, "log_likelihood", -1505.128157913296, 10);
  expect_metric(model, "aic", 3022.256315826592, 10);
  expect_metric(model, "bic", 3041.7067979169497, 10);
  expect_metric(model, "rss", 91436202.16602539, 10);

  // Of 189 births, 96 of race 1, 26 of 2 and 67 of 3 (Hosmer and Lemeshow, table 2.1).
  const Feature& feature = model.features[2];
  EXPECT_TRUE(feature.is_label);
  EXPECT_EQ(feature.levels, (std::vector<std::string>{"1", "2", "3"}));
  EXPECT_DOUBLE_EQ(feature.shares[0], 96.0 / 189);
  EXPECT_DOUBLE_EQ(feature.shares[1], 26.0 / 189);
  EXPECT_DOUBLE_EQ(feature.shares[2], 67.0 / 189);
  EXPECT_EQ(model.features[3].role, "target");
}

// scikit-learn 1.2.1, Ridge(alpha=2.5, solver="cholesky") on StandardScaler'd columns of Longley, scaled
// back.
TEST(LinearRegression, RidgeAgreesWithScikitLearn) {
  const FittedModel model = fit_columns(linear_regression(), longley(), "y", {{"l2", 2.5}});
  const double expected[] = {-336257.3824331404,  80.569052118617,       0.010126349289289646,
                             -0.5226201234030642, -0.021480027832611878, 0.11826721879835059,
                             193.03838418933506};
  for (std::size_t k = 0; k < 7; ++k) {
    EXPECT_GE(digits(*model.coefficients[k].estimate, expected[k]), 9) << model.coefficients[k].term;
    EXPECT_FALSE(model.coefficients[k].std_error || model.coefficients[k].p_value);
  }
  EXPECT_FALSE(find_metric(model, "f_statistic") || find_metric(model, "aic"));
  // The residual sum of squares equals that of the fitted values.
  const auto scorer = load_scorer(linear_regression(), model);
  double rss = 0;
  for (std::size_t i = 0; i < kLongleyY.size(); ++i) {
    const double x[] = {kLongleyX1[i], kLongleyX2[i], kLongleyX3[i],
                        kLongleyX4[i], kLongleyX5[i], kLongleyX6[i]};
    rss += std::pow(kLongleyY[i] - scorer->predict(x), 2);
  }
  expect_metric(model, "rss", rss, 9);
}

TEST(LinearRegression, RowOrderAndBlocksDoNotMatter) {
  std::vector<TestColumn> columns = longley();
  const FittedModel model = fit_columns(linear_regression(), columns, "y");
  for (TestColumn& column : columns) std::reverse(column.numbers.begin(), column.numbers.end());
  const FittedModel reversed = fit_columns(linear_regression(), columns, "y", {}, 3);
  for (std::size_t k = 0; k < model.coefficients.size(); ++k) {
    EXPECT_GE(digits(*reversed.coefficients[k].estimate, *model.coefficients[k].estimate), 14);
  }
}

// Moving x by 10^9 changes the intercept alone; moving and scaling by powers of two changes no digit of the
// rest.
TEST(LinearRegression, LargeOffsetsCostNoDigits) {
  Random random(5);
  std::vector<double> x;
  std::vector<double> far;
  std::vector<double> y;
  for (int i = 0; i < 5000; ++i) {
    x.push_back(std::ldexp(static_cast<double>(random.below(1U << 20U)), -20));
    far.push_back(1e9 + x.back());  // exact: 30 + 20 bits
    y.push_back(2 * x.back() + random.normal());
  }
  const FittedModel near_model =
      fit_columns(linear_regression(), {number_column("x", x), number_column("y", y)}, "y");
  const FittedModel far_model =
      fit_columns(linear_regression(), {number_column("x", far), number_column("y", y)}, "y");
  EXPECT_GE(digits(*find_term(far_model, "x").estimate, *find_term(near_model, "x").estimate), 15);
  EXPECT_GE(digits(*find_term(far_model, "x").std_error, *find_term(near_model, "x").std_error), 15);
}

TEST(LinearRegression, FeatureSummary) {
  // 0, 1, ..., 100: mean 50, sample variance 101 * 102 / 12, type 7 quantiles 0, 5, ..., 100.
  std::vector<double> x(101);
  std::iota(x.begin(), x.end(), 0.0);
  const FittedModel model =
      fit_columns(linear_regression(), {number_column("x", x), number_column("y", x)}, "y");
  ASSERT_EQ(model.features.size(), 3U);
  const Feature& feature = model.features.front();
  EXPECT_EQ(feature.name, "x");
  EXPECT_EQ(feature.role, "feature");
  EXPECT_DOUBLE_EQ(*feature.mean, 50);
  EXPECT_DOUBLE_EQ(*feature.stddev, std::sqrt(101 * 102 / 12.0));
  EXPECT_EQ(*feature.min, 0);
  EXPECT_EQ(*feature.max, 100);
  ASSERT_EQ(feature.quantiles.size(), 21U);
  for (std::size_t k = 0; k < 21; ++k) {
    EXPECT_DOUBLE_EQ(feature.quantiles[k], 5.0 * static_cast<double>(k));
    EXPECT_DOUBLE_EQ(feature.ranks[k], (5.0 * static_cast<double>(k) + 1) / 101);
  }
  // y = x: the scores are the target again.
  const Feature& score = model.features.back();
  EXPECT_EQ(score.role, "score");
  EXPECT_NEAR(*score.mean, 50, 1e-12);
  EXPECT_NEAR(*score.stddev, *feature.stddev, 1e-12);
  for (std::size_t k = 0; k < 21; ++k) EXPECT_NEAR(score.quantiles[k], feature.quantiles[k], 1e-12);
}

TEST(LinearRegression, QuantilesOfALongStreamAreASeededSample) {
  std::vector<double> x(50000);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>(i * 7919 % 50000);  // a permutation
  const std::vector<TestColumn> columns = {number_column("x", x), number_column("y", x)};
  const FittedModel model = fit_columns(linear_regression(), columns, "y");
  const FittedModel again = fit_columns(linear_regression(), columns, "y", {}, 100);
  const FittedModel other = fit_columns(linear_regression(), columns, "y", {{"seed", 2.0}});
  EXPECT_EQ(model.features[0].quantiles, again.features[0].quantiles);
  EXPECT_NE(model.features[0].quantiles, other.features[0].quantiles);
  // The sampling error of a share among 10,000 rows is at most half a percent; four of them.
  for (std::size_t k = 0; k < 21; ++k) {
    EXPECT_NEAR(model.features[0].quantiles[k] / 49999, 0.05 * static_cast<double>(k), 0.02);
  }
  EXPECT_EQ(model.features[0].quantiles.front(), 0);
  EXPECT_EQ(model.features[0].quantiles.back(), 49999);
}

}  // namespace
}  // namespace persona::test
