// Scores, explanations and classes from stored rows.
#include "core/regression/linear_predictor.h"

#include <cmath>

#include <gtest/gtest.h>

#include "fit_support.h"

namespace persona::test {
namespace {

// eta = 1 + 2 age + {DE 0, FR 3, GB -1}, with an aliased term "copy".
StoredModel stored_model() {
  StoredModel stored;
  stored.name = "churn@3";
  const auto term = [&stored](const char* name, std::optional<double> estimate) {
    Coefficient coefficient;
    coefficient.term = name;
    coefficient.estimate = estimate;
    stored.coefficients.push_back(coefficient);
  };
  term("country=FR", 3.0);  // stored rows come in any order
  term("(intercept)", 1.0);
  term("age", 2.0);
  term("copy", std::nullopt);
  term("country=GB", -1.0);
  Feature age;
  age.name = "age";
  age.mean = 10;
  Feature country;
  country.name = "country";
  country.is_label = true;
  country.levels = {"DE", "FR", "GB"};
  country.shares = {0.5, 0.25, 0.25};
  Feature copy;
  copy.name = "copy";
  copy.mean = 20;
  Feature target;
  target.name = "churned";
  target.role = "target";
  target.is_label = true;
  target.levels = {"no", "yes"};
  target.shares = {0.6, 0.4};
  stored.features = {age, country, copy, target};
  return stored;
}

TEST(LinearPredictor, Predicts) {
  const LinearPredictor linear(stored_model(), Link::identity, {});
  ASSERT_EQ(linear.inputs().size(), 3U);
  EXPECT_EQ(linear.inputs()[1].name, "country");
  EXPECT_EQ(linear.inputs()[1].encoding, Encoding::label);
  EXPECT_EQ(linear.level(1, "GB"), 2);
  const double row[] = {0.5, linear.level(1, "FR"), 77};
  EXPECT_DOUBLE_EQ(linear.predict(row), 1 + 1 + 3);
  const double unseen[] = {0.5, linear.level(1, "XX"), 77};
  EXPECT_EQ(unseen[1], -1);
  EXPECT_DOUBLE_EQ(linear.predict(unseen), 2);
  EXPECT_EQ(linear.average(0), 10);
  EXPECT_TRUE(std::isnan(linear.average(1)));
}

TEST(LinearPredictor, ExplanationAddsUpToTheDistanceFromTheAverageRow) {
  const LinearPredictor linear(stored_model(), Link::identity, {});
  const double row[] = {12, 2, 3};
  const std::vector<Contribution> lines = linear.explain(row);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0].term, "age");
  EXPECT_DOUBLE_EQ(lines[0].contribution, 4);  // 2 (12 - 10)
  EXPECT_EQ(lines[1].term, "country=GB");
  EXPECT_DOUBLE_EQ(lines[1].estimate, -1);
  EXPECT_DOUBLE_EQ(lines[1].contribution, -1.5);  // -1 - (3 - 1) / 4
  EXPECT_EQ(lines[2].term, "copy");
  EXPECT_EQ(lines[2].contribution, 0);
  double sum = 0;
  for (const Contribution& line : lines) sum += line.contribution;
  EXPECT_DOUBLE_EQ(sum, linear.predict(row) - (1 + 2 * 10 + 0.5));
  const double unseen[] = {10, -1, 3};
  EXPECT_EQ(linear.explain(unseen)[0].term, "country");
}

TEST(LinearPredictor, Classes) {
  const LinearPredictor logistic(stored_model(), Link::logit, {false, false, 0.8, {}});
  const double row[] = {0.0, 0, 0};  // eta = 1
  const double p = 1 / (1 + std::exp(-1.0));
  EXPECT_DOUBLE_EQ(logistic.predict(row), p);
  const std::vector<ClassProbability> both = logistic.probabilities(row);
  EXPECT_EQ(both[0].name, "no");
  EXPECT_EQ(both[1].name, "yes");
  EXPECT_DOUBLE_EQ(both[1].probability, p);
  EXPECT_DOUBLE_EQ(both[0].probability, 1 - p);
  EXPECT_EQ(logistic.classify(row), "no");  // 0.73 < 0.8
  const double larger[] = {0.5, 0, 0};      // eta = 2
  EXPECT_EQ(logistic.classify(larger), "yes");
}

TEST(LinearPredictor, RefusesWhatItCannotAnswer) {
  const LinearPredictor linear(stored_model(), Link::identity, {true, false, 0.5, {}});
  const double row[] = {0, 0, 0};
  EXPECT_EQ(sqlstate_of([&] { linear.probabilities(row); }), "0A000");
  EXPECT_EQ(sqlstate_of([&] { linear.classify(row); }), "0A000");
  EXPECT_EQ(sqlstate_of([&] { linear.level(1, "XX"); }), "22023");
}

TEST(LinearPredictor, RefusesDamagedRows) {
  const auto load = [](const StoredModel& stored) {
    return sqlstate_of([&] { LinearPredictor(stored, Link::logit, {}); });
  };
  EXPECT_EQ(load(stored_model()), "");
  StoredModel missing = stored_model();
  missing.coefficients.erase(missing.coefficients.begin());
  EXPECT_EQ(load(missing), "22000");
  StoredModel twice = stored_model();
  twice.coefficients.push_back(twice.coefficients[0]);
  EXPECT_EQ(load(twice), "22000");
  StoredModel stray = stored_model();
  stray.coefficients.push_back({});
  EXPECT_EQ(load(stray), "22000");
  StoredModel unsorted = stored_model();
  std::swap(unsorted.features[1].levels[1], unsorted.features[1].levels[2]);
  EXPECT_EQ(load(unsorted), "22000");
  StoredModel no_classes = stored_model();
  no_classes.features.pop_back();
  EXPECT_EQ(load(no_classes), "22000");
  StoredModel infinite = stored_model();
  infinite.coefficients[0].estimate = INFINITY;
  EXPECT_EQ(load(infinite), "22000");
}

TEST(LinearPredictor, InverseLogitKeepsSmallProbabilities) {
  EXPECT_DOUBLE_EQ(inverse_logit(0), 0.5);
  EXPECT_DOUBLE_EQ(inverse_logit(-50), std::exp(-50.0));
  EXPECT_EQ(inverse_logit(1000), 1);
  EXPECT_EQ(inverse_logit(-1000), 0);
}

}  // namespace
}  // namespace persona::test
