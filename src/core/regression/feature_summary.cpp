#include "core/regression/feature_summary.h"

#include <algorithm>
#include <cmath>

namespace persona {
namespace {

Feature describe_label(const DesignFeature& feature, double rows) {
  Feature result;
  result.name = feature.name;
  result.is_label = true;
  for (const int level : feature.sorted_levels()) {
    result.levels.push_back(feature.levels[static_cast<std::size_t>(level)]);
    result.shares.push_back(static_cast<double>(feature.counts[static_cast<std::size_t>(level)]) / rows);
  }
  return result;
}

// Puts the order statistics at `positions` (ascending, distinct) where a full sort would: splits at the
// middle one and goes on in both halves, so that 20 quantiles cost about 4 passes and not a sort.
void select_positions(std::vector<double>& sample, std::size_t first, std::size_t last,
                      const std::vector<std::size_t>& positions, std::size_t from, std::size_t to) {
  if (from == to || last - first < 2) return;
  const std::size_t middle = (from + to) / 2;
  const std::size_t position = positions[middle];
  const auto at = [&](std::size_t i) { return sample.begin() + static_cast<std::ptrdiff_t>(i); };
  std::nth_element(at(first), at(position), at(last));
  select_positions(sample, first, position, positions, from, middle);
  select_positions(sample, position + 1, last, positions, middle + 1, to);
}

// A value that is repeated is not to be missed by the rounding of its own interpolation.
double between(double below, double above, double share) {
  return below == above ? below : below * (1 - share) + above * share;
}

}  // namespace

void sample_rows(const Design& design, const RowBlock& block, const double* target, Reservoir& sample) {
  const std::vector<DesignFeature>& features = design.features();
  for (int r = 0; r < block.rows(); ++r) {
    double* row = sample.next_row();
    if (row == nullptr) continue;
    for (std::size_t f = 0; f < features.size(); ++f) {
      const int column = static_cast<int>(f);
      row[f] = features[f].is_label ? design.levels(column)[r] : block.numbers(column)[r];
    }
    row[features.size()] = target[r];
  }
}

std::vector<double> sample_quantiles(std::vector<double> sample, double minimum, double maximum) {
  std::vector<double> quantiles;
  if (sample.empty()) return quantiles;
  const double last = static_cast<double>(sample.size() - 1);
  std::vector<std::size_t> positions;
  for (int k = 1; k < kQuantiles - 1; ++k) {
    const auto below = static_cast<std::size_t>(last * k / (kQuantiles - 1));
    positions.push_back(below);
    positions.push_back(std::min(below + 1, sample.size() - 1));
  }
  std::sort(positions.begin(), positions.end());
  positions.erase(std::unique(positions.begin(), positions.end()), positions.end());
  select_positions(sample, 0, sample.size(), positions, 0, positions.size());
  quantiles.push_back(minimum);
  for (int k = 1; k < kQuantiles - 1; ++k) {
    const double position = last * k / (kQuantiles - 1);
    const auto below = static_cast<std::size_t>(position);
    const std::size_t above = std::min(below + 1, sample.size() - 1);
    const double share = position - static_cast<double>(below);
    quantiles.push_back(between(sample[below], sample[above], share));
  }
  quantiles.push_back(maximum);
  return quantiles;
}

double sample_quantile(std::vector<double>& sample, double probability) {
  const double position = static_cast<double>(sample.size() - 1) * probability;
  const auto below = sample.begin() + static_cast<std::ptrdiff_t>(position);
  std::nth_element(sample.begin(), below, sample.end());
  const double share = position - std::floor(position);
  if (share == 0) return *below;
  return between(*below, *std::min_element(below + 1, sample.end()), share);
}

std::vector<double> sample_ranks(const std::vector<double>& sample, const std::vector<double>& quantiles) {
  std::vector<double> ranks(quantiles.size());
  for (const double x : sample) {
    const auto at = std::lower_bound(quantiles.begin(), quantiles.end(), x);
    if (at != quantiles.end()) ++ranks[static_cast<std::size_t>(at - quantiles.begin())];
  }
  double below = 0;
  for (double& rank : ranks) {
    below += rank;
    rank = below / static_cast<double>(sample.size());
  }
  return ranks;
}

Feature describe_number(const std::string& name, const CrossProducts& products,
                        const CrossProductsAccumulator& accumulator, int column, const Reservoir& sample,
                        int sampled) {
  Feature result;
  result.name = name;
  result.mean = products.mean_value(column);
  if (products.rows() > 1) result.stddev = products.sample_deviation(column);
  result.min = accumulator.minimum(column);
  result.max = accumulator.maximum(column);
  std::vector<double> values(sample.rows());
  for (std::size_t r = 0; r < values.size(); ++r) values[r] = sample.value(r, sampled);
  result.quantiles = sample_quantiles(values, *result.min, *result.max);
  result.ranks = sample_ranks(values, result.quantiles);
  return result;
}

std::vector<Feature> describe_features(const Design& design, const CrossProducts& products,
                                       const CrossProductsAccumulator& accumulator, int offset,
                                       const Reservoir& sample, Poll& poll) {
  std::vector<Feature> result;
  const std::vector<DesignFeature>& features = design.features();
  for (std::size_t f = 0; f < features.size(); ++f) {
    poll.check();
    if (features[f].is_label) {
      result.push_back(describe_label(features[f], static_cast<double>(products.rows())));
    } else {
      result.push_back(describe_number(features[f].name, products, accumulator, offset + features[f].column,
                                       sample, static_cast<int>(f)));
    }
  }
  return result;
}

}  // namespace persona
