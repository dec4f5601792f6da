// Whether the rows a model scores still look like those it was fitted on: one column's values now against
// what is stored of its training values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace persona {

/// How a column has changed.
struct Drift {
  std::int64_t rows = 0;     ///< with a value
  std::int64_t missing = 0;  ///< without
  /// Population stability index, sum over bins of (now - then) log(now / then), the shares of a bin (Siddiqi,
  /// "Credit Risk Scorecards", 2006; it is Jeffreys' divergence). Shares below 0.0001 count as that.
  /// Absent when there is nothing to compare.
  std::optional<double> psi;
  int bins = 0;              ///< it was summed over
  std::optional<double> ks;  ///< largest distance between the distribution functions, for numbers
  /// Share of the values beyond the training extremes, or of unseen labels.
  std::optional<double> outside;
  std::optional<double> mean;
};

/// "stable" below 0.1, "moderate" up to 0.25, "major" above: the conventional thresholds.
const char* assess_drift(double psi) noexcept;

/// What chance alone gives on average, (bins - 1) / rows, when nothing has changed (Yurdakul, "Statistical
/// properties of population stability index", Western Michigan University, 2018).
double drift_by_chance(const Drift& drift) noexcept;

/// A number. `quantiles`: at equal steps of probability from 0 to 1, as in persona.feature, the extremes
/// being exact; none, or at least two. `ranks`: the share of the training values at or below each; empty
/// where that is not known, and then there is neither PSI nor KS, since a value that is repeated may be more
/// frequent than the quantiles tell. PSI is summed over ten bins between the deciles, of which equal ones
/// count once, and KS is the largest distance at the quantiles, so that it may miss up to a step, 0.05.
class NumberDrift {
 public:
  NumberDrift(const std::vector<double>& quantiles, const std::vector<double>& ranks);

  void add(double x) noexcept;
  void add_missing() noexcept { ++missing_; }
  /// `then_missing`: the share of rows in training without a value, which becomes a bin of its own; absent
  /// where that is not known.
  Drift result(std::optional<double> then_missing) const;

 private:
  void compare(std::optional<double> then_missing, Drift& drift) const;

  bool is_ranked_;
  std::vector<double> edges_;         // the different quantiles
  std::vector<double> below_;         // training share at or below each edge
  std::vector<bool> splits_;          // whether the edge is a decile
  std::vector<std::int64_t> counts_;  // values at or below an edge and above the one before; then those above
  std::int64_t under_ = 0;            // values below the first edge
  std::int64_t rows_ = 0;
  std::int64_t missing_ = 0;
  double mean_ = 0;
};

/// A label. `shares`: of the levels, in training; what is missing to 1 is that of all other labels.
class LabelDrift {
 public:
  explicit LabelDrift(const std::vector<double>& shares) : shares_(shares), counts_(shares.size()) {}

  /// A level's number; anything else was not seen in training, and is a bin of its own.
  void add(double level) noexcept;
  void add_missing() noexcept { ++missing_; }
  Drift result(std::optional<double> then_missing) const;

 private:
  std::vector<double> shares_;
  std::vector<std::int64_t> counts_;
  std::int64_t unseen_ = 0;
  std::int64_t rows_ = 0;
  std::int64_t missing_ = 0;
};

}  // namespace persona
