// How good predictions are on rows with a known target: streaming, one add() a row. A metric that does not
// exist for the rows at hand (a ratio of zeros) is left out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/poll.h"
#include "core/model/rows.h"

namespace persona {

/// Which of two values of a metric speaks for a model.
enum class Better { higher, lower, neither };

/// Neither for what describes the rows (rows, skipped, positive_share) and for what is no metric.
Better better(const std::string& metric) noexcept;

/// rows, r_squared (against the mean of these rows), rmse, mae.
class RegressionMetrics {
 public:
  void add(double score, double target) noexcept;
  /// Throws 55000 without rows.
  std::vector<Metric> results() const;

 private:
  double rows_ = 0;
  double squared_error_ = 0;
  double absolute_error_ = 0;
  double target_mean_ = 0;
  double target_squares_ = 0;  // centered (Welford, Technometrics 4(3), 1962)
};

/// Those of a regression, and poisson_deviance, the mean of 2 (y log(y / score) - y + score), and
/// deviance_explained, 1 less its ratio to that of the mean of these rows.
class PoissonMetrics {
 public:
  /// Throws 22003 for a negative target.
  void add(double score, double target);
  /// Throws 55000 without rows.
  std::vector<Metric> results() const;

 private:
  RegressionMetrics regression_;
  double rows_ = 0;
  double half_deviance_ = 0;
  double target_sum_ = 0;
  double target_entropy_ = 0;  // sum of y log y
};

/// rows, positive_share, auc, ks, log_loss, brier, accuracy, precision, recall, f1. Keeps all scores, 8 bytes
/// each: auc is the exact share of pairs (a positive, a negative) in the right order, ties counting half
/// (Mann-Whitney), and ks the largest distance between the distribution functions of the scores of the two
/// classes.
class BinaryMetrics {
 public:
  /// A row is called positive when its score is at least `threshold`.
  explicit BinaryMetrics(double threshold) : threshold_(threshold) {}

  /// `score`: the probability of the positive class.
  void add(double score, bool positive);
  /// Throws 55000 without rows. Sorts the scores, asking `poll` from time to time.
  std::vector<Metric> results(Poll& poll);

 private:
  double threshold_;
  std::vector<double> scores_[2];  // of negatives, of positives
  double log_loss_ = 0;
  double squared_error_ = 0;
  std::int64_t called_[2][2] = {};  // [target][called positive]
};

/// rows, accuracy, log_loss, and macro_precision, macro_recall, macro_f1: the plain means over the classes
/// that occur among the targets or the calls, a class never called right counting 0.
class MulticlassMetrics {
 public:
  explicit MulticlassMetrics(std::size_t classes) : right_(classes), targets_(classes), calls_(classes) {}

  /// `probabilities`: one a class. A row is called the most probable class, the first of several.
  void add(const double* probabilities, std::size_t target) noexcept;
  /// Throws 55000 without rows.
  std::vector<Metric> results() const;

 private:
  std::vector<double> right_;    // rows of each class called so
  std::vector<double> targets_;  // rows of each class
  std::vector<double> calls_;    // rows called so
  double rows_ = 0;
  double log_loss_ = 0;
};

}  // namespace persona
