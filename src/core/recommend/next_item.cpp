#include "core/recommend/next_item.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/recommend/fading_pairs.h"
#include "core/recommend/fading_pairs.h"
#include "core/recommend/neighbor_rows.h"
#include "core/recommend/pair_recommender.h"

namespace persona {
namespace {

std::vector<OptionSpec> option_specs() {
  std::vector<OptionSpec> specs = event_options();
  for (OptionSpec& each : neighbor_options("200")) specs.push_back(each);
  specs.push_back({"lag_exponent", OptionType::number, "0.5",
                   "A pair that is g baskets apart counts g ^ -this; beyond 50 baskets nothing.", 0, 10});
  specs.push_back({"backward", OptionType::number, "0.3",
                   "What an item that came before counts against one that came after.", 0, 1});
  specs.push_back(
      {"exponents", OptionType::number_list, "null",
       "Powers [a, b] of the numbers of baskets with the earlier and the later item that divide a "
       "pair; [0.5, 0.25] by default.",
       0, 2});
  specs.push_back(decay_option("0.7"));
  return specs;
}

FadingPairs pairs_of(const Options& options) {
  FadingPairs pairs = lagged_pairs(options.number("lag_exponent"), options.number("backward"));
  pairs.neighbors = static_cast<std::size_t>(options.integer("neighbors"));
  pairs.min_support = static_cast<double>(options.integer("min_support"));
  if (options.has("exponents")) {
    const std::vector<double> given = options.number_list("exponents");
    if (given.size() != 2) {
      throw Error(sqlstate::kInvalidParameter, "option \"exponents\" takes two numbers", "",
                  "Write [0.5, 0.25], of the item at hand and of the one recommended.");
    }
    std::copy(given.begin(), given.end(), pairs.exponents);
  }
  return pairs;
}

class NextItemFitter final : public EventFitter {
 public:
  explicit NextItemFitter(const FitRequest& request)
      : EventFitter(request, "next_item", {{true, true, false}, true}), pairs_(pairs_of(request.options)) {}

 private:
  void complete(Training& training, FittedModel& model, Poll& poll) override {
    if (fill_fading_pairs(training, pairs_, model, poll) > 0) return;
    model.notices.emplace_back(
        "no item follows another: every user has one basket, so recommendations are by popularity");
  }

  FadingPairs pairs_;
};

std::unique_ptr<Fitter> make_fitter(const FitRequest& request) {
  return std::make_unique<NextItemFitter>(request);
}

std::unique_ptr<Recommender> load_recommender(const RecommenderFacts& facts, const Options& options) {
  return std::make_unique<PairRecommender>(
      facts, "often follows",
      [decay = options.number("decay")](const History& history) { return count_baskets(history, decay); },
      true);
}

}  // namespace

const Kind& next_item() {
  static const Kind kind = {"next_item",
                            Task::recommendation,
                            "Recommends what tends to come next, by directed pairs of items in the users' "
                            "sequences.",
                            option_specs(),
                            make_fitter,
                            nullptr,
                            nullptr,
                            Distribution::normal,
                            load_recommender};
  return kind;
}

}  // namespace persona
