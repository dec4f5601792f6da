// EASE against its closed form, computed here densely with Eigen's LU inverse, and against numbers of numpy.
#include "core/recommend/ease.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/base/eigen.h"
#include "core/recommend/fitted_reader.h"
#include "interactions_support.h"

namespace persona::interactions_test {
namespace {

struct Settings {
  double p = 0.5;
  double lambda = 300;
  double drop = 0.5;

  Given given() const { return {{"user_normalization", p}, {"lambda", lambda}, {"drop", drop}}; }
};

// B by the order of the items of the model, of those that `takes_part`.
Matrix closed_form(const std::vector<Event>& rows, const std::vector<std::string>& items, bool weighted,
                   Settings settings) {
  const auto table = event_table(rows, weighted);
  std::map<std::string, Eigen::Index> users;
  for (const std::string& item : items) {
    for (const auto& [user, weight] : table.at(item)) users.emplace(user, 0);
  }
  Eigen::Index next = 0;
  for (auto& [user, place] : users) place = next++;
  Matrix x = Matrix::Zero(next, static_cast<Eigen::Index>(items.size()));
  for (std::size_t i = 0; i < items.size(); ++i) {
    for (const auto& [user, weight] : table.at(items[i]))
      x(users.at(user), static_cast<Eigen::Index>(i)) = weight;
  }
  Vector sizes(next);
  for (Eigen::Index u = 0; u < next; ++u) sizes(u) = static_cast<double>((x.row(u).array() > 0).count());
  for (Eigen::Index u = 0; u < next; ++u) x.row(u) *= std::pow(sizes.mean() / sizes(u), settings.p / 2);
  Matrix gram = x.transpose() * x;
  for (Eigen::Index i = 0; i < gram.rows(); ++i) {
    gram(i, i) += settings.lambda + settings.drop / (1 - settings.drop) * gram(i, i);
  }
  const Matrix inverse = gram.inverse();
  Matrix b(gram.rows(), gram.cols());
  for (Eigen::Index i = 0; i < b.rows(); ++i) {
    for (Eigen::Index j = 0; j < b.cols(); ++j) b(i, j) = i == j ? 0 : -inverse(i, j) / inverse(j, j);
  }
  return b;
}

std::vector<std::string> names(const FittedModel& model) {
  std::vector<std::string> result;
  for (const NeighborRow& row : model.neighbors) result.push_back(row.item);
  return result;
}

Matrix stored(const FittedModel& model) {
  const auto size = static_cast<Eigen::Index>(model.neighbors.size());
  Matrix b = Matrix::Zero(size, size);
  for (std::int32_t item = 0; item < size; ++item) {
    NeighborRow row;
    model.make_neighbors(item, row);
    EXPECT_EQ(row.neighbors.size(), row.scores.size());
    std::set<std::int32_t> distinct(row.neighbors.begin(), row.neighbors.end());
    EXPECT_EQ(distinct.size(), row.neighbors.size());
    EXPECT_EQ(distinct.count(item), 0U);
    EXPECT_TRUE(std::is_sorted(row.scores.rbegin(), row.scores.rend()));
    for (std::size_t n = 0; n < row.neighbors.size(); ++n) {
      b(item, row.neighbors[n]) = static_cast<double>(row.scores[n]);
    }
  }
  return b;
}

TEST(Ease, EqualsTheClosedForm) {
  Random random(3);
  for (int round = 0; round < 30; ++round) {
    const std::uint64_t items =
        1 + random.below(round < 26 ? 40 : 500);  // beyond a block of the inverse, too
    const auto rows =
        random_events(random, 1 + static_cast<int>(random.below(items * 60)), 1 + random.below(300), items);
    const Settings settings = {round % 3 == 0 ? 0 : random.uniform() * 2, 0.5 + 300 * random.uniform(),
                               round % 4 == 0 ? 0 : random.uniform() * 0.9};
    for (const bool weighted : {false, true}) {
      if (weighted && std::none_of(rows.begin(), rows.end(), [](const Event& e) { return e.weight > 0; }))
        continue;
      Given given = settings.given();
      if (weighted) given["weight"] = std::string("quantity");
      const FittedModel model = fit_interactions(ease(), rows, given);
      const Matrix expected = closed_form(rows, names(model), weighted, settings);
      EXPECT_LE((stored(model) - expected).cwiseAbs().maxCoeff(), 1e-6);
    }
  }
}

// numpy 1.24: X = [[1,1,0],[1,1,1],[1,0,0],[1,0,1]] by users, items in this order; the formula of the header.
TEST(Ease, EqualsNumpy) {
  const std::vector<Event> rows = {{"1", "a"}, {"1", "b"}, {"2", "a"}, {"2", "b"},
                                   {"2", "c"}, {"3", "a"}, {"4", "a"}, {"4", "c"}};
  Given given = {{"lambda", 2.0}, {"drop", 0.0}, {"user_normalization", 0.0}};
  Matrix expected(3, 3);
  expected << 0, 0.3, 0.3, 0.4, 0, 0.1, 0.4, 0.1, 0;
  EXPECT_LE((stored(fit_interactions(ease(), rows, given)) - expected).cwiseAbs().maxCoeff(), 1e-7);
  given = {{"lambda", 2.0}, {"drop", 0.5}, {"user_normalization", 1.0}};
  expected << 0, 0.134874759, 0.134874759, 0.277777778, 0, 0.0828516378, 0.277777778, 0.0828516378, 0;
  EXPECT_LE((stored(fit_interactions(ease(), rows, given)) - expected).cwiseAbs().maxCoeff(), 1e-7);
}

TEST(Ease, KeepsTheLargestWeights) {
  Random random(5);
  const auto rows = random_events(random, 2000, 100, 60);
  const Matrix all = stored(fit_interactions(ease(), rows, {{"lambda", 5.0}}));
  const FittedModel model = fit_interactions(ease(), rows, {{"lambda", 5.0}, {"neighbors", 7.0}});
  const Matrix some = stored(model);
  for (Eigen::Index i = 0; i < all.rows(); ++i) {
    std::vector<double> magnitudes;
    for (Eigen::Index j = 0; j < all.cols(); ++j) magnitudes.push_back(std::fabs(all(i, j)));
    std::sort(magnitudes.rbegin(), magnitudes.rend());
    EXPECT_EQ((some.row(i).array() != 0).count(), 7);
    for (Eigen::Index j = 0; j < all.cols(); ++j) {
      EXPECT_TRUE(some(i, j) == 0 || (some(i, j) == all(i, j) && std::fabs(all(i, j)) >= magnitudes[6]));
    }
  }
}

TEST(Ease, RareItemsTakeNoPart) {
  Random random(7);
  const auto rows = random_events(random, 600, 40, 80);
  Given given = Settings{0.5, 10, 0.3}.given();
  given["min_support"] = 5.0;
  const FittedModel model = fit_interactions(ease(), rows, given);
  std::vector<std::string> kept;
  for (const NeighborRow& row : model.neighbors) {
    if (row.support >= 5) kept.push_back(row.item);
  }
  ASSERT_LT(kept.size(), model.neighbors.size());
  const auto size = static_cast<Eigen::Index>(kept.size());
  const Matrix b = stored(model);
  const Matrix expected = closed_form(rows, kept, false, {0.5, 10, 0.3});
  EXPECT_LE((b.topLeftCorner(size, size) - expected).cwiseAbs().maxCoeff(), 1e-6);
  EXPECT_EQ(b.cwiseAbs().sum(), b.topLeftCorner(size, size).cwiseAbs().sum());
  ASSERT_EQ(model.notices.size(), 1U);
  // Without any item that takes part there is a model, and it has no neighbors.
  given["min_support"] = 1000.0;
  EXPECT_EQ(stored(fit_interactions(ease(), rows, given)).cwiseAbs().sum(), 0);
}

TEST(Ease, ScoresAHistoryAndSaysWhy) {
  Random random(9);
  const auto rows = random_events(random, 1500, 80, 40);
  const FittedModel model = fit_interactions(ease(), rows, {{"lambda", 20.0}});
  const Matrix b = stored(model);
  FittedReader reader(model);
  NoPoll poll;
  const auto recommender = load_events(ease(), model);
  EXPECT_TRUE(recommender->excludes_seen());
  ItemScores scores(static_cast<std::int32_t>(b.rows()));
  recommender->score(basket({3, 5, 11}), reader, scores, poll);
  for (std::int32_t item = 0; item < b.rows(); ++item) {
    EXPECT_NEAR(scores[item], b(3, item) + b(5, item) + b(11, item), 1e-6);
  }
  const std::vector<ItemReason> reasons = recommender->explain(basket({3, 5, 11}), reader, {20}, poll);
  std::vector<std::int32_t> expected;
  for (const std::int32_t cause : {3, 5, 11}) {
    if (b(cause, 20) > 0) expected.push_back(cause);
  }
  std::sort(expected.begin(), expected.end(), [&](int x, int y) { return b(x, 20) > b(y, 20); });
  EXPECT_EQ(reasons.at(0).text, "goes with");
  EXPECT_EQ(reasons.at(0).because, expected);
}

TEST(Ease, ASingularMatrixIsAnErrorThatNamesTheMend) {
  // a and b have the same users.
  const std::vector<Event> rows = {{"1", "a"}, {"1", "b"}, {"2", "a"}, {"2", "b"}, {"3", "c"}, {"2", "c"}};
  const Given given = Settings{0, 0, 0}.given();
  const Error error = error_of([&] { fit_interactions(ease(), rows, given); });
  EXPECT_STREQ(error.sqlstate(), "55000");
  EXPECT_NE(error.detail().find("\"b\""), std::string::npos);
  EXPECT_NE(error.hint().find("lambda"), std::string::npos);
  // More items than users, at all sizes; and one that has an inverse.
  Random random(11);
  for (const std::uint64_t items : {30U, 300U}) {
    const auto wide = random_events(random, 3000, 20, items);
    const Error other = error_of([&] { fit_interactions(ease(), wide, given); });
    EXPECT_STREQ(other.sqlstate(), "55000");
  }
  const std::vector<Event> regular = {{"1", "a"}, {"2", "a"}, {"2", "b"}, {"3", "b"}};
  const FittedModel model = fit_interactions(ease(), regular, given);
  EXPECT_NEAR(stored(model)(0, 1), 0.5, 1e-7);  // X'X = [[2,1],[1,2]]
}

TEST(Ease, SmallestTables) {
  EXPECT_EQ(stored(fit_interactions(ease(), {{"1", "a"}})).size(), 1);
  const Matrix one_user =
      stored(fit_interactions(ease(), {{"1", "a"}, {"1", "b"}, {"1", "a"}}, Settings{0.5, 1, 0}.given()));
  EXPECT_NEAR(one_user(0, 1), 0.5, 1e-7);  // 1 / (1 + lambda)
  // An item that all have, and weights at the ends of the range.
  stored(fit_interactions(ease(), {{"1", "a"}, {"2", "a"}, {"3", "a"}, {"3", "b"}}));
  Given weighted = {{"weight", std::string("quantity")}};
  EXPECT_EQ(stored(fit_interactions(ease(), {{"1", "a", 1e-300}, {"1", "b", 1}}, weighted)).rows(), 2);
  const Error error = error_of([&] {
    fit_interactions(ease(), {{"1", "a", 1e200}, {"1", "b", 1}}, weighted);
  });
  EXPECT_STREQ(error.sqlstate(), "22003");
}

TEST(Ease, TooManyItemsAreAnErrorBeforeMemoryGoes) {
  std::vector<Event> rows;
  for (int item = 0; item < 20'001; ++item) rows.push_back({"1", std::to_string(item)});
  Error error = error_of([&] { fit_interactions(ease(), rows); });
  EXPECT_STREQ(error.sqlstate(), "54000");
  EXPECT_NE(error.hint().find("min_support"), std::string::npos);
  rows.resize(15'000);  // the matrix would do, 225 million neighbors do not
  error = error_of([&] { fit_interactions(ease(), rows); });
  EXPECT_STREQ(error.sqlstate(), "54000");
  EXPECT_NE(error.hint().find("min_support"), std::string::npos);
}

TEST(Ease, CanBeStopped) {
  Random random(13);
  const auto rows = random_events(random, 20'000, 500, 600);
  StoppingPoll never(-1);
  fit_interactions(ease(), rows, {}, never);
  EXPECT_GT(never.checks(), 20);
  for (long at = 1; at <= never.checks(); at += 1 + never.checks() / 10) {
    StoppingPoll poll(at);
    EXPECT_THROW(fit_interactions(ease(), rows, {}, poll), StoppingPoll::Stop);
  }
}

}  // namespace
}  // namespace persona::interactions_test
