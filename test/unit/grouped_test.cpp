// Models of groups in one scan are those of each group's rows fitted alone, by construction of the expected
// values: the same kind, fitted on a subset.
#include "core/regression/grouped_fitter.h"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/random.h"
#include "core/regression/linear_regression.h"
#include "core/regression/logistic_regression.h"
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

INSTANTIATE_TEST_SUITE_P(Kinds, Grouped, testing::Bool(),
                         [](const auto& info) { return info.param ? "logistic" : "linear"; });

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
