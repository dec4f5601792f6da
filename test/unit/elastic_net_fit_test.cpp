// Penalties through the fitters: weights, offsets, labels, and cross-validation against the same done by
// hand, fold by fold.
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/random.h"
#include "core/regression/linear_regression.h"
#include "core/regression/logistic_regression.h"
#include "core/regression/poisson_regression.h"
#include "core/regression/row_folds.h"
#include "fit_support.h"

namespace persona::test {
namespace {

struct Data {
  std::vector<double> x1, x2, x3, weight, offset, y, count;
  std::vector<std::string> city, bought;
};

Data random_data(std::uint64_t seed, int rows) {
  Random random(seed);
  const std::vector<std::string> cities = {"Rome", "Oslo", "Bath"};
  Data data;
  for (int r = 0; r < rows; ++r) {
    const double x1 = random.normal();
    const double x2 = 10 + 3 * random.normal() + x1;
    const auto city = static_cast<std::size_t>(random.below(3));
    const double eta = x1 - 0.2 * (x2 - 10) + (city == 1 ? 0.7 : 0) - 0.3;
    data.x1.push_back(x1);
    data.x2.push_back(x2);
    data.x3.push_back(random.uniform());
    data.city.push_back(cities[city]);
    data.weight.push_back(1 + static_cast<double>(random.below(3)));
    data.offset.push_back(0.5 * random.normal());
    data.y.push_back(eta + random.normal());
    data.bought.push_back(random.uniform() < 1 / (1 + std::exp(-eta)) ? "yes" : "no");
    data.count.push_back(std::floor(std::exp(eta) * random.exponential() * 2));
  }
  return data;
}

std::vector<TestColumn> columns_of(const Data& data, const std::string& target) {
  std::vector<TestColumn> columns = {number_column("x1", data.x1), label_column("city", data.city),
                                     number_column("x2", data.x2), number_column("x3", data.x3)};
  if (target == "y") columns.push_back(number_column("y", data.y));
  if (target == "bought") columns.push_back(label_column("bought", data.bought));
  if (target == "count") columns.push_back(number_column("count", data.count));
  return columns;
}

Data rows_where(const Data& data, const std::vector<int>& times) {
  Data result;
  for (std::size_t r = 0; r < times.size(); ++r) {
    for (int k = 0; k < times[r]; ++k) {
      result.x1.push_back(data.x1[r]);
      result.x2.push_back(data.x2[r]);
      result.x3.push_back(data.x3[r]);
      result.weight.push_back(data.weight[r]);
      result.offset.push_back(data.offset[r]);
      result.y.push_back(data.y[r]);
      result.count.push_back(data.count[r]);
      result.city.push_back(data.city[r]);
      result.bought.push_back(data.bought[r]);
    }
  }
  return result;
}

void expect_same_estimates(const FittedModel& one, const FittedModel& other, double tolerance) {
  ASSERT_EQ(one.coefficients.size(), other.coefficients.size());
  for (std::size_t j = 0; j < one.coefficients.size(); ++j) {
    EXPECT_EQ(one.coefficients[j].term, other.coefficients[j].term);
    EXPECT_NEAR(*one.coefficients[j].estimate, *other.coefficients[j].estimate, tolerance)
        << one.coefficients[j].term;
  }
}

struct Case {
  const Kind* kind;
  std::string target;
};

std::vector<Case> cases() {
  return {{&linear_regression(), "y"}, {&logistic_regression(), "bought"}, {&poisson_regression(), "count"}};
}

// A whole weight is as many rows.
TEST(ElasticNetFit, WeightsAreRepeatedRows) {
  const Data data = random_data(1, 150);
  const Data repeated = rows_where(data, std::vector<int>(data.weight.begin(), data.weight.end()));
  for (const Case& c : cases()) {
    std::vector<TestColumn> weighted = columns_of(data, c.target);
    weighted.push_back(number_column("weight", data.weight));
    const FittedModel one = fit_columns(*c.kind, weighted, c.target,
                                        {{"l1", 6.0}, {"l2", 2.0}, {"weight", std::string("weight")}});
    const FittedModel other =
        fit_columns(*c.kind, columns_of(repeated, c.target), c.target, {{"l1", 6.0}, {"l2", 2.0}});
    expect_same_estimates(one, other, 1e-9);
    EXPECT_NEAR(*find_metric(one, "lambda"), 8.0 / static_cast<double>(repeated.y.size()), 1e-15);
    EXPECT_EQ(find_metric(one, "converged"), 1);
    // A power of two times the weights and the penalties is the same fit.
    for (double& w : weighted.back().numbers) w *= 1024;
    const FittedModel scaled = fit_columns(
        *c.kind, weighted, c.target, {{"l1", 6144.0}, {"l2", 2048.0}, {"weight", std::string("weight")}});
    expect_same_estimates(one, scaled, 1e-9);
  }
}

// What every row has as its offset is taken from the intercept.
TEST(ElasticNetFit, OffsetsAreTakenFromTheIntercept) {
  const Data data = random_data(2, 200);
  for (const Case& c : cases()) {
    std::vector<TestColumn> columns = columns_of(data, c.target);
    const FittedModel plain = fit_columns(*c.kind, columns, c.target, {{"l1", 5.0}});
    columns.push_back(number_column("offset", std::vector<double>(data.y.size(), 0.75)));
    FittedModel shifted =
        fit_columns(*c.kind, columns, c.target, {{"l1", 5.0}, {"offset", std::string("offset")}});
    *shifted.coefficients.front().estimate += 0.75;
    expect_same_estimates(plain, shifted, 1e-9);
  }
}

double linear_predictor(const FittedModel& model, const Data& data, std::size_t r) {
  double eta = *find_term(model, "(intercept)").estimate;
  eta += *find_term(model, "x1").estimate * data.x1[r] + *find_term(model, "x2").estimate * data.x2[r] +
         *find_term(model, "x3").estimate * data.x3[r];
  if (data.city[r] != "Bath") eta += *find_term(model, "city=" + data.city[r]).estimate;
  return eta;
}

double deviance(const Case& c, const Data& data, std::size_t r, double eta) {
  if (c.target == "y") return (data.y[r] - eta) * (data.y[r] - eta);
  if (c.target == "bought") return 2 * std::log1p(std::exp(data.bought[r] == "yes" ? -eta : eta));
  const double y = data.count[r];
  return 2 * ((y > 0 ? y * (std::log(y) - eta) : 0) - y + std::exp(eta));
}

std::vector<int> folds_of(const std::vector<TestColumn>& columns, int folds, std::uint64_t seed) {
  std::vector<StreamColumn> stream;
  std::vector<Encoding> encodings;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    encodings.push_back(columns[c].labels.empty() ? Encoding::number : Encoding::label);
    stream.push_back({static_cast<int>(c), encodings.back()});
  }
  const std::size_t rows = columns.front().numbers.size();
  std::vector<int> result;
  for (std::size_t r = 0; r < rows; ++r) {
    RowBlock block(encodings);
    block.set_rows(1);
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const int place = static_cast<int>(c);
      if (columns[c].labels.empty()) {
        block.numbers(place)[0] = columns[c].numbers[r];
      } else {
        block.labels(place)[0] = block.dictionary(place).intern(columns[c].labels[r]);
      }
    }
    RowFolds alone(folds, seed);
    result.push_back(alone.assign(stream, block)[0]);
  }
  return result;
}

