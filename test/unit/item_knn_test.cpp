// item_knn against the definition of the cosine, computed here from a dense table, and against cases small
// enough to be worked out by hand.
#include "core/recommend/item_knn.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/recommend/paced_poll.h"
#include "stopping_poll.h"

namespace persona {
namespace {

struct Row {
  std::string user, item;
  double weight = 1;
};

using Given = std::map<std::string, OptionValue>;

FitRequest request(Given given) {
  FitRequest result;
  result.columns = {{"customer", "bigint", SourceColumn::Family::number},
                    {"sku", "text", SourceColumn::Family::label},
                    {"quantity", "integer", SourceColumn::Family::number}};
  given.emplace("user", std::string("customer"));
  given.emplace("item", std::string("sku"));
  result.options = Options(item_knn().options, std::move(given), "item_knn");
  return result;
}

FittedModel fit(const std::vector<Row>& rows, const Given& given, Poll& poll) {
  const std::unique_ptr<Fitter> fitter = item_knn().make_fitter(request(given));
  std::vector<Encoding> encodings;
  for (const StreamColumn& column : fitter->columns()) encodings.push_back(column.encoding);
  RowBlock block(encodings);
  for (std::size_t r = 0; r < rows.size();) {
    int n = 0;
    for (; n < RowBlock::kMaxRows && r < rows.size(); ++n, ++r) {
      block.labels(0)[n] = block.dictionary(0).intern(std::string_view(rows[r].user));
      block.labels(1)[n] = block.dictionary(1).intern(std::string_view(rows[r].item));
      if (encodings.size() > 2) block.numbers(2)[n] = rows[r].weight;
    }
    block.set_rows(n);
    fitter->consume(block, poll);
  }
  return fitter->finish(block, 3, poll);
}

FittedModel fit(const std::vector<Row>& rows, const Given& given = {}) {
  NoPoll poll;
  return fit(rows, given, poll);
}

double metric(const FittedModel& model, const std::string& name) {
  for (const Metric& each : model.metrics) {
    if (each.name == name) return each.value;
  }
  ADD_FAILURE() << "no metric " << name;
  return 0;
}

std::vector<std::string> names(const FittedModel& model) {
  std::vector<std::string> result;
  for (const NeighborRow& row : model.neighbors) result.push_back(row.item);
  return result;
}

// The definition, over a dense table: weights[user][item], absent = 0.
struct Dense {
  std::map<std::string, std::map<std::string, double>> by_item;  // item -> user -> weight

  Dense(const std::vector<Row>& rows, bool weighted) {
    for (const Row& row : rows) {
      double& cell = by_item[row.item][row.user];
      cell = weighted ? cell + row.weight : 1;
    }
    for (auto item = by_item.begin(); item != by_item.end();) {
      auto& users = item->second;
      for (auto user = users.begin(); user != users.end();)
        user = user->second > 0 ? std::next(user) : users.erase(user);
      item = users.empty() ? by_item.erase(item) : std::next(item);
    }
  }

