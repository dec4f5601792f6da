// Measuring a loaded model on rows with a known target: what is measured follows from what it predicts.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/poll.h"
#include "core/model/kind.h"
#include "core/model/rows.h"
#include "core/model/scorer.h"

namespace persona {

class Evaluator {
 public:
  virtual ~Evaluator() = default;
  /// Predicts for the inputs `x` and compares. `target`: the number, or the number of the class from 0.
  /// Throws 22003 for a score that is not finite.
  virtual void add(const double* x, double target) = 0;
  /// Throws 55000 without rows.
  virtual std::vector<Metric> results(Poll& poll) = 0;
};

/// `classes`: those of the target, the negative one first of two; empty for a number, of which `distribution`
/// says how errors count. `threshold`: the probability from which on a row is called positive.
std::unique_ptr<Evaluator> make_evaluator(const Scorer& scorer, const std::vector<std::string>& classes,
                                          Distribution distribution, double threshold);

/// The prediction; throws 22003 where it is not finite.
double checked_score(const Scorer& scorer, const double* x);

}  // namespace persona
