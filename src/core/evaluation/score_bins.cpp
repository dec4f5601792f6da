#include "core/evaluation/score_bins.h"

#include <algorithm>
#include <cmath>

#include "core/base/error.h"
#include "core/evaluation/polite_sort.h"
#include "core/regression/inference.h"

namespace persona {
namespace {

constexpr double kConfidence = 0.95;

// Sorts by `before` and calls use(bin from 0, first, last) for each bin that has rows.
template <class Before, class Use>
void for_each_bin(std::vector<ScoredRow>& rows, int bins, const Before& before, Poll& poll, const Use& use) {
  if (rows.empty()) {
    throw Error(sqlstate::kNotInPrerequisiteState, "no usable rows to evaluate the model on",
                "Each row of the source lacks the target or a feature, or there is none.");
  }
  sort_politely(rows, before, poll);
  std::size_t first = 0;  // of the bin
  std::size_t bin = 0;
  for (std::size_t i = 0; i < rows.size();) {
    std::size_t next = i + 1;
    while (next < rows.size() && rows[next].score == rows[i].score) ++next;
    // The rows i to next - 1 are tied; their middle is at (i + next) / 2 of rows.size().
    const std::size_t belongs = (i + next) * static_cast<std::size_t>(bins) / (2 * rows.size());
    if (belongs != bin && i > first) {
      use(static_cast<int>(bin), first, i);
      first = i;
    }
    bin = belongs;
    i = next;
  }
  use(static_cast<int>(bin), first, rows.size());
}

void add_wilson_limits(CalibrationBin& bin) {
  const double z = normal_multiplier(kConfidence);
  const auto n = static_cast<double>(bin.rows);
  const double p = bin.observed;
  const double scale = 1 / (1 + z * z / n);
  const double center = (p + z * z / (2 * n)) * scale;
  const double half = z * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n)) * scale;
  // At the ends one limit is the share itself, but for rounding.
  bin.lower = p == 0 ? 0 : center - half;
  bin.upper = p == 1 ? 1 : center + half;
}

}  // namespace

std::vector<CalibrationBin> calibrate(std::vector<ScoredRow>& rows, bool classes, int bins, Poll& poll) {
  std::vector<CalibrationBin> result;
  const auto lower = [](const ScoredRow& a, const ScoredRow& b) { return a.score < b.score; };
  for_each_bin(rows, bins, lower, poll, [&](int number, std::size_t first, std::size_t last) {
    CalibrationBin bin;
    bin.bin = number + 1;
    bin.rows = static_cast<std::int64_t>(last - first);
    bin.lowest = rows[first].score;
    bin.highest = rows[last - 1].score;
    // Welford, Technometrics 4(3), 1962.
    double squares = 0;
    for (std::size_t i = first; i < last; ++i) {
      const auto n = static_cast<double>(i - first + 1);
      bin.predicted += (rows[i].score - bin.predicted) / n;
      const double gap = rows[i].target - bin.observed;
      bin.observed += gap / n;
      squares += gap * (rows[i].target - bin.observed);
    }
    if (classes) {
      add_wilson_limits(bin);
    } else if (bin.rows > 1) {
      const auto n = static_cast<double>(bin.rows);
      const double half = t_multiplier(kConfidence, n - 1) * std::sqrt(squares / (n - 1) / n);
      bin.lower = bin.observed - half;
      bin.upper = bin.observed + half;
    }
    result.push_back(bin);
  });
  return result;
}

std::vector<GainsBin> gains_by_bin(std::vector<ScoredRow>& rows, int bins, Poll& poll) {
  std::vector<GainsBin> result;
  const auto higher = [](const ScoredRow& a, const ScoredRow& b) { return a.score > b.score; };
  double total = 0;
  for_each_bin(rows, bins, higher, poll, [&](int number, std::size_t first, std::size_t last) {
    GainsBin bin;
    bin.bin = number + 1;
    bin.rows = static_cast<std::int64_t>(last - first);
    for (std::size_t i = first; i < last; ++i) bin.total += rows[i].target;
    bin.rate = bin.total / static_cast<double>(bin.rows);
    bin.threshold = rows[last - 1].score;
    bin.cumulative_share = static_cast<double>(last) / static_cast<double>(rows.size());
    total += bin.total;
    result.push_back(bin);
  });
  if (!(total > 0)) return result;
  const double rate = total / static_cast<double>(rows.size());
  double before = 0;
  for (GainsBin& bin : result) {
    before += bin.total;
    bin.lift = bin.rate / rate;
    bin.cumulative_gain = before / total;
    bin.cumulative_lift = *bin.cumulative_gain / bin.cumulative_share;
  }
  return result;
}

}  // namespace persona
