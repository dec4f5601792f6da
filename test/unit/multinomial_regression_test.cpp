// Logistic regression of more than two classes, on the birth weights of MASS against statsmodels 0.13.5
// (MNLogit, test/reference/glm.py) and against the binary fit, and at the ends of what can be fitted.
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/cpu.h"
#include "core/base/random.h"
#include "core/regression/logistic_regression.h"
#include "core/regression/multinomial_likelihood.h"
#include "fit_support.h"
#include "regression_data.h"

namespace persona::test {
namespace {

FittedModel fit(const std::vector<TestColumn>& columns, const GivenOptions& options = {}) {
  return fit_columns(logistic_regression(), columns, "y", options);
}

const Coefficient& find_term_of(const FittedModel& model, const std::string& outcome,
                                const std::string& term) {
  for (const Coefficient& coefficient : model.coefficients) {
    if (coefficient.outcome == outcome && coefficient.term == term) return coefficient;
  }
  throw std::out_of_range(outcome + " " + term);
}

std::vector<TestColumn> races() {
  std::vector<std::string> group;
  for (std::size_t i = 0; i < kBirthPtl.size(); ++i)
    group.push_back(std::to_string(2 * kBirthPtl[i] + kBirthHt[i]));
  return {number_column("age", kBirthAge), number_column("lwt", kBirthLwt),
          number_column("smoke", kBirthSmoke), label_column("group", group), number_column("y", kBirthRace)};
}

const std::vector<std::string> kTerms = {"(intercept)", "age", "lwt", "smoke"};

void expect_errors(const FittedModel& model, const double (&expected)[2][4], double factor) {
  for (int k = 0; k < 2; ++k) {
    for (std::size_t j = 0; j < 4; ++j) {
      const Coefficient& one = find_term_of(model, k == 0 ? "2" : "3", kTerms[j]);
      EXPECT_LE(relative(*one.std_error, factor * expected[k][j]), 1e-8) << k << kTerms[j];
    }
  }
}

TEST(MultinomialRegression, AgreesWithStatsmodels) {
  const double estimates[2][4] = {
      {0.02561315015470816, -0.13531200186010298, 0.01500822689691174, -0.7024769320958593},
      {4.561698519283489, -0.06792991434562913, -0.02127229352346802, -1.9516286918016998}};
  const double errors[2][4] = {
      {1.3546740955208119, 0.05061395078658169, 0.00669805724348597, 0.47436728090633506},
      {1.211300432933786, 0.03558250135888213, 0.00780362058604406, 0.4041687074616479}};
  const FittedModel model = fit(races(), {{"ignore", std::vector<std::string>{"group"}}});
  ASSERT_EQ(model.coefficients.size(), 8U);
  for (int k = 0; k < 2; ++k) {
    for (std::size_t j = 0; j < 4; ++j) {
      const Coefficient& one = model.coefficients[static_cast<std::size_t>(k) * 4 + j];
      EXPECT_EQ(one.outcome, k == 0 ? "2" : "3");
      EXPECT_EQ(one.term, kTerms[j]);
      EXPECT_LE(relative(*one.estimate, estimates[k][j]), 1e-10);
    }
  }
  expect_errors(model, errors, 1);
  EXPECT_LE(relative(*find_metric(model, "log_likelihood"), -159.75896382994978), 1e-13);
  const double null = 96 * std::log(96.0 / 189) + 26 * std::log(26.0 / 189) + 67 * std::log(67.0 / 189);
  EXPECT_LE(relative(*find_metric(model, "null_deviance"), -2 * null), 1e-13);
  EXPECT_LE(relative(*find_metric(model, "aic"), 335.51792765989956), 1e-13);
  EXPECT_LE(relative(*find_metric(model, "bic"), 361.4519037803767), 1e-13);
  EXPECT_EQ(find_metric(model, "classes"), 3);
  EXPECT_EQ(find_metric(model, "rank"), 8);
  EXPECT_EQ(model.features.back().levels, (std::vector<std::string>{"1", "2", "3"}));
  EXPECT_TRUE(model.notices.empty());
}

TEST(MultinomialRegression, RobustErrors) {
  const double robust[2][4] = {
      {1.5199555317288407, 0.05909860109848616, 0.00630629036852198, 0.5031011663160058},
      {1.4721871761229748, 0.03301792779636432, 0.00988341722861157, 0.4352430148177118}};
  const double cluster[2][4] = {
      {1.0623165030411088, 0.07222681829659094, 0.00334591058933948, 0.19010828254569123},
      {0.5082355176421843, 0.02080816820858963, 0.00249974436889645, 0.12193239000491296}};
  expect_errors(fit(races(), {{"ignore", std::vector<std::string>{"group"}}, {"standard_errors", "robust"}}),
                robust, std::sqrt(189.0 / 181));
  expect_errors(fit(races(), {{"cluster", "group"}, {"standard_errors", "cluster"}}), cluster, 1);
}

// The likelihood by the formula, its gradient and Hessian by differences, with weights.
TEST(MultinomialRegression, DerivativesAreThoseOfTheFormula) {
  Random random(12);
  constexpr int kCount = 3;
  constexpr int kClasses = 4;
  RowCache cache(kCount + 2, 0);
  std::vector<std::vector<double>> rows;
  for (const int size : {256, 41}) {
    std::vector<std::vector<double>> columns(kCount + 2);
    std::vector<const double*> pointers;
    for (int j = 0; j < kCount + 2; ++j) {
      for (int r = 0; r < size; ++r) {
        columns[static_cast<std::size_t>(j)].push_back(j < kCount ? random.normal()
                                                       : j == kCount
                                                           ? static_cast<double>(random.below(kClasses))
                                                           : random.exponential());
      }
      pointers.push_back(columns[static_cast<std::size_t>(j)].data());
    }
    cache.append(pointers.data(), nullptr, size);
    for (int r = 0; r < size; ++r) {
      rows.emplace_back();
      for (const auto& column : columns) rows.back().push_back(column[static_cast<std::size_t>(r)]);
    }
  }
  GlmRows meaning;
  meaning.target = kCount;
  meaning.weight = kCount + 1;
  std::vector<ModelColumn> columns(kCount);
  for (int j = 0; j < kCount; ++j) columns[static_cast<std::size_t>(j)].recipe.first.number = j;
  const std::vector<int> ranks = {2, 0, 3, 1};  // of codes
  const auto log_likelihood = [&](const Vector& theta) {
    double sum = 0;
    for (const std::vector<double>& row : rows) {
      double total = 1;
      double own = 0;
      for (int k = 1; k < kClasses; ++k) {
        double eta = 0;
        for (int j = 0; j < kCount; ++j)
          eta += row[static_cast<std::size_t>(j)] * theta((k - 1) * kCount + j);
        total += std::exp(eta);
        if (ranks[static_cast<std::size_t>(row[kCount])] == k) own = eta;
      }
      sum += row[kCount + 1] * (own - std::log(total));
    }
    return sum;
  };
  NoPoll poll;
  Vector theta(kCount * (kClasses - 1));
  for (int j = 0; j < theta.size(); ++j) theta(j) = random.normal();
  std::vector<const GlmKernel*> kernels = {&portable_glm_kernel()};
  if (cpu_has_avx2_fma()) kernels.push_back(&avx2_glm_kernel());
  for (const GlmKernel* kernel : kernels) {
    MultinomialLikelihood likelihood(cache, meaning, ranks, columns, 0, 1, *kernel);
    const LikelihoodEvaluation at = likelihood.evaluate(theta, Derivatives::both, poll);
    EXPECT_LE(relative(at.log_likelihood, log_likelihood(theta)), 1e-13);
    for (int j = 0; j < theta.size(); ++j) {
      Vector up = theta;
      Vector down = theta;
      up(j) += 1e-5;
      down(j) -= 1e-5;
      EXPECT_NEAR(at.gradient(j), (log_likelihood(up) - log_likelihood(down)) / 2e-5, 1e-6);
      const Vector change = (likelihood.evaluate(down, Derivatives::gradient, poll).gradient -
                             likelihood.evaluate(up, Derivatives::gradient, poll).gradient) /
                            2e-5;
      EXPECT_LE((at.hessian.col(j) - change).norm(), 1e-6);
    }
    EXPECT_EQ(at.hessian, at.hessian.transpose());
  }
}

// Two classes by the multinomial likelihood are the binary model.
TEST(MultinomialRegression, TwoClassesAreTheBinaryModel) {
  Random random(13);
  RowCache cache(2, 0);
  std::vector<double> x;
  std::vector<double> code;
  for (int i = 0; i < 200; ++i) {
    x.push_back(random.normal());
    code.push_back(static_cast<double>(random.below(2)));
  }
  const double* const pointers[] = {x.data(), code.data()};
  cache.append(pointers, nullptr, 200);
  GlmRows rows;
  rows.target = 1;
  rows.positive = 1;
  std::vector<ModelColumn> columns(2);
  columns[1].recipe.first.number = 0;
  Vector theta(2);
  theta << 0.3, -1.7;
  NoPoll poll;
  const LikelihoodEvaluation a =
      MultinomialLikelihood(cache, rows, {0, 1}, columns, 0.5).evaluate(theta, Derivatives::both, poll);
  const LikelihoodEvaluation b =
      GlmLikelihood(cache, rows, columns, 0.5).evaluate(theta, Derivatives::both, poll);
  EXPECT_LE(relative(a.objective, b.objective), 1e-14);
  EXPECT_LE((a.gradient - b.gradient).norm(), 1e-12);
  EXPECT_LE((a.hessian - b.hessian).norm(), 1e-12);
  EXPECT_NEAR(a.least_margin, b.least_margin, 1e-14);
}

TEST(MultinomialRegression, ScoringAndExplaining) {
  const FittedModel model = fit(races(), {{"ignore", std::vector<std::string>{"group"}}});
  const auto scorer = load_scorer(logistic_regression(), model);
  const double x[] = {25, 180, 1};
  const std::vector<ClassProbability> probabilities = scorer->probabilities(x);
  ASSERT_EQ(probabilities.size(), 3U);
  double eta[3] = {};
  for (int k = 1; k < 3; ++k) {
    const std::string outcome = k == 1 ? "2" : "3";
    eta[k] = *find_term_of(model, outcome, "(intercept)").estimate +
             25 * *find_term_of(model, outcome, "age").estimate +
             180 * *find_term_of(model, outcome, "lwt").estimate +
             *find_term_of(model, outcome, "smoke").estimate;
  }
  const double total = 1 + std::exp(eta[1]) + std::exp(eta[2]);
  for (std::size_t k = 0; k < 3; ++k) {
    EXPECT_NEAR(probabilities[k].probability, std::exp(eta[k]) / total, 1e-14);
  }
  EXPECT_EQ(probabilities[0].name, "1");
  EXPECT_EQ(scorer->classify(x), "1");
  EXPECT_EQ(sqlstate_of([&] { scorer->predict(x); }), "0A000");
  // Class "1", the reference, is explained by minus the mean of the other classes' contributions.
  double sum = 0;
  for (const Contribution& line : scorer->explain(x)) {
    sum += line.contribution;
    const double mean = line.term == "age"   ? *model.features[0].mean
                        : line.term == "lwt" ? *model.features[1].mean
                                             : *model.features[2].mean;
    const double b =
        -(*find_term_of(model, "2", line.term).estimate + *find_term_of(model, "3", line.term).estimate) / 3;
    EXPECT_NEAR(line.estimate, b, 1e-14);
    EXPECT_NEAR(line.contribution, b * (x[line.input] - mean), 1e-12);
  }
  double average[3] = {};
  for (int k = 1; k < 3; ++k) {
    const std::string outcome = k == 1 ? "2" : "3";
    average[k] = *find_term_of(model, outcome, "(intercept)").estimate;
    for (std::size_t j = 0; j < 3; ++j) {
      average[k] += *model.features[j].mean * *find_term_of(model, outcome, model.features[j].name).estimate;
    }
  }
  EXPECT_NEAR(sum, -(eta[1] + eta[2]) / 3 + (average[1] + average[2]) / 3, 1e-12);
}

TEST(MultinomialRegression, ForgedRowsAreFound) {
  const FittedModel model = fit(races(), {{"ignore", std::vector<std::string>{"group"}}});
  FittedModel forged = model;
  forged.coefficients.resize(4);
  EXPECT_EQ(sqlstate_of([&] { load_scorer(logistic_regression(), forged); }), "22000");
  forged = model;
  forged.coefficients[0].outcome = "4";
  EXPECT_EQ(sqlstate_of([&] { load_scorer(logistic_regression(), forged); }), "22000");
  forged = model;
  forged.features.back().levels = {"1", "2", "2"};
  EXPECT_EQ(sqlstate_of([&] { load_scorer(logistic_regression(), forged); }), "22000");
}

// A class that x alone tells from the others: its estimates run off to infinity, and x is named.
TEST(MultinomialRegression, Separation) {
  std::vector<double> x;
  std::vector<double> z;
  std::vector<std::string> y;
  Random random(14);
  for (int i = 0; i < 90; ++i) {
    y.emplace_back(1, static_cast<char>('a' + i % 3));
    x.push_back(random.uniform() + (y.back() == "c" ? 2 : 0));
    z.push_back(random.normal());
  }
  const std::vector<TestColumn> columns = {number_column("x", x), number_column("z", z),
                                           label_column("y", y)};
  FittedModel model = fit(columns);
  EXPECT_EQ(find_metric(model, "converged"), 0);
  ASSERT_EQ(model.notices.size(), 1U);
  EXPECT_NE(model.notices[0].find("\"x\""), std::string::npos) << model.notices[0];
  for (const Coefficient& one : model.coefficients) {
    EXPECT_TRUE(std::isfinite(*one.estimate));
    EXPECT_FALSE(one.std_error.has_value());
  }
  model = fit(columns, {{"l2", 1.0}});
  EXPECT_EQ(find_metric(model, "converged"), 1);
  EXPECT_TRUE(model.notices.empty());
}

// Long streams start from their parts; at the maximum the fitted probabilities of each class add up to its
// rows, and so do those times each feature.
TEST(MultinomialRegression, ScoreEquationsHoldForALongStream) {
  Random random(15);
  constexpr int kRows = 45000;
  std::vector<double> x;
  std::vector<std::string> y;
  for (int i = 0; i < kRows; ++i) {
    x.push_back(random.normal());
    const double u = random.uniform();
    const double b = std::exp(0.3 + 0.5 * x.back());
    const double c = std::exp(-1 - x.back());
    const double total = 1 + b + c;
    y.emplace_back(u < 1 / total ? "a" : u < (1 + b) / total ? "b" : "c");
  }
  const FittedModel model = fit({number_column("x", x), label_column("y", y)});
  EXPECT_EQ(find_metric(model, "converged"), 1);
  EXPECT_LE(*find_metric(model, "iterations"), 4);
  EXPECT_NEAR(*find_term_of(model, "c", "x").estimate, -1, 0.1);
  const auto scorer = load_scorer(logistic_regression(), model);
  double sums[3][2] = {};
  for (std::size_t i = 0; i < kRows; ++i) {
    const std::vector<ClassProbability> p = scorer->probabilities(&x[i]);
    for (std::size_t k = 0; k < 3; ++k) {
      const double residual = (p[k].name == y[i] ? 1 : 0) - p[k].probability;
      sums[k][0] += residual;
      sums[k][1] += residual * x[i];
    }
  }
  for (const auto& sum : sums) {
    EXPECT_LE(std::fabs(sum[0]), 1e-9 * kRows);
    EXPECT_LE(std::fabs(sum[1]), 1e-9 * kRows);
  }
}

TEST(MultinomialRegression, WeightsAndClassWeights) {
  const FittedModel model =
      fit({number_column("x", {0, 0, 0, 1, 1, 1}), number_column("w", {2, 1, 1, 1, 4, 1}),
           label_column("y", {"a", "b", "c", "a", "b", "c"})},
          {{"weight", "w"}, {"class_weight", NumberMap{{"b", {false, {3}}}}}});
  // In each group the odds are those of the weights: 2 : 3 : 1 and 1 : 12 : 1.
  EXPECT_NEAR(*find_term_of(model, "b", "(intercept)").estimate, std::log(1.5), 1e-10);
  EXPECT_NEAR(*find_term_of(model, "c", "(intercept)").estimate, std::log(0.5), 1e-10);
  EXPECT_NEAR(*find_term_of(model, "b", "x").estimate, std::log(12.0) - std::log(1.5), 1e-10);
  EXPECT_NEAR(*find_term_of(model, "c", "x").estimate, std::log(2.0), 1e-10);
}

TEST(MultinomialRegression, WithoutIntercept) {
  const FittedModel model =
      fit({number_column("x", {1, 1, 1, 1, 1, 1}), label_column("y", {"a", "b", "b", "c", "c", "c"})},
          {{"intercept", false}});
  EXPECT_NEAR(*find_term_of(model, "b", "x").estimate, std::log(2.0), 1e-12);
  EXPECT_NEAR(*find_term_of(model, "c", "x").estimate, std::log(3.0), 1e-12);
  EXPECT_NEAR(*find_metric(model, "null_deviance"), 12 * std::log(3.0), 1e-12);
}

TEST(MultinomialRegression, Limits) {
  std::vector<double> x;
  std::vector<double> y;
  for (int i = 0; i < 202; ++i) {
    x.push_back(std::sin(i));
    y.push_back(i % 101);
  }
  EXPECT_EQ(sqlstate_of([&] { fit({number_column("x", x), number_column("y", y)}); }), "22023");
  for (double& value : y) value = std::fmod(value, 100);
  const FittedModel model = fit({number_column("x", x), number_column("y", y)}, {{"l2", 1.0}});
  EXPECT_EQ(model.coefficients.size(), 198U);
  EXPECT_EQ(find_metric(model, "converged"), 1);
  std::vector<TestColumn> wide;
  for (int j = 0; j < 30; ++j) {
    std::vector<double> values;
    for (int i = 0; i < 202; ++i) values.push_back(std::sin(i * (j + 1.37)));
    wide.push_back(number_column("x" + std::to_string(j), values));
  }
  wide.push_back(number_column("y", y));
  EXPECT_EQ(sqlstate_of([&] { fit(wide); }), "54000");
  EXPECT_EQ(
      sqlstate_of([&] {
        fit({number_column("x", {1, 2, 3}), number_column("o", {0, 1, 0}), number_column("y", {1, 2, 3})},
            {{"offset", "o"}});
      }),
      "0A000");
}

}  // namespace
}  // namespace persona::test