// At the chosen penalty: each fold's rows predicted by the fit to all others.
TEST(ElasticNetFit, CrossValidationIsThatOfSeparateFits) {
  const Data data = random_data(3, 700);
  for (const Case& c : cases()) {
    const std::vector<TestColumn> columns = columns_of(data, c.target);
    const GivenOptions options = {{"folds", 4.0}, {"seed", 7.0}, {"l1", 3.0}, {"l2", 1.0}};
    const FittedModel model = fit_columns(*c.kind, columns, c.target, options);
    const double lambda = *find_metric(model, "lambda");
    const std::vector<int> folds = folds_of(columns, 4, 7);
    double sum = 0;
    for (int held = 0; held < 4; ++held) {
      std::vector<int> times;
      for (const int fold : folds) times.push_back(fold == held ? 0 : 1);
      const Data training = rows_where(data, times);
      const double total = lambda * static_cast<double>(training.y.size());
      const FittedModel fit = fit_columns(*c.kind, columns_of(training, c.target), c.target,
                                          {{"l1", 0.75 * total}, {"l2", 0.25 * total}});
      for (std::size_t r = 0; r < folds.size(); ++r) {
        if (folds[r] == held) sum += deviance(c, data, r, linear_predictor(fit, data, r));
      }
    }
    EXPECT_NEAR(*find_metric(model, "cv_deviance"), sum / static_cast<double>(folds.size()), 1e-9)
        << c.target;
    EXPECT_EQ(find_metric(model, "lambda_min"), lambda);
    EXPECT_EQ(find_metric(model, "converged"), 1);
    EXPECT_GT(*find_metric(model, "nonzero"), 1);
  }
}

