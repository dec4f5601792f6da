// Popularity, by segment and decayed, against counting by hand.
#include "core/recommend/popularity.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/recommend/fitted_reader.h"
#include "core/recommend/recommender.h"
#include "shop_events.h"

namespace persona {
namespace {

const Given kSegmented = {{"time", std::string("sold_at")}, {"segment", std::string("country")}};

std::vector<std::string> names(const FittedModel& model, const PopularityRow& row) {
  std::vector<std::string> result;
  for (const std::int32_t item : row.items)
    result.push_back(model.neighbors[static_cast<std::size_t>(item)].item);
  return result;
}

TEST(Popularity, CountsUsersWithoutBasketsAndBasketsWithThem) {
  const std::vector<EventRow> rows = {
      {"1", "a", 1}, {"1", "a", 2}, {"1", "a", 3}, {"2", "b", 1}, {"3", "b", 1}};
  const FittedModel users = fit_events(popularity(), rows);
  EXPECT_EQ(names(users, users.popularity[0]), (std::vector<std::string>{"b", "a"}));
  EXPECT_EQ(users.popularity[0].scores, (std::vector<float>{2, 1}));
  const FittedModel baskets = fit_events(popularity(), rows, {{"time", std::string("sold_at")}});
  EXPECT_EQ(names(baskets, baskets.popularity[0]), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(baskets.popularity[0].scores, (std::vector<float>{3, 2}));
  EXPECT_EQ(baskets.neighbors[0].support, 1);  // users all the same
  EXPECT_EQ(metric_of(baskets, "baskets"), 5);
}

TEST(Popularity, DecaysByTheTimeToTheNewestBasket) {
  // Half-life 2: at times 0, 2, 4 a basket counts 1/4, 1/2, 1.
  const FittedModel model = fit_events(
      popularity(), {{"1", "old", 0}, {"2", "old", 0}, {"3", "old", 0}, {"4", "mid", 2}, {"5", "new", 4}},
      {{"time", std::string("sold_at")}, {"half_life", 2.0}});
  EXPECT_EQ(names(model, model.popularity[0]), (std::vector<std::string>{"new", "old", "mid"}));
  EXPECT_EQ(model.popularity[0].scores, (std::vector<float>{1, .75F, .5F}));
  EXPECT_EQ(sqlstate_of([] { fit_events(popularity(), {{"1", "a"}}, {{"half_life", 2.0}}); }), "22023");
  // Times that are no numbers are microseconds, and the half-life days.
  NoPoll poll;
  const FitRequest dated = event_request(popularity(), {{"time", std::string("sold_at")}, {"half_life", 2.0}},
                                         SourceColumn::Family::time);
  const FittedModel days = fit_request(popularity(), dated, {{"1", "a", 0}, {"2", "b", 2 * 86400e6}}, poll);
  EXPECT_EQ(days.popularity[0].scores, (std::vector<float>{1, .5F}));
}

TEST(Popularity, ASegmentIsThatOfTheLatestRowsAndTiesGoByName) {
  // User 1 has moved to DE; 2 has two of FR and one of UK at his last time; 3 one each; 4 has none.
  const FittedModel model = fit_events(popularity(),
                                       {{"1", "a", 1, 1, "", "UK"},
                                        {"1", "b", 2, 1, "", "DE"},
                                        {"2", "a", 5, 1, "", "UK"},
                                        {"2", "b", 5, 1, "", "FR"},
                                        {"2", "c", 5, 1, "", "FR"},
                                        {"3", "c", 1, 1, "", "UK"},
                                        {"3", "d", 1, 1, "", "DE"},
                                        {"4", "d", 1}},
                                       kSegmented);
  ASSERT_EQ(model.popularity.size(), 4U);
  EXPECT_EQ(names(model, model.popularity[0]), (std::vector<std::string>{"a", "b", "c", "d"}));
  EXPECT_EQ(model.popularity[1].segment, "DE");
  EXPECT_EQ(names(model, model.popularity[1]), (std::vector<std::string>{"a", "b", "c", "d"}));
  EXPECT_EQ(model.popularity[2].segment, "FR");
  EXPECT_EQ(names(model, model.popularity[2]), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(model.popularity[3].segment, "UK");
  EXPECT_TRUE(model.popularity[3].items.empty());  // nobody's segment
}

TEST(Popularity, ManySegmentsAreCountedInOnePass) {
  std::vector<EventRow> rows;
  for (int user = 0; user < 20000; ++user) {
    rows.push_back({std::to_string(user), std::to_string(user % 3), 1, 1, "", "s" + std::to_string(user)});
  }
  const FittedModel model = fit_events(popularity(), rows, kSegmented);
  ASSERT_EQ(model.popularity.size(), 20001U);
  for (std::size_t row = 1; row < model.popularity.size(); ++row)
    EXPECT_EQ(model.popularity[row].items.size(), 1U);
}

TEST(Popularity, RecommendsTheSegmentsAndSaysSo) {
  const FittedModel model = fit_events(popularity(),
                                       {{"1", "a", 1, 1, "", "UK"},
                                        {"2", "a", 1, 1, "", "UK"},
                                        {"3", "a", 1, 1, "", "DE"},
                                        {"3", "b", 2, 1, "", "DE"},
                                        {"3", "b", 3, 1, "", "DE"}},
                                       kSegmented);
  const auto recommender =
      popularity().load_recommender({"m@1", 2}, event_request(popularity(), kSegmented).options);
  FittedReader reader(model);
  NoPoll poll;
  const auto scores_of = [&](const std::string& segment) {
    History history;
    history.segment = segment;
    ItemScores scores(2);
    recommender->score(history, reader, scores, poll);
    const auto reason = recommender->explain(history, reader, {0}, poll);
    return std::to_string(scores[0]) + " " + std::to_string(scores[1]) + " " + reason[0].text;
  };
  // a: 2 in UK and 1 in DE, 3 in all; b: 2 in DE.
  EXPECT_EQ(scores_of("UK"), "2.000000 0.000000 popular in UK");
  EXPECT_EQ(scores_of("DE"), "1.000000 2.000000 popular in DE");
  EXPECT_EQ(scores_of("FR"), "3.000000 2.000000 popular");
  EXPECT_EQ(scores_of(""), "3.000000 2.000000 popular");
}

TEST(Popularity, AttributesAreTheFirstByName) {
  const FittedModel model = fit_events(
      popularity(),
      {{"1", "a", 1, 1, "", "", "toys"}, {"2", "a", 1, 1, "", "", "garden"}, {"3", "a", 1}, {"3", "b", 1}},
      {{"diversity_key", std::string("category")}});
  EXPECT_EQ(model.neighbors[0].attribute, "garden");
  EXPECT_EQ(model.neighbors[1].attribute, "");
}

}  // namespace
}  // namespace persona
