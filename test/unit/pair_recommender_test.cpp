// Scores through pairs of items against the definition score_j = sum_h w_h sim(h, j), summed here over a
// dense table, and against stored rows that nobody honest would write.
#include "core/recommend/pair_recommender.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "core/base/random.h"
#include "core/recommend/event_columns.h"
#include "core/recommend/fitted_reader.h"
#include "shop_events.h"

namespace persona {
namespace {

NeighborRow row_of(std::vector<std::int32_t> neighbors, std::vector<float> scores) {
  NeighborRow row;
  row.neighbors = std::move(neighbors);
  row.scores = std::move(scores);
  return row;
}

PairRecommender recommender_of(std::int32_t items) {
  return PairRecommender({"m@1", items}, "goes with",
                         [](const History& history) { return weigh_items(history, 1); });
}

History history_of(const std::vector<std::pair<std::int32_t, double>>& items) {
  History history;
  history.baskets = 1;
  for (const auto& [item, weight] : items) history.items.push_back({item, 0, weight});
  return history;
}

TEST(PairRecommender, EqualsTheDefinition) {
  Random random(3);
  NoPoll poll;
  for (int round = 0; round < 100; ++round) {
    const auto items = 1 + static_cast<std::int32_t>(random.below(80));
    FittedModel model;
    // Sixteenths and small integers: every sum is exact. Some kinds store negative scores.
    for (std::int32_t h = 0; h < items; ++h) {
      NeighborRow row;
      for (std::int32_t j = 0; j < items; ++j) {
        if (random.below(3) != 0) continue;
        row.neighbors.push_back(j);
        row.scores.push_back(static_cast<float>(1 + random.below(16)) / 16 - (round % 5 == 0 ? .5F : 0.F));
      }
      model.neighbors.push_back(row);
    }
    std::vector<std::pair<std::int32_t, double>> given;
    for (std::int32_t h = 0; h < items; ++h) {
      if (random.below(4) == 0) given.emplace_back(h, static_cast<double>(1 + random.below(3)));
    }
    std::vector<double> expected(static_cast<std::size_t>(items), 0);
    std::vector<std::vector<std::pair<double, std::int32_t>>> parts(expected.size());
    for (const auto& [h, weight] : given) {
      const NeighborRow& row = model.neighbors[static_cast<std::size_t>(h)];
      for (std::size_t n = 0; n < row.neighbors.size(); ++n) {
        const auto j = static_cast<std::size_t>(row.neighbors[n]);
        const double part = weight * static_cast<double>(row.scores[n]);
        expected[j] += part;
        if (part > 0) parts[j].emplace_back(-part, h);
      }
    }
    const PairRecommender recommender = recommender_of(items);
    FittedReader reader(model);
    ItemScores scores(items);
    recommender.score(history_of(given), reader, scores, poll);
    std::vector<std::int32_t> all;
    for (std::int32_t j = 0; j < items; ++j) all.push_back(j);
    const std::vector<ItemReason> reasons = recommender.explain(history_of(given), reader, all, poll);
    for (std::int32_t j = 0; j < items; ++j) {
      EXPECT_EQ(scores[j], expected[static_cast<std::size_t>(j)]);
      auto& own = parts[static_cast<std::size_t>(j)];
      std::sort(own.begin(), own.end());
      std::vector<std::int32_t> because;
      for (std::size_t p = 0; p < std::min<std::size_t>(3, own.size()); ++p) because.push_back(own[p].second);
      EXPECT_EQ(reasons[static_cast<std::size_t>(j)].because, because);
    }
    // What is near one item is its own row.
    ItemScores near(items);
    recommender.score_similar(0, reader, near, poll);
    for (std::int32_t j = 0; j < items; ++j) {
      const NeighborRow& row = model.neighbors[0];
      const auto place = std::find(row.neighbors.begin(), row.neighbors.end(), j) - row.neighbors.begin();
      const bool there = static_cast<std::size_t>(place) < row.neighbors.size();
      EXPECT_EQ(near[j], there ? static_cast<double>(row.scores[static_cast<std::size_t>(place)]) : 0);
    }
  }
}

TEST(PairRecommender, ForgedRowsAreCorruptNotACrash) {
  NoPoll poll;
  const std::int32_t largest = std::numeric_limits<std::int32_t>::max();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<NeighborRow> forged = {
      row_of({1, 2}, {.5F}),    row_of({1}, {.5F, .5F}), row_of({}, {.5F}),
      row_of({5}, {.5F}),       row_of({-1}, {.5F}),     row_of({largest}, {.5F}),
      row_of({1, 2}, {1, nan}), row_of({1}, {infinity}), row_of({1}, {-infinity})};
  const PairRecommender recommender = recommender_of(5);
  for (const NeighborRow& row : forged) {
    FittedModel model;
    model.neighbors.assign(5, NeighborRow());
    model.neighbors[3] = row;
    FittedReader reader(model);
    ItemScores scores(5);
    EXPECT_EQ(sqlstate_of([&] { recommender.score(history_of({{3, 1}}), reader, scores, poll); }), "22000");
    EXPECT_EQ(sqlstate_of([&] { recommender.explain(history_of({{3, 1}}), reader, {1}, poll); }), "22000");
    EXPECT_EQ(sqlstate_of([&] { recommender.score_similar(3, reader, scores, poll); }), "22000");
  }
  FittedModel model;
  model.neighbors.assign(5, forged[0]);
  FittedReader reader(model);
  ItemScores scores(5);
  try {
    recommender.score(history_of({{3, 1}}), reader, scores, poll);
    FAIL() << "no error";
  } catch (const Error& error) {  // which model, which row
    EXPECT_NE((std::string(error.what()) + error.detail()).find("m@1"), std::string::npos);
    EXPECT_NE(error.detail().find("item number 3"), std::string::npos);
  }
}

TEST(PairRecommender, ABasketCountsOnceUnlessThereIsAWeight) {
  History history;
  history.baskets = 2;
  history.items = {{0, 1, 6}, {0, 0, 2}};
  const auto weight_under = [&](Given given) {
    return weigh_by_options(Options(
        [] {
          std::vector<OptionSpec> specs = event_options();
          specs.push_back(decay_option("0.5"));
          return specs;
        }(),
        std::move(given), "test"))(history)
        .at(0)
        .weight;
  };
  EXPECT_EQ(weight_under({{"user", std::string("u")}, {"time", std::string("t")}}), 1.5);
  EXPECT_EQ(weight_under({{"user", std::string("u")}, {"basket", std::string("b")}}), 1.5);
  EXPECT_EQ(
      weight_under({{"user", std::string("u")}, {"time", std::string("t")}, {"weight", std::string("w")}}),
      5);
  EXPECT_EQ(weight_under({{"user", std::string("u")}}), 5);  // rows, as they are
}

}  // namespace
}  // namespace persona
