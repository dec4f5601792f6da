#include "core/regression/feature_summary.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace persona {
namespace {

void add_levels(const DesignFeature& feature, double rows, Feature& result) {
  for (const int level : feature.sorted_levels()) {
    result.levels.push_back(feature.levels[static_cast<std::size_t>(level)]);
    result.shares.push_back(static_cast<double>(feature.counts[static_cast<std::size_t>(level)]) / rows);
  }
  result.missing_level = feature.missing_level >= 0;
}

// A number some of whose values were imputed: mean and products are those of the values that are there, the
// rest being at their mean.
void describe_present(const DesignFeature& feature, const CrossProducts& products, int column, int missing,
                      Feature& result) {
  const double there = static_cast<double>(products.rows() - feature.missing);
  const double share = 1 - products.mean_value(missing);  // of the weight, where rows have weights
  result.stddev.reset();
  if (there > 1) {
    result.stddev = products.population_deviation(column) * std::sqrt(there / (there - 1) / share);
  }
  result.min = there > 0 ? std::optional<double>(feature.minimum) : std::nullopt;
  result.max = there > 0 ? std::optional<double>(feature.maximum) : std::nullopt;
  if (!(there > 0)) result.mean.reset();
  if (result.quantiles.empty()) return;
  result.quantiles.front() = *result.min;
  result.quantiles.back() = *result.max;
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

// The same for all of the sample: a pass into buckets of equal width leaves little to do in each.
void select_positions(std::vector<double>& sample, const std::vector<std::size_t>& positions) {
  constexpr std::size_t kBuckets = 1024;
  const auto [least, greatest] = std::minmax_element(sample.begin(), sample.end());
  const double low = *least;
  const double width = *greatest - low;
  if (sample.size() < kBuckets || !(width > 0) || !std::isfinite(width)) {
    return select_positions(sample, 0, sample.size(), positions, 0, positions.size());
  }
  const auto bucket = [&](double x) { return static_cast<std::size_t>((x - low) / width * (kBuckets - 1)); };
  std::vector<std::size_t> ends(kBuckets);
  for (const double x : sample) ++ends[bucket(x)];
  std::size_t total = 0;
  for (std::size_t& end : ends)
    total += std::exchange(end, total);  // where the bucket begins, until it is filled
  std::vector<double> sorted(sample.size());
  for (const double x : sample) sorted[ends[bucket(x)]++] = x;
  sample.swap(sorted);
  std::size_t first = 0;
  std::size_t from = 0;
  for (const std::size_t end : ends) {
    std::size_t to = from;
    while (to < positions.size() && positions[to] < end) ++to;
    select_positions(sample, first, end, positions, from, to);
    from = to;
    first = end;
  }
}

// A value that is repeated is not to be missed by the rounding of its own interpolation.
double between(double below, double above, double share) {
  return below == above ? below : below * (1 - share) + above * share;
}

}  // namespace

void sample_rows(const Design& design, const RowBlock& block, const double* target, Reservoir& sample) {
  const std::vector<DesignFeature>& features = design.features();
  const std::vector<const double*>& numbers = design.base_numbers();
  const std::vector<const std::int32_t*>& labels = design.base_labels();
  for (int r = 0; r < block.rows(); ++r) {
    double* row = sample.next_row();
    if (row == nullptr) continue;
    for (std::size_t f = 0; f < features.size(); ++f) {
      const int column = static_cast<int>(f);
      if (features[f].plan.basis != Basis::label) row[f] = block.numbers(column)[r];
    }
    row[features.size()] = target[r];
    if (design.offsets() != nullptr) row[design.sampled_offset()] = design.offsets()[r];
    for (std::size_t i = 0; i < numbers.size(); ++i) row[design.sampled_number(i)] = numbers[i][r];
    for (std::size_t i = 0; i < labels.size(); ++i) row[design.sampled_label(i)] = labels[i][r];
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
  select_positions(sample, positions);
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
    // The first quantile that is not less, by halving without a branch: values come in no order, so that
    // every second branch would be mispredicted.
    std::size_t first = 0;
    for (std::size_t count = quantiles.size(); count > 0;) {
      const std::size_t half = (count + 1) / 2;
      first += half * static_cast<std::size_t>(quantiles[first + half - 1] < x);
      count -= half;
    }
    if (first < ranks.size()) ++ranks[first];
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
  std::vector<double> values;
  values.reserve(sample.rows());
  for (std::size_t r = 0; r < sample.rows(); ++r) {
    if (!std::isnan(sample.value(r, sampled))) values.push_back(sample.value(r, sampled));
  }
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
    const DesignFeature& feature = features[f];
    const int sampled = static_cast<int>(f);
    Feature description;
    if (feature.plan.basis == Basis::bins) {
      CrossProductsAccumulator moments = design.bin_moments(feature);
      const CrossProducts values = moments.result();
      if (values.rows() > 0) description = describe_number("", values, moments, 0, sample, sampled);
    } else if (!feature.has_levels()) {
      const int column = offset + feature.columns[0];
      description = describe_number("", products, accumulator, column, sample, sampled);
      if (feature.missing > 0) {
        describe_present(feature, products, column, offset + feature.missing_column(), description);
      }
    }
    if (feature.has_levels()) add_levels(feature, static_cast<double>(products.rows()), description);
    description.name = feature.name();
    description.is_label = feature.plan.basis == Basis::label;
    if (feature.plan.source != feature.name()) description.source_column = feature.plan.source;
    description.element = feature.plan.stream.element;
    description.basis = basis_name(feature.plan);
    description.knots = feature.plan.knots;
    description.stream = sampled;
    result.push_back(std::move(description));
  }
  return result;
}

std::vector<Feature> describe_levels(const Design& design, double rows) {
  std::vector<Feature> result;
  for (const DesignFeature& feature : design.features()) {
    if (!feature.has_levels()) continue;
    Feature description;
    description.name = feature.name();
    description.is_label = feature.plan.basis == Basis::label;
    add_levels(feature, rows, description);
    if (feature.plan.basis == Basis::bins) {
      CrossProductsAccumulator moments = design.bin_moments(feature);
      const CrossProducts values = moments.result();
      if (values.rows() > 0) description.mean = values.mean_value(0);
    }
    result.push_back(std::move(description));
  }
  return result;
}

void add_term_means(const std::vector<Term>& terms, const CrossProducts& products, int offset,
                    std::vector<Coefficient>& coefficients) {
  std::map<std::string, int> columns;
  for (const Term& term : terms) columns[term.name] = offset + term.column;
  for (Coefficient& coefficient : coefficients) {
    const auto found = columns.find(coefficient.term);
    if (found != columns.end()) coefficient.mean = products.mean_value(found->second);
  }
}

}  // namespace persona
