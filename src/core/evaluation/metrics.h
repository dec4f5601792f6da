// How good predictions are on rows with a known target: streaming, one add() a row. A metric that does not
// exist for the rows at hand (a ratio of zeros) is left out.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/poll.h"
#include "core/model/rows.h"

namespace persona {

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

}  // namespace persona
