// session_knn against scores that a plain program in Python computed from the same events by the formula of
// core/recommend/session_knn.h, session by session, and the search for similar sessions against a full sort.
#include "core/recommend/session_knn.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/recommend/fitted_reader.h"
#include "core/recommend/session_neighbors.h"
#include "event_support.h"

namespace persona {
namespace {

using test::EventOptions;
using test::EventRow;

std::vector<std::string> words(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> result;
  for (std::string word; in >> word;) result.push_back(word);
  return result;
}

// One session after the other, its items one after the other.
std::vector<EventRow> rows_of(const std::vector<std::string>& sessions) {
  std::vector<EventRow> rows;
  for (std::size_t s = 0; s < sessions.size(); ++s) {
    double time = 10 * static_cast<double>(s);
    for (const std::string& item : words(sessions[s]))
      rows.push_back({"s" + std::to_string(s + 1), item, time++});
  }
  return rows;
}

const std::vector<std::string> kSessions = {"a b c d", "b c e", "a c b e a", "d e f",
                                            "c b f",   "a f",   "g",         "e d c b a"};

EventOptions given(EventOptions options = {}) {
  if (options.count("basket") == 0) options.emplace("user", std::string("customer"));
  options.emplace("time", std::string("sold_at"));
  return options;
}

FittedModel fit(const std::vector<EventRow>& rows, const EventOptions& options = {}) {
  return test::fit_events(session_knn(), rows, given(options));
}

std::unique_ptr<Recommender> load(const FittedModel& model, const EventOptions& options = {}) {
  return session_knn().load_recommender({"session@1", static_cast<std::int32_t>(model.neighbors.size())},
                                        test::event_request(session_knn(), given(options)).options);
}

History prefix_of(const FittedModel& model, const std::string& items) {
  History history;
  const std::vector<std::string> names = words(items);
  history.baskets = static_cast<std::int32_t>(names.size());
  for (std::size_t n = 0; n < names.size(); ++n) {
    history.items.push_back(
        {test::number_of(model, names[n]), static_cast<std::int32_t>(names.size() - 1 - n), 1, 0});
  }
  return history;
}

std::map<std::string, double> scores_of(const FittedModel& model, const std::string& prefix,
                                        const EventOptions& options = {}) {
  FittedReader reader(model);
  NoPoll poll;
  ItemScores scores(static_cast<std::int32_t>(model.neighbors.size()));
  load(model, options)->score(prefix_of(model, prefix), reader, scores, poll);
  std::map<std::string, double> result;
  for (std::int32_t item = 0; item < scores.items(); ++item) {
    if (scores[item] != 0) result[model.neighbors[static_cast<std::size_t>(item)].item] = scores[item];
  }
  return result;
}

void expect_scores(const std::string& prefix, const EventOptions& options,
                   const std::map<std::string, double>& expected) {
  const std::map<std::string, double> scores = scores_of(fit(rows_of(kSessions), options), prefix, options);
  ASSERT_EQ(scores.size(), expected.size()) << prefix;
  for (const auto& [item, score] : expected) {
    ASSERT_EQ(scores.count(item), 1U) << item;
    EXPECT_NEAR(scores.at(item), score, 1e-6) << prefix << ": " << item;
  }
}

std::vector<std::string> named(const FittedModel& model, const std::vector<std::int32_t>& items) {
  std::vector<std::string> result;
  for (const std::int32_t item : items)
    result.push_back(model.neighbors[static_cast<std::size_t>(item)].item);
  return result;
}

TEST(SessionKnn, EqualsTheFormula) {
  expect_scores("a b", {},
                {{"a", 1.094468386},
                 {"b", 1.071183053},
                 {"c", 0.916531311},
                 {"d", 0.324952227},
                 {"e", 0.501015239},
                 {"f", 0.359803298}});
  expect_scores("b", {{"sessions", 1.0}, {"next_item_weight", 0.0}},
                {{"b", 1.000000000}, {"c", 0.716531311}, {"f", 0.716531311}});
  expect_scores("b e b", {{"sessions", 2.0}, {"next_item_weight", 0.0}},
                {{"a", 0.332543339}, {"b", 0.607682743}, {"c", 0.622265686}, {"e", 1.000000000}});
  expect_scores("c d e",
                {{"sessions", 3.0},
                 {"decay", 0.5},
                 {"item_exponent", 1.0},
                 {"session_exponent", 0.0},
                 {"position_scale", 1.0},
                 {"next_item_weight", 1.0}},
                {{"a", 1.121933022},
                 {"b", 1.361672914},
                 {"c", 1.316132576},
                 {"d", 1.039666692},
                 {"e", 1.586600635},
                 {"f", 0.823416357}});
  expect_scores("f c", {{"min_support", 4.0}},
                {{"a", 0.357364459}, {"b", 0.916531311}, {"c", 1.000000000}, {"e", 0.472187053}});
}

TEST(SessionKnn, StoresSessionsInOrder) {
  const FittedModel model = fit(rows_of(kSessions));
  std::vector<std::string> stored;
  for (const auto& session : model.sessions.items) {
    std::string text;
    for (const std::string& item : named(model, session)) text += item + " ";
    stored.push_back(text);
  }
  // Repeated items at their last place; the session of a single item is left out.
  EXPECT_EQ(stored, (std::vector<std::string>{"a b c d ", "b c e ", "c b e a ", "d e f ", "c b f ", "a f ",
                                              "e d c b a "}));
  EXPECT_EQ(model.sessions.sessions[static_cast<std::size_t>(test::number_of(model, "f"))],
            (std::vector<std::int32_t>{5, 2, 4, 3, 3, 3}));
  EXPECT_TRUE(model.sessions.sessions[static_cast<std::size_t>(test::number_of(model, "g"))].empty());
  EXPECT_EQ(test::metric_of(model, "sessions"), 7);
  EXPECT_DOUBLE_EQ(test::metric_of(model, "mean_items"), 24.0 / 7);
}

TEST(SessionKnn, ABasketNamesTheSessionAndTimeOrdersIt) {
  // Two sessions of one user overlap; rows come in any order; that of the later last event is the newer.
  const std::vector<EventRow> rows = {{"u", "c", 9, "y"}, {"u", "a", 1, "y"}, {"u", "b", 3, "x"},
                                      {"u", "d", 2, "x"}, {"u", "e", 5, "y"}, {"u", "a", 8, "x"}};
  const FittedModel model =
      fit(rows, {{"basket", std::string("order_id")}, {"user", std::string("customer")}});
  ASSERT_EQ(model.sessions.items.size(), 2U);
  EXPECT_EQ(named(model, model.sessions.items[0]), words("d b a"));
  EXPECT_EQ(named(model, model.sessions.items[1]), words("a e c"));
  const FittedModel by_user = fit(rows);
  ASSERT_EQ(by_user.sessions.items.size(), 1U);
  EXPECT_EQ(named(by_user, by_user.sessions.items[0]), words("d b e a c"));
  // Without a user, too, and sessions of one last time stand by their ids.
  const FittedModel tied = fit({{"", "a", 1, "z"}, {"", "b", 2, "z"}, {"", "c", 0, "m"}, {"", "d", 2, "m"}},
                               {{"basket", std::string("order_id")}});
  EXPECT_EQ(named(tied, tied.sessions.items[0]), words("c d"));
}

TEST(SessionKnn, ReadsNoUserWhereABasketNamesTheSession) {
  const auto fitter = session_knn().make_fitter(test::event_request(
      session_knn(), given({{"basket", std::string("order_id")}, {"user", std::string("customer")}})));
  for (const StreamColumn& column : fitter->columns()) EXPECT_NE(column.source, 0);
  const EventOptions wrong = given({{"basket", std::string("order_id")}, {"user", std::string("nobody")}});
  EXPECT_THROW(session_knn().make_fitter(test::event_request(session_knn(), wrong)), Error);
  EXPECT_THROW(
      session_knn().make_fitter(test::event_request(session_knn(), {{"user", std::string("customer")}})),
      Error);
  EXPECT_THROW(
      session_knn().make_fitter(test::event_request(session_knn(), {{"time", std::string("sold_at")}})),
      Error);
}

TEST(SessionKnn, SaysWhy) {
  const FittedModel model = fit(rows_of(kSessions));
  FittedReader reader(model);
  NoPoll poll;
  const auto recommender = load(model);
  EXPECT_TRUE(recommender->is_sequential());
  EXPECT_TRUE(recommender->is_session_based());
  const auto number = [&](const char* item) { return test::number_of(model, item); };
  // f is with a in one session and with b in another: sim 1 / sqrt(5 sessions) / sqrt(2 items), and b's 0.8 /
  // ...
  std::vector<ItemReason> reasons =
      recommender->explain(prefix_of(model, "b a"), reader, {number("f"), number("c")}, poll);
  EXPECT_EQ(reasons[0].text, "in 2 similar sessions with");
  EXPECT_EQ(named(model, reasons[0].because), words("a b"));
  EXPECT_EQ(reasons[1].text, "in 5 similar sessions with");
  // Of the one most similar session only; what it lacks comes from next_item.
  const EventOptions one = {{"sessions", 1.0}};
  reasons = load(model, one)->explain(prefix_of(model, "a"), reader, {number("b"), number("f")}, poll);
  EXPECT_EQ(reasons[0].text, "often follows");
  EXPECT_EQ(named(model, reasons[0].because), words("a"));
  EXPECT_EQ(reasons[1].text, "in 1 similar session with");
  EXPECT_EQ(named(model, reasons[1].because), words("a"));
}

TEST(SessionKnn, HistoriesThatSayNothing) {
  const FittedModel model = fit(rows_of(kSessions));
  EXPECT_TRUE(scores_of(model, "").empty());
  EXPECT_TRUE(scores_of(model, "g").empty());
  FittedReader reader(model);
  NoPoll poll;
  ItemScores scores(static_cast<std::int32_t>(model.neighbors.size()));
  History returned = prefix_of(model, "a");
  returned.items[0].weight = -1;
  load(model)->score(returned, reader, scores, poll);
  EXPECT_EQ(scores.largest(), 0);
  // As old as can be, and as many: nothing overflows.
  History old = prefix_of(model, "a b");
  old.items[0].age = std::numeric_limits<std::int32_t>::max();
  load(model)->score(old, reader, scores, poll);
  EXPECT_GT(scores.largest(), 0);
  const FittedModel none = fit({{"u", "a", 1}, {"v", "b", 2}});
  EXPECT_TRUE(none.sessions.items.empty());
  ASSERT_EQ(none.notices.size(), 1U);
  EXPECT_TRUE(scores_of(none, "a").empty());
}

// Sessions far apart, so that windows are passed over, against a sort of all.
TEST(SessionKnn, FindsTheMostSimilarOfManySessions) {
  Random random(4);
  for (int round = 0; round < 20; ++round) {
    const std::size_t most = 1 + random.below(40);
    std::vector<std::vector<std::int32_t>> postings(1 + random.below(6));
    std::vector<PrefixItem> prefix;
    std::map<std::int32_t, double> sums;
    std::map<std::int32_t, std::int32_t> sizes;
    const InversePower factor(.5);
    for (std::size_t p = 0; p < postings.size(); ++p) {
      prefix.push_back({static_cast<std::int32_t>(p), std::pow(.8, p)});
      std::map<std::int32_t, bool, std::greater<>> sessions;
      for (std::uint64_t n = random.below(300); n > 0; --n) {
        sessions[static_cast<std::int32_t>(random.below(round % 2 == 0 ? 400 : 2147483648U))] = true;
      }
      if (round % 4 == 1) sessions[2147483647] = sessions[0] = true;
      for (const auto& [session, has] : sessions) {
        const auto size =
            sizes.emplace(session, static_cast<std::int32_t>(2 + random.below(1500))).first->second;
        postings[p].push_back(session);
        postings[p].push_back(size);
        sums[session] += prefix[p].weight * std::pow(size, -.5);
      }
    }
    std::vector<std::pair<double, std::int32_t>> order;
    for (const auto& [session, sum] : sums) order.emplace_back(-sum, -session);
    std::sort(order.begin(), order.end());
    order.resize(std::min(order.size(), most));
    std::map<std::int32_t, double> expected;
    for (const auto& [sum, session] : order) expected[-session] = -sum;
    std::vector<NumberView> views;
    for (const auto& posting : postings) views.push_back({posting.data(), posting.size()});
    NoPoll poll;
    PacedPoll paced(poll);
    const std::vector<SimilarSession> found =
        find_similar_sessions({"s@1", 10}, prefix, views, factor, most, paced);
    ASSERT_EQ(found.size(), expected.size());
    auto each = expected.begin();
    for (const SimilarSession& similar : found) {
      EXPECT_EQ(similar.session, each->first);
      EXPECT_DOUBLE_EQ(similar.similarity, each->second);
      ++each;
    }
  }
}

TEST(SessionKnn, ForgedRowsAreAnError) {
  const FittedModel model = fit(rows_of(kSessions));
  const auto recommender = load(model);
  const auto a = static_cast<std::size_t>(test::number_of(model, "a"));
  const auto use = [&](const std::vector<std::int32_t>& sessions, const std::vector<std::int32_t>& items) {
    FittedModel forged = model;
    if (!sessions.empty()) forged.sessions.sessions[a] = sessions;
    if (!items.empty()) forged.sessions.items[0] = items;
    FittedReader reader(forged);
    NoPoll poll;
    ItemScores scores(static_cast<std::int32_t>(model.neighbors.size()));
    recommender->score(prefix_of(model, "a"), reader, scores, poll);
  };
  const auto own = static_cast<std::int32_t>(a);
  EXPECT_NO_THROW(use({}, {}));
  const std::vector<std::pair<std::vector<std::int32_t>, std::vector<std::int32_t>>> bad = {
      {{5}, {}},                                         // odd
      {{0, 4, 5, 2}, {}},                                // ascending
      {{5, 2, 5, 2}, {}},                                // twice
      {{5, 0}, {}},                                      // of no items
      {{5, 2, -1, 2}, {}},                               // negative
      {{-5, 2}, {}},       {{2147483647, 2, 0, 4}, {}},  // no such session
      {{}, {own, 99}},                                   // no such item
      {{}, {own, -1}},     {{}, {own == 0 ? 1 : 0}}};    // lacks the item
  for (const auto& [sessions, items] : bad) {
    try {
      use(sessions, items);
      ADD_FAILURE() << "no error: " << sessions.size() << ", " << items.size();
    } catch (const Error& error) {
      EXPECT_STREQ(error.sqlstate(), "22000");
    }
  }
}

TEST(SessionKnn, CanBeStoppedThroughout) {
  Random random(9);
  std::vector<EventRow> rows;
  for (int session = 0; session < 8000; ++session) {
    for (int n = 0; n < 8; ++n) {
      rows.push_back({std::to_string(session), std::to_string(random.below(200)), static_cast<double>(n)});
    }
  }
  test::StoppingPoll never(-1);
  test::fit_events(session_knn(), rows, given(), never);
  EXPECT_GT(never.checks(), 20);
  for (long at = 1; at <= never.checks(); at += 1 + never.checks() / 10) {
    test::StoppingPoll stop(at);
    EXPECT_THROW(test::fit_events(session_knn(), rows, given(), stop), test::StoppingPoll::Stop);
  }
}

}  // namespace
}  // namespace persona
