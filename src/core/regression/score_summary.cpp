#include "core/regression/score_summary.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/model/serving.h"
#include "core/regression/feature_summary.h"

namespace persona {
namespace {

// The scorer's number for each level of a label, by the design's.
std::vector<std::vector<double>> scorer_levels(const Design& design, const Scorer& scorer) {
  std::vector<std::vector<double>> result;
  for (std::size_t f = 0; f < design.features().size(); ++f) {
    const DesignFeature& feature = design.features()[f];
    const int input = static_cast<int>(f);
    result.emplace_back();
    if (feature.plan.basis != Basis::label) continue;
    for (std::size_t k = 0; k < feature.levels.size(); ++k) {
      const bool missing = static_cast<int>(k) == feature.missing_level;
      result.back().push_back(missing ? scorer.missing(input) : scorer.level(input, feature.levels[k]));
    }
  }
  return result;
}

// The inputs of a scorer are the design's features, then the offset.
std::vector<double> sample_scores(const Design& design, const Reservoir& sample, const Scorer& scorer,
                                  Poll& poll) {
  const std::vector<std::vector<double>> levels = scorer_levels(design, scorer);
  const std::size_t features = design.features().size();
  std::vector<double> x(features + 1);
  std::vector<double> scores(sample.rows());
  for (std::size_t r = 0; r < scores.size(); ++r) {
    if (r % RowBlock::kMaxRows == 0) poll.check();
    for (std::size_t f = 0; f < features; ++f) {
      x[f] = sample.value(r, static_cast<int>(f));
      if (!levels[f].empty()) x[f] = levels[f][static_cast<std::size_t>(x[f])];
    }
    if (design.sampled_offset() >= 0) x[features] = sample.value(r, design.sampled_offset());
    scores[r] = scorer.predict(x.data());
  }
  return scores;
}

}  // namespace

std::optional<Feature> summarize_scores(const std::vector<double>& scores) {
  if (scores.empty() || !std::all_of(scores.begin(), scores.end(), [](double s) { return std::isfinite(s); }))
    return std::nullopt;
  Feature summary;
  summary.name = kScoreFeature;
  summary.role = kScoreRole;
  double mean = 0;
  double squares = 0;  // Welford, Technometrics 4(3), 1962
  double rows = 0;
  for (const double score : scores) {
    const double gap = score - mean;
    mean += gap / ++rows;
    squares += gap * (score - mean);
  }
  if (std::isfinite(mean)) summary.mean = mean;
  if (rows > 1 && std::isfinite(squares)) summary.stddev = std::sqrt(squares / (rows - 1));
  const auto [least, greatest] = std::minmax_element(scores.begin(), scores.end());
  summary.min = *least;
  summary.max = *greatest;
  summary.quantiles = sample_quantiles(scores, *least, *greatest);
  summary.ranks = sample_ranks(scores, summary.quantiles);
  return summary;
}

void add_score_summary(const Design& design, const Reservoir& sample, Link link, const Options& options,
                       FittedModel& model, Poll& poll) {
  for (const Feature& feature : model.features) {
    if (feature.role == "target" && feature.levels.size() > 2) return;
  }
  const LinearPredictor scorer(serving_model(model, ""), link, scoring_rules(options));
  std::optional<Feature> summary = summarize_scores(sample_scores(design, sample, scorer, poll));
  if (summary) model.features.push_back(std::move(*summary));
}

}  // namespace persona
