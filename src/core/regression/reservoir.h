// A uniform sample of the rows of a stream whose length is not known beforehand: Vitter's algorithm R
// ("Random sampling with a reservoir", ACM TOMS 11(1), 1985), seeded, so that the same rows in the same order
// give the same sample on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/random.h"

namespace persona {

class Reservoir {
 public:
  static constexpr std::size_t kCapacity = 10000;

  /// A row is `width` doubles.
  Reservoir(int width, std::uint64_t seed) : width_(static_cast<std::size_t>(width)), random_(seed) {}

  std::size_t rows() const noexcept { return width_ == 0 ? 0 : values_.size() / width_; }
  double value(std::size_t row, int column) const {
    return values_[row * width_ + static_cast<std::size_t>(column)];
  }

  /// The place the next row of the stream takes, for the caller to fill with `width` doubles; null when the
  /// sample leaves the row out.
  double* next_row() {
    const std::uint64_t row = seen_++;
    if (row < kCapacity) {
      values_.resize(values_.size() + width_);
      return &values_[row * width_];
    }
    const std::uint64_t place = random_.below(seen_);
    return place < kCapacity ? &values_[place * width_] : nullptr;
  }

 private:
  std::size_t width_;
  Random random_;
  std::uint64_t seen_ = 0;
  std::vector<double> values_;  // by rows
};

}  // namespace persona
