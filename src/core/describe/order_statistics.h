// Quantiles of counted numbers and Tukey's fences: a value is an outlier below q25 - 1.5 IQR or above
// q75 + 1.5 IQR, IQR = q75 - q25 (Tukey, Exploratory Data Analysis, 1977).
#pragma once

#include <cstdint>
#include <vector>

namespace persona {

struct CountedNumber {
  double number;  ///< not NaN
  std::int64_t count;
};

class OrderStatistics {
 public:
  explicit OrderStatistics(std::vector<CountedNumber> numbers);

  bool empty() const noexcept { return numbers_.empty(); }
  /// How many numbers, all occurrences counted.
  std::int64_t count() const noexcept { return empty() ? 0 : up_to_.back(); }

  /// Linear interpolation, type 7 of Hyndman and Fan (The American Statistician 50(4), 1996), by the
  /// arithmetic of SQL's percentile_cont. Not empty, 0 <= p <= 1.
  double interpolated(double p) const noexcept;
  /// The least number whose cumulative share reaches p, as SQL's percentile_disc.
  double discrete(double p) const noexcept;

  /// How many numbers lie outside the fences of these quartiles.
  std::int64_t outliers(double q25, double q75) const noexcept;

 private:
  double at(std::int64_t position) const noexcept;  // from 0, in ascending order

  std::vector<CountedNumber> numbers_;  // ascending
  std::vector<std::int64_t> up_to_;     // numbers up to this one, itself counted
};

}  // namespace persona
