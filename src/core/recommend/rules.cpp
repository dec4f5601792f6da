// One walk over the tree of itemsets, which carries for each item on the way the node of the set without it:
// where the way goes on by an item, so do all of these, by one step each.
#include "core/recommend/rules.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "core/base/error.h"

namespace persona {
namespace {

class RuleFinder {
 public:
  RuleFinder(const ItemsetTree& itemsets, const RuleBounds& bounds, PacedPoll& poll)
      : itemsets_(itemsets), bounds_(bounds), poll_(poll) {}

  Rules find() {
    visit_children(0);
    std::sort(rules_.rows.begin(), rules_.rows.end(), [this](const RuleRow& a, const RuleRow& b) {
      poll_.add(32);
      if (a.lift != b.lift) return a.lift > b.lift;
      if (a.count != b.count) return a.count > b.count;
      return a.antecedent != b.antecedent ? a.antecedent < b.antecedent : a.consequent < b.consequent;
    });
    return std::move(rules_);
  }

 private:
  void visit_children(std::uint32_t parent) {
    const std::size_t length = items_.size();
    if (without_.size() <= length) without_.resize(length + 1);
    const std::uint32_t first = itemsets_[parent].first_child;
    for (std::uint32_t node = first; node < first + itemsets_[parent].children; ++node) {
      const std::int32_t item = itemsets_[node].item;
      std::vector<std::uint32_t>& without = without_[length];
      without.clear();
      for (std::size_t m = 0; m < length; ++m)
        without.push_back(itemsets_.child(without_[length - 1][m], item));
      without.push_back(parent);
      items_.push_back(item);
      if (length > 0) make_rules(node, without);
      ++visited_;
      poll_.add(32 * length + 8);
      visit_children(node);
      items_.pop_back();
    }
  }

  // `without`: by place in items_, the node of the set without that item.
  void make_rules(std::uint32_t node, const std::vector<std::uint32_t>& without) {
    RuleRow rule;
    for (std::size_t m = 0; m < items_.size(); ++m) {
      const std::uint32_t consequent = itemsets_.child(0, items_[m]);
      measure_rule(itemsets_[0].count, itemsets_[without[m]].count, itemsets_[consequent].count,
                   itemsets_[node].count, rule);
      rules_.most_confidence = std::max(rules_.most_confidence, rule.confidence);
      if (rule.confidence < bounds_.min_confidence || rule.lift < bounds_.min_lift) continue;
      if (rules_.rows.size() >= bounds_.max_rules) throw_too_many();
      rule.consequent = items_[m];
      rule.antecedent.assign(items_.rbegin(), items_.rend());  // ascending: on the way they fall
      rule.antecedent.erase(rule.antecedent.end() - 1 - static_cast<std::ptrdiff_t>(m));
      rules_.rows.push_back(rule);
      poll_.add(32);
    }
  }

  [[noreturn]] void throw_too_many() const {
    throw Error(
        sqlstate::kProgramLimit,
        "more than " + std::to_string(bounds_.max_rules) + " rules are found, as option max_rules allows",
        "So many come from the first " + std::to_string(visited_) + " of " +
            std::to_string(itemsets_.size() - 1) + " frequent sets of items.",
        "Use a larger min_support, min_confidence or min_lift, or a smaller max_length.");
  }

  const ItemsetTree& itemsets_;
  RuleBounds bounds_;
  PacedPoll& poll_;
  Rules rules_;
  std::size_t visited_ = 0;
  std::vector<std::int32_t> items_;                  // on the way to the node
  std::vector<std::vector<std::uint32_t>> without_;  // by length of the way
};

}  // namespace

void measure_rule(std::uint32_t baskets, std::uint32_t antecedent, std::uint32_t consequent,
                  std::uint32_t both, RuleRow& rule) noexcept {
  const double n = baskets;
  const double a = antecedent;
  const double b = consequent;
  const double c = both;
  rule.count = both;
  rule.support = c / n;
  rule.confidence = c / a;
  rule.lift = c * n / (a * b);
  rule.leverage = (c * n - a * b) / (n * n);
  if (antecedent != both) {
    rule.conviction = (n - b) * a / (n * (a - c));
  } else {
    rule.conviction = consequent == baskets ? 1 : std::numeric_limits<double>::infinity();
  }
}

Rules find_rules(const ItemsetTree& itemsets, const RuleBounds& bounds, PacedPoll& poll) {
  return RuleFinder(itemsets, bounds, poll).find();
}

}  // namespace persona
