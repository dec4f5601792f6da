// What a fitted model answers for its training rows: the row of persona.feature by which drift of the score
// is seen.
#pragma once

#include <optional>
#include <vector>

#include "core/base/poll.h"
#include "core/model/kind.h"
#include "core/regression/design.h"
#include "core/regression/linear_predictor.h"
#include "core/regression/reservoir.h"

namespace persona {

/// Name and role of that row.
inline constexpr const char* kScoreFeature = "(score)";
inline constexpr const char* kScoreRole = "score";

/// That row for the given scores: mean, deviation, extremes, quantiles and ranks. None without scores, and
/// when one is not finite.
std::optional<Feature> summarize_scores(const std::vector<double>& scores);

/// Appends the summary of the scores of the sampled rows. To be called last, for a model that has all its
/// other rows. Leaves it out for more than two classes, which have no single score.
void add_score_summary(const Design& design, const Reservoir& sample, Link link, const Options& options,
                       FittedModel& model, Poll& poll);

}  // namespace persona
