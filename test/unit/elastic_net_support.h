// Means and deviations by their definitions, for tests of penalties.
#pragma once

#include <cmath>
#include <numeric>
#include <vector>

namespace persona::test {

inline double mean_of(const std::vector<double>& x) {
  return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}

inline double deviation_of(const std::vector<double>& x) {
  const double mean = mean_of(x);
  double sum = 0;
  for (const double value : x) sum += (value - mean) * (value - mean);
  return std::sqrt(sum / static_cast<double>(x.size()));
}

}  // namespace persona::test
