// Forms one row of X'X after another and keeps the best of each. The columns are divided by their norms
// first, and every similarity is computed from the cosine and the norms, so that no weight is too large or
// too small.
#include "core/recommend/item_knn.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/recommend/event_fitter.h"
#include "core/recommend/interaction_weights.h"
#include "core/recommend/neighbor_rows.h"
#include "core/recommend/pair_counts.h"
#include "core/recommend/pair_recommender.h"

namespace persona {
namespace {

std::vector<OptionSpec> option_specs() {
  std::vector<OptionSpec> specs = event_options();
  for (OptionSpec& each : neighbor_options("50")) specs.push_back(each);
  specs.push_back({"similarity",
                   OptionType::text,
                   "\"cosine\"",
                   "Cosine, jaccard, conditional (the share of an item's users who have the other), tfidf or "
                   "bm25.",
                   -1e300,
                   1e300,
                   {"cosine", "jaccard", "conditional", "tfidf", "bm25"}});
  specs.push_back(
      {"exponents", OptionType::number_list, "null",
       "Of the cosine: the powers [a, b] of the counts of the item at hand and of its neighbor that "
       "divide what they share; [0.5, 0.5] by default. A larger b holds popular items back.",
       0, 2});
  specs.push_back({"shrinkage", OptionType::number, "0",
                   "Added to the divisor of a similarity: what few users say counts less.", 0, 1e9});
  specs.push_back({"user_normalization", OptionType::number, "0",
                   "Each user counts 1 / (his number of items) ^ this; 1 is the normalized cosine.", 0, 2});
  specs.push_back(decay_option("1"));
  return specs;
}

// Similarities from the cosine and the norms of two columns.
class Similarity {
 public:
  Similarity(const Options& options, std::vector<double> norms)
      : norms_(std::move(norms)), shrinkage_(options.number("shrinkage")) {
    const std::string name = options.text("similarity");
    if (name == "jaccard") measure_ = Measure::jaccard;
    if (name == "conditional") exponents_ = {1, 0};
    if (!options.has("exponents")) return;
    const std::vector<double> given = options.number_list("exponents");
    if (given.size() != 2 || name == "jaccard" || name == "conditional") {
      throw Error(sqlstate::kInvalidParameter, "option \"exponents\" takes two numbers, and a cosine", "",
                  "Write [0.5, 0.5], and leave option similarity at cosine, tfidf or bm25.");
    }
    exponents_ = given;
  }

  double operator()(double cosine, std::int32_t item, std::int32_t neighbor) const {
    const double own = norms_[static_cast<std::size_t>(item)];
    const double other = norms_[static_cast<std::size_t>(neighbor)];
    if (measure_ == Measure::jaccard) {
      const double shrinkage = shrinkage_ > 0 ? shrinkage_ / (own * other) : 0;
      return cosine / (own / other + other / own - cosine + shrinkage);
    }
    // d_i^a d_j^b, divided by the norms.
    const double divisor = power(own, 2 * exponents_[0] - 1) * power(other, 2 * exponents_[1] - 1);
    const double shrinkage = shrinkage_ > 0 ? shrinkage_ / (own * other) : 0;
    return cosine / (divisor + shrinkage);
  }

 private:
  enum class Measure { cosine, jaccard };

  static double power(double base, double exponent) { return exponent == 0 ? 1 : std::pow(base, exponent); }

  std::vector<double> norms_;
  double shrinkage_;
  Measure measure_ = Measure::cosine;
  std::vector<double> exponents_ = {0.5, 0.5};
};

class ItemKnnFitter final : public EventFitter {
 public:
  explicit ItemKnnFitter(const FitRequest& request)
      : EventFitter(request, "item_knn"), options_(request.options) {
    Similarity(options_, {});  // its errors before the rows are read
  }

 private:
  void complete(Training& training, FittedModel& model, Poll& poll) override {
    Interactions& interactions = training.interactions;
    if (options_.text("similarity") == "tfidf") weigh_tfidf(interactions, poll);
    if (options_.text("similarity") == "bm25") weigh_bm25(interactions, poll);
    const Similarity similarity(options_, item_norms(interactions, poll));
    const std::vector<double> norms = item_norms(interactions, poll);
    // Plain counts stay integers: they are exact, and faster.
    if (!interactions.by_user.weight.empty() || options_.number("user_normalization") > 0) {
      divide_by_norms(interactions, norms, poll);
    }
    scale_users(interactions, options_.number("user_normalization") / 2, poll);
    const bool counts = interactions.by_user.weight.empty();

    const auto min_support = static_cast<double>(options_.integer("min_support"));
    const std::int32_t supported = supported_items(interactions, min_support);
    PacedPoll paced(poll);
    PairCounts pairs(interactions, supported, paced);
    NeighborCollector collector(static_cast<std::size_t>(options_.integer("neighbors")), supported);
    for (std::int32_t item = 0; item < supported; ++item) {
      const double own = norms[static_cast<std::size_t>(item)];
      for (const PairCount& pair : pairs.row(item)) {
        const double other = norms[static_cast<std::size_t>(pair.item)];
        const double cosine = counts ? pair.count / std::sqrt(own * own * (other * other)) : pair.count;
        collector.add(pair.item, similarity(cosine, item, pair.item));
        paced.add(4);
      }
      collector.finish(model.neighbors[static_cast<std::size_t>(item)]);
    }
    model.metrics.push_back({"mean_neighbors", static_cast<double>(collector.kept()) /
                                                   static_cast<double>(model.neighbors.size())});
    note_unsupported(supported, min_support, model);
  }

  Options options_;
};

std::unique_ptr<Fitter> make_fitter(const FitRequest& request) {
  return std::make_unique<ItemKnnFitter>(request);
}

std::unique_ptr<Recommender> load_recommender(const RecommenderFacts& facts, const Options& options) {
  return std::make_unique<PairRecommender>(facts, "goes with", weigh_by_options(options));
}

}  // namespace

const Kind& item_knn() {
  static const Kind kind = {
      "item_knn",
      Task::recommendation,
      "Recommends items that the same users have, by the cosine between items or another "
      "similarity.",
      option_specs(),
      make_fitter,
      nullptr,
      nullptr,
      Distribution::normal,
      load_recommender};
  return kind;
}

}  // namespace persona
