// A loaded model that scores one row at a time, and explains the score.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/model/date_parts.h"
#include "core/model/row_block.h"

namespace persona {

/// One value the model needs: a column, or a part of one. Labels are passed as level numbers: see
/// Scorer::level.
struct ScorerInput {
  std::string name;  ///< "recency_days", "ordered_at.weekday", "v[1]"
  Encoding encoding = Encoding::number;
  std::string source = {};         ///< the column, where it is not the name
  DatePart part = DatePart::none;  ///< of a date or timestamp
  int element = 0;                 ///< of an array, from 1; 0 for a column that is none
  int length = 0;                  ///< of an array
  bool group = false;              ///< names the model that scores the row; a number counts as its text

  const std::string& column() const noexcept { return source.empty() ? name : source; }
};

/// One line of an explanation: what this column, or interaction of two, added to the linear predictor,
/// compared with the average training row.
struct Contribution {
  std::string term;  ///< "recency_days", or "country=GB" for a label
  int input = 0;     ///< index into inputs()
  int second = -1;   ///< of an interaction: the other input
  double estimate = 0;
  double contribution = 0;
};

struct ClassProbability {
  std::string name;
  double probability = 0;
};

/// Immutable once loaded; shared by every call site of a backend. `x` has one double per input: the number,
/// or level() for a label, or missing(). An input that takes no missing value must be there (the caller
/// answers NULL for a row without it).
class Scorer {
 public:
  virtual ~Scorer() = default;

  const std::vector<ScorerInput>& inputs() const noexcept { return inputs_; }
  /// The number to pass for a label: its level, or -1 for one unseen in training (scored as the reference
  /// level). Throws 22023 for an unseen level when the model was fitted with unseen => error.
  virtual double level(int input, std::string_view label) const = 0;
  /// Whether the model scores rows in which this input is NULL, NaN or infinite.
  virtual bool takes_missing(int /*input*/) const noexcept { return false; }
  /// The number to pass for a value that is missing.
  virtual double missing(int /*input*/) const { return std::numeric_limits<double>::quiet_NaN(); }

  /// The mean of the target, or the probability of the positive class.
  virtual double predict(const double* x) const = 0;
  /// Sorted by decreasing |contribution|, ties by input. Adds up to the linear predictor of x minus that of
  /// the average training row.
  virtual std::vector<Contribution> explain(const double* x) const = 0;
  /// How many linear predictors a model explains: one, or one a class of several.
  virtual std::size_t outcomes() const noexcept { return 1; }
  /// The same of one of them: of a class, its lines less their mean over all classes.
  virtual std::vector<Contribution> explain_outcome(const double* x, std::size_t /*outcome*/) const {
    return explain(x);
  }
  /// Negative class first. Throws 0A000 where the kind predicts no classes.
  virtual std::vector<ClassProbability> probabilities(const double* x) const = 0;
  /// The class. Throws 0A000 where the kind predicts no classes.
  virtual std::string classify(const double* x) const = 0;
  /// Mean of a number input in training, for reasons ("recency_days 12, average 80").
  virtual double average(int input) const = 0;

  /// The model of all rows, where groups have models of their own; its inputs are the first of these.
  virtual const Scorer& pooled() const noexcept { return *this; }
  /// The model that scores the row.
  virtual const Scorer& serving(const double* /*x*/) const noexcept { return *this; }

 protected:
  std::vector<ScorerInput> inputs_;
};

}  // namespace persona
