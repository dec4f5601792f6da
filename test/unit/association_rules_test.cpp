// association_rules against the definitions, computed here from the baskets of a table of random rows, and
// against the example of Tan, Steinbach and Kumar, Introduction to Data Mining, chapter 6.
#include "core/recommend/association_rules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/recommend/fitted_reader.h"
#include "core/recommend/rules.h"
#include "event_support.h"

namespace persona {
namespace {

using test::EventOptions;
using test::EventRow;

using Names = std::set<std::string>;

FittedModel fit(const std::vector<EventRow>& rows, EventOptions given) {
  return test::fit_events(association_rules(), rows, std::move(given));
}

EventOptions by_basket(double support, double confidence) {
  return {{"basket", std::string("order_id")}, {"min_support", support}, {"min_confidence", confidence}};
}

std::vector<EventRow> rows_of(const std::vector<std::vector<std::string>>& baskets) {
  std::vector<EventRow> rows;
  for (std::size_t b = 0; b < baskets.size(); ++b) {
    for (const std::string& item : baskets[b]) rows.push_back({"", item, 0, std::to_string(b)});
  }
  return rows;
}

std::vector<EventRow> textbook() {
  return rows_of({{"bread", "milk"},
                  {"bread", "diapers", "beer", "eggs"},
                  {"milk", "diapers", "beer", "cola"},
                  {"bread", "milk", "diapers", "beer"},
                  {"bread", "milk", "diapers", "cola"}});
}

const RuleRow* find(const FittedModel& model, const Names& antecedent, const std::string& consequent) {
  for (const RuleRow& rule : model.rules) {
    Names names;
    for (const std::int32_t item : rule.antecedent)
      names.insert(model.neighbors[static_cast<std::size_t>(item)].item);
    if (names == antecedent && rule.consequent == test::number_of(model, consequent)) return &rule;
  }
  return nullptr;
}

TEST(AssociationRules, OfTheTextbook) {
  const FittedModel model = fit(textbook(), by_basket(.4, .5));
  EXPECT_EQ(test::metric_of(model, "baskets"), 5);
  const RuleRow* rule = find(model, {"milk", "diapers"}, "beer");  // support .4, confidence .67
  ASSERT_NE(rule, nullptr);
  EXPECT_EQ(rule->count, 2);
  EXPECT_DOUBLE_EQ(rule->support, .4);
  EXPECT_DOUBLE_EQ(rule->confidence, 2.0 / 3);
  EXPECT_DOUBLE_EQ(rule->lift, 10.0 / 9);
  EXPECT_NEAR(rule->leverage, .4 - .6 * .6, 1e-15);
  EXPECT_DOUBLE_EQ(rule->conviction, .4 / (1.0 / 3));
  rule = find(model, {"beer"}, "diapers");
  ASSERT_NE(rule, nullptr);
  EXPECT_EQ(rule->confidence, 1);
  EXPECT_EQ(rule->conviction, std::numeric_limits<double>::infinity());
  EXPECT_EQ(find(model, {"eggs"}, "beer"), nullptr);  // support .2
  EXPECT_TRUE(model.notices.empty());
}

// Every rule of the table and no other, by the definitions, in the stated order.
TEST(AssociationRules, EqualTheDefinitionsOnRandomTables) {
  Random random(21);
  for (int round = 0; round < 30; ++round) {
    std::vector<EventRow> rows;
    std::map<std::string, std::set<std::int32_t>> baskets;
    const auto items = 2 + static_cast<int>(random.below(6));
    const int n = 5 + static_cast<int>(random.below(60));
    for (int b = 0; b < n; ++b) {
      const double share = random.uniform();
      for (int item = 0; item < items; ++item) {
        if (random.uniform() > share) continue;
        rows.push_back({"", std::to_string(item), 0, std::to_string(b)});
        if (random.uniform() < .2) rows.push_back(rows.back());
      }
    }
    if (rows.empty()) continue;
    const double support = random.uniform() * .4;
    const double confidence = random.uniform();
    const double lift = random.uniform() < .5 ? 0 : 1;
    EventOptions given = by_basket(support, confidence);
    given.emplace("min_lift", lift);
    given.emplace("max_length", static_cast<double>(2 + random.below(6)));
    const double max_length = std::get<double>(given.at("max_length"));
    const FittedModel model = fit(rows, given);
    for (const EventRow& row : rows) baskets[row.basket].insert(test::number_of(model, row.item));
    const auto share_of = [&](const std::vector<std::int32_t>& set) {
      double count = 0;
      for (const auto& [id, has] : baskets)
        count += std::includes(has.begin(), has.end(), set.begin(), set.end());
      return std::make_pair(count, count / static_cast<double>(baskets.size()));
    };
    std::vector<RuleRow> expected;
    for (unsigned subset = 1; subset < 1U << model.neighbors.size(); ++subset) {
      std::vector<std::int32_t> set;
      for (unsigned item = 0; item < model.neighbors.size(); ++item) {
        if ((subset >> item & 1U) != 0) set.push_back(static_cast<std::int32_t>(item));
      }
      const auto [count, whole] = share_of(set);
      if (count == 0 || whole < support || set.size() < 2 || static_cast<double>(set.size()) > max_length)
        continue;
      for (const std::int32_t consequent : set) {
        RuleRow rule;
        std::copy_if(set.begin(), set.end(), std::back_inserter(rule.antecedent),
                     [&](std::int32_t item) { return item != consequent; });
        rule.consequent = consequent;
        const double of_antecedent = share_of(rule.antecedent).second;
        const double of_consequent = share_of({consequent}).second;
        rule.count = static_cast<std::int64_t>(count);
        rule.support = whole;
        rule.confidence = count / share_of(rule.antecedent).first;
        rule.lift = rule.confidence / of_consequent;
        rule.leverage = whole - of_antecedent * of_consequent;
        rule.conviction = (1 - of_consequent) / (1 - rule.confidence);
        if (std::isnan(rule.conviction)) rule.conviction = 1;
        if (rule.confidence >= confidence && rule.lift >= lift - 1e-12) expected.push_back(rule);
      }
    }
    const auto key = [](const RuleRow& rule) { return std::make_pair(rule.antecedent, rule.consequent); };
    std::map<std::pair<std::vector<std::int32_t>, std::int32_t>, RuleRow> by_key;
    for (const RuleRow& rule : expected) by_key[key(rule)] = rule;
    ASSERT_EQ(model.rules.size(), expected.size()) << round;
    EXPECT_EQ(test::metric_of(model, "rules"), static_cast<double>(expected.size()));
    EXPECT_EQ(model.notices.empty(), !expected.empty());
    for (std::size_t r = 0; r < model.rules.size(); ++r) {
      const RuleRow& rule = model.rules[r];
      ASSERT_EQ(by_key.count(key(rule)), 1U);
      const RuleRow& other = by_key.at(key(rule));
      EXPECT_EQ(rule.count, other.count);
      EXPECT_DOUBLE_EQ(rule.support, other.support);
      EXPECT_DOUBLE_EQ(rule.confidence, other.confidence);
      EXPECT_NEAR(rule.lift, other.lift, 1e-12);
      EXPECT_NEAR(rule.leverage, other.leverage, 1e-12);
      if (std::isinf(other.conviction)) {
        EXPECT_EQ(rule.conviction, other.conviction);
      } else {
        EXPECT_NEAR(rule.conviction, other.conviction, 1e-9 * (1 + other.conviction));
      }
      if (r == 0) continue;
      const RuleRow& before = model.rules[r - 1];
      EXPECT_TRUE(std::make_tuple(-before.lift, -before.count, key(before)) <
                  std::make_tuple(-rule.lift, -rule.count, key(rule)));
    }
  }
}

TEST(AssociationRules, ABoundIsMetByTheShareItNames) {
  // 7 of 100 baskets: .07 * 100 is more than 7 in binary arithmetic. Confidence 7/10 likewise.
  std::vector<std::vector<std::string>> baskets(100, {"filler"});
  for (int b = 0; b < 7; ++b) baskets[static_cast<std::size_t>(b)] = {"a", "b"};
  for (int b = 7; b < 10; ++b) baskets[static_cast<std::size_t>(b)] = {"a"};
  EXPECT_NE(find(fit(rows_of(baskets), by_basket(.07, .7)), {"a"}, "b"), nullptr);
  EXPECT_EQ(find(fit(rows_of(baskets), by_basket(.0701, .7)), {"a"}, "b"), nullptr);
  EXPECT_EQ(find(fit(rows_of(baskets), by_basket(.07, .7001)), {"a"}, "b"), nullptr);
}

TEST(AssociationRules, WhatABasketIs) {
  // One user, two times, two orders at the second time.
  const std::vector<EventRow> rows = {
      {"u", "a", 1, "x"}, {"u", "b", 2, "y"}, {"u", "c", 2, "z"}, {"v", "a", 1, "w"}};
  EventOptions given = {{"min_support", 0.0}, {"min_confidence", 0.0}, {"user", std::string("customer")}};
  EXPECT_EQ(fit(rows, given).rules.size(),
            9U);  // a, b and c of one user: 3 pairs and 1 triple, 2 * 3 + 3 rules
  given.emplace("time", std::string("sold_at"));
  const FittedModel by_time = fit(rows, given);
  EXPECT_EQ(test::metric_of(by_time, "baskets"), 3);
  EXPECT_EQ(by_time.rules.size(), 2U);  // b and c
  given.emplace("basket", std::string("order_id"));
  const FittedModel by_id = fit(rows, given);
  EXPECT_EQ(test::metric_of(by_id, "baskets"), 4);
  EXPECT_TRUE(by_id.rules.empty());
}

TEST(AssociationRules, AReturnedItemIsNotInItsBasket) {
  std::vector<EventRow> rows = rows_of({{"a", "b"}, {"a", "b"}, {"a"}, {"c"}});
  rows[3].weight = -1;
  rows.push_back({"", "b", 0, "1", .5});
  rows.push_back({"", "c", 0, "3", -1});
  EventOptions given = by_basket(0, 0);
  given.emplace("weight", std::string("quantity"));
  const FittedModel model = fit(rows, given);
  const RuleRow* rule = find(model, {"a"}, "b");
  ASSERT_NE(rule, nullptr);
  EXPECT_EQ(rule->count, 1);
  EXPECT_DOUBLE_EQ(rule->support, 1.0 / 3);  // nothing is left of the fourth basket
  EXPECT_EQ(test::metric_of(model, "baskets"), 3);
}

TEST(AssociationRules, SaysWhyThereAreNone) {
  const auto notice = [](double support, double confidence, double lift) {
    EventOptions given = by_basket(support, confidence);
    given.emplace("min_lift", lift);
    const FittedModel model = fit(textbook(), given);
    EXPECT_TRUE(model.rules.empty());
    return model.notices.empty() ? std::string() : model.notices.back();
  };
  EXPECT_EQ(notice(1, 0, 0),
            "there are no rules: no two items are together in at least 5 of 5 baskets (min_support)");
  EXPECT_EQ(notice(.6, 0, 1.5),
            "there are no rules: those of sufficient confidence have a lift below 1.5 (min_lift)");
  std::vector<EventRow> rows = textbook();
  rows.push_back({"", "beer", 0, "0"});  // beer without diapers
  rows.push_back({"", "diapers", 0, "5"});
  const FittedModel model = fit(rows, by_basket(.4, .9));
  ASSERT_EQ(model.notices.size(), 1U);
  EXPECT_EQ(model.notices[0],
            "there are no rules: the highest confidence is 0.75, below 0.9 (min_confidence)");
}

TEST(AssociationRules, TooManyRulesAreAnError) {
  EventOptions given = by_basket(0, 0);
  const std::size_t all = fit(textbook(), given).rules.size();
  given["max_rules"] = static_cast<double>(all);
  EXPECT_EQ(fit(textbook(), given).rules.size(), all);
  given["max_rules"] = static_cast<double>(all - 1);
  try {
    fit(textbook(), given);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.sqlstate(), "54000");
    EXPECT_NE(error.detail().find("frequent sets"), std::string::npos);
    EXPECT_NE(error.hint().find("min_confidence"), std::string::npos);
  }
}

TEST(AssociationRules, ConsequentOfAllBaskets) {
  RuleRow rule;
  measure_rule(10, 4, 10, 4, rule);
  EXPECT_EQ(rule.confidence, 1);
  EXPECT_EQ(rule.lift, 1);
  EXPECT_EQ(rule.leverage, 0);
  EXPECT_EQ(rule.conviction, 1);
}

TEST(AssociationRules, NeedsABasketOrAUser) {
  const EventOptions neither = {};
  EXPECT_THROW(fit(textbook(), neither), Error);
  EventOptions out_of_range = by_basket(1.5, .5);
  EXPECT_THROW(fit(textbook(), out_of_range), Error);
  try {
    fit({}, by_basket(.1, .5));
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.sqlstate(), "55000");
  }
}

