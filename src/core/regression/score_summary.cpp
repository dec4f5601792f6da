#include "core/regression/score_summary.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/regression/feature_summary.h"

namespace persona {
namespace {

// The scorer's number for each level of a label, by the design's.
std::vector<std::vector<double>> scorer_levels(const Design& design, const Scorer& scorer) {
  std::vector<std::vector<double>> result;
  for (std::size_t f = 0; f < design.features().size(); ++f) {
    result.emplace_back();
    for (const std::string& level : design.features()[f].levels) {
      result.back().push_back(scorer.level(static_cast<int>(f), level));
    }
  }
  return result;
}

std::vector<double> sample_scores(const Design& design, const Reservoir& sample, const Scorer& scorer,
                                  Poll& poll) {
  const std::vector<std::vector<double>> levels = scorer_levels(design, scorer);
  std::vector<double> x(design.features().size());
  std::vector<double> scores(sample.rows());
  for (std::size_t r = 0; r < scores.size(); ++r) {
    if (r % RowBlock::kMaxRows == 0) poll.check();
    for (std::size_t f = 0; f < x.size(); ++f) {
      x[f] = sample.value(r, static_cast<int>(f));
      if (design.features()[f].is_label) x[f] = levels[f][static_cast<std::size_t>(x[f])];
    }
    scores[r] = scorer.predict(x.data());
  }
  return scores;
}

}  // namespace

void add_score_summary(const Design& design, const Reservoir& sample,
                       std::unique_ptr<Scorer> (*load)(const StoredModel& stored, const Options& options),
                       const Options& options, FittedModel& model, Poll& poll) {
  const std::unique_ptr<Scorer> scorer = load({"", model.coefficients, model.features}, options);
  const std::vector<double> scores = sample_scores(design, sample, *scorer, poll);
  if (scores.empty() || !std::all_of(scores.begin(), scores.end(), [](double s) { return std::isfinite(s); }))
    return;
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
  summary.mean = mean;
  if (rows > 1) summary.stddev = std::sqrt(squares / (rows - 1));
  const auto [least, greatest] = std::minmax_element(scores.begin(), scores.end());
  summary.min = *least;
  summary.max = *greatest;
  summary.quantiles = sample_quantiles(scores, *least, *greatest);
  summary.ranks = sample_ranks(scores, summary.quantiles);
  model.features.push_back(std::move(summary));
}

}  // namespace persona
