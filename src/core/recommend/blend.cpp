#include "core/recommend/blend.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "core/base/error.h"
#include "core/evaluation/recommendation_metrics.h"
#include "core/recommend/event_fitter.h"
#include "core/recommend/ranking.h"

namespace persona {
namespace {

constexpr std::int32_t kCompeting = 200;
// Into how many steps the weights are divided, by the number of members: some hundred choices at most.
constexpr int kSteps[kMostBlended + 1] = {0, 1, 20, 10, 5, 4, 4};

std::vector<OptionSpec> option_specs() {
  std::vector<OptionSpec> specs = event_options();
  specs.push_back({"models", OptionType::text_list, "null",
                   "Names of the recommenders that are blended, 2 to 6; as name, what is deployed, or "
                   "name@version."});
  specs.push_back(
      {"weights", OptionType::number_list, "null",
       "Their weights, in that order; by default those that rank best each user's last basket, or "
       "without a time one pair of user and item in five.",
       0, 1e6});
  return specs;
}

class BlendFitter final : public EventFitter {
 public:
  explicit BlendFitter(const FitRequest& request) : EventFitter(request, "blend") {
    const std::vector<std::string> models = request.options.text_list("models");
    if (models.size() < 2 || models.size() > kMostBlended) {
      throw Error(sqlstate::kInvalidParameter, "kind \"blend\" takes 2 to 6 models",
                  "Option \"models\" names " + std::to_string(models.size()) + ".",
                  "Write \"models\": [\"also\", \"again\"], names of recommenders that are fitted already.");
    }
    const std::vector<double> weights = request.options.number_list("weights");
    const bool any = std::any_of(weights.begin(), weights.end(), [](double weight) { return weight > 0; });
    if (!weights.empty() && (weights.size() != models.size() || !any)) {
      throw Error(sqlstate::kInvalidParameter, "option \"weights\" does not fit option \"models\"",
                  "There are " + std::to_string(models.size()) + " models and " +
                      std::to_string(weights.size()) + " weights.",
                  "Give each model a weight of 0 or more, one at least above 0.");
    }
  }

 private:
  void complete(Training& /*training*/, FittedModel& /*model*/, Poll& /*poll*/) override {}
};

std::unique_ptr<Fitter> make_fitter(const FitRequest& request) {
  return std::make_unique<BlendFitter>(request);
}

// All ways to divide `left` steps among the members from `member` on, the first getting most first.
void divide(std::size_t member, int left, int steps, std::vector<double>& choice,
            std::vector<std::vector<double>>& choices) {
  if (member + 1 == choice.size()) {
    choice[member] = static_cast<double>(left) / steps;
    choices.push_back(choice);
    return;
  }
  for (int own = left; own >= 0; --own) {
    choice[member] = static_cast<double>(own) / steps;
    divide(member + 1, left - own, steps, choice, choices);
  }
}

// The items that compete: the best of each member, ascending.
std::vector<std::int32_t> competing_items(const std::vector<ItemScores>& shares, const ItemSet& excluded) {
  NoPoll poll;
  std::vector<std::int32_t> items;
  for (const ItemScores& each : shares) {
    RankingRequest request;
    request.k = kCompeting;
    request.excluded = &excluded;
    for (const RankedItem& ranked : rank_items(each, request, poll)) items.push_back(ranked.item);
  }
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
  return items;
}

}  // namespace

History member_history(const BlendMember& member, const History& history) {
  History mapped;
  mapped.baskets = history.baskets;
  mapped.segment = history.segment;
  for (HistoryItem each : history.items) {
    each.item = member.from_blend[static_cast<std::size_t>(each.item)];
    if (each.item >= 0) mapped.items.push_back(each);
  }
  // Within a basket items go by number.
  std::stable_sort(mapped.items.begin(), mapped.items.end(), [](const HistoryItem& a, const HistoryItem& b) {
    return a.age != b.age ? a.age > b.age : a.item < b.item;
  });
  return mapped;
}

void score_member(const BlendMember& member, const History& history, ItemScores& shares, Poll& poll) {
  ItemScores own(static_cast<std::int32_t>(member.to_blend.size()));
  member.recommender->score(member_history(member, history), *member.reader, own, poll);
  const double largest = own.largest();
  if (!(largest > 0)) return;
  for (std::size_t item = 0; item < member.to_blend.size(); ++item) {
    const double score = own[static_cast<std::int32_t>(item)];
    if (score != 0 && member.to_blend[item] >= 0) shares.add(member.to_blend[item], score / largest);
  }
}

BlendWeights::BlendWeights(std::size_t members, std::size_t k) : k_(k) {
  std::vector<double> choice(members, 0);
  const int steps = kSteps[std::min(members, kMostBlended)];
  divide(0, steps, steps, choice, choices_);
  gains_.assign(choices_.size(), 0);
}

void BlendWeights::add(const std::vector<ItemScores>& shares, const ItemSet& excluded,
                       const std::vector<std::int32_t>& relevant, std::size_t unknown) {
  ++users_;
  const std::vector<std::int32_t> items = competing_items(shares, excluded);
  std::vector<std::pair<double, std::int32_t>> scored(items.size());
  std::vector<std::int32_t> best;
  for (std::size_t choice = 0; choice < choices_.size(); ++choice) {
    for (std::size_t i = 0; i < items.size(); ++i) {
      double score = 0;
      for (std::size_t m = 0; m < shares.size(); ++m) score += choices_[choice][m] * shares[m][items[i]];
      scored[i] = {-score, items[i]};
    }
    const auto kept = static_cast<std::ptrdiff_t>(std::min(k_, scored.size()));
    std::partial_sort(scored.begin(), scored.begin() + kept, scored.end());
    best.clear();
    for (auto each = scored.begin(); each != scored.begin() + kept; ++each) best.push_back(each->second);
    gains_[choice] += discounted_gain(best, relevant, unknown, k_);
  }
}

const std::vector<double>& BlendWeights::best() const {
  const auto largest = std::max_element(gains_.begin(), gains_.end());
  return choices_[static_cast<std::size_t>(largest - gains_.begin())];
}

double BlendWeights::best_ndcg() const {
  return *std::max_element(gains_.begin(), gains_.end()) / static_cast<double>(users_);
}

const Kind& blend() {
  static const Kind kind = {"blend",
                            Task::recommendation,
                            "Recommends by a weighted sum of other recommenders, with weights found on what "
                            "users took up last.",
                            option_specs(),
                            make_fitter,
                            nullptr};
  return kind;
}

}  // namespace persona
