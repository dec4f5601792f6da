// Both passes look at every rule that the history's items begin, and keep those whose other items it has,
// too.
#include "core/recommend/rule_recommender.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>

#include "core/base/at.h"
#include "core/base/number_text.h"
#include "core/model/damaged.h"
#include "core/recommend/paced_poll.h"

namespace persona {
namespace {

void check_rule(const RecommenderFacts& facts, const RuleRow& rule) {
  const auto check_item = [&](std::int32_t item) {
    if (item >= 0 && item < facts.items) return;
    throw_damaged(facts.model, "A rule has item number " + std::to_string(item) + ", and the model has " +
                                   std::to_string(facts.items) + " items.");
  };
  check_item(rule.consequent);
  for (std::size_t n = 0; n < rule.antecedent.size(); ++n) {
    check_item(rule.antecedent[n]);
    if (n > 0 && rule.antecedent[n] <= rule.antecedent[n - 1]) {
      throw_damaged(facts.model, "The items of a rule's antecedent are not in ascending order.");
    }
  }
  if (rule.antecedent.empty()) throw_damaged(facts.model, "A rule has no antecedent.");
  if (!(rule.confidence >= 0 && rule.confidence <= 1)) {
    throw_damaged(facts.model, "A rule has a confidence that is not between 0 and 1.");
  }
  if (!(rule.lift >= 0 && std::isfinite(rule.lift))) {
    throw_damaged(facts.model, "A rule has a lift that is negative or not finite.");
  }
}

bool is_better(const RuleRow& a, const RuleRow& b) {
  if (a.confidence != b.confidence) return a.confidence > b.confidence;
  if (a.lift != b.lift) return a.lift > b.lift;
  if (a.antecedent.size() != b.antecedent.size()) return a.antecedent.size() < b.antecedent.size();
  return a.antecedent < b.antecedent;
}

// By consequent the best rule that applies to the history; null for an item without one.
std::vector<const RuleRow*> best_rules(const RecommenderFacts& facts, const History& history,
                                       const std::vector<RuleRow>& rules, Poll& poll) {
  PacedPoll paced(poll);
  ItemSet owned(facts.items);
  for (const HistoryItem& each : history.items) {
    if (each.weight > 0) owned.insert(each.item);
  }
  std::vector<const RuleRow*> best(at(facts.items), nullptr);
  paced.add(at(facts.items));
  for (const RuleRow& rule : rules) {
    paced.add(8 + rule.antecedent.size());
    check_rule(facts, rule);
    const bool applies = std::all_of(rule.antecedent.begin(), rule.antecedent.end(),
                                     [&](std::int32_t item) { return owned.contains(item); });
    const RuleRow*& own = best[at(rule.consequent)];
    if (applies && (own == nullptr || is_better(rule, *own))) own = &rule;
  }
  return best;
}

// Every item of the history once, ascending.
std::vector<std::int32_t> items_of(const History& history) {
  std::vector<std::int32_t> items;
  for (const HistoryItem& each : history.items) {
    if (each.weight > 0) items.push_back(each.item);
  }
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
  return items;
}

// "81%". No share below 1 is called 100%, and none above 0 is called 0%.
std::string percent(double share) {
  const double percents = 100 * share;
  if (percents >= 1) return number_text(share < 1 ? std::min(std::round(percents), 99.0) : 100) + "%";
  if (percents <= 0) return "0%";
  const double unit = std::pow(10.0, std::floor(std::log10(percents)));
  return number_text(std::round(percents / unit) * unit) + "%";
}

}  // namespace

void RuleRecommender::score(const History& history, ModelReader& reader, ItemScores& scores,
                            Poll& poll) const {
  const std::vector<RuleRow> rules = reader.rules(items_of(history));
  for (const RuleRow* rule : best_rules(facts_, history, rules, poll)) {
    if (rule != nullptr) scores.add(rule->consequent, rule->confidence);
  }
}

std::vector<ItemReason> RuleRecommender::explain(const History& history, ModelReader& reader,
                                                 const std::vector<std::int32_t>& items, Poll& poll) const {
  const std::vector<RuleRow> rules = reader.rules(items_of(history));
  const std::vector<const RuleRow*> best = best_rules(facts_, history, rules, poll);
  std::vector<ItemReason> reasons(items.size());
  for (std::size_t place = 0; place < items.size(); ++place) {
    const RuleRow* rule = best[at(items[place])];
    if (rule == nullptr) continue;
    reasons[place] = {"in " + percent(rule->confidence) + " of baskets with", rule->antecedent};
  }
  return reasons;
}

}  // namespace persona
