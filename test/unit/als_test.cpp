// als against the loss and the alternating solutions computed here densely with Eigen, in double precision
// from the same start, and what is recommended against the definition.
#include "core/recommend/als.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "core/base/eigen.h"
#include "core/recommend/fitted_reader.h"
#include "interactions_support.h"

namespace persona::interactions_test {
namespace {

struct Settings {
  int factors = 5;
  double alpha = 0.1, lambda = 0.05, exponent = 1;
  int iterations = 4;
  std::uint64_t seed = 0;
  int threads = 1;

  Given given(bool weighted = false) const {
    Given result = {{"factors", static_cast<double>(factors)},
                    {"alpha", alpha},
                    {"lambda", lambda},
                    {"regularization_exponent", exponent},
                    {"iterations", static_cast<double>(iterations)},
                    {"seed", static_cast<double>(seed)},
                    {"threads", static_cast<double>(threads)}};
    if (weighted) result["weight"] = std::string("quantity");
    return result;
  }
};

double metric(const FittedModel& model, const std::string& name) {
  for (const Metric& each : model.metrics) {
    if (each.name == name) return each.value;
  }
  ADD_FAILURE() << "no metric " << name;
  return 0;
}

// The weights by user (in the order of the stored vectors) and item; vectors as rows.
struct Dense {
  std::vector<std::string> users;
  Matrix weights, x, y;

  Dense(const FittedModel& model, const std::vector<Event>& rows, bool weighted) {
    Eigen::Index items = 0;
    Eigen::Index factors = 0;
    for (const FactorRow& row : model.factors) {
      if (row.item >= 0) items = std::max<Eigen::Index>(items, row.item + 1);
      if (row.item < 0) users.push_back(row.id);
      factors = static_cast<Eigen::Index>(row.factors.size());
    }
    const auto table = event_table(rows, weighted);
    weights = Matrix::Zero(static_cast<Eigen::Index>(users.size()), items);
    x = Matrix::Zero(weights.rows(), factors);
    y = Matrix::Zero(items, factors);
    for (Eigen::Index u = 0; u < weights.rows(); ++u) {
      for (Eigen::Index i = 0; i < items; ++i) {
        const auto& own = table.at(model.neighbors[static_cast<std::size_t>(i)].item);
        const auto found = own.find(users[static_cast<std::size_t>(u)]);
        if (found != own.end()) weights(u, i) = found->second;
      }
    }
    Eigen::Index user = 0;
    for (const FactorRow& row : model.factors) {
      Matrix& to = row.item < 0 ? x : y;
      const Eigen::Index place = row.item < 0 ? user++ : row.item;
      for (Eigen::Index f = 0; f < factors; ++f)
        to(place, f) = static_cast<double>(row.factors[static_cast<std::size_t>(f)]);
    }
  }

  double ridge(const Settings& s, double weight, Eigen::Index others) const {
    return s.lambda * std::pow(weight + s.alpha * static_cast<double>(others), s.exponent);
  }

  double loss(const Settings& s) const {
    double sum = 0;
    for (Eigen::Index u = 0; u < x.rows(); ++u) {
      for (Eigen::Index i = 0; i < y.rows(); ++i) {
        const double score = x.row(u).dot(y.row(i));
        sum += weights(u, i) * (score - 1) * (score - 1) + s.alpha * score * score;
      }
      sum += ridge(s, weights.row(u).sum(), y.rows()) * x.row(u).squaredNorm();
    }
    for (Eigen::Index i = 0; i < y.rows(); ++i) {
      sum += ridge(s, weights.col(i).sum(), x.rows()) * y.row(i).squaredNorm();
    }
    return sum;
  }

