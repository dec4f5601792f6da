#include "core/recommend/als.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/recommend/als_fit.h"
#include "core/recommend/als_recommender.h"
#include "core/recommend/event_fitter.h"
#include "core/recommend/paced_poll.h"
#include "core/recommend/pair_recommender.h"

namespace persona {
namespace {

constexpr double kMaxNumbers = 1e9;  // 4 GB, and as much again for the rows that are made of them

std::vector<OptionSpec> option_specs() {
  std::vector<OptionSpec> specs = event_options();
  specs.push_back(
      {"min_support", OptionType::integer, "1",
       "Items in fewer baskets, or without baskets of fewer users, are kept, but have no factors and are "
       "recommended by popularity only.",
       1, 2147483647});
  specs.push_back(
      {"factors", OptionType::integer, "64", "Length of the vectors of users and items.", 1, 512});
  specs.push_back(
      {"alpha", OptionType::number, "0.1",
       "Weight of every pair of user and item, whether it occurs or not, against those that occur.", 0, 1e9});
  specs.push_back(
      {"lambda", OptionType::number, "0.005", "Weight of the squares of the vectors' lengths.", 0, 1e9});
  specs.push_back(
      {"regularization_exponent", OptionType::number, "1",
       "How much more the vectors of users and items with many pairs are held back: 0 all alike, 1 in "
       "proportion.",
       0, 2});
  specs.push_back({"iterations", OptionType::integer, "16",
                   "How often all users and all items are solved for.", 1, 10000});
  specs.push_back({"seed", OptionType::integer, "0", "Of the random numbers the items' vectors start from.",
                   0, 9007199254740991});
  specs.push_back({"threads", OptionType::integer, "1",
                   "Threads that solve at once; the result does not depend on it.", 1, 64});
  specs.push_back(decay_option("1"));
  return specs;
}

AlsSettings settings_of(const Options& options) {
  AlsSettings settings;
  settings.factors = static_cast<std::int32_t>(options.integer("factors"));
  settings.alpha = options.number("alpha");
  settings.lambda = options.number("lambda");
  settings.exponent = options.number("regularization_exponent");
  settings.iterations = static_cast<int>(options.integer("iterations"));
  settings.seed = static_cast<std::uint64_t>(options.integer("seed"));
  settings.threads = static_cast<int>(options.integer("threads"));
  return settings;
}

class AlsFitter final : public EventFitter {
 public:
  explicit AlsFitter(const FitRequest& request) : EventFitter(request, "als"), options_(request.options) {}

 private:
  void complete(Training& training, FittedModel& model, Poll& poll) override {
    const AlsSettings settings = settings_of(options_);
    const auto min_support = static_cast<double>(options_.integer("min_support"));
    const std::int32_t items = supported_items(training.interactions, min_support);
    note_unsupported(items, min_support, model, "factors");
    if (items == 0) return;
    const auto vectors = static_cast<double>(training.interactions.users) + static_cast<double>(items);
    if (vectors * settings.factors > kMaxNumbers) {
      throw Error(
          sqlstate::kProgramLimit,
          "more than " + std::to_string(static_cast<std::int64_t>(kMaxNumbers)) + " numbers would be kept",
          "That is factors times the number of users and items.",
          "Use a smaller number of factors, or fit a part of the users: others are folded in.");
    }
    const AlsFactors fitted = fit_als(training.interactions, items, settings, poll);
    model.metrics.push_back({"loss", fitted.loss});
    model.metrics.push_back({"iterations", static_cast<double>(settings.iterations)});

    PacedPoll paced(poll);
    const SparseRows& by_user = training.interactions.by_user;
    model.factors.reserve(static_cast<std::size_t>(vectors));
    const auto keep = [&](FactorRow row, const std::vector<float>& table, std::size_t place) {
      const auto size = static_cast<std::ptrdiff_t>(settings.factors);
      const auto first = table.begin() + static_cast<std::ptrdiff_t>(place) * size;
      row.factors.assign(first, first + size);
      model.factors.push_back(std::move(row));
      paced.add(static_cast<std::size_t>(size) + 64);
    };
    for (std::int32_t item = 0; item < items; ++item) {
      keep({"", item, {}}, fitted.items, static_cast<std::size_t>(item));
    }
    for (std::size_t user = 0; user < by_user.rows(); ++user) {
      // Items are in ascending order: a user without a first one that takes part has none.
      if (by_user.size(user) == 0 || by_user.index[by_user.begin[user]] >= items) continue;
      keep({training.users.label(static_cast<std::int32_t>(user)), -1, {}}, fitted.users, user);
    }
  }

  Options options_;
};

std::unique_ptr<Fitter> make_fitter(const FitRequest& request) {
  return std::make_unique<AlsFitter>(request);
}

std::unique_ptr<Recommender> load_recommender(const RecommenderFacts& facts, const Options& options) {
  return std::make_unique<AlsRecommender>(facts, settings_of(options), weigh_by_options(options));
}

}  // namespace

const Kind& als() {
  static const Kind kind = {"als",
                            Task::recommendation,
                            "Recommends by vectors of users and items found by alternating least squares.",
                            option_specs(),
                            make_fitter,
                            nullptr,
                            nullptr,
                            Distribution::normal,
                            load_recommender};
  return kind;
}

}  // namespace persona
