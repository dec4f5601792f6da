// Linear regression on awkward input: collinear, constant, tiny, huge and missing columns, wrong requests.
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/random.h"
#include "core/regression/linear_regression.h"
#include "fit_support.h"

namespace persona::test {
namespace {

std::vector<TestColumn> seed_example() {
  return {number_column("x1", {100, 200, 300}), number_column("x2", {10, 20, 30}),
          number_column("x3", {30, 60, 90}), number_column("y", {1, 0, 1})};
}

// Rank one beside the intercept. y has equal ends, so its least squares slope on any multiple of 1, 2, 3 is
// 0.
TEST(LinearRegressionInput, SeedExampleIsTwoThirds) {
  const FittedModel model = fit_columns(linear_regression(), seed_example(), "y");
  EXPECT_TRUE(find_term(model, "x1").estimate.has_value());
  EXPECT_FALSE(find_term(model, "x2").estimate.has_value());
  EXPECT_FALSE(find_term(model, "x3").std_error.has_value());
  ASSERT_EQ(model.notices.size(), 1U);
  EXPECT_EQ(model.notices[0],
            "terms \"x2\" and \"x3\" are collinear with earlier terms and have no estimate");
  EXPECT_EQ(find_metric(model, "rank"), 2);
  const auto scorer = load_scorer(linear_regression(), model);
  for (const double scale : {1.0, 2.0, 3.0}) {
    const double x[] = {100 * scale, 10 * scale, 30 * scale};
    EXPECT_NEAR(scorer->predict(x), 2.0 / 3.0, 1e-15);
  }
}

TEST(LinearRegressionInput, CollinearColumnsAreNamedAndHarmless) {
  Random random(3);
  std::vector<double> a;
  std::vector<double> b;
  std::vector<double> sum;
  std::vector<double> copy;
  std::vector<double> y;
  for (int i = 0; i < 2000; ++i) {
    a.push_back(1000 + random.normal());
    b.push_back(random.exponential() * 1e-3);
    sum.push_back(0.1 * a.back() + 0.2 * b.back());  // rounded
    copy.push_back(3 * b.back());
    y.push_back(a.back() - 50 * b.back() + random.normal());
  }
  const std::vector<TestColumn> all = {number_column("a", a), number_column("copy", copy),
                                       number_column("b", b), number_column("sum", sum),
                                       number_column("y", y)};
  const FittedModel model = fit_columns(linear_regression(), all, "y");
  EXPECT_FALSE(find_term(model, "b").estimate.has_value());
  EXPECT_TRUE(find_term(model, "copy").estimate.has_value());
  const FittedModel reduced =
      fit_columns(linear_regression(), all, "y", {{"ignore", std::vector<std::string>{"b", "sum"}}});
  const auto scorer = load_scorer(linear_regression(), model);
  const auto expected = load_scorer(linear_regression(), reduced);
  EXPECT_FALSE(find_term(model, "sum").estimate.has_value());
  for (std::size_t i = 0; i < 10; ++i) {
    const double x[] = {a[i], copy[i], b[i], sum[i]};
    const double z[] = {a[i], copy[i]};
    EXPECT_NEAR(scorer->predict(x), expected->predict(z), 1e-9);
  }
}

TEST(LinearRegressionInput, ConstantColumnIsAliasedBesideAnIntercept) {
  const std::vector<TestColumn> columns = {number_column("c", {0.1, 0.1, 0.1, 0.1}),
                                           number_column("x", {1, 2, 3, 4}),
                                           number_column("y", {2, 4, 6, 9})};
  const FittedModel model = fit_columns(linear_regression(), columns, "y");
  EXPECT_FALSE(find_term(model, "c").estimate.has_value());
  EXPECT_EQ(model.notices.at(0), "term \"c\" is collinear with earlier terms and has no estimate");
  // Slope sum (x - 2.5)(y - 5.25) / 5 = 11.5 / 5.
  EXPECT_NEAR(*find_term(model, "x").estimate, 2.3, 1e-14);
  // Without an intercept the constant takes its place: 0.1 c = -0.5.
  const FittedModel bare = fit_columns(linear_regression(), columns, "y", {{"intercept", false}});
  EXPECT_NEAR(*find_term(bare, "x").estimate, 2.3, 1e-13);
  EXPECT_NEAR(*find_term(bare, "c").estimate, -5, 1e-12);
  // A ridge penalty does not determine it either.
  const FittedModel ridge = fit_columns(linear_regression(), columns, "y", {{"l2", 1.0}});
  EXPECT_FALSE(find_term(ridge, "c").estimate.has_value());
}

TEST(LinearRegressionInput, FewerRowsThanTerms) {
  const std::vector<TestColumn> columns = {number_column("a", {1, 2}), number_column("b", {5, 3}),
                                           number_column("y", {10, 14})};
  const FittedModel model = fit_columns(linear_regression(), columns, "y");
  EXPECT_NEAR(*find_term(model, "(intercept)").estimate, 6, 1e-14);
  EXPECT_NEAR(*find_term(model, "a").estimate, 4, 1e-14);
  EXPECT_FALSE(find_term(model, "b").estimate.has_value());
  EXPECT_FALSE(find_term(model, "a").std_error.has_value());
  EXPECT_EQ(model.notices.size(), 2U);
  EXPECT_FALSE(find_metric(model, "sigma").has_value());
  // A penalty determines all of them.
  const FittedModel ridge = fit_columns(linear_regression(), columns, "y", {{"l2", 1.0}});
  EXPECT_TRUE(find_term(ridge, "b").estimate.has_value());
}

TEST(LinearRegressionInput, OneRow) {
  const FittedModel model =
      fit_columns(linear_regression(), {number_column("x", {3}), number_column("y", {7})}, "y");
  EXPECT_EQ(*find_term(model, "(intercept)").estimate, 7);
  EXPECT_FALSE(find_term(model, "x").estimate.has_value());
  EXPECT_FALSE(model.features[0].stddev.has_value());
  EXPECT_EQ(model.features[0].quantiles, std::vector<double>(21, 3.0));
  for (const Metric& metric : model.metrics) EXPECT_TRUE(std::isfinite(metric.value)) << metric.name;
}

TEST(LinearRegressionInput, NoRows) {
  const std::vector<TestColumn> columns = {number_column("x", {}), number_column("y", {})};
  EXPECT_EQ(sqlstate_of([&] { fit_columns(linear_regression(), columns, "y"); }), "55000");
}

TEST(LinearRegressionInput, InterceptOnly) {
  const FittedModel model = fit_columns(linear_regression(), {number_column("y", {1, 2, 6})}, "y");
  ASSERT_EQ(model.coefficients.size(), 1U);
  EXPECT_DOUBLE_EQ(*model.coefficients[0].estimate, 3);
  // sd / sqrt(n) = sqrt(7) / sqrt(3).
  EXPECT_DOUBLE_EQ(*model.coefficients[0].std_error, std::sqrt(7.0 / 3.0));
  EXPECT_EQ(sqlstate_of([] {
              fit_columns(linear_regression(), {number_column("y", {1, 2})}, "y", {{"intercept", false}});
            }),
            "22023");
}

TEST(LinearRegressionInput, ConstantTarget) {
  const FittedModel model = fit_columns(
      linear_regression(), {number_column("x", {1, 2, 3, 5}), number_column("y", {4, 4, 4, 4})}, "y");
  EXPECT_EQ(*find_term(model, "x").estimate, 0);
  EXPECT_EQ(*find_term(model, "(intercept)").estimate, 4);
  for (const Metric& metric : model.metrics) EXPECT_TRUE(std::isfinite(metric.value)) << metric.name;
}

// Estimates are equivariant under powers of two, whatever the magnitude: y = 3 u x / v + ..., exactly scaled.
TEST(LinearRegressionInput, ExtremeMagnitudes) {
  Random random(9);
  std::vector<double> x;
  std::vector<double> y;
  for (int i = 0; i < 500; ++i) {
    x.push_back(random.normal());
    y.push_back(3 * x.back() + random.normal());
  }
  const FittedModel plain =
      fit_columns(linear_regression(), {number_column("x", x), number_column("y", y)}, "y");
  for (const int exponent : {1000, 700, -700, -900}) {
    std::vector<double> sx = x;
    std::vector<double> sy = y;
    for (double& value : sx) value = std::ldexp(value, exponent);
    for (double& value : sy) value = std::ldexp(value, exponent);
    const FittedModel model =
        fit_columns(linear_regression(), {number_column("x", sx), number_column("y", sy)}, "y");
    EXPECT_DOUBLE_EQ(*find_term(model, "x").estimate, *find_term(plain, "x").estimate) << exponent;
    EXPECT_DOUBLE_EQ(*find_term(model, "x").std_error, *find_term(plain, "x").std_error) << exponent;
    EXPECT_DOUBLE_EQ(*find_metric(model, "r_squared"), *find_metric(plain, "r_squared")) << exponent;
    EXPECT_DOUBLE_EQ(std::ldexp(*find_metric(model, "sigma"), -exponent), *find_metric(plain, "sigma"));
  }
  std::vector<double> huge = y;
  std::vector<double> tiny = x;
  for (double& value : huge) value = std::ldexp(value, 900);
  for (double& value : tiny) value = std::ldexp(value, -900);
  EXPECT_EQ(sqlstate_of([&] {
              fit_columns(linear_regression(), {number_column("x", tiny), number_column("y", huge)}, "y");
            }),
            "22003");
}

TEST(LinearRegressionInput, LabelsDiscoveredLate) {
  // Group means: the reference "a" first appears in the last block.
  std::vector<std::string> labels;
  std::vector<double> y;
  for (int i = 0; i < 600; ++i) {
    const int group = i < 300 ? 2 : i < 590 ? 1 : 0;
    labels.emplace_back(group == 2 ? "c" : group == 1 ? "b" : "a");
    y.push_back(group * 10 + (i % 2 == 0 ? 1 : -1));
  }
  const FittedModel model =
      fit_columns(linear_regression(), {label_column("g", labels), number_column("y", y)}, "y");
  ASSERT_EQ(model.coefficients.size(), 3U);
  EXPECT_NEAR(*find_term(model, "(intercept)").estimate, 0, 1e-13);
  EXPECT_NEAR(*find_term(model, "g=b").estimate, 10, 1e-13);
  EXPECT_NEAR(*find_term(model, "g=c").estimate, 20, 1e-13);
}

TEST(LinearRegressionInput, ALabelWithOneLevelHasNoTerm) {
  const FittedModel model = fit_columns(
      linear_regression(),
      {label_column("g", {"a", "a", "a"}), number_column("x", {1, 2, 4}), number_column("y", {1, 2, 4})},
      "y");
  EXPECT_EQ(model.coefficients.size(), 2U);
  EXPECT_EQ(model.features[0].levels, std::vector<std::string>{"a"});
  EXPECT_NO_THROW(load_scorer(linear_regression(), model));
}

TEST(LinearRegressionInput, WrongRequests) {
  const Kind& kind = linear_regression();
  const std::vector<TestColumn> columns = {number_column("x", {1, 2, 3}), number_column("y", {1, 2, 4}),
                                           label_column("g", {"a", "b", "c"})};
  using List = std::vector<std::string>;
  EXPECT_EQ(sqlstate_of([&] { fit_columns(kind, columns, ""); }), "22023");
  EXPECT_EQ(sqlstate_of([&] { fit_columns(kind, columns, "z"); }), "42703");
  EXPECT_EQ(sqlstate_of([&] { fit_columns(kind, columns, "g"); }), "42804");
  EXPECT_EQ(sqlstate_of([&] { fit_columns(kind, columns, "y", {{"features", List{"nope"}}}); }), "42703");
  EXPECT_EQ(sqlstate_of([&] { fit_columns(kind, columns, "y", {{"ignore", List{"nope"}}}); }), "42703");
  EXPECT_EQ(sqlstate_of([&] { fit_columns(kind, columns, "y", {{"features", List{"y"}}}); }), "22023");
  EXPECT_EQ(sqlstate_of([&] { fit_columns(kind, columns, "y", {{"max_levels", 2.0}}); }), "54000");
  EXPECT_EQ(sqlstate_of([&] { fit_columns(kind, columns, "y", {{"l2", -1.0}}); }), "22023");
  FitRequest request = request_for(kind, columns, "y");
  request.columns[2].family = SourceColumn::Family::other;
  EXPECT_EQ(sqlstate_of([&] { kind.make_fitter(request); }), "42804");
  request.key = {"g"};
  EXPECT_EQ(kind.make_fitter(request)->columns().size(), 2U);
  request.key = {"nope"};
  EXPECT_EQ(sqlstate_of([&] { kind.make_fitter(request); }), "42703");
  const std::vector<TestColumn> twice = {number_column("x", {1, 2}), number_column("x", {1, 2}),
                                         number_column("y", {1, 2})};
  EXPECT_EQ(sqlstate_of([&] { fit_columns(kind, twice, "y"); }), "22023");
  const std::vector<TestColumn> clash = {number_column("g=b", {1, 2, 3}), label_column("g", {"a", "b", "c"}),
                                         number_column("y", {1, 2, 4})};
  EXPECT_EQ(sqlstate_of([&] { fit_columns(kind, clash, "y"); }), "22023");
}

TEST(LinearRegressionInput, TooManyTerms) {
  std::vector<std::string> labels;
  std::vector<double> y;
  for (int i = 0; i < 1200; ++i) {
    labels.push_back(std::to_string(i));
    y.push_back(i);
  }
  EXPECT_EQ(sqlstate_of([&] {
              fit_columns(linear_regression(), {label_column("g", labels), number_column("y", y)}, "y",
                          {{"max_levels", 5000.0}});
            }),
            "54000");
}

TEST(LinearRegressionInput, PollStopsTheFit) {
  struct Stop {};
  class StoppingPoll final : public Poll {
   public:
    void check() override {
      if (++calls == 3) throw Stop();
    }
    void progress(const std::string& /*message*/) override {}
    int calls = 0;
  };
  const std::vector<double> x(5000, 1.0);
  const std::vector<TestColumn> columns = {number_column("x", x), number_column("y", x)};
  StoppingPoll poll;
  EXPECT_THROW(
      fit_request(linear_regression(), request_for(linear_regression(), columns, "y"), columns, poll), Stop);
}

}  // namespace
}  // namespace persona::test