History history_of(const FittedModel& model, const std::vector<std::string>& items) {
  History history;
  for (const std::string& item : items) history.items.push_back({test::number_of(model, item), 0, 1, 0});
  history.baskets = 1;
  return history;
}

TEST(AssociationRules, RecommendByTheBestRuleThatApplies) {
  const FittedModel model = fit(textbook(), by_basket(0, 0));
  const auto recommender =
      association_rules().load_recommender({"rules@1", static_cast<std::int32_t>(model.neighbors.size())},
                                           Options(association_rules().options, {}, ""));
  FittedReader reader(model);
  NoPoll poll;
  ItemScores scores(static_cast<std::int32_t>(model.neighbors.size()));
  const History history = history_of(model, {"milk", "diapers"});
  recommender->score(history, reader, scores, poll);
  // beer: diapers 3/4, milk 2/4, both 2/3; cola: both 2/3; bread: milk 3/4, diapers 3/4; eggs: diapers 1/4.
  const std::map<std::string, double> expected = {{"beer", 3.0 / 4}, {"cola", 2.0 / 3}, {"bread", 3.0 / 4},
                                                  {"eggs", 1.0 / 4}, {"milk", 3.0 / 4}, {"diapers", 3.0 / 4}};
  for (const auto& [item, score] : expected)
    EXPECT_DOUBLE_EQ(scores[test::number_of(model, item)], score) << item;
  const std::vector<ItemReason> reasons = recommender->explain(
      history, reader, {test::number_of(model, "cola"), test::number_of(model, "beer")}, poll);
  EXPECT_EQ(reasons[0].text, "in 67% of baskets with");
  std::vector<std::int32_t> both = {test::number_of(model, "milk"), test::number_of(model, "diapers")};
  std::sort(both.begin(), both.end());
  EXPECT_EQ(reasons[0].because, both);
  EXPECT_EQ(reasons[1].text, "in 75% of baskets with");
  EXPECT_EQ(reasons[1].because, (std::vector<std::int32_t>{test::number_of(model, "diapers")}));
  EXPECT_FALSE(recommender->is_sequential());

  ItemScores none(static_cast<std::int32_t>(model.neighbors.size()));
  recommender->score(History(), reader, none, poll);
  EXPECT_EQ(none.largest(), 0);
  ItemScores similar(static_cast<std::int32_t>(model.neighbors.size()));
  recommender->score_similar(test::number_of(model, "beer"), reader, similar, poll);
  EXPECT_DOUBLE_EQ(similar[test::number_of(model, "diapers")], 1);
}

