#include "core/describe/order_statistics.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace persona {

OrderStatistics::OrderStatistics(std::vector<CountedNumber> numbers) : numbers_(std::move(numbers)) {
  std::sort(numbers_.begin(), numbers_.end(),
            [](const CountedNumber& a, const CountedNumber& b) { return a.number < b.number; });
  up_to_.reserve(numbers_.size());
  std::int64_t sum = 0;
  for (const CountedNumber& n : numbers_) up_to_.push_back(sum += n.count);
}

double OrderStatistics::at(std::int64_t position) const noexcept {
  const auto found = std::upper_bound(up_to_.begin(), up_to_.end(), position);
  return numbers_[static_cast<std::size_t>(found - up_to_.begin())].number;
}

double OrderStatistics::interpolated(double p) const noexcept {
  const double position = p * static_cast<double>(count() - 1);
  const double floor = std::floor(position);
  const double below = at(static_cast<std::int64_t>(floor));
  const double above = at(static_cast<std::int64_t>(std::ceil(position)));
  if (below == above) return below;
  const double share = position - floor;
  const double step = above - below;
  return std::isfinite(step) ? below + share * step : below * (1 - share) + above * share;
}

double OrderStatistics::discrete(double p) const noexcept {
  const auto position = static_cast<std::int64_t>(std::ceil(p * static_cast<double>(count())));
  return at(std::max<std::int64_t>(position - 1, 0));
}

std::int64_t OrderStatistics::outliers(double q25, double q75) const noexcept {
  double scale = 1;
  if (!std::isfinite(q25 - 1.5 * (q75 - q25)) || !std::isfinite(q75 + 1.5 * (q75 - q25))) scale = 0x1p-3;
  const double low = q25 * scale - 1.5 * (q75 * scale - q25 * scale);
  const double high = q75 * scale + 1.5 * (q75 * scale - q25 * scale);
  std::int64_t outside = 0;
  for (const CountedNumber& n : numbers_) {
    if (n.number * scale < low || n.number * scale > high) outside += n.count;
  }
  return outside;
}

}  // namespace persona
