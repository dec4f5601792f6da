// Rows put into bins of equal size by their score: how far scores are to be believed (calibration), and how
// much of the target the best scores hold (gains).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/poll.h"

namespace persona {

/// A scored row; `target` is 1 or 0 for the positive and the negative class, else the number.
struct ScoredRow {
  double score = 0;
  double target = 0;
};

/// A bin of calibration, bin 1 having the lowest scores.
struct CalibrationBin {
  int bin = 0;
  std::int64_t rows = 0;
  double lowest = 0;     ///< score in the bin
  double highest = 0;    ///< score in the bin
  double predicted = 0;  ///< mean score
  double observed = 0;   ///< mean target
  /// 95 % confidence limits of the observed mean: Wilson's of a share ("Probable inference, the law of
  /// succession, and statistical inference", JASA 22(158), 1927), Student's of a mean, which needs two rows.
  std::optional<double> lower, upper;
};

/// A bin of gains, bin 1 having the highest scores. Lift and gain do not exist when the target's total is not
/// positive.
struct GainsBin {
  int bin = 0;
  std::int64_t rows = 0;
  double total = 0;                       ///< sum of the target: positives of a class
  double rate = 0;                        ///< total / rows
  double threshold = 0;                   ///< lowest score in the bin
  double cumulative_share = 0;            ///< of the rows, in this bin and those before it
  std::optional<double> lift;             ///< rate, compared with that of all rows
  std::optional<double> cumulative_gain;  ///< share of the target's total up to here
  std::optional<double> cumulative_lift;  ///< cumulative_gain / cumulative_share
};

/// `bins` bins of equal size; rows of one score are never split: all go where the middle one of them belongs.
/// So bins differ in size by as much as scores are tied, and one that nothing is left for is not answered.
/// Sorts the rows. Throws 55000 without rows.
std::vector<CalibrationBin> calibrate(std::vector<ScoredRow>& rows, bool classes, int bins, Poll& poll);
std::vector<GainsBin> gains_by_bin(std::vector<ScoredRow>& rows, int bins, Poll& poll);

}  // namespace persona