TEST(AssociationRules, ForgedRowsAreAnError) {
  const FittedModel model = fit(textbook(), by_basket(0, 0));
  const auto items = static_cast<std::int32_t>(model.neighbors.size());
  const auto recommender =
      association_rules().load_recommender({"rules@1", items}, Options(association_rules().options, {}, ""));
  RuleRow good;
  good.antecedent = {0, 1};
  good.consequent = 2;
  good.confidence = .5;
  good.lift = 2;
  const auto use = [&](const RuleRow& rule) {
    FittedModel forged = model;
    forged.rules = {rule};
    FittedReader reader(forged);
    NoPoll poll;
    ItemScores scores(items);
    recommender->score(history_of(model, {"milk", "bread", "diapers"}), reader, scores, poll);
  };
  EXPECT_NO_THROW(use(good));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  std::vector<RuleRow> bad(10, good);
  bad[0].consequent = items;
  bad[1].consequent = -1;
  bad[2].antecedent = {0, items};
  bad[3].antecedent = {1, 0};
  bad[4].antecedent = {0, 0};
  bad[5].confidence = nan;
  bad[6].confidence = 1.5;
  bad[7].confidence = -.1;
  bad[8].lift = nan;
  bad[9].lift = -1;
  for (const RuleRow& rule : bad) {
    try {
      use(rule);
      ADD_FAILURE() << "no error";
    } catch (const Error& error) {
      EXPECT_STREQ(error.sqlstate(), "22000");
    }
  }
}

TEST(AssociationRules, CanBeStoppedThroughout) {
  Random random(3);
  std::vector<std::vector<std::string>> baskets(3000);
  for (auto& basket : baskets) {
    for (int item = 0; item < 40; ++item) {
      if (random.uniform() < .3) basket.push_back(std::to_string(item));
    }
  }
  const std::vector<EventRow> rows = rows_of(baskets);
  EventOptions given = by_basket(.02, .3);
  given.emplace("max_length", 4.0);
  test::StoppingPoll never(-1);
  test::fit_events(association_rules(), rows, given, never);
  EXPECT_GT(never.checks(), 30);
  for (long at = 1; at <= never.checks(); at += 1 + never.checks() / 10) {
    test::StoppingPoll stop(at);
    EXPECT_THROW(test::fit_events(association_rules(), rows, given, stop), test::StoppingPoll::Stop);
  }
}

}  // namespace
}  // namespace persona
