// The fit is all in what recommenders have in common; the history says only what is left out.
#include "core/recommend/popularity.h"

#include <memory>
#include <string>
#include <vector>

#include "core/recommend/event_fitter.h"
#include "core/recommend/stored_rows.h"

namespace persona {
namespace {

std::vector<OptionSpec> option_specs() {
  std::vector<OptionSpec> specs = event_options();
  specs.push_back(
      {"half_life", OptionType::number, "0",
       "After which time a basket counts half, in days, or in the unit of a time that is a number; "
       "0 counts all alike.",
       0, 1e12});
  return specs;
}

class PopularityFitter final : public EventFitter {
 public:
  explicit PopularityFitter(const FitRequest& request)
      : EventFitter(request, "popularity", {{false, false, false}, false}) {}

 private:
  void complete(Training& /*training*/, FittedModel& /*model*/, Poll& /*poll*/) override {}
};

class PopularityRecommender final : public Recommender {
 public:
  explicit PopularityRecommender(RecommenderFacts facts) : facts_(std::move(facts)) {}

  void score(const History& history, ModelReader& reader, ItemScores& scores, Poll& /*poll*/) const override {
    PopularityView row;
    if (!history.segment.empty()) row = reader.segment_popularity(history.segment);
    if (row.item_count == 0) row = reader.popularity();
    check_popularity(facts_, row);
    for (std::size_t n = 0; n < row.item_count; ++n) {
      scores.add(row.items[n], static_cast<double>(row.scores[n]));
    }
  }

  std::vector<ItemReason> explain(const History& history, ModelReader& reader,
                                  const std::vector<std::int32_t>& items, Poll& /*poll*/) const override {
    const bool has_segment =
        !history.segment.empty() && reader.segment_popularity(history.segment).item_count > 0;
    return std::vector<ItemReason>(items.size(),
                                   {has_segment ? "popular in " + history.segment : "popular", {}, true});
  }

  // Popular items are not near anything.
  void score_similar(std::int32_t /*item*/, ModelReader& /*reader*/, ItemScores& /*scores*/,
                     Poll& /*poll*/) const override {}

 private:
  RecommenderFacts facts_;
};

std::unique_ptr<Fitter> make_fitter(const FitRequest& request) {
  return std::make_unique<PopularityFitter>(request);
}

std::unique_ptr<Recommender> load_recommender(const RecommenderFacts& facts, const Options& /*options*/) {
  return std::make_unique<PopularityRecommender>(facts);
}

}  // namespace

const Kind& popularity() {
  static const Kind kind = {"popularity",
                            Task::recommendation,
                            "Recommends what most users have, of the user's segment where one is named: the "
                            "baseline to beat.",
                            option_specs(),
                            make_fitter,
                            nullptr,
                            nullptr,
                            Distribution::normal,
                            load_recommender};
  return kind;
}

}  // namespace persona
