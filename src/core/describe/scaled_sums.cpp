#include "core/describe/scaled_sums.h"

#include <cmath>

namespace persona {
namespace {

constexpr int kStep = 600;
// Twice this, or twice 2^1024 times the last scale, squared and counted 2^63 times, is far below the largest
// double; and the largest value seen is at least 2^-474 when scaled, so that squares that count do not
// vanish.
constexpr double kLargest = 0x1p400;

}  // namespace

void ScaledSums::add(double x, std::int64_t times) noexcept {
  double scaled = x * scale_;
  while (std::fabs(scaled) > kLargest && scale_ > 0x1p-600) {
    raise_scale();
    scaled = x * scale_;
  }
  if (n_ == 0) shift_ = scaled;
  n_ += times;
  const DoubleDouble deviation = two_sum(scaled, -shift_);
  const DoubleDouble weight(static_cast<double>(times));
  sum_ += times == 1 ? deviation : deviation * weight;
  const DoubleDouble square = deviation * deviation;
  squares_ += times == 1 ? square : square * weight;
}

void ScaledSums::raise_scale() noexcept {
  scale_ *= 0x1p-600;
  shift_ = std::ldexp(shift_, -kStep);
  sum_ = ldexp(sum_, -kStep);
  squares_ = ldexp(squares_, -2 * kStep);
}

std::optional<double> ScaledSums::mean() const noexcept {
  if (n_ == 0) return std::nullopt;
  const DoubleDouble mean = DoubleDouble(shift_) + sum_ / DoubleDouble(static_cast<double>(n_));
  return mean.value() / scale_;
}

std::optional<double> ScaledSums::stddev() const noexcept {
  if (n_ < 2) return std::nullopt;
  const DoubleDouble n(static_cast<double>(n_));
  const DoubleDouble variance = (squares_ - sum_ * sum_ / n) / DoubleDouble(static_cast<double>(n_ - 1));
  return sqrt(variance).value() / scale_;
}

}  // namespace persona
