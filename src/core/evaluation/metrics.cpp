#include "core/evaluation/metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/error.h"

namespace persona {
namespace {

[[noreturn]] void throw_no_rows_to_evaluate() {
  throw Error(sqlstate::kNotInPrerequisiteState, "no usable rows to evaluate the model on",
              "Each row of the source lacks the target or a feature, or there is none.");
}

void add_if_finite(std::vector<Metric>& metrics, const char* name, double value) {
  if (std::isfinite(value)) metrics.push_back({name, value});
}

// Sorts runs, then merges neighbors, so that no step goes on for long without asking.
void sort_politely(std::vector<double>& values, Poll& poll) {
  constexpr std::size_t kRun = std::size_t{1} << 17;
  const auto place = [&values](std::size_t i) {
    return values.begin() + static_cast<std::ptrdiff_t>(std::min(i, values.size()));
  };
  for (std::size_t i = 0; i < values.size(); i += kRun) {
    poll.check();
    std::sort(place(i), place(i + kRun));
  }
  for (std::size_t run = kRun; run < values.size(); run *= 2) {
    for (std::size_t i = 0; i + run < values.size(); i += 2 * run) {
      poll.check();
      std::inplace_merge(place(i), place(i + run), place(i + 2 * run));
    }
  }
}

struct Ranking {
  double auc = 0;
  double ks = 0;
};

// One sweep over both sorted lists, tie by tie.
Ranking compare(const std::vector<double>& negatives, const std::vector<double>& positives) {
  const auto n = static_cast<double>(negatives.size());
  const auto p = static_cast<double>(positives.size());
  Ranking result;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < negatives.size() || j < positives.size()) {
    const double score = j == positives.size() || (i < negatives.size() && negatives[i] < positives[j])
                             ? negatives[i]
                             : positives[j];
    const std::size_t below = i;
    while (i < negatives.size() && negatives[i] == score) ++i;
    const std::size_t first = j;
    while (j < positives.size() && positives[j] == score) ++j;
    const auto tied = static_cast<double>(i - below);
    result.auc += static_cast<double>(j - first) * (static_cast<double>(below) + tied / 2);
    result.ks = std::max(result.ks, std::fabs(static_cast<double>(i) / n - static_cast<double>(j) / p));
  }
  result.auc /= n * p;
  return result;
}

}  // namespace

void RegressionMetrics::add(double score, double target) noexcept {
  ++rows_;
  const double error = target - score;
  squared_error_ += error * error;
  absolute_error_ += std::fabs(error);
  const double gap = target - target_mean_;
  target_mean_ += gap / rows_;
  target_squares_ += gap * (target - target_mean_);
}

std::vector<Metric> RegressionMetrics::results() const {
  if (rows_ == 0) throw_no_rows_to_evaluate();
  std::vector<Metric> metrics = {{"rows", rows_}};
  add_if_finite(metrics, "r_squared", 1 - squared_error_ / target_squares_);
  add_if_finite(metrics, "rmse", std::sqrt(squared_error_ / rows_));
  add_if_finite(metrics, "mae", absolute_error_ / rows_);
  return metrics;
}

void BinaryMetrics::add(double score, bool positive) {
  scores_[positive ? 1 : 0].push_back(score);
  ++called_[positive ? 1 : 0][score >= threshold_ ? 1 : 0];
  // Probabilities are kept off 0 and 1 by the spacing of doubles at 1, as scikit-learn does, so that one
  // certain but wrong prediction does not make the loss infinite.
  constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
  const double bounded = std::clamp(score, kEpsilon, 1 - kEpsilon);
  log_loss_ -= positive ? std::log(bounded) : std::log1p(-bounded);
  const double error = (positive ? 1 : 0) - score;
  squared_error_ += error * error;
}

std::vector<Metric> BinaryMetrics::results(Poll& poll) {
  const auto negatives = static_cast<double>(scores_[0].size());
  const auto positives = static_cast<double>(scores_[1].size());
  const double rows = negatives + positives;
  if (rows == 0) throw_no_rows_to_evaluate();
  std::vector<Metric> metrics = {{"rows", rows}, {"positive_share", positives / rows}};
  if (negatives > 0 && positives > 0) {
    for (std::vector<double>& scores : scores_) sort_politely(scores, poll);
    const Ranking ranking = compare(scores_[0], scores_[1]);
    metrics.push_back({"auc", ranking.auc});
    metrics.push_back({"ks", ranking.ks});
  }
  const auto true_positives = static_cast<double>(called_[1][1]);
  const auto false_positives = static_cast<double>(called_[0][1]);
  const auto false_negatives = static_cast<double>(called_[1][0]);
  metrics.push_back({"log_loss", log_loss_ / rows});
  metrics.push_back({"brier", squared_error_ / rows});
  metrics.push_back({"accuracy", 1 - (false_positives + false_negatives) / rows});
  add_if_finite(metrics, "precision", true_positives / (true_positives + false_positives));
  add_if_finite(metrics, "recall", true_positives / (true_positives + false_negatives));
  add_if_finite(metrics, "f1", 2 * true_positives / (2 * true_positives + false_positives + false_negatives));
  return metrics;
}

}  // namespace persona
