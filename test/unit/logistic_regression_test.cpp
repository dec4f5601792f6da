// Logistic regression against statsmodels, scikit-learn and its own score equations.
#include "core/regression/logistic_regression.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/random.h"
#include "core/regression/linear_predictor.h"
#include "fit_support.h"
#include "regression_data.h"

namespace persona::test {
namespace {

double relative(double value, double expected) { return std::fabs(value - expected) / std::fabs(expected); }

std::vector<TestColumn> spector() {
  return {number_column("gpa", kSpectorGpa), number_column("tuce", kSpectorTuce),
          number_column("psi", kSpectorPsi), number_column("grade", kSpectorGrade)};
}

struct Published {
  const char* term;
  double estimate;
  double std_error;
};

void expect_terms(const FittedModel& model, const std::vector<Published>& published) {
  ASSERT_EQ(model.coefficients.size(), published.size());
  for (std::size_t k = 0; k < published.size(); ++k) {
    const Coefficient& coefficient = model.coefficients[k];
    EXPECT_EQ(coefficient.term, published[k].term);
    EXPECT_LE(relative(*coefficient.estimate, published[k].estimate), 1e-9) << coefficient.term;
    EXPECT_LE(relative(*coefficient.std_error, published[k].std_error), 1e-9) << coefficient.term;
  }
}

// statsmodels 0.13.5, Logit.fit(method="newton", tol=1e-14); to four decimals in Greene, "Econometric
// Analysis".
TEST(LogisticRegression, SpectorAgreesWithStatsmodels) {
  const FittedModel model = fit_columns(logistic_regression(), spector(), "grade");
  expect_terms(model, {{"(intercept)", -13.021346858115693, 4.931324213602702},
                       {"gpa", 2.8261125948893224, 1.262941075629078},
                       {"tuce", 0.09515766131790933, 0.14155420567369437},
                       {"psi", 2.378687655093354, 1.0645642544971308}});
  const Coefficient& gpa = find_term(model, "gpa");
  EXPECT_LE(relative(*gpa.p_value, 0.025239108802562523), 1e-9);
  EXPECT_LE(relative(*gpa.ci_low, 0.350793572060053), 1e-9);
  EXPECT_LE(relative(*gpa.ci_high, 5.301431617718592), 1e-9);
  EXPECT_LE(relative(*find_metric(model, "log_likelihood"), -12.889634222131415), 1e-12);
  EXPECT_LE(relative(*find_metric(model, "null_deviance"), 2 * 20.59172969663421), 1e-12);
  EXPECT_LE(relative(*find_metric(model, "aic"), 33.77926844426283), 1e-12);
  EXPECT_LE(relative(*find_metric(model, "bic"), 39.642212055461734), 1e-12);
  EXPECT_LE(relative(*find_metric(model, "pseudo_r_squared"), 0.3740382953726189), 1e-11);
  EXPECT_EQ(find_metric(model, "converged"), 1);
  EXPECT_EQ(find_metric(model, "rank"), 4);
  EXPECT_LE(*find_metric(model, "gradient_norm"), 1e-10 * 32);
  EXPECT_TRUE(model.notices.empty());
  const Feature& target = target_of(model);
  EXPECT_EQ(target.levels, (std::vector<std::string>{"0", "1"}));
  EXPECT_DOUBLE_EQ(target.shares[1], 11.0 / 32);
}

// As above, without the constant.
TEST(LogisticRegression, WithoutIntercept) {
  const FittedModel model = fit_columns(logistic_regression(), spector(), "grade", {{"intercept", false}});
  expect_terms(model, {{"gpa", 0.2993359228084501, 0.6815415143273127},
                       {"tuce", -0.10147248180382692, 0.09956260332277707},
                       {"psi", 1.6363573903945972, 0.8126199597948999}});
  // Without terms every probability is one half.
  EXPECT_DOUBLE_EQ(*find_metric(model, "null_deviance"), 64 * std::log(2.0));
}

// statsmodels 0.13.5; to six decimals in Venables and Ripley, "Modern Applied Statistics with S", 7.2.
TEST(LogisticRegression, BirthWeightAgreesWithStatsmodels) {
  std::vector<std::string> race;
  std::vector<std::string> low;
  for (const double code : kBirthRace) race.push_back(code == 1 ? "1" : code == 2 ? "2" : "3");
  for (const double value : kBirthLow) low.emplace_back(value == 1 ? "true" : "false");
  const FittedModel model = fit_columns(
      logistic_regression(),
      {number_column("age", kBirthAge), number_column("lwt", kBirthLwt), label_column("race", race),
       number_column("smoke", kBirthSmoke), number_column("ptl", kBirthPtl), number_column("ht", kBirthHt),
       number_column("ui", kBirthUi), number_column("ftv", kBirthFtv), label_column("low", low)},
      "low");
  expect_terms(model, {{"(intercept)", 0.48062320910078066, 1.1969041073745508},
                       {"age", -0.0295490270744752, 0.03703141738577715},
                       {"lwt", -0.015424283979852378, 0.006919381067258843},
                       {"race=2", 1.2722597977543888, 0.5273637031774521},
                       {"race=3", 0.8804959257825395, 0.44078566451273565},
                       {"smoke", 0.9388457015782627, 0.40215407684982535},
                       {"ptl", 0.5433370311245405, 0.34540543066144463},
                       {"ht", 1.863302870378843, 0.6975400592624547},
                       {"ui", 0.767648145771582, 0.459321478228453},
                       {"ftv", 0.06530183477943462, 0.17239582600198017}});
  EXPECT_LE(relative(*find_metric(model, "deviance"), 2 * 100.64239752794056), 1e-12);
  EXPECT_EQ(target_of(model).levels, (std::vector<std::string>{"false", "true"}));
}

// The same penalized problem as scikit-learn's LogisticRegression(C=1/l2) on StandardScaler'd columns. Its
// solver stops at 2.12794441904799, 0.08517675653388, 1.80014876477446 for l2 = 1; the digits beyond are from
// Newton's method in NumPy.
TEST(LogisticRegression, RidgeAgreesWithScikitLearn) {
  const double expected[2][4] = {
      {-10.215791575102473, 2.1279444190531263, 0.0851767565338846, 1.8001487647785743},
      {-7.152290479258653, 1.3926509794097015, 0.06901468787480838, 1.1708145691863558}};
  for (int k = 0; k < 2; ++k) {
    const FittedModel model =
        fit_columns(logistic_regression(), spector(), "grade", {{"l2", k == 0 ? 1.0 : 4.0}});
    for (std::size_t j = 0; j < 4; ++j) {
      EXPECT_LE(relative(*model.coefficients[j].estimate, expected[k][j]), 1e-9);
      EXPECT_FALSE(model.coefficients[j].std_error.has_value());
    }
    EXPECT_EQ(find_metric(model, "converged"), 1);
    EXPECT_FALSE(find_metric(model, "aic").has_value());
  }
}

TEST(LogisticRegression, RowOrderAndBlocksDoNotMatter) {
  std::vector<TestColumn> columns = spector();
  const FittedModel model = fit_columns(logistic_regression(), columns, "grade");
  for (TestColumn& column : columns) std::reverse(column.numbers.begin(), column.numbers.end());
  const FittedModel reversed = fit_columns(logistic_regression(), columns, "grade", {}, 5);
  for (std::size_t k = 0; k < model.coefficients.size(); ++k) {
    EXPECT_LE(relative(*reversed.coefficients[k].estimate, *model.coefficients[k].estimate), 1e-12);
  }
}

// A long stream starts from a fit to its sample. At the maximum the score X'(y - p) vanishes, computed here
// from the loaded scorer.
TEST(LogisticRegression, ScoreEquationsHoldForALongStream) {
  Random random(21);
  constexpr int kRows = 60000;
  std::vector<double> a;
  std::vector<double> b;
  std::vector<std::string> g;
  std::vector<double> y;
  for (int i = 0; i < kRows; ++i) {
    a.push_back(500 + 3 * random.normal());
    b.push_back(random.exponential());
    g.emplace_back(1, static_cast<char>('p' + random.below(4)));
    const double eta = -1 + 0.2 * (a.back() - 500) - 0.5 * b.back() + (g.back() == "s" ? 1 : 0);
    y.push_back(random.uniform() < inverse_logit(eta) ? 1 : 0);
  }
  const FittedModel model = fit_columns(
      logistic_regression(),
      {number_column("a", a), number_column("b", b), label_column("g", g), number_column("y", y)}, "y");
  EXPECT_EQ(find_metric(model, "converged"), 1);
  EXPECT_LE(*find_metric(model, "gradient_norm"), 1e-8 * kRows);
  EXPECT_LE(*find_metric(model, "iterations"), 4);
  const auto scorer = load_scorer(logistic_regression(), model);
  double score[4] = {};
  double log_likelihood = 0;
  for (std::size_t i = 0; i < kRows; ++i) {
    const double x[] = {a[i], b[i], scorer->level(2, g[i])};
    const double p = scorer->predict(x);
    score[0] += y[i] - p;
    score[1] += (a[i] - 500) * (y[i] - p);
    score[2] += b[i] * (y[i] - p);
    score[3] += (g[i] == "s" ? 1 : 0) * (y[i] - p);
    log_likelihood += std::log(y[i] == 1 ? p : 1 - p);
  }
  for (const double sum : score) EXPECT_LE(std::fabs(sum), 1e-8 * kRows);
  EXPECT_LE(relative(*find_metric(model, "log_likelihood"), log_likelihood), 1e-10);
}

}  // namespace
}  // namespace persona::test
