// The total weight of one user and item over several rows, where a return (a negative weight) cancels a
// purchase. 0.1 + 0.2 - 0.3 is 5.6e-17 in binary arithmetic and must count as nothing left.
#pragma once

#include <cmath>

namespace persona {

class NetWeight {
 public:
  void add(double weight) noexcept {
    total_ += weight;
    magnitude_ += std::fabs(weight);
    terms_ += 1;
  }

  /// The total, or 0 where it is not positive. A total below the rounding error of its own sum, n 2^-52 sum
  /// |w| (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., 4.2, and as much again for the
  /// decimal fractions rounded on input), is 0. Infinite or NaN on overflow.
  double value() const noexcept {
    if (!std::isfinite(magnitude_)) return magnitude_;
    const double rounding = terms_ > 1 ? terms_ * 0x1p-52 * magnitude_ : 0;
    return total_ > rounding ? total_ : 0;
  }

 private:
  double total_ = 0;
  double magnitude_ = 0;
  double terms_ = 0;
};

}  // namespace persona
