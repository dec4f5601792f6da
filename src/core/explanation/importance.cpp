#include "core/explanation/importance.h"

#include <algorithm>
#include <cmath>

#include "core/model/damaged.h"

namespace persona {
namespace {

// A feature's distribution as points of an input with weights that add up to one.
struct Point {
  double x = 0;
  double weight = 0;
};

// Two points that have the mean and the deviation of the training rows: as good as the rows, where what they
// add is linear.
std::vector<Point> moment_points(const Feature& feature, double rows) {
  const double mean = feature.mean.value_or(0);
  double deviation = feature.stddev.value_or(0);
  if (rows > 1) deviation *= std::sqrt((rows - 1) / rows);
  return {{mean - deviation, 0.5}, {mean + deviation, 0.5}};
}

// Between two quantiles the distribution is taken for uniform, and integrated by Gauss and Legendre's rule of
// two points.
std::vector<Point> quantile_points(const std::vector<double>& quantiles) {
  std::vector<Point> points;
  const auto segments = static_cast<double>(quantiles.size() - 1);
  for (std::size_t k = 0; k + 1 < quantiles.size(); ++k) {
    const double middle = quantiles[k] / 2 + quantiles[k + 1] / 2;
    const double offset = (quantiles[k + 1] / 2 - quantiles[k] / 2) / std::sqrt(3.0);
    points.push_back({middle - offset, 0.5 / segments});
    points.push_back({middle + offset, 0.5 / segments});
  }
  return points;
}

std::vector<Point> label_points(const Scorer& scorer, int input, const Feature& feature) {
  std::vector<Point> points;
  for (std::size_t k = 0; k < feature.levels.size(); ++k) {
    points.push_back({scorer.level(input, feature.levels[k]), feature.shares[k]});
  }
  return points;
}

// What the input adds, all others being at `x`.
double contribution(const Scorer& scorer, std::vector<double> x, int input, double value) {
  x[static_cast<std::size_t>(input)] = value;
  for (const Contribution& line : scorer.explain(x.data())) {
    if (line.input == input) return line.contribution;
  }
  return 0;
}

bool is_linear(const Scorer& scorer, const std::vector<double>& x, int input, const std::vector<Point>& ends,
               const std::vector<Point>& between) {
  const double low = contribution(scorer, x, input, ends[0].x);
  const double high = contribution(scorer, x, input, ends[1].x);
  const double slope = (high - low) / (ends[1].x - ends[0].x);
  double largest = std::max(std::fabs(low), std::fabs(high));
  double gap = 0;
  for (const Point& point : between) {
    const double there = contribution(scorer, x, input, point.x);
    largest = std::max(largest, std::fabs(there));
    gap = std::max(gap, std::fabs(low + slope * (point.x - ends[0].x) - there));
  }
  return gap <= 1e-9 * largest;
}

std::vector<Point> number_points(const Scorer& scorer, const std::vector<double>& x, int input,
                                 const Feature& feature, double rows) {
  std::vector<Point> moments = moment_points(feature, rows);
  if (feature.quantiles.size() < 2 || !(moments[1].x > moments[0].x)) return moments;
  std::vector<Point> quantiles = quantile_points(feature.quantiles);
  return is_linear(scorer, x, input, moments, quantiles) ? moments : quantiles;
}

}  // namespace

std::vector<Importance> feature_importance(const Scorer& scorer, const std::vector<Feature>& features,
                                           double rows, const std::string& model) {
  const std::vector<ScorerInput>& inputs = scorer.inputs();
  std::vector<const Feature*> described;
  std::vector<double> typical;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto found = std::find_if(features.begin(), features.end(), [&](const Feature& feature) {
      return feature.name == inputs[i].name && feature.role == "feature";
    });
    if (found == features.end()) throw_damaged(model, "The input \"" + inputs[i].name + "\" has no feature.");
    described.push_back(&*found);
    typical.push_back(inputs[i].encoding == Encoding::label ? 0 : found->mean.value_or(0));
  }
  std::vector<Importance> result;
  double total = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const int input = static_cast<int>(i);
    const std::vector<Point> points = inputs[i].encoding == Encoding::label
                                          ? label_points(scorer, input, *described[i])
                                          : number_points(scorer, typical, input, *described[i], rows);
    double mean = 0;
    std::vector<double> values;
    for (const Point& point : points) {
      values.push_back(contribution(scorer, typical, input, point.x));
      mean += point.weight * values.back();
    }
    double variance = 0;
    for (std::size_t k = 0; k < points.size(); ++k) {
      variance += points[k].weight * (values[k] - mean) * (values[k] - mean);
    }
    if (!std::isfinite(variance))
      throw_damaged(model, "Feature \"" + inputs[i].name + "\" has no finite spread.");
    result.push_back({inputs[i].name, std::sqrt(variance), std::nullopt});
    total += result.back().importance;
  }
  if (total > 0) {
    for (Importance& line : result) line.share = line.importance / total;
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const Importance& a, const Importance& b) { return a.importance > b.importance; });
  return result;
}

}  // namespace persona