  double cosine(const std::string& a, const std::string& b) const {
    long double dot = 0, aa = 0, bb = 0;
    const auto& x = by_item.at(a);
    const auto& y = by_item.at(b);
    for (const auto& [user, w] : x) {
      aa += static_cast<long double>(w) * w;
      const auto other = y.find(user);
      if (other != y.end()) dot += static_cast<long double>(w) * other->second;
    }
    for (const auto& [user, w] : y) bb += static_cast<long double>(w) * w;
    return static_cast<double>(dot / std::sqrt(aa * bb));
  }
};

// Every item, its support, and every neighbor and score against the definition.
void expect_cosines(const FittedModel& model, const std::vector<Row>& rows, bool weighted, std::size_t k,
                    std::size_t min_support) {
  const Dense dense(rows, weighted);
  ASSERT_EQ(model.neighbors.size(), dense.by_item.size());
  for (std::size_t i = 0; i < model.neighbors.size(); ++i) {
    const NeighborRow& row = model.neighbors[i];
    ASSERT_EQ(dense.by_item.count(row.item), 1U);
    const std::size_t support = dense.by_item.at(row.item).size();
    EXPECT_EQ(row.support, static_cast<std::int64_t>(support));
    if (i > 0) {
      const NeighborRow& before = model.neighbors[i - 1];
      EXPECT_TRUE(before.support > row.support || (before.support == row.support && before.item < row.item));
    }
    std::vector<double> expected;
    for (const auto& [other, users] : dense.by_item) {
      if (other == row.item || support < min_support || users.size() < min_support) continue;
      const double score = dense.cosine(row.item, other);
      if (score > 0) expected.push_back(score);
    }
    std::sort(expected.rbegin(), expected.rend());
    if (k > 0 && expected.size() > k) expected.resize(k);
    ASSERT_EQ(row.neighbors.size(), expected.size());
    ASSERT_EQ(row.scores.size(), expected.size());
    std::set<std::int32_t> distinct;
    for (std::size_t n = 0; n < expected.size(); ++n) {
      distinct.insert(row.neighbors[n]);
      const std::string& other = model.neighbors.at(static_cast<std::size_t>(row.neighbors[n])).item;
      EXPECT_NEAR(row.scores[n], expected[n], 1e-6);
      EXPECT_NEAR(row.scores[n], dense.cosine(row.item, other), 1e-6);
      if (n > 0) {
        EXPECT_TRUE(row.scores[n - 1] > row.scores[n] ||
                    (row.scores[n - 1] == row.scores[n] && row.neighbors[n - 1] < row.neighbors[n]));
      }
    }
    EXPECT_EQ(distinct.size(), row.neighbors.size());
    EXPECT_EQ(distinct.count(static_cast<std::int32_t>(i)), 0U);
  }
}

std::vector<Row> random_rows(Random& random, int rows, std::uint64_t users, std::uint64_t items) {
  std::vector<Row> result;
  for (int r = 0; r < rows; ++r) {
    const double skewed = random.uniform() * random.uniform();
    result.push_back({"u" + std::to_string(random.below(users)),
                      std::to_string(static_cast<int>(skewed * static_cast<double>(items))),
                      static_cast<double>(random.below(7)) - 2});
  }
  return result;
}

TEST(ItemKnn, EqualsTheDefinitionOnRandomTables) {
  Random random(7);
  for (int round = 0; round < 40; ++round) {
    // From dense tables, whose rows are swept, to sparse ones, whose cells are remembered.
    const std::uint64_t users = 1 + random.below(60);
    const std::uint64_t items = 1 + random.below(round % 2 == 0 ? 12 : 400);
    const std::vector<Row> rows = random_rows(random, 1 + static_cast<int>(random.below(700)), users, items);
    const std::size_t k = random.below(8);
    const std::size_t min_support = 1 + random.below(4);
    const Given given = {{"neighbors", static_cast<double>(k)},
                         {"min_support", static_cast<double>(min_support)}};
    expect_cosines(fit(rows, given), rows, false, k, min_support);
    if (!Dense(rows, true).by_item.empty()) {
      Given weighted = given;
      weighted.emplace("weight", std::string("quantity"));
      expect_cosines(fit(rows, weighted), rows, true, k, min_support);
    }
  }
}

TEST(ItemKnn, KeepsThePrefixOfAllNeighbors) {
  Random random(11);
  const std::vector<Row> rows = random_rows(random, 3000, 120, 90);
  const FittedModel all = fit(rows, {{"neighbors", 0.0}});
  for (const double k : {1.0, 5.0, 40.0}) {
    const FittedModel some = fit(rows, {{"neighbors", k}});
    for (std::size_t i = 0; i < all.neighbors.size(); ++i) {
      NeighborRow expected = all.neighbors[i];
      const std::size_t size = std::min(expected.neighbors.size(), static_cast<std::size_t>(k));
      expected.neighbors.resize(size);
      expected.scores.resize(size);
      EXPECT_EQ(some.neighbors[i].neighbors, expected.neighbors);
      EXPECT_EQ(some.neighbors[i].scores, expected.scores);
    }
  }
}

TEST(ItemKnn, TheOrderOfTheRowsDoesNotMatter) {
  Random random(13);
  std::vector<Row> rows = random_rows(random, 800, 40, 60);
  const FittedModel model = fit(rows);
  for (std::size_t r = rows.size(); r > 1; --r) std::swap(rows[r - 1], rows[random.below(r)]);
  const FittedModel shuffled = fit(rows);
  ASSERT_EQ(names(model), names(shuffled));
  for (std::size_t i = 0; i < model.neighbors.size(); ++i) {
    EXPECT_EQ(model.neighbors[i].neighbors, shuffled.neighbors[i].neighbors);
    EXPECT_EQ(model.neighbors[i].scores, shuffled.neighbors[i].scores);
  }
}

// By hand: a = {1,2,3,4}, b = {1,2}, c = {4}: cos(a,b) = 2/sqrt(8), cos(a,c) = 1/2, cos(b,c) = 0.
TEST(ItemKnn, WorkedByHand) {
  const FittedModel model =
      fit({{"1", "a"}, {"2", "a"}, {"3", "a"}, {"4", "a"}, {"1", "b"}, {"2", "b"}, {"4", "c"}});
  ASSERT_EQ(names(model), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(model.neighbors[0].neighbors, (std::vector<std::int32_t>{1, 2}));
  EXPECT_FLOAT_EQ(model.neighbors[0].scores[0], 0.70710678F);
  EXPECT_FLOAT_EQ(model.neighbors[0].scores[1], 0.5F);
  EXPECT_EQ(model.neighbors[1].neighbors, (std::vector<std::int32_t>{0}));
  EXPECT_EQ(model.neighbors[2].neighbors, (std::vector<std::int32_t>{0}));
  EXPECT_EQ(metric(model, "users"), 4);
  EXPECT_EQ(metric(model, "items"), 3);
  EXPECT_EQ(metric(model, "interactions"), 7);
  EXPECT_DOUBLE_EQ(metric(model, "density"), 7.0 / 12);
  EXPECT_DOUBLE_EQ(metric(model, "mean_neighbors"), 4.0 / 3);
  EXPECT_TRUE(model.notices.empty());
}

TEST(ItemKnn, ItemsAreNumberedBySupportThenBytes) {
  // Support 2: é; support 1: the rest in byte order, where "10" < "9" < "Z" < "a" < "日本".
  const FittedModel model =
      fit({{"1", "a"}, {"1", "é"}, {"2", "é"}, {"2", "日本"}, {"2", "9"}, {"1", "10"}, {"1", "Z"}});
  EXPECT_EQ(names(model), (std::vector<std::string>{"é", "10", "9", "Z", "a", "日本"}));
}

TEST(ItemKnn, EqualScoresAreTiesByPopularity) {
  // One user has everything: all cosines among b, c, d are 1; a has a second user.
  const FittedModel model =
      fit({{"1", "d"}, {"1", "c"}, {"1", "b"}, {"1", "a"}, {"2", "a"}}, {{"neighbors", 2.0}});
  ASSERT_EQ(names(model), (std::vector<std::string>{"a", "b", "c", "d"}));
  EXPECT_EQ(model.neighbors[0].neighbors, (std::vector<std::int32_t>{1, 2}));  // all 1/sqrt(2)
  EXPECT_EQ(model.neighbors[1].neighbors, (std::vector<std::int32_t>{2, 3}));
  EXPECT_EQ(model.neighbors[3].neighbors, (std::vector<std::int32_t>{1, 2}));
  EXPECT_EQ(model.neighbors[3].scores, (std::vector<float>{1, 1}));
}

TEST(ItemKnn, DuplicateRowsCountOnceWithoutWeightAndAddUpWithIt) {
  const std::vector<Row> rows = {{"1", "a", 1}, {"1", "a", 2}, {"1", "b", 4}, {"2", "a", 4}, {"2", "b", 3}};
  const FittedModel binary = fit(rows);
  EXPECT_EQ(metric(binary, "interactions"), 4);
  EXPECT_FLOAT_EQ(binary.neighbors[0].scores.at(0), 1);
  // a = (3, 4), b = (4, 3): cosine 24/25.
  const FittedModel weighted = fit(rows, {{"weight", std::string("quantity")}});
  EXPECT_FLOAT_EQ(weighted.neighbors[0].scores.at(0), 0.96F);
}

TEST(ItemKnn, AReturnCancelsAPurchase) {
  const std::vector<Row> rows = {{"1", "a", 1}, {"1", "b", .1}, {"1", "b", .2}, {"1", "b", -.3},
                                 {"2", "a", 2}, {"2", "c", 5},  {"3", "d", 1},  {"3", "d", -2}};
  const FittedModel model = fit(rows, {{"weight", std::string("quantity")}});
  EXPECT_EQ(names(model), (std::vector<std::string>{"a", "c"}));  // b and d have nobody left
  EXPECT_EQ(metric(model, "users"), 2);
  EXPECT_EQ(metric(model, "interactions"), 3);
  ASSERT_EQ(model.notices.size(), 1U);
  EXPECT_EQ(model.notices[0].substr(0, 2), "2 ");
}

TEST(ItemKnn, WeightsOfAnySizeHaveACosine) {
  // The cosine does not depend on an item's scale: as 3, 4 and 4, 3 above, and squares would overflow.
  const Given given = {{"weight", std::string("quantity")}};
  for (const double scale : {1e-300, 1e-160, 1e160, 1e300}) {
    const FittedModel model =
        fit({{"1", "a", 3}, {"2", "a", 4}, {"1", "b", 4 * scale}, {"2", "b", 3 * scale}}, given);
    EXPECT_FLOAT_EQ(model.neighbors[0].scores.at(0), 0.96F) << scale;
  }
  NoPoll poll;
  try {
    fit({{"1", "big", 1.7e308}, {"1", "big", 1.7e308}}, given, poll);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.sqlstate(), "22003");
    EXPECT_NE(std::string(error.what()).find("\"big\""), std::string::npos);
  }
}

TEST(ItemKnn, MinSupportLeavesRareItemsWithoutNeighbors) {
  const FittedModel model =
      fit({{"1", "a"}, {"2", "a"}, {"1", "b"}, {"2", "b"}, {"1", "rare"}}, {{"min_support", 2.0}});
  ASSERT_EQ(names(model), (std::vector<std::string>{"a", "b", "rare"}));
  EXPECT_EQ(model.neighbors[0].neighbors, (std::vector<std::int32_t>{1}));
  EXPECT_EQ(model.neighbors[2].support, 1);
  EXPECT_TRUE(model.neighbors[2].neighbors.empty());
  ASSERT_EQ(model.notices.size(), 1U);
  EXPECT_EQ(model.notices[0].substr(0, 7), "1 of 3 ");
  // Beyond every item's support nothing has neighbors, and the items are still there.
  const FittedModel none = fit({{"1", "a"}, {"1", "b"}}, {{"min_support", 1000.0}});
  EXPECT_EQ(none.neighbors.size(), 2U);
  EXPECT_EQ(metric(none, "mean_neighbors"), 0);
}

TEST(ItemKnn, SmallestTables) {
  const FittedModel single = fit({{"1", "a"}, {"1", "a"}});
  ASSERT_EQ(single.neighbors.size(), 1U);
  EXPECT_EQ(single.neighbors[0].support, 1);
  EXPECT_TRUE(single.neighbors[0].neighbors.empty());
  EXPECT_EQ(metric(single, "density"), 1);

  const FittedModel one_item = fit({{"1", "a"}, {"2", "a"}, {"3", "a"}});
  ASSERT_EQ(one_item.neighbors.size(), 1U);
  EXPECT_EQ(one_item.neighbors[0].support, 3);

  // One user: every cosine is 1. An item bought by all of 4 and one bought by one of them: 1/sqrt(4).
  const FittedModel one_user = fit({{"1", "a"}, {"1", "b"}, {"1", "c"}});
  for (const NeighborRow& row : one_user.neighbors) EXPECT_EQ(row.scores, (std::vector<float>{1, 1}));
  const FittedModel bag = fit({{"1", "bag"}, {"2", "bag"}, {"3", "bag"}, {"4", "bag"}, {"4", "x"}});
  EXPECT_EQ(bag.neighbors[1].scores, (std::vector<float>{0.5F}));
}

TEST(ItemKnn, NothingToFitIsAnError) {
  for (const bool weighted : {false, true}) {
    Given given;
    if (weighted) given.emplace("weight", std::string("quantity"));
    try {
      fit({}, given);
      FAIL() << "no error";
    } catch (const Error& error) {
      EXPECT_STREQ(error.sqlstate(), "55000");
      EXPECT_EQ(error.detail().substr(0, 7), "3 rows ");  // the skipped rows passed to finish
    }
  }
  try {
    fit({{"1", "a", -1}, {"2", "b", 0}}, {{"weight", std::string("quantity")}});
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.sqlstate(), "55000");
  }
}

TEST(ItemKnn, IsPolledByTheWorkItDoesAndCanBeStopped) {
  // 60 items that all of 3,000 users have: 180,000 rows and 60^2 pairs, but 60^2 x 3,000 additions.
  std::vector<Row> rows;
  for (int user = 0; user < 3000; ++user) {
    for (int item = 0; item < 60; ++item) rows.push_back({std::to_string(user), std::to_string(item)});
  }
  StoppingPoll never(-1);
  fit(rows, {}, never);
  const long during_reading = static_cast<long>(rows.size()) / 4096;
  const double work = 60.0 * 60.0 * 3000.0;
  EXPECT_GE(static_cast<double>(never.checks() - during_reading),
            work / static_cast<double>(PacedPoll::kStride + PacedPoll::kChunk));
  for (long at = 1; at <= never.checks(); at += 9) {
    StoppingPoll stop(at);
    EXPECT_THROW(fit(rows, {}, stop), StoppingPoll::Stop);
    EXPECT_EQ(stop.checks(), at);
  }
}

TEST(ItemKnn, OneLongHistoryIsPolledToo) {
  // One user with 2,500 items: 2,500 rows, 2,500^2 additions in one row of the matrix.
  std::vector<Row> rows;
  for (int i = 0; i < 2500; ++i) rows.push_back({"1", std::to_string(i)});
  StoppingPoll never(-1);
  fit(rows, {{"neighbors", 5.0}}, never);
  const double work = 2500.0 * 2500.0;
  EXPECT_GE(static_cast<double>(never.checks()),
            work / static_cast<double>(PacedPoll::kStride + PacedPoll::kChunk));
}

}  // namespace
}  // namespace persona
