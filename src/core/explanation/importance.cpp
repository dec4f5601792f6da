#include "core/explanation/importance.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/model/damaged.h"
#include "core/regression/basis.h"

namespace persona {
namespace {

// A feature's distribution as points of an input with weights that add up to one.
struct Point {
  double x = 0;
  double weight = 0;
};
using Points = std::vector<Point>;

struct Moments {
  double mean = 0;
  double deviation = 0;
};

Moments moments(const Points& points) {
  Moments result;
  for (const Point& point : points) result.mean += point.weight * point.x;
  double variance = 0;
  for (const Point& point : points) {
    variance += point.weight * (point.x - result.mean) * (point.x - result.mean);
  }
  result.deviation = std::sqrt(variance);
  return result;
}

// Between two quantiles the distribution is taken for uniform, and integrated by Gauss and Legendre's rule of
// two points.
Points quantile_points(const std::vector<double>& quantiles) {
  Points points;
  const auto segments = static_cast<double>(quantiles.size()) - 1;
  for (std::size_t k = 0; k + 1 < quantiles.size(); ++k) {
    const double middle = quantiles[k] / 2 + quantiles[k + 1] / 2;
    const double offset = (quantiles[k + 1] / 2 - quantiles[k] / 2) / std::sqrt(3.0);
    points.push_back({middle - offset, 0.5 / segments});
    points.push_back({middle + offset, 0.5 / segments});
  }
  return points;
}

// Points shaped as the quantiles, with the mean and the deviation of the training rows: as good as the rows,
// where what they add is linear. `rows`: that had a value.
Points number_points(const Feature& feature, double rows) {
  const double mean = feature.mean.value_or(0);
  double deviation = feature.stddev.value_or(0);
  if (rows > 1) deviation *= std::sqrt((rows - 1) / rows);
  Points points = quantile_points(feature.quantiles);
  const Moments shape = moments(points);
  if (!(shape.deviation > 0)) return {{mean - deviation, 0.5}, {mean + deviation, 0.5}};
  const double scale = deviation / shape.deviation;
  for (Point& point : points) point.x = mean + (point.x - shape.mean) * scale;
  return points;
}

// Labels and bins: a point a level. Only a bin seen in training is one.
Points level_points(const Scorer& scorer, int input, const Feature& feature) {
  const std::vector<std::string> bins =
      feature.is_label ? std::vector<std::string>{} : bin_names(feature.knots);
  Points points;
  for (std::size_t k = 0; k < feature.levels.size(); ++k) {
    const std::string& level = feature.levels[k];
    double x = 0;
    if (feature.missing_level && k + 1 == feature.levels.size()) {
      x = scorer.missing(input);
    } else if (feature.is_label) {
      x = scorer.level(input, level);
    } else {
      const auto bin = static_cast<std::size_t>(std::find(bins.begin(), bins.end(), level) - bins.begin());
      if (bin == bins.size()) continue;
      x = bin == 0 ? std::nextafter(feature.knots[0], -std::numeric_limits<double>::infinity())
                   : feature.knots[bin - 1];
    }
    points.push_back({x, feature.shares[k]});
  }
  return points;
}

class Spreads {
 public:
  Spreads(const Scorer& scorer, const std::vector<const Feature*>& features, double rows, double skipped)
      : scorer_(scorer), rows_(rows), skipped_(skipped) {
    for (const Feature* feature : features) {
      typical_.push_back(feature->is_label ? 0 : feature->mean.value_or(0));
    }
    for (std::size_t i = 0; i < features.size(); ++i) {
      points_.push_back(points(static_cast<int>(i), *features[i]));
    }
  }

  double of_input(int input) const {
    std::vector<double> x = typical_;
    std::vector<Points> values(scorer_.outcomes());
    for (const Point& point : points_[static_cast<std::size_t>(input)]) {
      x[static_cast<std::size_t>(input)] = point.x;
      add_contributions(x, input, -1, point.weight, values);
    }
    return spread(values);
  }

  double of_interaction(int first, int second) const {
    std::vector<double> x = typical_;
    std::vector<Points> values(scorer_.outcomes());
    for (const Point& a : points_[static_cast<std::size_t>(first)]) {
      for (const Point& b : points_[static_cast<std::size_t>(second)]) {
        x[static_cast<std::size_t>(first)] = a.x;
        x[static_cast<std::size_t>(second)] = b.x;
        add_contributions(x, first, second, a.weight * b.weight, values);
      }
    }
    return spread(values);
  }

  // The pairs of inputs that interact, as an explanation has them.
  std::vector<Contribution> interactions() const {
    std::vector<Contribution> lines = scorer_.explain_outcome(typical_.data(), 0);
    lines.erase(
        std::remove_if(lines.begin(), lines.end(), [](const Contribution& c) { return c.second < 0; }),
        lines.end());
    std::sort(lines.begin(), lines.end(), [](const Contribution& a, const Contribution& b) {
      return a.input != b.input ? a.input < b.input : a.second < b.second;
    });
    return lines;
  }

 private:
  // To the points of each outcome.
  void add_contributions(const std::vector<double>& x, int first, int second, double weight,
                         std::vector<Points>& values) const {
    for (std::size_t k = 0; k < values.size(); ++k) {
      double contribution = 0;
      for (const Contribution& line : scorer_.explain_outcome(x.data(), k)) {
        if (line.input == first && line.second == second) contribution = line.contribution;
      }
      values[k].push_back({contribution, weight});
    }
  }

  // The root of the mean variance over the outcomes.
  static double spread(const std::vector<Points>& values) {
    if (values.size() == 1) return moments(values[0]).deviation;
    double variance = 0;
    for (const Points& points : values) variance += std::pow(moments(points).deviation, 2);
    return std::sqrt(variance / static_cast<double>(values.size()));
  }

  Points points(int input, const Feature& feature) const {
    if (!feature.levels.empty()) return level_points(scorer_, input, feature);
    const double missing =
        scorer_.takes_missing(input) ? static_cast<double>(feature.missing) / (rows_ + skipped_) : 0;
    Points points = number_points(feature, rows_ * (1 - missing));
    if (missing > 0) {
      for (Point& point : points) point.weight *= 1 - missing;
      points.push_back({scorer_.missing(input), missing});
    }
    return points;
  }

  const Scorer& scorer_;
  double rows_;
  double skipped_;
  std::vector<double> typical_;
  std::vector<Points> points_;
};

}  // namespace

std::vector<Importance> feature_importance(const Scorer& scorer, const std::vector<const Feature*>& features,
                                           double rows, double skipped, const std::string& model) {
  const std::vector<ScorerInput>& inputs = scorer.inputs();
  const Spreads spreads(scorer, features, rows, skipped);
  std::vector<Importance> result;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    result.push_back({inputs[i].name, spreads.of_input(static_cast<int>(i)), std::nullopt});
  }
  for (const Contribution& pair : spreads.interactions()) {
    const std::string name = product_term(inputs[static_cast<std::size_t>(pair.input)].name,
                                          inputs[static_cast<std::size_t>(pair.second)].name);
    result.push_back({name, spreads.of_interaction(pair.input, pair.second), std::nullopt});
  }
  double total = 0;
  for (const Importance& line : result) {
    if (!std::isfinite(line.importance)) {
      throw_damaged(model, "Feature \"" + line.feature + "\" has no finite spread.");
    }
    total += line.importance;
  }
  if (total > 0) {
    for (Importance& line : result) line.share = line.importance / total;
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const Importance& a, const Importance& b) { return a.importance > b.importance; });
  return result;
}

}  // namespace persona