// With missing values: as if their mean and an indicator were columns of the source, of the same folds.
TEST(ElasticNetFit, ImputedValuesInFolds) {
  Data data = random_data(8, 500);
  Data filled = data;
  double sum = 0;
  double there = 0;
  for (std::size_t r = 0; r < data.x1.size(); ++r) {
    if (r % 5 == 2) {
      data.x1[r] = std::numeric_limits<double>::quiet_NaN();
    } else {
      sum += data.x1[r];
      ++there;
    }
    filled.x3[r] = r % 5 == 2 ? 1 : 0;
  }
  for (std::size_t r = 2; r < data.x1.size(); r += 5) filled.x1[r] = sum / there;
  for (const Case& c : cases()) {
    std::vector<TestColumn> columns = columns_of(data, c.target);
    columns.erase(columns.begin() + 3);
    const FittedModel model = fit_columns(*c.kind, columns, c.target,
                                          {{"folds", 4.0}, {"nulls", std::string("impute")}, {"path", true}});
    const double lambda = *find_metric(model, "lambda");
    const std::vector<int> folds = folds_of(columns, 4, 1);
    double total = 0;
    for (int held = 0; held < 4; ++held) {
      std::vector<int> times;
      for (const int fold : folds) times.push_back(fold == held ? 0 : 1);
      const Data training = rows_where(filled, times);
      const FittedModel fit = fit_columns(*c.kind, columns_of(training, c.target), c.target,
                                          {{"l1", lambda * static_cast<double>(training.y.size())}});
      for (std::size_t r = 0; r < folds.size(); ++r) {
        if (folds[r] == held) total += deviance(c, filled, r, linear_predictor(fit, filled, r));
      }
    }
    EXPECT_NEAR(*find_metric(model, "cv_deviance"), total / static_cast<double>(folds.size()), 1e-9)
        << c.target;
    const FittedModel whole =
        fit_columns(*c.kind, columns_of(filled, c.target), c.target, {{"l1", lambda * 500}});
    EXPECT_NEAR(*find_term(model, "x1=NULL").estimate, *find_term(whole, "x3").estimate, 1e-8);
    EXPECT_NEAR(*find_term(model, "x1").estimate, *find_term(whole, "x1").estimate, 1e-8);
  }
}

TEST(ElasticNetFit, OrderOfRowsDoesNotMatter) {
  const Data data = random_data(4, 600);
  for (const Case& c : cases()) {
    const GivenOptions options = {{"folds", 5.0}, {"lambda_rule", std::string("1se")}};
    std::vector<TestColumn> columns = columns_of(data, c.target);
    const FittedModel one = fit_columns(*c.kind, columns, c.target, options);
    for (TestColumn& column : columns) {
      std::reverse(column.numbers.begin(), column.numbers.end());
      std::reverse(column.labels.begin(), column.labels.end());
    }
    const FittedModel other = fit_columns(*c.kind, columns, c.target, options, 100);
    expect_same_estimates(one, other, 1e-9);
    EXPECT_NEAR(*find_metric(one, "cv_deviance"), *find_metric(other, "cv_deviance"), 1e-10);
    ASSERT_EQ(one.features.size(), other.features.size());
    for (std::size_t f = 0; f < one.features.size(); ++f) {
      ASSERT_EQ(one.features[f].name, other.features[f].name);
      if (one.features[f].role == "score") {  // computed from estimates that agree to rounding
        EXPECT_NEAR(*one.features[f].min, *other.features[f].min, 1e-8);
        EXPECT_NEAR(*one.features[f].max, *other.features[f].max, 1e-8 * *other.features[f].max);
        continue;
      }
      EXPECT_EQ(one.features[f].min, other.features[f].min);
      EXPECT_EQ(one.features[f].max, other.features[f].max);
    }
  }
}

