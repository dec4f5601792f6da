// A loaded model that scores one row at a time, and explains the score.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/model/row_block.h"

namespace persona {

/// One column the model needs. Label columns are passed as level numbers: see Scorer::level.
struct ScorerInput {
  std::string name;
  Encoding encoding = Encoding::number;
};

/// One line of an explanation: what this column added to the linear predictor, compared with the average
/// training row.
struct Contribution {
  std::string term;  ///< "recency_days", or "country=GB" for a label
  int input = 0;     ///< index into inputs()
  double estimate = 0;
  double contribution = 0;
};

struct ClassProbability {
  std::string name;
  double probability = 0;
};

/// Immutable once loaded; shared by every call site of a backend. `x` has one double per input: the number,
/// or level() for a label. All inputs must be present (the caller answers NULL for a row with a NULL).
class Scorer {
 public:
  virtual ~Scorer() = default;

  const std::vector<ScorerInput>& inputs() const noexcept { return inputs_; }
  /// The number to pass for a label: its level, or -1 for one unseen in training (scored as the reference
  /// level). Throws 22023 for an unseen level when the model was fitted with unseen => error.
  virtual double level(int input, std::string_view label) const = 0;

  /// The mean of the target, or the probability of the positive class.
  virtual double predict(const double* x) const = 0;
  /// Sorted by decreasing |contribution|, ties by input. Adds up to the linear predictor of x minus that of
  /// the average training row.
  virtual std::vector<Contribution> explain(const double* x) const = 0;
  /// Negative class first. Throws 0A000 where the kind predicts no classes.
  virtual std::vector<ClassProbability> probabilities(const double* x) const = 0;
  /// The class. Throws 0A000 where the kind predicts no classes.
  virtual std::string classify(const double* x) const = 0;
  /// Mean of a number input in training, for reasons ("recency_days 12, average 80").
  virtual double average(int input) const = 0;

 protected:
  std::vector<ScorerInput> inputs_;
};

}  // namespace persona
