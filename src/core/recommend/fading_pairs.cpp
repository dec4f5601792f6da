#include "core/recommend/fading_pairs.h"

#include <cmath>

#include "core/recommend/neighbor_rows.h"
#include "core/recommend/ordered_pairs.h"

namespace persona {

FadingPairs lagged_pairs(double lag_exponent, double backward) {
  constexpr std::size_t kMostLag = 50;
  FadingPairs pairs;
  pairs.forward = power_fade(kMostLag, lag_exponent);
  if (backward > 0) pairs.backward = pairs.forward;
  for (double& each : pairs.backward) each *= backward;
  return pairs;
}

std::size_t fill_fading_pairs(const Training& training, const FadingPairs& pairs, FittedModel& model,
                              Poll& poll) {
  const std::vector<double>& popularity = training.interactions.popularity;
  const std::int32_t supported = supported_items(training.interactions, pairs.min_support);
  PacedPoll paced(poll);
  OrderedPairs ordered(training.sequences, supported, pairs.forward, pairs.backward, paced);
  std::vector<double> own(static_cast<std::size_t>(supported));
  std::vector<double> other(own.size());
  for (std::size_t item = 0; item < own.size(); ++item) {
    own[item] = std::pow(popularity[item], -pairs.exponents[0]);
    other[item] = std::pow(popularity[item], -pairs.exponents[1]);
  }
  NeighborCollector collector(pairs.neighbors, supported);
  for (std::int32_t item = 0; item < supported; ++item) {
    for (const PairCount& pair : ordered.row(item)) {
      collector.add(pair.item, pair.count * own[static_cast<std::size_t>(item)] *
                                   other[static_cast<std::size_t>(pair.item)]);
      paced.add(4);
    }
    collector.finish(model.neighbors[static_cast<std::size_t>(item)]);
  }
  model.metrics.push_back({"mean_neighbors", static_cast<double>(collector.kept()) /
                                                 static_cast<double>(model.neighbors.size())});
  note_unsupported(supported, pairs.min_support, model);
  return collector.kept();
}

}  // namespace persona
