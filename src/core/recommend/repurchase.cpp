#include "core/recommend/repurchase.h"

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "core/recommend/fading_pairs.h"
#include "core/recommend/neighbor_rows.h"
#include "core/recommend/pair_recommender.h"
#include "core/recommend/stored_rows.h"

namespace persona {
namespace {

std::vector<OptionSpec> option_specs() {
  std::vector<OptionSpec> specs = event_options();
  for (OptionSpec& each : neighbor_options("0")) specs.push_back(each);
  specs.push_back(decay_option("1"));
  specs.push_back({"popularity_weight", OptionType::number, "0.2",
                   "What the most popular item counts against the user's own most frequent one.", 0, 1e6});
  specs.push_back({"pairs_weight", OptionType::number, "0.2",
                   "The same for what tends to follow in the next baskets.", 0, 1e6});
  return specs;
}

// Pairs of baskets that follow each other, each basket further counting half.
FadingPairs basket_pairs(const Options& options) {
  FadingPairs pairs;
  pairs.forward = {1, 0.5, 0.25, 0.125, 0.0625};
  pairs.exponents[0] = 0.5;
  pairs.exponents[1] = 0.25;
  pairs.neighbors = static_cast<std::size_t>(options.integer("neighbors"));
  pairs.min_support = static_cast<double>(options.integer("min_support"));
  return pairs;
}

class RepurchaseFitter final : public EventFitter {
 public:
  explicit RepurchaseFitter(const FitRequest& request)
      : EventFitter(request, "repurchase", {{true, true, false}, true}),
        pairs_(basket_pairs(request.options)),
        wants_pairs_(request.options.number("pairs_weight") > 0) {}

 private:
  void complete(Training& training, FittedModel& model, Poll& poll) override {
    if (!wants_pairs_) return;
    fill_fading_pairs(training, pairs_, model, poll);
  }

  FadingPairs pairs_;
  bool wants_pairs_;
};

class RepurchaseRecommender final : public Recommender {
 public:
  RepurchaseRecommender(RecommenderFacts facts, const Options& options)
      : facts_(std::move(facts)),
        decay_(options.number("decay")),
        popularity_weight_(options.number("popularity_weight")),
        pairs_weight_(options.number("pairs_weight")),
        pairs_(facts_, "often bought after",
               [decay = decay_](const History& history) { return count_baskets(history, decay); }) {}

  bool excludes_seen() const noexcept override { return false; }

  void score(const History& history, ModelReader& reader, ItemScores& scores, Poll& poll) const override {
    ItemScores part(scores.items());
    for (const WeightedItem& own : count_baskets(history, decay_)) part.add(own.item, own.weight);
    part.add_shares_to(scores, 1);
    if (popularity_weight_ > 0 && !history.items.empty()) {
      part.clear();
      const PopularityView popular = reader.popularity();
      check_popularity(facts_, popular);
      for (std::size_t n = 0; n < popular.item_count; ++n) {
        part.add(popular.items[n], static_cast<double>(popular.scores[n]));
      }
      part.add_shares_to(scores, popularity_weight_);
    }
    if (pairs_weight_ > 0) {
      part.clear();
      pairs_.score(history, reader, part, poll);
      part.add_shares_to(scores, pairs_weight_);
    }
  }

  std::vector<ItemReason> explain(const History& history, ModelReader& reader,
                                  const std::vector<std::int32_t>& items, Poll& poll) const override {
    std::vector<ItemReason> reasons(items.size());
    if (pairs_weight_ > 0) reasons = pairs_.explain(history, reader, items, poll);
    const std::vector<WeightedItem> own = count_baskets(history, 1);
    for (std::size_t place = 0; place < items.size(); ++place) {
      ItemReason& reason = reasons[place];
      for (const WeightedItem& each : own) {
        if (each.item != items[place]) continue;
        const auto times = static_cast<long long>(std::llround(each.weight));
        reason = {
            times == 1 ? "bought before" : "bought " + std::to_string(times) + " times before", {}, false};
      }
      if (reason.because.empty() && reason.text.rfind("bought", 0) != 0) reason = {"popular", {}, true};
    }
    return reasons;
  }

  // What goes along in later baskets; an item does not explain itself.
  void score_similar(std::int32_t item, ModelReader& reader, ItemScores& scores, Poll& poll) const override {
    if (pairs_weight_ > 0) pairs_.score_similar(item, reader, scores, poll);
  }

 private:
  RecommenderFacts facts_;
  double decay_;
  double popularity_weight_;
  double pairs_weight_;
  PairRecommender pairs_;
};

std::unique_ptr<Fitter> make_fitter(const FitRequest& request) {
  return std::make_unique<RepurchaseFitter>(request);
}

std::unique_ptr<Recommender> load_recommender(const RecommenderFacts& facts, const Options& options) {
  return std::make_unique<RepurchaseRecommender>(facts, options);
}

}  // namespace

const Kind& repurchase() {
  static const Kind kind = {"repurchase",
                            Task::recommendation,
                            "Recommends what a user buys again: his own frequency, what is popular, and what "
                            "follows in later baskets.",
                            option_specs(),
                            make_fitter,
                            nullptr,
                            nullptr,
                            Distribution::normal,
                            load_recommender};
  return kind;
}

}  // namespace persona
