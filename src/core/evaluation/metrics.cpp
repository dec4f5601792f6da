#include "core/evaluation/metrics.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "core/base/error.h"
#include "core/evaluation/polite_sort.h"

namespace persona {
namespace {

[[noreturn]] void throw_no_rows_to_evaluate() {
  throw Error(sqlstate::kNotInPrerequisiteState, "no usable rows to evaluate the model on",
              "Each row of the source lacks the target or a feature, or there is none.");
}

void add_if_finite(std::vector<Metric>& metrics, const char* name, double value) {
  if (std::isfinite(value)) metrics.push_back({name, value});
}

// Probabilities are kept off 0 and 1 by the spacing of doubles at 1, as scikit-learn does, so that one
// certain but wrong prediction does not make the loss infinite.
double bounded(double probability) noexcept {
  constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
  return std::clamp(probability, kEpsilon, 1 - kEpsilon);
}

double ratio_or_zero(double part, double whole) noexcept { return whole > 0 ? part / whole : 0; }

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

Better better(const std::string& metric) noexcept {
  for (const char* name : {"r_squared", "deviance_explained", "auc", "ks", "accuracy", "precision", "recall",
                           "f1", "macro_precision", "macro_recall", "macro_f1", "hit_rate", "ndcg", "map",
                           "mrr", "coverage", "novelty"}) {
    if (metric == name) return Better::higher;
  }
  for (const char* name : {"rmse", "mae", "poisson_deviance", "log_loss", "brier", "gini"}) {
    if (metric == name) return Better::lower;
  }
  return Better::neither;
}

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

void PoissonMetrics::add(double score, double target) {
  if (target < 0) {
    throw Error(sqlstate::kNumericOutOfRange, "a target is negative",
                "The model predicts counts, which are not.");
  }
  regression_.add(score, target);
  ++rows_;
  target_sum_ += target;
  // A mean too small for a double is not zero.
  const double mean = std::max(score, std::numeric_limits<double>::min());
  half_deviance_ += mean - target;
  if (target > 0) {
    half_deviance_ += target * std::log(target / mean);
    target_entropy_ += target * std::log(target);
  }
}

std::vector<Metric> PoissonMetrics::results() const {
  std::vector<Metric> metrics = regression_.results();
  const double half_null =
      target_sum_ > 0 ? target_entropy_ - target_sum_ * std::log(target_sum_ / rows_) : 0;
  add_if_finite(metrics, "poisson_deviance", 2 * half_deviance_ / rows_);
  if (half_null > 0) add_if_finite(metrics, "deviance_explained", 1 - half_deviance_ / half_null);
  return metrics;
}

void BinaryMetrics::add(double score, bool positive) {
  scores_[positive ? 1 : 0].push_back(score);
  ++called_[positive ? 1 : 0][score >= threshold_ ? 1 : 0];
  const double probability = bounded(score);
  log_loss_ -= positive ? std::log(probability) : std::log1p(-probability);
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
    for (std::vector<double>& scores : scores_) sort_politely(scores, std::less<>(), poll);
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

void MulticlassMetrics::add(const double* probabilities, std::size_t target) noexcept {
  const std::size_t classes = right_.size();
  const auto call =
      static_cast<std::size_t>(std::max_element(probabilities, probabilities + classes) - probabilities);
  ++rows_;
  ++targets_[target];
  ++calls_[call];
  if (call == target) ++right_[target];
  log_loss_ -= std::log(bounded(probabilities[target]));
}

std::vector<Metric> MulticlassMetrics::results() const {
  if (rows_ == 0) throw_no_rows_to_evaluate();
  double right = 0;
  double classes = 0;
  double precision = 0;
  double recall = 0;
  double f1 = 0;
  for (std::size_t k = 0; k < right_.size(); ++k) {
    if (targets_[k] + calls_[k] == 0) continue;
    ++classes;
    right += right_[k];
    precision += ratio_or_zero(right_[k], calls_[k]);
    recall += ratio_or_zero(right_[k], targets_[k]);
    f1 += 2 * right_[k] / (targets_[k] + calls_[k]);
  }
  return {{"rows", rows_},
          {"log_loss", log_loss_ / rows_},
          {"accuracy", right / rows_},
          {"macro_precision", precision / classes},
          {"macro_recall", recall / classes},
          {"macro_f1", f1 / classes}};
}

}  // namespace persona
