// The rules that frequent itemsets hold, and what they are worth.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/model/rows.h"
#include "core/recommend/itemsets.h"
#include "core/recommend/paced_poll.h"

namespace persona {

/// Of `baskets`, `antecedent` have the antecedent, `consequent` the consequent and `both` both; none of them
/// 0. Each number is one quotient of integers, so that equal shares compare as equal.
void measure_rule(std::uint32_t baskets, std::uint32_t antecedent, std::uint32_t consequent,
                  std::uint32_t both, RuleRow& rule) noexcept;

struct RuleBounds {
  double min_confidence = 0.8;
  double min_lift = 0;
  std::size_t max_rules = 1'000'000;
};

struct Rules {
  std::vector<RuleRow> rows;   ///< in the order that association_rules.h states
  double most_confidence = 0;  ///< of the rules that could have been made, whatever the bounds
};

/// From each set every rule with one of its items as consequent and the others, at least one, as antecedent.
/// Throws 54000 where there are more than max_rules.
Rules find_rules(const ItemsetTree& itemsets, const RuleBounds& bounds, PacedPoll& poll);

}  // namespace persona
