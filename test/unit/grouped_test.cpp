// Models of groups in one scan are those of each group's rows fitted alone, by construction of the expected
// values: the same kind, fitted on a subset.
#include "core/regression/grouped_fitter.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/random.h"
#include "core/regression/linear_regression.h"
#include "core/regression/logistic_regression.h"
#include "core/regression/poisson_regression.h"
#include "core/regression/score_summary.h"
#include "fit_support.h"

namespace persona::test {
namespace {

struct Shop {
  std::vector<std::string> store;
  std::vector<double> price, visits, sales;
  std::vector<std::string> channel, bought;
};

// Stores "a" to "e" of very different sizes; "tiny" has as many rows as terms.
Shop make_shop() {
  Shop shop;
  Random random(7);
  const std::vector<std::pair<std::string, int>> sizes = {
      {"a", 700}, {"b", 64}, {"c", 65}, {"d", 130}, {"tiny", 3}};
  // The groups' rows are interleaved.
  std::vector<std::size_t> stores;
  for (std::size_t s = 0; s < sizes.size(); ++s)
    stores.insert(stores.end(), static_cast<std::size_t>(sizes[s].second), s);
  for (std::size_t i = stores.size(); i > 1; --i) std::swap(stores[i - 1], stores[random.below(i)]);
  for (const std::size_t s : stores) {
    const auto slope = static_cast<double>(s + 1);
    shop.store.push_back(sizes[s].first);
    shop.price.push_back(100 + 10 * random.uniform());
    shop.visits.push_back(static_cast<double>(random.below(9)));
    shop.channel.push_back(random.below(2) == 0 ? "web" : "app");
    shop.sales.push_back(slope * shop.price.back() - shop.visits.back() + random.uniform());
    shop.bought.push_back(random.uniform() < 1 / (1 + std::exp(2 - slope * 0.2 * shop.visits.back())) ? "yes"
                                                                                                      : "no");
  }
  return shop;
}

Shop rows_of(const Shop& shop, const std::string& store) {
  Shop part;
  for (std::size_t i = 0; i < shop.store.size(); ++i) {
    if (shop.store[i] != store) continue;
    part.store.push_back(shop.store[i]);
    part.price.push_back(shop.price[i]);
    part.visits.push_back(shop.visits[i]);
    part.sales.push_back(shop.sales[i]);
    part.channel.push_back(shop.channel[i]);
    part.bought.push_back(shop.bought[i]);
  }
  return part;
}

std::vector<TestColumn> columns_of(const Shop& shop, bool logistic) {
  std::vector<TestColumn> columns = {label_column("store", shop.store), number_column("price", shop.price),
                                     number_column("visits", shop.visits),
                                     label_column("channel", shop.channel)};
  columns.push_back(logistic ? label_column("target", shop.bought) : number_column("target", shop.sales));
  return columns;
}

std::vector<Coefficient> of_group(const FittedModel& model, const std::string& group) {
  std::vector<Coefficient> coefficients;
  for (const Coefficient& coefficient : model.coefficients) {
    if (coefficient.group_key == group) coefficients.push_back(coefficient);
  }
  return coefficients;
}

class Grouped : public testing::TestWithParam<bool> {
 protected:
  const Kind& kind() const { return GetParam() ? logistic_regression() : linear_regression(); }
};

TEST_P(Grouped, EqualsSeparateFits) {
  const Shop shop = make_shop();
  const FittedModel model =
      fit_columns(kind(), columns_of(shop, GetParam()), "target", {{"group_by", std::string("store")}});
  const GivenOptions alone = {{"ignore", std::vector<std::string>{"store"}}};
  const FittedModel pooled = fit_columns(kind(), columns_of(shop, GetParam()), "target", alone);
  EXPECT_EQ(of_group(model, "").size(), pooled.coefficients.size());
  for (std::size_t i = 0; i < pooled.coefficients.size(); ++i) {
    EXPECT_EQ(of_group(model, "")[i].estimate, pooled.coefficients[i].estimate);
  }
  for (const char* store : {"a", "b", "c", "d"}) {
    const FittedModel own =
        fit_columns(kind(), columns_of(rows_of(shop, store), GetParam()), "target", alone);
    const std::vector<Coefficient> grouped = of_group(model, store);
    ASSERT_EQ(grouped.size(), own.coefficients.size()) << store;
    for (std::size_t i = 0; i < grouped.size(); ++i) {
      EXPECT_EQ(grouped[i].term, own.coefficients[i].term);
      EXPECT_NEAR(*grouped[i].estimate, *own.coefficients[i].estimate,
                  1e-9 * (1 + std::fabs(*own.coefficients[i].estimate)));
      EXPECT_NEAR(*grouped[i].std_error, *own.coefficients[i].std_error,
                  1e-9 * (1 + *own.coefficients[i].std_error));
    }
  }
}

TEST_P(Grouped, ScoresByGroupAndFallsBackToAllRows) {
  const Shop shop = make_shop();
  const GivenOptions by_store = {{"group_by", std::string("store")}};
  const FittedModel model = fit_columns(kind(), columns_of(shop, GetParam()), "target", by_store);
  const auto scorer = load_scorer(kind(), model, by_store);
  const int group = static_cast<int>(scorer->inputs().size()) - 1;
  ASSERT_EQ(scorer->inputs()[static_cast<std::size_t>(group)].name, "store");
  EXPECT_TRUE(scorer->takes_missing(group));
  const GivenOptions alone = {{"ignore", std::vector<std::string>{"store"}}};
  const auto expect_model = [&](const Shop& rows, double level) {
    const FittedModel own = fit_columns(kind(), columns_of(rows, GetParam()), "target", alone);
    const auto own_scorer = load_scorer(kind(), own, alone);
    for (const char* channel : {"web", "app"}) {
      const std::vector<double> x = {104.5, 3, own_scorer->level(2, channel)};
      const std::vector<double> with_group = {104.5, 3, scorer->level(2, channel), level};
      EXPECT_NEAR(scorer->predict(with_group.data()), own_scorer->predict(x.data()),
                  1e-9 * std::fabs(own_scorer->predict(x.data())));
      double sum = 0;
      for (const Contribution& line : scorer->explain(with_group.data())) sum += line.contribution;
      double own_sum = 0;
      for (const Contribution& line : own_scorer->explain(x.data())) own_sum += line.contribution;
      EXPECT_NEAR(sum, own_sum, 1e-8);
    }
  };
  expect_model(rows_of(shop, "b"), scorer->level(group, "b"));
  expect_model(shop, scorer->level(group, "never seen"));
  expect_model(shop, scorer->missing(group));
  expect_model(shop, scorer->level(group, "tiny"));  // more terms than its rows can tell apart
  EXPECT_EQ(model.notices.size(), 1U);
}

double lambda_of(const FittedModel& model, const std::string& group) {
  for (const Metric& metric : model.metrics) {
    if (metric.name == "lambda" && metric.group_key == group) return metric.value;
  }
  throw std::out_of_range("no lambda of " + group);
}

// Each group is served by its own penalty, and has the path and the folds of its rows alone.
TEST_P(Grouped, PathsAndFoldsAreEachGroupsOwn) {
  const Shop shop = make_shop();
  GivenOptions by_store = {{"l1", 0.5}, {"l2", 0.25}, {"path", true}, {"folds", 4.0}};
  GivenOptions alone = by_store;
  by_store["group_by"] = std::string("store");
  alone["ignore"] = std::vector<std::string>{"store"};
  const FittedModel model = fit_columns(kind(), columns_of(shop, GetParam()), "target", by_store);
  const auto scorer = load_scorer(kind(), model, by_store);
  std::set<double> lambdas;
  // Of "b" there are 64 rows, and 400 estimates: those that serve are 4.
  for (const char* store : {"", "a", "b", "c", "d"}) {
    const Shop rows = *store == '\0' ? shop : rows_of(shop, store);
    const FittedModel own = fit_columns(kind(), columns_of(rows, GetParam()), "target", alone);
    EXPECT_NEAR(lambda_of(model, store), lambda_of(own, ""), 1e-12 * lambda_of(own, "")) << store;
    lambdas.insert(lambda_of(model, store));
    const std::vector<Coefficient> grouped = of_group(model, store);
    ASSERT_EQ(grouped.size(), own.coefficients.size()) << store;
    for (std::size_t i = 0; i < grouped.size(); ++i) {
      EXPECT_NEAR(grouped[i].lambda, own.coefficients[i].lambda, 1e-12 * own.coefficients[i].lambda);
      EXPECT_NEAR(*grouped[i].estimate, *own.coefficients[i].estimate,
                  1e-7 * (1 + std::fabs(*own.coefficients[i].estimate)));
    }
    const auto own_scorer = load_scorer(kind(), own, alone);
    const std::vector<double> x = {104.5, 3, own_scorer->level(2, "web")};
    const std::vector<double> with_group = {104.5, 3, scorer->level(2, "web"), scorer->level(3, store)};
    EXPECT_NEAR(scorer->predict(with_group.data()), own_scorer->predict(x.data()),
                1e-7 * std::fabs(own_scorer->predict(x.data())));
  }
  EXPECT_EQ(lambdas.size(), 5U);
}

// What is stored of the scores is what rows get: here of all rows, which are fewer than the sample.
TEST_P(Grouped, TheScoreSummaryIsOfTheGroupsModels) {
  const Shop shop = make_shop();
  const GivenOptions by_store = {{"group_by", std::string("store")}};
  const FittedModel model = fit_columns(kind(), columns_of(shop, GetParam()), "target", by_store);
  const auto scorer = load_scorer(kind(), model, by_store);
  double sum = 0;
  double least = INFINITY;
  for (std::size_t i = 0; i < shop.store.size(); ++i) {
    const std::vector<double> x = {shop.price[i], shop.visits[i], scorer->level(2, shop.channel[i]),
                                   scorer->level(3, shop.store[i])};
    sum += scorer->predict(x.data());
    least = std::min(least, scorer->predict(x.data()));
  }
  std::vector<Feature> summaries;
  for (const Feature& feature : model.features) {
    if (feature.role == kScoreRole) summaries.push_back(feature);
  }
  ASSERT_EQ(summaries.size(), 1U);
  const double mean = sum / static_cast<double>(shop.store.size());
  EXPECT_NEAR(*summaries[0].mean, mean, 1e-12 * std::fabs(mean));
  EXPECT_EQ(*summaries[0].min, least);
}

INSTANTIATE_TEST_SUITE_P(Kinds, Grouped, testing::Bool(),
                         [](const auto& info) { return info.param ? "logistic" : "linear"; });

// Rows of groups that have not seen all levels, bins or missing values: "a" has them all, "b" lacks the first
// level and the lowest bin, "c" a level in the middle and the missing ones, "d" has one level and no age at
// all.
struct Clinic {
  std::vector<std::string> site, ward, sex, outcome;
  std::vector<double> age, dose, days, visits;
};

Clinic make_clinic() {
  Clinic clinic;
  Random random(11);
  for (int r = 0; r < 1200; ++r) {
    const int s = r % 4;
    const auto one_of = [&random](const std::vector<std::string>& names) {
      return names[static_cast<std::size_t>(random.below(names.size()))];
    };
    clinic.site.emplace_back(1, "abcd"[s]);
    clinic.ward.push_back(s == 0   ? one_of({"east", "north", "west", kMissingText})
                          : s == 1 ? one_of({"north", "west", kMissingText})
                          : s == 2 ? one_of({"east", "west"})
                                   : "west");
    clinic.sex.push_back(s == 2 ? "m" : one_of({"f", "m"}));
    const bool missing = s == 3 || (s != 2 && random.below(5) == 0);
    clinic.age.push_back(missing ? std::nan("") : 20 + 60 * random.uniform());
    clinic.dose.push_back((s == 1 ? 10 : 0) + 20 * random.uniform());
    clinic.days.push_back(s + random.uniform());
    clinic.visits.push_back(static_cast<double>(random.below(3 + static_cast<std::uint64_t>(s))));
    const double score = clinic.dose.back() / 10 + (clinic.sex.back() == "f" ? 0.5 : 0) + random.normal();
    clinic.outcome.push_back(score < 0.5 && s != 1 ? "a" : score < 1.8 ? "b" : "c");
  }
  return clinic;
}

std::vector<TestColumn> columns_of(const Clinic& all, const std::string& site, const std::string& target) {
  Clinic clinic;
  for (std::size_t r = 0; r < all.site.size(); ++r) {
    if (!site.empty() && all.site[r] != site) continue;
    clinic.site.push_back(all.site[r]);
    clinic.ward.push_back(all.ward[r]);
    clinic.sex.push_back(all.sex[r]);
    clinic.age.push_back(all.age[r]);
    clinic.dose.push_back(all.dose[r]);
    clinic.days.push_back(std::log(all.days[r] + 0.1));
    clinic.visits.push_back(all.visits[r]);
    clinic.outcome.push_back(all.outcome[r]);
  }
  std::vector<TestColumn> columns = {label_column("site", clinic.site), label_column("ward", clinic.ward),
                                     label_column("sex", clinic.sex), number_column("age", clinic.age),
                                     number_column("dose", clinic.dose)};
  if (target == "visits") columns.push_back(number_column("days", clinic.days));
  columns.push_back(target == "visits" ? number_column("visits", clinic.visits)
                                       : label_column("outcome", clinic.outcome));
  return columns;
}

// All lines of one outcome by term.
std::map<std::string, Contribution> lines_of(const Scorer& scorer, const std::vector<double>& x,
                                             std::size_t outcome) {
  std::map<std::string, Contribution> lines;
  for (const Contribution& line : scorer.explain_outcome(x.data(), outcome)) lines[line.term] = line;
  return lines;
}

// Whatever the groups' levels: scores, explanations and averages are those of the rows fitted alone, and of
// the model of all rows for `pooled`.
void expect_as_alone(const Kind& kind, const std::string& target, GivenOptions options,
                     const std::string& pooled) {
  const Clinic clinic = make_clinic();
  GivenOptions alone = options;
  options["group_by"] = std::string("site");
  alone["ignore"] = std::vector<std::string>{"site"};
  const auto scorer =
      load_scorer(kind, fit_columns(kind, columns_of(clinic, "", target), target, options), options);
  const int offset = target == "visits" ? 1 : 0;
  const int group = 4 + offset;
  for (const std::string site : {"a", "b", "c", "d", "e"}) {
    const std::string rows = pooled.find(site) == std::string::npos ? site : "";
    const auto own =
        load_scorer(kind, fit_columns(kind, columns_of(clinic, rows, target), target, alone), alone);
    EXPECT_EQ(scorer->outcomes(), own->outcomes());
    for (const std::string ward : {"east", "north", "west", "south", kMissingText}) {
      for (const double age : {30.0, std::nan("")}) {
        for (const double dose : {2.0, 12.0, 29.0}) {
          const auto inputs = [&](const Scorer& one) {
            const double level = ward == kMissingText ? one.missing(0) : one.level(0, ward);
            return std::vector<double>{level, one.level(1, "f"), age, dose, 0.5};
          };
          std::vector<double> x = inputs(*scorer);
          x.resize(static_cast<std::size_t>(group));
          x.push_back(scorer->level(group, site));
          const std::vector<double> own_x = inputs(*own);
          if (own->outcomes() == 1) {
            EXPECT_NEAR(scorer->predict(x.data()), own->predict(own_x.data()),
                        1e-7 * own->predict(own_x.data()));
          } else {
            EXPECT_EQ(scorer->classify(x.data()), own->classify(own_x.data()));
            const std::vector<ClassProbability> classes = scorer->probabilities(x.data());
            for (std::size_t k = 0; k < classes.size(); ++k) {
              EXPECT_EQ(classes[k].name, own->probabilities(own_x.data())[k].name);
              EXPECT_NEAR(classes[k].probability, own->probabilities(own_x.data())[k].probability, 1e-8);
            }
          }
          for (std::size_t k = 0; k < own->outcomes(); ++k) {
            const std::map<std::string, Contribution> lines = lines_of(*scorer, x, k);
            const std::map<std::string, Contribution> own_lines = lines_of(*own, own_x, k);
            ASSERT_EQ(lines.size(), own_lines.size());
            for (const auto& [term, line] : own_lines) {
              ASSERT_EQ(lines.count(term), 1U) << term << " of " << site;
              EXPECT_NEAR(lines.at(term).contribution, line.contribution, 1e-6) << term << " of " << site;
              EXPECT_NEAR(lines.at(term).estimate, line.estimate, 1e-6) << term << " of " << site;
            }
          }
          for (const int input : {2, 3, 4}) {
            if (input == group) continue;
            EXPECT_NEAR(scorer->serving(x.data()).average(input), own->average(input), 1e-10);
          }
        }
      }
    }
  }
}

TEST(GroupedLevels, CountsWithAnOffset) {
  expect_as_alone(poisson_regression(), "visits",
                  {{"nulls", std::string("impute")},
                   {"offset", std::string("days")},
                   {"bins", NumberMap{{"dose", {true, {10, 20}}}}},
                   {"splines", NumberMap{{"age", {true, {25, 40, 60, 75}}}}},
                   {"interactions", std::vector<std::string>{"ward:dose"}}},
                  "e");
}

// Group "b" lacks a class.
TEST(GroupedLevels, SeveralClasses) {
  expect_as_alone(logistic_regression(), "outcome",
                  {{"nulls", std::string("impute")},
                   {"class_weight", NumberMap{{"a", {false, {2}}}, {"c", {false, {3}}}}},
                   {"interactions", std::vector<std::string>{"sex:dose"}}},
                  "be");
}

TEST(GroupedLevels, AnUnseenOneMayBeAnError) {
  const Clinic clinic = make_clinic();
  const GivenOptions options = {
      {"nulls", std::string("impute")}, {"group_by", std::string("site")}, {"unseen", std::string("error")}};
  const auto scorer = load_scorer(
      poisson_regression(),
      fit_columns(poisson_regression(), columns_of(clinic, "", "visits"), "visits", options), options);
  const auto score = [&](const std::string& site, const std::string& ward) {
    const double level = ward == kMissingText ? scorer->missing(0) : scorer->level(0, ward);
    const std::vector<double> x = {level, scorer->level(1, "m"), 30, 12, 0.5, scorer->level(5, site)};
    scorer->predict(x.data());
  };
  for (const auto& [site, ward] : std::vector<std::pair<std::string, std::string>>{
           {"a", "east"}, {"b", "north"}, {"c", "east"}, {"d", "west"}, {"e", "east"}, {"b", kMissingText}}) {
    EXPECT_NO_THROW(score(site, ward)) << site << ward;
  }
  for (const auto& [site, ward] : std::vector<std::pair<std::string, std::string>>{
           {"b", "east"}, {"c", "north"}, {"d", "east"}, {"c", kMissingText}, {"a", "south"}}) {
    EXPECT_EQ(sqlstate_of([&] { score(site, ward); }), "22023") << site << ward;
  }
}

TEST(GroupedErrors, AGroupWithoutAName) {
  EXPECT_EQ(sqlstate_of([] {
              fit_columns(linear_regression(), {label_column("g", {"a", ""}), number_column("y", {1, 2})},
                          "y", {{"group_by", std::string("g")}});
            }),
            "22023");
}

TEST(GroupedErrors, DamagedRows) {
  const Shop shop = make_shop();
  const GivenOptions by_store = {{"group_by", std::string("store")}};
  FittedModel model = fit_columns(linear_regression(), columns_of(shop, false), "target", by_store);
  FittedModel twice = model;
  twice.coefficients.push_back(twice.coefficients.back());
  EXPECT_EQ(sqlstate_of([&] { load_scorer(linear_regression(), twice, by_store); }), "22000");
  FittedModel lacking = model;
  while (lacking.coefficients.back().group_key == "d") lacking.coefficients.pop_back();
  EXPECT_EQ(sqlstate_of([&] { load_scorer(linear_regression(), lacking, by_store); }), "22000");
  FittedModel surplus = model;
  surplus.features.back().levels.pop_back();
  EXPECT_EQ(sqlstate_of([&] { load_scorer(linear_regression(), surplus, by_store); }), "22000");
}

}  // namespace
}  // namespace persona::test
