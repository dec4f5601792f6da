// The kind scaler: parameters against hand and numpy (1.24.2, where said), what is clipped, left out and
// refused, and the loader against rows that no fit wrote.
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/random.h"
#include "core/scaling/column_scale.h"
#include "core/scaling/row_scaler.h"
#include "core/scaling/scaler.h"
#include "fit_support.h"

namespace persona::test {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

GivenOptions method(const char* name) { return {{"method", std::string(name)}}; }

double parameter(const FittedModel& model, const std::string& column, const std::string& name) {
  for (const Coefficient& row : model.coefficients) {
    if (row.term == column && row.outcome == name) return row.estimate.value();
  }
  throw std::out_of_range("no " + name + " of " + column);
}

std::unique_ptr<Transformer> load_scaler(const FittedModel& model) {
  return scaler().load_transformer({"norm@1", model.coefficients, model.features});
}

FittedModel fit_one(std::vector<double> values, const GivenOptions& given) {
  return fit_columns(scaler(), {number_column("x", std::move(values))}, "", given);
}

double scaled(const FittedModel& model, double x) {
  double y = 0;
  load_scaler(model)->transform(&x, &y);
  return y;
}

TEST(Scaler, StandardHasTheSampleDeviation) {
  const FittedModel model = fit_one({1, 2, 3, 4}, {});
  EXPECT_EQ(parameter(model, "x", "center"), 2.5);
  EXPECT_DOUBLE_EQ(parameter(model, "x", "scale"), std::sqrt(5.0 / 3));  // (2.25 + .25 + .25 + 2.25) / 3
  EXPECT_EQ(model.coefficients.size(), 2U);
  EXPECT_EQ(model.coefficients[0].group_key, "standard");
  EXPECT_DOUBLE_EQ(scaled(model, 4), 1.5 / std::sqrt(5.0 / 3));
  EXPECT_TRUE(model.notices.empty());
}

TEST(Scaler, MinmaxEndsAreExact) {
  const FittedModel model = fit_one({3, -7.3, 0.1, 11.7}, method("minmax"));
  EXPECT_EQ(parameter(model, "x", "center"), -7.3);
  EXPECT_EQ(parameter(model, "x", "scale"), 11.7 + 7.3);
  EXPECT_EQ(scaled(model, -7.3), 0);
  EXPECT_EQ(scaled(model, 11.7), 1);
  EXPECT_EQ(scaled(model, 30.7), 2);  // past the training rows' range nothing is cut off
}

// Type 7: positions .75, 1.5, 2.25 of the sorted 1, 2, 4, 8.
TEST(Scaler, RobustHasMedianAndQuartiles) {
  const FittedModel model = fit_one({8, 1, 4, 2}, method("robust"));
  EXPECT_EQ(parameter(model, "x", "center"), 3);
  EXPECT_EQ(parameter(model, "x", "scale"), 5 - 1.75);
}

// The symmetric logarithms of -3, 0, 3 are -log 4, 0, log 4.
TEST(Scaler, LogIsSymmetricThenStandard) {
  EXPECT_EQ(symmetric_log(0), 0);
  EXPECT_EQ(symmetric_log(-1e10), -symmetric_log(1e10));
  EXPECT_DOUBLE_EQ(symmetric_log(1e-20), 1e-20);
  const FittedModel model = fit_one({3, -3, 0}, method("log"));
  EXPECT_NEAR(parameter(model, "x", "center"), 0, 1e-17);
  EXPECT_DOUBLE_EQ(parameter(model, "x", "scale"), std::log(4.0));
  EXPECT_DOUBLE_EQ(scaled(model, 15), 2);
  EXPECT_EQ(*model.features[0].max, 3) << "persona.feature has the column as it was";
}

// Mean and deviation keep every digit where the sum of squares would have lost them: of 1e9 + 0, 1, 2.
TEST(Scaler, FarFromZero) {
  std::vector<double> values;
  for (int i = 0; i < 3000; ++i) values.push_back(1e9 + i % 3);
  const FittedModel model = fit_one(values, {});
  EXPECT_EQ(parameter(model, "x", "center"), 1e9 + 1);
  EXPECT_DOUBLE_EQ(parameter(model, "x", "scale"), std::sqrt(2000.0 / 2999));
}

TEST(Scaler, BlocksMakeNoDifference) {
  Random random(7);
  std::vector<double> values;
  for (int i = 0; i < 3000; ++i) values.push_back(std::exp(4 * random.uniform()) - 20);
  const std::vector<TestColumn> columns = {number_column("x", values)};
  for (const char* name : {"standard", "minmax", "robust", "log"}) {
    for (const bool clip : {false, true}) {
      GivenOptions given = method(name);
      if (clip) given["clip"] = 0.02;
      const FittedModel whole = fit_columns(scaler(), columns, "", given);
      for (const int rows : {1, 17, 255}) {
        const FittedModel parts = fit_columns(scaler(), columns, "", given, rows);
        for (std::size_t i = 0; i < whole.coefficients.size(); ++i) {
          EXPECT_NEAR(*parts.coefficients[i].estimate, *whole.coefficients[i].estimate, 1e-13)
              << name << rows;
        }
      }
    }
  }
}

// Whatever the method: the training rows have mean 0 and deviation 1, or reach from 0 to 1, or have median 0
// and interquartile range 1, by a brute-force count.
TEST(Scaler, TrainingRowsComeOutNormalized) {
  Random random(11);
  std::vector<double> values;
  for (int i = 0; i < 4001; ++i) values.push_back(random.normal() * 3 + 100);
  for (const bool clip : {false, true}) {
    GivenOptions options;
    if (clip) options["clip"] = std::vector<double>{0.1, 1};
    const auto scaled_rows = [&](const char* name) {
      options["method"] = std::string(name);
      const auto loaded = load_scaler(fit_one(values, options));
      std::vector<double> result(values.size());
      for (std::size_t i = 0; i < values.size(); ++i) loaded->transform(&values[i], &result[i]);
      std::sort(result.begin(), result.end());
      return result;
    };
    for (const char* name : {"standard", "log"}) {
      double sum = 0;
      double squares = 0;
      for (const double y : scaled_rows(name)) {
        sum += y;
        squares += y * y;
      }
      EXPECT_NEAR(sum, 0, 1e-9) << name;
      EXPECT_NEAR(squares, 4000, 1e-8) << name;
    }
    const std::vector<double> ends = scaled_rows("minmax");
    EXPECT_EQ(ends.front(), 0);
    EXPECT_EQ(ends.back(), 1);
    const std::vector<double> middle = scaled_rows("robust");
    EXPECT_EQ(middle[2000], 0);
    EXPECT_NEAR(middle[3000] - middle[1000], 1, 1e-15);
  }
}

TEST(Scaler, ClipHoldsValuesAtQuantiles) {
  std::vector<double> values;
  for (int i = 0; i <= 100; ++i) values.push_back(i == 100 ? 1e6 : i);
  const FittedModel model =
      fit_one(values, {{"clip", std::vector<double>{0.05, 0.9}}, {"method", std::string("minmax")}});
  EXPECT_EQ(parameter(model, "x", "lower"), 5);
  EXPECT_EQ(parameter(model, "x", "upper"), 90);
  EXPECT_EQ(parameter(model, "x", "center"), 5);
  EXPECT_EQ(parameter(model, "x", "scale"), 85);
  EXPECT_EQ(scaled(model, -1e300), 0);
  EXPECT_EQ(scaled(model, 1e300), 1);
  const FittedModel one_number = fit_one(values, {{"clip", 0.1}});
  EXPECT_EQ(parameter(one_number, "x", "lower"), 10);
  EXPECT_EQ(parameter(one_number, "x", "upper"), 90);
  // 10 eleven times, 11 to 89, 90 eleven times: the mean is 50 by symmetry, the deviation numpy's.
  EXPECT_DOUBLE_EQ(parameter(one_number, "x", "center"), 50);
  EXPECT_NEAR(parameter(one_number, "x", "scale"), 27.618834153526464, 1e-13);
  const FittedModel ends = fit_one(values, {{"clip", 0.0}});
  EXPECT_EQ(parameter(ends, "x", "lower"), 0);
  EXPECT_EQ(parameter(ends, "x", "upper"), 1e6);
}

// Past 10,000 rows quantiles are a sample's: the rank of each is off by less than 5 deviations of
// sqrt(p (1 - p) / 10,000); means, deviations and extremes stay exact.
TEST(Scaler, ManyRows) {
  std::vector<double> values(200000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>((i * 7919) % values.size());
  const FittedModel standard = fit_one(values, {});
  EXPECT_DOUBLE_EQ(parameter(standard, "x", "center"), 99999.5);
  EXPECT_DOUBLE_EQ(parameter(standard, "x", "scale"), std::sqrt(200000.0 * 200001 / 12));
  const FittedModel minmax = fit_one(values, method("minmax"));
  EXPECT_EQ(parameter(minmax, "x", "scale"), 199999);
  const FittedModel clipped = fit_one(values, {{"clip", 0.25}});
  EXPECT_NEAR(parameter(clipped, "x", "lower") / 200000, 0.25, 5 * std::sqrt(0.25 * 0.75 / 10000));
  const FittedModel robust = fit_one(values, method("robust"));
  EXPECT_NEAR(parameter(robust, "x", "center") / 200000, 0.5, 0.025);
  EXPECT_EQ(parameter(fit_one(values, method("robust")), "x", "center"), parameter(robust, "x", "center"));
}

TEST(Scaler, NoSpread) {
  for (const char* name : {"standard", "minmax", "robust", "log"}) {
    const FittedModel model = fit_one({0.1, 0.1, 0.1}, method(name));
    EXPECT_EQ(parameter(model, "x", "scale"), 1) << name;
    EXPECT_EQ(scaled(model, 0.1), 0) << name;
    ASSERT_EQ(model.notices.size(), 1U);
    EXPECT_EQ(model.notices[0], "the spread of column \"x\" is 0 in the training rows: its scale is 1");
    EXPECT_EQ(scaled(fit_one({0.1}, method(name)), 0.1), 0) << name << " of one row";
  }
  // Four of six are equal: no interquartile range, though the column is not constant.
  const FittedModel robust = fit_one({0, 0, 0, 0, 0, 0, 0, 5}, method("robust"));
  EXPECT_EQ(scaled(robust, 5), 5);
  const FittedModel two = fit_columns(
      scaler(), {number_column("a", {1, 1}), number_column("b", {2, 2}), number_column("c", {1, 2})}, "");
  EXPECT_EQ(two.notices[0],
            "the spreads of columns \"a\" and \"b\" are 0 in the training rows: their scales are 1");
}

TEST(Scaler, ValuesThatAreNoNumbers) {
  const FittedModel model = fit_one({0, 1e-300}, method("minmax"));
  EXPECT_TRUE(std::isnan(scaled(model, kNan)));
  EXPECT_TRUE(std::isnan(scaled(model, kInfinity)));
  EXPECT_TRUE(std::isnan(scaled(model, -kInfinity)));
  EXPECT_TRUE(std::isnan(scaled(model, 1e300))) << "1e600 is past a double's range";
  EXPECT_TRUE(std::isnan(scaled(fit_one({0, 1}, {{"clip", 0.0}}), kInfinity))) << "clipped or not";
  EXPECT_FALSE(std::signbit(scaled(fit_one({0, 1}, method("minmax")), -0.0)));
}

TEST(Scaler, EdgesOfTheRange) {
  EXPECT_EQ(sqlstate_of([] { fit_one({-1.7e308, 1.7e308}, method("minmax")); }), "22003");
  const FittedModel huge = fit_one({1e300, 2e300, 3e300}, {});
  EXPECT_DOUBLE_EQ(scaled(huge, 3e300), 1);
  const FittedModel tiny = fit_one({1e-300, 2e-300, 3e-300}, {});
  EXPECT_NEAR(scaled(tiny, 3e-300), 1, 1e-15);
  EXPECT_NEAR(scaled(fit_one({-1.7e308, 1.7e308}, method("log")), 1.7e308), std::sqrt(0.5), 1e-15);
}

std::vector<TestColumn> customers() {
  return {number_column("id", {1, 2, 3}), number_column("spend", {0, 1, 2}),
          label_column("country", {"a", "b", "a"}), number_column("visits", {0, 5, 10}),
          label_column("channel", {"w", "w", "s"})};
}

FittedModel fit_customers(const GivenOptions& given) {
  FitRequest request = request_for(scaler(), customers(), "", given);
  request.key = {"id"};
  NoPoll poll;
  return fit_request(scaler(), request, customers(), poll);
}

TEST(Scaler, ColumnsAndTheirMethods) {
  const FittedModel model =
      fit_customers({{"methods", std::map<std::string, std::string>{{"visits", "minmax"}}}});
  ASSERT_EQ(model.features.size(), 2U);
  EXPECT_EQ(model.features[0].name, "spend");
  EXPECT_EQ(model.features[1].name, "visits");
  EXPECT_EQ(model.coefficients[0].group_key, "standard");
  EXPECT_EQ(model.coefficients[2].group_key, "minmax");
  ASSERT_EQ(model.notices.size(), 1U);
  EXPECT_EQ(model.notices[0], "columns \"country\" and \"channel\" are no numbers and are left out");
  const double x[] = {1, 10};
  double y[2];
  load_scaler(model)->transform(x, y);
  EXPECT_EQ(y[0], 0);
  EXPECT_EQ(y[1], 1);
  const std::vector<std::string> spend = {"spend"};
  EXPECT_EQ(fit_customers({{"features", spend}}).features.size(), 1U);
  EXPECT_TRUE(fit_customers({{"features", spend}}).notices.empty());
  EXPECT_EQ(fit_customers({{"ignore", spend}}).features[0].name, "visits");
  EXPECT_EQ(fit_customers({{"features", std::vector<std::string>{"id", "spend"}}}).features[0].name, "id");
}

TEST(Scaler, RefusedRequests) {
  using Map = std::map<std::string, std::string>;
  const auto state = [](const GivenOptions& given) { return sqlstate_of([&] { fit_customers(given); }); };
  EXPECT_EQ(state({{"methods", Map{{"country", "log"}}}}), "22023");
  EXPECT_EQ(state({{"methods", Map{{"id", "log"}}}}), "22023");
  EXPECT_EQ(state({{"methods", Map{{"nobody", "log"}}}}), "42703");
  EXPECT_EQ(state({{"methods", Map{{"spend", "sqrt"}}}}), "22023");
  EXPECT_EQ(state({{"method", std::string("sqrt")}}), "22023");
  EXPECT_EQ(state({{"methods", std::vector<std::string>{"spend"}}}), "22023");
  EXPECT_EQ(state({{"features", std::vector<std::string>{"country"}}}), "42804");
  EXPECT_EQ(state({{"features", std::vector<std::string>{"nobody"}}}), "42703");
  EXPECT_EQ(state({{"ignore", std::vector<std::string>{"spend", "visits"}}}), "22023");
  EXPECT_EQ(state({{"clip", 0.5}}), "22023");
  EXPECT_EQ(state({{"clip", -0.1}}), "22023");
  EXPECT_EQ(state({{"clip", std::vector<double>{0.9, 0.1}}}), "22023");
  EXPECT_EQ(state({{"clip", std::vector<double>{0.1, 0.5, 0.9}}}), "22023");
  EXPECT_EQ(state({{"clip", std::vector<double>{0.1, 1.1}}}), "22023");
  EXPECT_EQ(state({{"clip", std::vector<std::string>{}}}), "22023");
  EXPECT_EQ(state({{"clip", std::string("0.1")}}), "22023");
  EXPECT_EQ(state({{"clip", std::vector<double>{0, 1}}}), "");
  EXPECT_EQ(sqlstate_of([] { fit_columns(scaler(), customers(), "spend"); }), "22023");
  EXPECT_EQ(sqlstate_of([] {
              fit_columns(scaler(), {number_column("x", {1}), number_column("x", {2})}, "");
            }),
            "22023");
  EXPECT_EQ(sqlstate_of([] { fit_one({}, {}); }), "55000");
}

Coefficient stored_row(const char* column, const char* method_name, const char* name, double value) {
  Coefficient row;
  row.term = column;
  row.group_key = method_name;
  row.outcome = name;
  row.estimate = value;
  return row;
}

TEST(Scaler, DamagedRowsAreRefused) {
  Feature feature;
  feature.name = "x";
  const Coefficient center = stored_row("x", "standard", "center", 1);
  const Coefficient scale = stored_row("x", "standard", "scale", 2);
  const Coefficient lower = stored_row("x", "standard", "lower", 0);
  const Coefficient upper = stored_row("x", "standard", "upper", 3);
  const auto state = [&](std::vector<Coefficient> rows, const Feature& column) {
    return sqlstate_of([&] { RowScaler({"norm@1", std::move(rows), {column}}); });
  };
  EXPECT_EQ(state({center, scale}, feature), "");
  EXPECT_EQ(state({center, scale, lower, upper}, feature), "");
  EXPECT_EQ(state({center}, feature), "22000");
  EXPECT_EQ(state({scale}, feature), "22000");
  EXPECT_EQ(state({}, feature), "22000");
  EXPECT_EQ(state({center, scale, lower}, feature), "22000");
  EXPECT_EQ(state({center, scale, upper}, feature), "22000");
  EXPECT_EQ(state({center, scale, scale}, feature), "22000");
  EXPECT_EQ(state({center, scale, stored_row("y", "standard", "center", 1)}, feature), "22000");
  EXPECT_EQ(state({center, scale, stored_row("x", "standard", "shift", 1)}, feature), "22000");
  EXPECT_EQ(state({center, scale, stored_row("x", "standard", "lower", 4), upper}, feature), "22000");
  EXPECT_EQ(state({center, stored_row("x", "minmax", "scale", 1)}, feature), "22000");
  EXPECT_EQ(state({stored_row("x", "sqrt", "center", 1), stored_row("x", "sqrt", "scale", 1)}, feature),
            "22000");
  for (const double bad : {0.0, -1.0, kNan, kInfinity}) {
    EXPECT_EQ(state({center, stored_row("x", "standard", "scale", bad)}, feature), "22000") << bad;
  }
  Coefficient missing = scale;
  missing.estimate.reset();
  EXPECT_EQ(state({center, missing}, feature), "22000");
  Feature label = feature;
  label.is_label = true;
  EXPECT_EQ(state({center, scale}, label), "22000");
  Feature target = feature;
  target.role = "target";
  EXPECT_EQ(state({center, scale}, target), "22000");
}

}  // namespace
}  // namespace persona::test
