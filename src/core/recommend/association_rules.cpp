// The baskets' frequent itemsets, and the rules they hold.
#include "core/recommend/association_rules.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/number_text.h"
#include "core/recommend/event_fitter.h"
#include "core/recommend/itemsets.h"
#include "core/recommend/rule_recommender.h"
#include "core/recommend/rules.h"

namespace persona {
namespace {

std::vector<OptionSpec> option_specs() {
  std::vector<OptionSpec> specs = event_options();
  specs.push_back({"min_support", OptionType::number, "0.01",
                   "Share of all baskets that have all items of a rule, at least; 0 for a single basket.", 0,
                   1});
  specs.push_back({"min_confidence", OptionType::number, "0.8",
                   "Share of the antecedent's baskets that have the consequent, at least.", 0, 1});
  specs.push_back(
      {"min_lift", OptionType::number, "0",
       "How many times as common the consequent is in the antecedent's baskets as in all, at least.", 0,
       1e300});
  specs.push_back({"max_length", OptionType::integer, "10", "Items of a rule in all, at most.", 2, 50});
  specs.push_back(
      {"max_rules", OptionType::integer, "1000000", "With more rules there is no model.", 1, 1e7});
  return specs;
}

// Every basket that has an item.
SparseRows basket_rows(const Sequences& sequences, PacedPoll& poll) {
  SparseRows baskets;
  baskets.begin.push_back(0);
  grow(baskets.index, sequences.item.size(), poll);
  for (std::size_t user = 0; user < sequences.users(); ++user) {
    const std::size_t end = sequences.begin[user + 1];
    for (std::size_t e = sequences.begin[user]; e < end; ++e) {
      baskets.index[e] = sequences.item[e];
      if (e + 1 == end || sequences.basket[e + 1] != sequences.basket[e]) baskets.begin.push_back(e + 1);
      poll.add(2);
    }
  }
  if (baskets.rows() > std::numeric_limits<std::uint32_t>::max()) {
    throw Error(sqlstate::kProgramLimit, "there are more than 4294967295 baskets", "",
                "Leave the oldest out of the source.");
  }
  return baskets;
}

// The smallest count whose share of n is at least this, compared as the share is stored.
std::uint32_t least_count(double share, std::size_t n) {
  const auto baskets = static_cast<double>(n);
  double count = std::ceil(share * baskets);
  if (count > 1 && (count - 1) / baskets >= share) --count;
  return static_cast<std::uint32_t>(std::max(count, 1.0));
}

class AssociationRulesFitter final : public EventFitter {
 public:
  explicit AssociationRulesFitter(const FitRequest& request)
      : EventFitter(request, "association_rules", wants()), options_(request.options) {}

 private:
  static EventWants wants() {
    EventWants wants;
    wants.needs.user = false;
    wants.sequences = true;
    return wants;
  }

  void complete(Training& training, FittedModel& model, Poll& poll) override {
    PacedPoll paced(poll);
    const SparseRows baskets = basket_rows(training.sequences, paced);
    training.sequences = Sequences();
    ItemsetLimits limits;
    limits.min_count = least_count(options_.number("min_support"), baskets.rows());
    limits.max_length = static_cast<int>(options_.integer("max_length"));
    const ItemsetTree itemsets =
        find_itemsets(baskets, static_cast<std::int32_t>(model.neighbors.size()), limits, paced);
    poll.progress(std::to_string(itemsets.size() - 1) + " sets of items are frequent");
    RuleBounds bounds;
    bounds.min_confidence = options_.number("min_confidence");
    bounds.min_lift = options_.number("min_lift");
    bounds.max_rules = static_cast<std::size_t>(options_.integer("max_rules"));
    Rules rules = find_rules(itemsets, bounds, paced);
    if (rules.rows.empty()) note_none(rules, itemsets, limits, bounds, model);
    model.rules = std::move(rules.rows);
    // Of the baskets that have an item: what the shares are of.
    for (Metric& each : model.metrics) {
      if (each.name == "baskets") each.value = static_cast<double>(baskets.rows());
    }
    model.metrics.push_back({"itemsets", static_cast<double>(itemsets.size() - 1)});
    model.metrics.push_back({"rules", static_cast<double>(model.rules.size())});
  }

  static void note_none(const Rules& rules, const ItemsetTree& itemsets, const ItemsetLimits& limits,
                        const RuleBounds& bounds, FittedModel& model) {
    std::string why = "no two items are together in at least " + std::to_string(limits.min_count) + " of " +
                      std::to_string(itemsets[0].count) + " baskets (min_support)";
    if (rules.most_confidence >= bounds.min_confidence && rules.most_confidence > 0) {
      why =
          "those of sufficient confidence have a lift below " + number_text(bounds.min_lift) + " (min_lift)";
    } else if (rules.most_confidence > 0) {
      why = "the highest confidence is " + number_text(std::floor(rules.most_confidence * 1000) / 1000) +
            ", below " + number_text(bounds.min_confidence) + " (min_confidence)";
    }
    model.notices.push_back("there are no rules: " + why);
  }

  Options options_;
};

std::unique_ptr<Fitter> make_fitter(const FitRequest& request) {
  return std::make_unique<AssociationRulesFitter>(request);
}

std::unique_ptr<Recommender> load_recommender(const RecommenderFacts& facts, const Options& /*options*/) {
  return std::make_unique<RuleRecommender>(facts);
}

}  // namespace

const Kind& association_rules() {
  static const Kind kind = {
      "association_rules",
      Task::recommendation,
      "Finds rules such as: who buys A and B buys C, by their support, confidence and lift, "
      "and recommends by them.",
      option_specs(),
      make_fitter,
      nullptr,
      nullptr,
      Distribution::normal,
      load_recommender};
  return kind;
}

}  // namespace persona
