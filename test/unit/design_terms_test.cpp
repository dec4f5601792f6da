// Bins, splines, arrays, interactions and imputed values: a fit with an option equals the fit of columns made
// by hand, and its scorer computes what the fit did.
#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/random.h"
#include "core/regression/linear_regression.h"
#include "core/regression/logistic_regression.h"
#include "fit_support.h"

namespace persona::test {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

struct Rows {
  std::vector<double> age, income, y, churned;
  std::vector<std::string> country;
};

Rows some_rows(int n, std::uint64_t seed = 7) {
  Random random(seed);
  const char* countries[] = {"DE", "FR", "GB", "US"};
  Rows rows;
  for (int i = 0; i < n; ++i) {
    const double age = 18 + 50 * static_cast<double>(random.below(1000)) / 1000;
    rows.age.push_back(age);
    rows.income.push_back(1000 + 100 * random.normal());
    rows.country.emplace_back(countries[random.below(4)]);
    const double effect = std::sin(age / 10) + (rows.country.back() == "FR" ? age / 40 : 0);
    rows.y.push_back(effect + random.normal());
    rows.churned.push_back(effect + random.normal() > 0.5 ? 1 : 0);
  }
  return rows;
}

void expect_same(const Coefficient& got, const Coefficient& want, double relative) {
  ASSERT_TRUE(got.estimate.has_value() && want.estimate.has_value()) << got.term;
  EXPECT_NEAR(*got.estimate, *want.estimate, relative * std::fabs(*want.estimate)) << got.term;
  ASSERT_TRUE(got.std_error.has_value() && want.std_error.has_value()) << got.term;
  EXPECT_NEAR(*got.std_error, *want.std_error, relative * *want.std_error) << got.term;
}

// Contributions add up to the linear predictor minus that of the average row, which is that of the terms'
// means.
void expect_explained(const Scorer& scorer, const FittedModel& model, const std::vector<double>& x) {
  double average = 0;
  for (const Coefficient& c : model.coefficients) average += c.estimate.value_or(0) * c.mean.value_or(1);
  double sum = 0;
  for (const Contribution& line : scorer.explain(x.data())) sum += line.contribution;
  const double eta = scorer.predict(x.data());
  EXPECT_NEAR(sum, eta - average, 1e-12 * (1 + std::fabs(eta) + std::fabs(average)));
}

TEST(DesignTerms, BinsAreLabels) {
  const Rows rows = some_rows(500);
  std::vector<std::string> bins;
  for (const double age : rows.age) bins.emplace_back(age < 25 ? "a" : age < 40 ? "b" : age < 60 ? "c" : "d");
  const GivenOptions given = {{"bins", NumberMap{{"age", {true, {25, 40, 60}}}}}};
  const std::vector<TestColumn> columns = {number_column("age", rows.age), number_column("y", rows.y)};
  const FittedModel model = fit_columns(linear_regression(), columns, "y", given);
  const FittedModel by_hand =
      fit_columns(linear_regression(), {label_column("age", bins), number_column("y", rows.y)}, "y");
  expect_same(find_term(model, "age=[25,40)"), find_term(by_hand, "age=b"), 1e-14);
  expect_same(find_term(model, "age=[40,60)"), find_term(by_hand, "age=c"), 1e-14);
  expect_same(find_term(model, "age=[60,)"), find_term(by_hand, "age=d"), 1e-14);
  EXPECT_EQ(model.coefficients.size(), 4U);
  EXPECT_EQ(model.features[0].levels, (std::vector<std::string>{"(,25)", "[25,40)", "[40,60)", "[60,)"}));
  EXPECT_EQ(model.features[0].basis, "bins");
  EXPECT_FALSE(model.features[0].is_label);
  double total = 0;
  for (const double age : rows.age) total += age;
  EXPECT_NEAR(*model.features[0].mean, total / 500, 1e-12);
  EXPECT_EQ(model.features[0].quantiles.size(), 21U);
  const auto scorer = load_scorer(linear_regression(), model, given);
  const auto hand = load_scorer(linear_regression(), by_hand);
  for (const double age : {-1e300, 24.999, 25.0, 39.0, 40.0, 59.0, 60.0, 1e300}) {
    const double level[] = {hand->level(0, age < 25 ? "a" : age < 40 ? "b" : age < 60 ? "c" : "d")};
    EXPECT_DOUBLE_EQ(scorer->predict(&age), hand->predict(level)) << age;
    expect_explained(*scorer, model, {age});
  }
  EXPECT_TRUE(std::isnan(scorer->predict(&kNan)));
  const double old = 70;
  EXPECT_EQ(scorer->explain(&old)[0].term, "age=[60,)");
}

TEST(DesignTerms, ABinUnseenInTrainingIsTheReferenceOrAnError) {
  const std::vector<TestColumn> columns = {number_column("x", {1, 2, 11, 12, 1}),
                                           number_column("y", {1, 2, 3, 4, 1})};
  GivenOptions given = {{"bins", NumberMap{{"x", {true, {5, 10, 20}}}}}};
  const FittedModel model = fit_columns(linear_regression(), columns, "y", given);
  const double unseen = 7;
  const double low = 1;
  const auto scorer = load_scorer(linear_regression(), model, given);
  EXPECT_EQ(scorer->predict(&unseen), scorer->predict(&low));
  EXPECT_EQ(scorer->explain(&unseen)[0].term, "x");
  given["unseen"] = std::string("error");
  const auto strict = load_scorer(linear_regression(), model, given);
  EXPECT_EQ(sqlstate_of([&] { strict->predict(&unseen); }), "22023");
  EXPECT_EQ(strict->predict(&low), scorer->predict(&low));
}

// splines::ns spans the same space: lm(y ~ ns(age, knots = c(21, 25), Boundary.knots = c(16, 33))) in
// R 4.2.2, on y = sin(age) of ages 10, 11, ..., 49.
TEST(DesignTerms, SplinesAreThoseOfR) {
  std::vector<double> age;
  std::vector<double> y;
  for (int i = 10; i < 50; ++i) {
    age.push_back(i);
    y.push_back(std::sin(i));
  }
  const GivenOptions given = {{"splines", NumberMap{{"age", {true, {16, 21, 25, 33}}}}}};
  const FittedModel model =
      fit_columns(linear_regression(), {number_column("age", age), number_column("y", y)}, "y", given);
  ASSERT_EQ(model.coefficients.size(), 4U);
  EXPECT_EQ(model.coefficients[1].term, "spline(age,1)");
  EXPECT_NEAR(*find_metric(model, "rss"), 19.867469365653768, 1e-12);
  const auto scorer = load_scorer(linear_regression(), model, given);
  const double ages[] = {5, 16, 18.5, 24, 33, 60};
  const double expected[] = {-0.557433791375985588, -0.067308245699056010, 0.036672065827184824,
                             0.077555042507211402,  -0.012082733942770624, -0.183441839937054846};
  for (int i = 0; i < 6; ++i) {
    EXPECT_NEAR(scorer->predict(&ages[i]), expected[i], 1e-12) << ages[i];
    expect_explained(*scorer, model, {ages[i]});
  }
  EXPECT_EQ(scorer->explain(ages)[0].term, "spline(age)");
}

TEST(DesignTerms, ArraysAreColumns) {
  const Rows rows = some_rows(300);
  std::vector<double> pairs;
  for (std::size_t i = 0; i < 300; ++i) {
    pairs.push_back(rows.age[i]);
    pairs.push_back(rows.income[i]);
  }
  const FittedModel model =
      fit_columns(linear_regression(), {array_column("v", 2, pairs), number_column("y", rows.y)}, "y");
  const FittedModel by_hand = fit_columns(
      linear_regression(),
      {number_column("a", rows.age), number_column("b", rows.income), number_column("y", rows.y)}, "y");
  expect_same(find_term(model, "v[1]"), find_term(by_hand, "a"), 0);
  expect_same(find_term(model, "v[2]"), find_term(by_hand, "b"), 0);
  EXPECT_EQ(model.features[1].source_column, "v");
  EXPECT_EQ(model.features[1].element, 2);
  const auto scorer = load_scorer(linear_regression(), model);
  EXPECT_EQ(scorer->inputs()[1].column(), "v");
  EXPECT_EQ(scorer->inputs()[1].length, 2);
}

class Interactions : public testing::TestWithParam<const Kind*> {};

TEST_P(Interactions, AreProductsOfColumns) {
  const Kind& kind = *GetParam();
  const Rows rows = some_rows(700);
  const std::vector<double>& target = &kind == &linear_regression() ? rows.y : rows.churned;
  std::vector<TestColumn> columns = {number_column("age", rows.age), label_column("country", rows.country),
                                     number_column("income", rows.income), number_column("y", target)};
  const GivenOptions given = {{"interactions", std::vector<std::string>{"age:country", "income:age"}}};
  const FittedModel model = fit_columns(kind, columns, "y", given, 37);
  std::vector<TestColumn> hand = columns;
  for (const char* level : {"FR", "GB", "US"}) {
    TestColumn product = number_column(std::string("age") + level, rows.age);
    for (std::size_t i = 0; i < rows.age.size(); ++i) product.numbers[i] *= rows.country[i] == level ? 1 : 0;
    hand.push_back(product);
  }
  TestColumn product = number_column("both", rows.age);
  for (std::size_t i = 0; i < rows.age.size(); ++i) product.numbers[i] *= rows.income[i];
  hand.push_back(product);
  const FittedModel by_hand = fit_columns(kind, hand, "y");
  ASSERT_EQ(model.coefficients.size(), by_hand.coefficients.size());
  const double relative = &kind == &linear_regression() ? 1e-12 : 1e-7;
  for (std::size_t j = 0; j < model.coefficients.size(); ++j) {
    expect_same(model.coefficients[j], by_hand.coefficients[j], relative);
  }
  EXPECT_EQ(model.coefficients[6].term, "age:country=FR");
  EXPECT_EQ(model.coefficients.back().term, "income:age");
  const auto scorer = load_scorer(kind, model, given);
  const auto hand_scorer = load_scorer(kind, by_hand);
  for (std::size_t i = 0; i < 20; ++i) {
    const double level = scorer->level(1, rows.country[i]);
    const std::vector<double> x = {rows.age[i], level, rows.income[i]};
    std::vector<double> z = x;
    for (int k = 1; k <= 3; ++k) z.push_back(level == k ? rows.age[i] : 0);
    z.push_back(rows.age[i] * rows.income[i]);
    EXPECT_NEAR(scorer->predict(x.data()), hand_scorer->predict(z.data()), relative * 10);
    if (&kind == &linear_regression()) expect_explained(*scorer, model, x);
  }
  const double unseen[] = {30, -1, 1000};
  const double reference[] = {30, 0, 1000};
  EXPECT_EQ(scorer->predict(unseen), scorer->predict(reference));
}

TEST_P(Interactions, OfLabelsAndSplinesSpanTheCells) {
  const Kind& kind = *GetParam();
  const Rows rows = some_rows(900);
  const std::vector<double>& target = &kind == &linear_regression() ? rows.y : rows.churned;
  std::vector<std::string> sex;
  for (std::size_t i = 0; i < rows.age.size(); ++i) sex.emplace_back(i % 3 == 0 ? "m" : "f");
  const std::vector<TestColumn> columns = {label_column("sex", sex), label_column("country", rows.country),
                                           number_column("age", rows.age), number_column("y", target)};
  const GivenOptions given = {{"interactions", std::vector<std::string>{"sex:country", "age:sex"}},
                              {"splines", NumberMap{{"age", {true, {20, 35, 50, 65}}}}}};
  const FittedModel model = fit_columns(kind, columns, "y", given);
  EXPECT_EQ(model.coefficients.size(), 1U + 1 + 3 + 3 + 3 + 3);
  EXPECT_TRUE(find_term(model, "sex=m:country=GB").estimate.has_value());
  EXPECT_TRUE(find_term(model, "spline(age,3):sex=m").estimate.has_value());
  const auto scorer = load_scorer(kind, model, given);
  // With an intercept and all cells, the fitted mean of every cell is its observed mean (the score
  // equations).
  std::map<std::string, std::pair<double, double>> cells;
  for (std::size_t i = 0; i < rows.age.size(); ++i) {
    const double x[] = {scorer->level(0, sex[i]), scorer->level(1, rows.country[i]), rows.age[i]};
    auto& cell = cells[sex[i] + rows.country[i]];
    cell.first += scorer->predict(x);
    cell.second += target[i];
  }
  EXPECT_EQ(cells.size(), 8U);
  for (const auto& [name, cell] : cells) EXPECT_NEAR(cell.first, cell.second, 1e-6) << name;
}

INSTANTIATE_TEST_SUITE_P(Kinds, Interactions, testing::Values(&linear_regression(), &logistic_regression()),
                         [](const auto& info) { return std::string(info.param->name); });

class Imputed : public testing::TestWithParam<const Kind*> {};

// As columns made by hand: x with the mean of its values where it is missing, and a 0/1 column.
TEST_P(Imputed, IsTheMeanAndAnIndicator) {
  const Kind& kind = *GetParam();
  const bool linear = &kind == &linear_regression();
  Rows rows = some_rows(800);
  for (std::size_t i = 0; i < rows.age.size(); ++i) {
    if (i % 7 == 3) rows.age[i] = kNan;
    if (i % 5 == 1) rows.income[i] = kNan;
    if (i % 11 == 0) rows.country[i] = kMissingText;
  }
  const std::vector<double>& target = linear ? rows.y : rows.churned;
  const GivenOptions given = {{"nulls", std::string("impute")},
                              {"interactions", std::vector<std::string>{"age:income", "age:country"}}};
  const FittedModel model =
      fit_columns(kind,
                  {number_column("age", rows.age), label_column("country", rows.country),
                   number_column("income", rows.income), number_column("y", target)},
                  "y", given, 100);
  std::vector<TestColumn> hand;
  const auto filled = [&hand](const std::string& name, const std::vector<double>& values) {
    double sum = 0;
    double count = 0;
    for (const double x : values) {
      if (!std::isnan(x)) sum += x, ++count;
    }
    TestColumn column = number_column(name, values);
    TestColumn missing = number_column(name + "=NULL", values);
    for (double& x : column.numbers) x = std::isnan(x) ? sum / count : x;
    for (double& x : missing.numbers) x = std::isnan(x) ? 1 : 0;
    hand.push_back(column);
    hand.push_back(missing);
  };
  const auto times = [&hand](std::size_t a, std::size_t b) {
    TestColumn product = number_column(hand[a].name + ":" + hand[b].name, hand[a].numbers);
    for (std::size_t i = 0; i < product.numbers.size(); ++i) product.numbers[i] *= hand[b].numbers[i];
    hand.push_back(product);
  };
  filled("age", rows.age);
  for (const char* level : {"FR", "GB", "US", kMissingText}) {
    hand.push_back(
        number_column(std::string("country=") + (level == kMissingText ? "NULL" : level), rows.age));
    for (std::size_t i = 0; i < rows.age.size(); ++i)
      hand.back().numbers[i] = rows.country[i] == level ? 1 : 0;
  }
  filled("income", rows.income);
  for (const std::size_t b : {6U, 7U}) {
    for (const std::size_t a : {0U, 1U}) times(a, b);
  }
  for (const std::size_t b : {2U, 3U, 4U, 5U}) {
    for (const std::size_t a : {0U, 1U}) times(a, b);
  }
  hand.push_back(number_column("y", target));
  const FittedModel by_hand = fit_columns(kind, hand, "y");
  ASSERT_EQ(model.coefficients.size(), by_hand.coefficients.size());
  for (std::size_t j = 0; j < model.coefficients.size(); ++j) {
    EXPECT_EQ(model.coefficients[j].term, by_hand.coefficients[j].term);
    expect_same(model.coefficients[j], by_hand.coefficients[j], linear ? 1e-9 : 1e-6);
  }
  const Feature& age = model.features[0];
  std::vector<double> there;
  for (const double x : rows.age) {
    if (!std::isnan(x)) there.push_back(x);
  }
  const FittedModel present =
      fit_columns(linear_regression(),
                  {number_column("age", there), number_column("y", std::vector<double>(there))}, "y");
  EXPECT_NEAR(*age.mean, *present.features[0].mean, 1e-13);
  EXPECT_NEAR(*age.stddev, *present.features[0].stddev, 1e-12);
  EXPECT_EQ(age.min, present.features[0].min);
  EXPECT_EQ(age.max, present.features[0].max);
  EXPECT_EQ(age.quantiles, present.features[0].quantiles);
  EXPECT_TRUE(model.features[1].missing_level);

  const auto scorer = load_scorer(kind, model, given);
  const auto hand_scorer = load_scorer(kind, by_hand);
  EXPECT_TRUE(scorer->takes_missing(0));
  for (std::size_t i = 0; i < 80; ++i) {
    const bool missing = rows.country[i] == kMissingText;
    const std::vector<double> x = {
        rows.age[i], missing ? scorer->missing(1) : scorer->level(1, rows.country[i]), rows.income[i]};
    std::vector<double> z;
    for (std::size_t c = 0; c + 1 < hand.size(); ++c) z.push_back(hand[c].numbers[i]);
    EXPECT_NEAR(scorer->predict(x.data()), hand_scorer->predict(z.data()), 1e-9) << i;
    if (linear) expect_explained(*scorer, model, x);
  }
  const double infinite[] = {INFINITY, 0, 1000};
  const double missing[] = {scorer->missing(0), 0, 1000};
  EXPECT_EQ(scorer->predict(infinite), scorer->predict(missing));
}

INSTANTIATE_TEST_SUITE_P(Kinds, Imputed, testing::Values(&linear_regression(), &logistic_regression()),
                         [](const auto& info) { return std::string(info.param->name); });

TEST(DesignTerms, WhatWasNeverMissingIsTheMeanWhenItIs) {
  const Rows rows = some_rows(100);
  const GivenOptions given = {{"nulls", std::string("impute")}};
  const std::vector<TestColumn> columns = {number_column("age", rows.age),
                                           label_column("country", rows.country), number_column("y", rows.y)};
  const FittedModel model = fit_columns(linear_regression(), columns, "y", given);
  const FittedModel plain = fit_columns(linear_regression(), columns, "y");
  ASSERT_EQ(model.coefficients.size(), plain.coefficients.size());
  for (std::size_t j = 0; j < plain.coefficients.size(); ++j) {
    EXPECT_EQ(model.coefficients[j].estimate, plain.coefficients[j].estimate);
  }
  const auto scorer = load_scorer(linear_regression(), model, given);
  const double missing[] = {kNan, scorer->missing(1)};
  const double average[] = {*model.features[0].mean, 0};
  EXPECT_EQ(missing[1], -1);
  EXPECT_DOUBLE_EQ(scorer->predict(missing), scorer->predict(average));
  EXPECT_NEAR(scorer->explain(missing).back().contribution, 0, 1e-15);
}

TEST(DesignTerms, AlwaysMissing) {
  const GivenOptions given = {{"nulls", std::string("impute")}};
  const FittedModel model = fit_columns(linear_regression(),
                                        {number_column("x", {kNan, kNan, kNan, kNan}),
                                         label_column("l", std::vector<std::string>(4, kMissingText)),
                                         number_column("z", {1, 2, 3, 5}), number_column("y", {1, 2, 4, 8})},
                                        "y", given);
  EXPECT_FALSE(find_term(model, "x").estimate.has_value());
  EXPECT_FALSE(find_term(model, "x=NULL").estimate.has_value());
  EXPECT_FALSE(model.features[0].mean.has_value());
  EXPECT_TRUE(model.features[0].quantiles.empty());
  const auto scorer = load_scorer(linear_regression(), model, given);
  const double x[] = {kNan, scorer->missing(1), 2};
  const double other[] = {17, -1, 2};
  EXPECT_EQ(scorer->predict(x), scorer->predict(other));
}

}  // namespace
}  // namespace persona::test