// Folds change neither the path nor what is known of the columns.
TEST(ElasticNetFit, PathIsThatWithoutFolds) {
  const Data data = random_data(5, 400);
  for (const Case& c : cases()) {
    const std::vector<TestColumn> columns = columns_of(data, c.target);
    const FittedModel plain = fit_columns(*c.kind, columns, c.target, {{"path", true}, {"l1", 1.0}});
    const FittedModel folded =
        fit_columns(*c.kind, columns, c.target, {{"path", true}, {"l1", 1.0}, {"folds", 3.0}});
    const auto path = [](const FittedModel& model, double but) {
      std::vector<Coefficient> result;
      for (const Coefficient& row : model.coefficients) {
        if (row.lambda != but) result.push_back(row);
      }
      std::stable_sort(result.begin(), result.end(),
                       [](const Coefficient& a, const Coefficient& b) { return a.lambda > b.lambda; });
      return result;
    };
    const std::vector<Coefficient> one = path(plain, *find_metric(plain, "lambda"));
    const std::vector<Coefficient> other = path(folded, -1);
    ASSERT_EQ(one.size(), 600U);
    ASSERT_EQ(other.size(), 600U);
    for (std::size_t j = 0; j < one.size(); ++j) {
      EXPECT_EQ(one[j].term, other[j].term);
      EXPECT_NEAR(one[j].lambda, other[j].lambda, 1e-10 * one[j].lambda);
      EXPECT_NEAR(*one[j].estimate, *other[j].estimate, 1e-9);
    }
    for (std::size_t f = 0; f < plain.features.size(); ++f) {
      if (plain.features[f].role == "score") continue;  // another penalty serves
      EXPECT_EQ(plain.features[f].min, folded.features[f].min);
      EXPECT_EQ(plain.features[f].max, folded.features[f].max);
      EXPECT_EQ(plain.features[f].levels, folded.features[f].levels);
      if (!plain.features[f].mean) continue;
      EXPECT_NEAR(*plain.features[f].mean, *folded.features[f].mean, 1e-12);
    }
  }
}

void expect_error(const Kind& kind, const std::vector<TestColumn>& columns, const std::string& target,
                  const GivenOptions& options, const char* sqlstate) {
  try {
    fit_columns(kind, columns, target, options);
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.sqlstate(), sqlstate);
  }
}

TEST(ElasticNetFit, FoldsThatCannotBe) {
  const std::vector<TestColumn> same = {number_column("x", {1, 1, 1}), number_column("y", {2, 2, 2})};
  expect_error(linear_regression(), same, "y", {{"folds", 3.0}}, sqlstate::kNotInPrerequisiteState);
  expect_error(poisson_regression(), same, "y", {{"folds", 3.0}}, sqlstate::kNotInPrerequisiteState);
  std::vector<double> x;
  std::vector<double> rare;
  for (int r = 0; r < 50; ++r) {
    x.push_back(r);
    rare.push_back(r == 17 ? 1 : 0);
  }
  const std::vector<TestColumn> columns = {number_column("x", x), number_column("y", rare)};
  expect_error(logistic_regression(), columns, "y", {{"folds", 3.0}}, sqlstate::kNotInPrerequisiteState);
  expect_error(poisson_regression(), columns, "y", {{"folds", 3.0}}, sqlstate::kNotInPrerequisiteState);
}

// A level that is in one fold only is constant in that fold's training rows.
TEST(ElasticNetFit, ALevelOfOneFold) {
  Data data = random_data(6, 300);
  data.city[40] = "Lima";
  for (const Case& c : cases()) {
    const FittedModel model = fit_columns(*c.kind, columns_of(data, c.target), c.target, {{"folds", 5.0}});
    EXPECT_EQ(find_metric(model, "converged"), 1);
    EXPECT_TRUE(find_term(model, "city=Lima").estimate.has_value());
    EXPECT_TRUE(model.notices.empty());
  }
}

// A ridge alone has its closed form (or Newton's method), and no lambda.
TEST(ElasticNetFit, RidgeIsTheSameEitherWay) {
  const Data data = random_data(7, 250);
  for (const Case& c : cases()) {
    const std::vector<TestColumn> columns = columns_of(data, c.target);
    const FittedModel ridge = fit_columns(*c.kind, columns, c.target, {{"l2", 20.0}});
    EXPECT_FALSE(find_metric(ridge, "lambda").has_value());
    FittedModel with_path = fit_columns(*c.kind, columns, c.target, {{"l2", 20.0}, {"path", true}});
    EXPECT_EQ(find_metric(with_path, "lambda"), 20.0 / 250);
    with_path.coefficients.resize(ridge.coefficients.size());
    expect_same_estimates(ridge, with_path, 1e-8);
  }
}

}  // namespace
}  // namespace persona::test
