#include "core/explanation/drift.h"

#include <algorithm>
#include <cmath>

namespace persona {
namespace {

// The sum over bins; what was missing is one of them, where it is known how much was missing in training.
class StabilityIndex {
 public:
  StabilityIndex(std::int64_t rows, std::int64_t missing, std::optional<double> then_missing)
      : now_(static_cast<double>(then_missing.has_value() ? rows + missing : rows)),
        then_(1 - then_missing.value_or(0)) {
    if (then_missing.has_value() && (*then_missing > 0 || missing > 0)) {
      add_shares(static_cast<double>(missing) / now_, *then_missing);
    }
  }

  /// `then`: the bin's share among the values of training.
  void add(std::int64_t count, double then) { add_shares(static_cast<double>(count) / now_, then * then_); }

  void fill(Drift& drift) const {
    if (now_ > 0) drift.psi = sum_;
    drift.bins = bins_;
  }

 private:
  void add_shares(double now, double then) {
    constexpr double kLeast = 1e-4;
    now = std::max(now, kLeast);
    then = std::max(then, kLeast);
    sum_ += (now - then) * std::log(now / then);
    ++bins_;
  }

  double now_;
  double then_;
  double sum_ = 0;
  int bins_ = 0;
};

}  // namespace

const char* assess_drift(double psi) noexcept {
  return psi < 0.1 ? "stable" : psi <= 0.25 ? "moderate" : "major";
}

double drift_by_chance(const Drift& drift) noexcept {
  return (drift.bins - 1) / static_cast<double>(std::max<std::int64_t>(drift.rows, 1));
}

NumberDrift::NumberDrift(const std::vector<double>& quantiles, const std::vector<double>& ranks)
    : is_ranked_(!quantiles.empty() && !ranks.empty()) {
  const std::size_t steps = std::max<std::size_t>(quantiles.size(), 1) - 1;
  for (std::size_t first = 0; first < quantiles.size();) {
    std::size_t last = first;  // of the equal ones
    while (last < steps && quantiles[last + 1] == quantiles[first]) ++last;
    bool decile = false;
    for (std::size_t k = std::max<std::size_t>(first, 1); k <= std::min(last, steps - 1); ++k) {
      decile = decile || k * 10 % steps == 0;
    }
    edges_.push_back(quantiles[first]);
    below_.push_back(last == steps || !is_ranked_ ? 1 : ranks[last]);
    splits_.push_back(decile);
    first = last + 1;
  }
  counts_.resize(edges_.size() + 1);
}

void NumberDrift::add(double x) noexcept {
  const auto edge = std::lower_bound(edges_.begin(), edges_.end(), x);
  ++counts_[static_cast<std::size_t>(edge - edges_.begin())];
  if (edge == edges_.begin() && !edges_.empty() && x < *edge) ++under_;
  ++rows_;
  mean_ += (x - mean_) / static_cast<double>(rows_);
}

void NumberDrift::compare(std::optional<double> then_missing, Drift& drift) const {
  StabilityIndex index(rows_, missing_, then_missing);
  const auto rows = static_cast<double>(rows_);
  double ks = static_cast<double>(under_) / rows;
  std::int64_t count = 0;   // up to the edge
  std::int64_t binned = 0;  // of these, in bins already
  double share = 0;         // of training, in bins already
  // Where the smallest value alone makes up the first bin, what is below it is another.
  if (splits_.front()) {
    index.add(under_, 0);
    binned = under_;
  }
  for (std::size_t k = 0; k < edges_.size(); ++k) {
    count += counts_[k];
    ks = std::max(ks, std::fabs(static_cast<double>(count) / rows - below_[k]));
    if (!splits_[k]) continue;
    index.add(count - binned, below_[k] - share);
    binned = count;
    share = below_[k];
  }
  if (rows_ > binned || share < 1) index.add(rows_ - binned, 1 - share);
  index.fill(drift);
  if (rows_ > 0) drift.ks = ks;
}

Drift NumberDrift::result(std::optional<double> then_missing) const {
  Drift drift;
  drift.rows = rows_;
  drift.missing = missing_;
  if (is_ranked_) compare(then_missing, drift);
  if (rows_ == 0) return drift;
  if (!edges_.empty()) {
    drift.outside = static_cast<double>(under_ + counts_.back()) / static_cast<double>(rows_);
  }
  if (std::isfinite(mean_)) drift.mean = mean_;
  return drift;
}

void LabelDrift::add(double level) noexcept {
  ++rows_;
  if (level >= 0 && level < static_cast<double>(counts_.size())) {
    ++counts_[static_cast<std::size_t>(level)];
  } else {
    ++unseen_;
  }
}

Drift LabelDrift::result(std::optional<double> then_missing) const {
  Drift drift;
  drift.rows = rows_;
  drift.missing = missing_;
  StabilityIndex index(rows_, missing_, then_missing);
  constexpr double kRounding = 1e-9;  // of shares that add up to 1
  double others = 1;
  for (std::size_t k = 0; k < shares_.size(); ++k) {
    index.add(counts_[k], shares_[k]);
    others -= shares_[k];
  }
  if (unseen_ > 0 || others > kRounding) index.add(unseen_, others);
  index.fill(drift);
  if (rows_ > 0) drift.outside = static_cast<double>(unseen_) / static_cast<double>(rows_);
  return drift;
}

}  // namespace persona