  // The vector that is best for these weights, given the other side's.
  Vector best(const Settings& s, const Vector& w, const Matrix& others) const {
    Matrix a = s.alpha * others.transpose() * others;
    a += others.transpose() * w.asDiagonal() * others;
    a += ridge(s, w.sum(), others.rows()) * Matrix::Identity(a.rows(), a.cols());
    return a.ldlt().solve(others.transpose() * w);
  }
  void solve_users(const Settings& s) {
    for (Eigen::Index u = 0; u < x.rows(); ++u) x.row(u) = best(s, weights.row(u).transpose(), y).transpose();
  }
  void solve_items(const Settings& s) {
    for (Eigen::Index i = 0; i < y.rows(); ++i) y.row(i) = best(s, weights.col(i), x).transpose();
  }
};

std::vector<Settings> various() {
  return {{5, 0.1, 0.05, 1, 4, 0, 1},  {1, 0.3, 0.01, 0.5, 3, 1, 2},  {8, 1, 0.2, 0, 5, 2, 1},
          {24, 0.05, 0.1, 1, 2, 3, 3}, {33, 0.1, 0.05, 1.5, 3, 4, 1}, {100, 0.2, 0.03, 1, 2, 5, 1}};
}

TEST(Als, EqualsAReferenceOfTheSameStart) {
  Random random(3);
  for (const Settings& settings : various()) {
    for (const bool weighted : {false, true}) {
      const auto rows = random_events(random, 900, 60, 45);
      const FittedModel model = fit_interactions(als(), rows, settings.given(weighted));
      const Dense found(model, rows, weighted);
      Dense reference = found;
      Random start(settings.seed);
      for (Eigen::Index i = 0; i < reference.y.rows(); ++i) {
        for (Eigen::Index f = 0; f < reference.y.cols(); ++f) {
          reference.y(i, f) = 0.1 / std::sqrt(static_cast<double>(settings.factors)) * start.normal();
        }
      }
      for (int iteration = 0; iteration < settings.iterations; ++iteration) {
        reference.solve_users(settings);
        reference.solve_items(settings);
      }
      reference.solve_users(settings);
      EXPECT_LE((found.x - reference.x).cwiseAbs().maxCoeff(), 1e-4);
      EXPECT_LE((found.y - reference.y).cwiseAbs().maxCoeff(), 1e-4);
      EXPECT_NEAR(metric(model, "loss") / reference.loss(settings), 1, 1e-5);
      EXPECT_NEAR(metric(model, "loss") / found.loss(settings), 1, 1e-10);
      EXPECT_EQ(metric(model, "iterations"), settings.iterations);
    }
  }
}

TEST(Als, TheLossFallsEveryIteration) {
  Random random(4);
  const auto rows = random_events(random, 1500, 80, 60);
  for (Settings settings : various()) {
    if (settings.factors > 30) continue;
    settings.iterations = 40;
    StoppingPoll poll(-1);
    const FittedModel model = fit_interactions(als(), rows, settings.given(), poll);
    ASSERT_EQ(poll.messages.size(), 40U);
    double before = 1e300;
    for (std::size_t k = 0; k < poll.messages.size(); ++k) {
      const std::string begin = "iteration " + std::to_string(k + 1) + ": loss ";
      ASSERT_EQ(poll.messages[k].substr(0, begin.size()), begin);
      const double loss = std::stod(poll.messages[k].substr(begin.size()));
      EXPECT_LE(loss, before);
      before = loss;
    }
    EXPECT_LE(metric(model, "loss"), before * (1 + 1e-9));
  }
}

TEST(Als, TheNumberOfThreadsDoesNotMatter) {
  Random random(5);
  const auto rows = random_events(random, 4000, 300, 150);
  Settings settings;
  const FittedModel one = fit_interactions(als(), rows, settings.given());
  for (const int threads : {2, 7, 64}) {
    settings.threads = threads;
    const FittedModel more = fit_interactions(als(), rows, settings.given());
    ASSERT_EQ(one.factors.size(), more.factors.size());
    for (std::size_t row = 0; row < one.factors.size(); ++row) {
      EXPECT_EQ(one.factors[row].factors, more.factors[row].factors);
    }
  }
  settings.seed = 1;
  EXPECT_NE(fit_interactions(als(), rows, settings.given()).factors[0].factors, one.factors[0].factors);
}

// The history of one user of the fit.
History history_of(const Dense& dense, Eigen::Index user) {
  History history;
  for (Eigen::Index i = 0; i < dense.weights.cols(); ++i) {
    if (dense.weights(user, i) > 0)
      history.items.push_back({static_cast<std::int32_t>(i), 0, dense.weights(user, i)});
  }
  history.baskets = 1;
  return history;
}

TEST(Als, FoldsInWhatTheFitFound) {
  Random random(6);
  for (const bool weighted : {false, true}) {
    for (const Settings& settings : various()) {
      const auto rows = random_events(random, 900, 60, 45);
      const FittedModel model = fit_interactions(als(), rows, settings.given(weighted));
      const Dense dense(model, rows, weighted);
      FittedReader reader(model);
      NoPoll poll;
      const auto recommender = load_events(als(), model, settings.given(weighted));
      EXPECT_TRUE(recommender->excludes_seen());
      for (Eigen::Index user = 0; user < std::min<Eigen::Index>(dense.x.rows(), 10); ++user) {
        ItemScores scores(static_cast<std::int32_t>(model.neighbors.size()));
        recommender->score(history_of(dense, user), reader, scores, poll);
        for (std::int32_t item = 0; item < dense.y.rows(); ++item) {
          EXPECT_NEAR(scores[item], dense.x.row(user).dot(dense.y.row(item)), 1e-5);
          EXPECT_TRUE(scores.scored().contains(item));
        }
      }
    }
  }
}

TEST(Als, SaysWhatContributedMost) {
  Random random(7);
  const Settings settings = {12, 0.1, 0.05, 1, 6, 0, 1};
  const auto rows = random_events(random, 1500, 70, 40);
  const FittedModel model = fit_interactions(als(), rows, settings.given());
  const Dense dense(model, rows, false);
  FittedReader reader(model);
  NoPoll poll;
  const auto recommender = load_events(als(), model, settings.given());
  const History history = history_of(dense, 3);
  Vector w = dense.weights.row(3);
  Matrix a = settings.alpha * dense.y.transpose() * dense.y + dense.y.transpose() * w.asDiagonal() * dense.y;
  a += dense.ridge(settings, w.sum(), dense.y.rows()) * Matrix::Identity(a.rows(), a.cols());
  const Matrix parts = dense.y * a.inverse() * dense.y.transpose() * w.asDiagonal();  // item by cause
  std::vector<std::int32_t> items(static_cast<std::size_t>(dense.y.rows()));
  for (std::size_t i = 0; i < items.size(); ++i) items[i] = static_cast<std::int32_t>(i);
  const std::vector<ItemReason> reasons = recommender->explain(history, reader, items, poll);
  for (const std::int32_t item : items) {
    std::vector<std::int32_t> expected;
    for (const HistoryItem& each : history.items) {
      if (each.item != item && parts(item, each.item) > 0) expected.push_back(each.item);
    }
    std::sort(expected.begin(), expected.end(),
              [&](std::int32_t b, std::int32_t c) { return parts(item, b) > parts(item, c); });
    if (expected.size() > kReasonItems) expected.resize(kReasonItems);
    EXPECT_EQ(reasons[static_cast<std::size_t>(item)].because, expected);
    EXPECT_EQ(reasons[static_cast<std::size_t>(item)].text, "like");
  }
}

TEST(Als, SimilarItemsAreNearByTheirAngle) {
  Random random(8);
  const auto rows = random_events(random, 1500, 70, 40);
  const FittedModel model = fit_interactions(als(), rows, Settings().given());
  const Dense dense(model, rows, false);
  FittedReader reader(model);
  NoPoll poll;
  ItemScores scores(static_cast<std::int32_t>(model.neighbors.size()));
  load_events(als(), model, Settings().given())->score_similar(4, reader, scores, poll);
  EXPECT_FALSE(scores.scored().contains(4));
  for (std::int32_t item = 0; item < dense.y.rows(); ++item) {
    if (item == 4) continue;
    EXPECT_NEAR(scores[item],
                dense.y.row(4).dot(dense.y.row(item)) / dense.y.row(4).norm() / dense.y.row(item).norm(),
                1e-5);
  }
}

TEST(Als, WhatIsNotKnownIsNotScored) {
  Random random(9);
  Given given = Settings().given();
  given["min_support"] = 4.0;
  const auto rows = random_events(random, 500, 40, 90);
  const FittedModel model = fit_interactions(als(), rows, given);
  std::size_t with_factors = 0;
  for (const FactorRow& row : model.factors) {
    if (row.item < 0) continue;
    EXPECT_GE(model.neighbors[static_cast<std::size_t>(row.item)].support, 4);
    ++with_factors;
  }
  ASSERT_LT(with_factors, model.neighbors.size());
  EXPECT_NE(model.notices.at(0).find("get no factors"), std::string::npos);
  FittedReader reader(model);
  NoPoll poll;
  const auto recommender = load_events(als(), model, given);
  const auto rare = static_cast<std::int32_t>(model.neighbors.size() - 1);
  for (const History& history : {History(), basket({rare})}) {
    ItemScores scores(rare + 1);
    recommender->score(history, reader, scores, poll);
    recommender->score_similar(rare, reader, scores, poll);
    EXPECT_EQ(scores.largest(), 0);
    EXPECT_FALSE(scores.scored().contains(0));
    EXPECT_TRUE(recommender->explain(history, reader, {0}, poll).at(0).because.empty());
  }
  // No item takes part: a model of popularity.
  given["min_support"] = 1000.0;
  const FittedModel none = fit_interactions(als(), rows, given);
  EXPECT_TRUE(none.factors.empty());
  FittedReader empty(none);
  ItemScores scores(rare + 1);
  load_events(als(), none, given)->score(basket({0}), empty, scores, poll);
  EXPECT_FALSE(scores.scored().contains(0));
}

TEST(Als, SmallestTables) {
  for (const int factors : {1, 64}) {
    Settings settings;
    settings.factors = factors;
    for (const std::vector<Event>& rows :
         std::vector<std::vector<Event>>{{{"1", "a"}},
                                         {{"1", "a"}, {"1", "b"}},
                                         {{"1", "a"}, {"2", "a"}},
                                         {{"it's", "日本"}, {"it's", "\"q\""}}}) {
      const FittedModel model = fit_interactions(als(), rows, settings.given());
      const Dense dense(model, rows, false);
      EXPECT_NEAR(metric(model, "loss"), dense.loss(settings), 1e-9);
      EXPECT_TRUE(dense.x.allFinite() && dense.y.allFinite());
    }
  }
}

TEST(Als, WhatCannotBeSolvedIsAnErrorThatNamesTheMend) {
  Random random(10);
  const auto rows = random_events(random, 300, 30, 30);
  Settings settings = {16, 0, 0, 1, 4, 0, 1};
  for (const int threads : {1, 4}) {
    settings.threads = threads;
    const Error error = error_of([&] { fit_interactions(als(), rows, settings.given()); });
    EXPECT_STREQ(error.sqlstate(), "55000");
    EXPECT_NE(error.hint().find("lambda"), std::string::npos);
  }
  for (const double weight : {1e300, 1e200}) {
    const std::vector<Event> large = {{"1", "a", weight}, {"2", "a", 1}, {"2", "b", 1}};
    for (const double exponent : {1.0, 2.0}) {
      Settings other;
      other.exponent = exponent;
      try {
        const FittedModel model = fit_interactions(als(), large, other.given(true));
        EXPECT_TRUE(std::isfinite(metric(model, "loss")));
      } catch (const Error& error) {
        EXPECT_STREQ(error.sqlstate(), "22003");
      }
    }
  }
}

TEST(Als, CanBeStopped) {
  Random random(11);
  const auto rows = random_events(random, 3000, 100, 60);
  for (const int threads : {1, 3}) {
    Settings settings;
    settings.threads = threads;
    StoppingPoll never(-1);
    fit_interactions(als(), rows, settings.given(), never);
    for (long at = 1; at < never.checks() / 2; at += 7) {
      StoppingPoll poll(at);
      EXPECT_THROW(fit_interactions(als(), rows, settings.given(), poll), StoppingPoll::Stop);
    }
  }
}

// Rows that no fit wrote.
TEST(Als, DamagedRowsAreAnError) {
  Random random(12);
  const auto rows = random_events(random, 300, 30, 20);
  const FittedModel sound = fit_interactions(als(), rows, Settings().given());
  NoPoll poll;
  for (int damage = 0; damage < 4; ++damage) {
    FittedModel model = sound;
    if (damage == 0) model.factors[2].factors.pop_back();
    if (damage == 1) model.factors[2].factors.push_back(1);
    if (damage == 2) model.factors[2].factors[1] = std::numeric_limits<float>::quiet_NaN();
    if (damage == 3) model.factors[2].factors[1] = std::numeric_limits<float>::infinity();
    FittedReader reader(model);
    for (const std::int32_t item : {1, 2}) {
      ItemScores scores(static_cast<std::int32_t>(model.neighbors.size()));
      const auto recommender = load_events(als(), model, Settings().given());
      const auto state = [&](auto&& action) { return std::string(error_of(action).sqlstate()); };
      EXPECT_EQ(state([&] { recommender->score(basket({item}), reader, scores, poll); }), "22000");
      EXPECT_EQ(state([&] { recommender->score_similar(item, reader, scores, poll); }), "22000");
      EXPECT_EQ(state([&] { recommender->explain(basket({item}), reader, {3}, poll); }), "22000");
    }
  }
  // The rows are of a larger catalogue than the model.
  FittedReader reader(sound);
  ItemScores scores(3);
  const auto small = als().load_recommender({"m@1", 3}, event_request(als(), Settings().given()).options);
  EXPECT_STREQ(error_of([&] { small->score(basket({1}), reader, scores, poll); }).sqlstate(), "22000");
}

}  // namespace
}  // namespace persona::interactions_test
