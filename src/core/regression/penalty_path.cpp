#include "core/regression/penalty_path.h"

#include <cmath>
#include <limits>
#include <numeric>

#include "core/base/error.h"

namespace persona {

std::vector<double> penalty_path(double greatest, double rows, std::size_t terms) {
  if (!(greatest > 0)) return {0.0};
  const double ratio = rows < static_cast<double>(terms) ? 1e-2 : 1e-4;
  std::vector<double> path = {greatest};
  for (int k = 1; k < kPathLength; ++k) {
    path.push_back(greatest * std::pow(ratio, static_cast<double>(k) / (kPathLength - 1)));
  }
  return path;
}

CrossValidation summarize_folds(const std::vector<std::vector<double>>& deviance,
                                const std::vector<double>& rows) {
  const double all = std::accumulate(rows.begin(), rows.end(), 0.0);
  CrossValidation result;
  for (std::size_t k = 0; k < deviance.front().size(); ++k) {
    double mean = 0;
    for (std::size_t f = 0; f < rows.size(); ++f) mean += rows[f] / all * deviance[f][k];
    double spread = 0;
    for (std::size_t f = 0; f < rows.size(); ++f) {
      spread += rows[f] / all * (deviance[f][k] - mean) * (deviance[f][k] - mean);
    }
    result.deviance.push_back(mean);
    result.std_error.push_back(rows.size() < 2 ? std::numeric_limits<double>::infinity()
                                               : std::sqrt(spread / static_cast<double>(rows.size() - 1)));
    if (mean < result.deviance[result.minimum]) result.minimum = k;
  }
  const double bound = result.deviance[result.minimum] + result.std_error[result.minimum];
  while (result.one_se < result.minimum && !(result.deviance[result.one_se] <= bound)) ++result.one_se;
  return result;
}

void throw_one_fold() {
  throw Error(sqlstate::kNotInPrerequisiteState, "too few distinct rows for cross-validation",
              "Folds are told from a row's values, and all rows are of one fold.",
              "Set \"l1\" and \"l2\" instead of \"folds\".");
}

}  // namespace persona
