// A uniform sample of the rows of a stream whose length is not known beforehand: Li's algorithm L
// ("Reservoir-sampling algorithms of time complexity O(n(1 + log(N/n)))", ACM TOMS 20(4), 1994), which draws
// how many rows to leave out and not a number for each. Seeded, so that the same rows in the same order give
// the same sample on every machine.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/random.h"

namespace persona {

class Reservoir {
 public:
  static constexpr std::size_t kCapacity = 10000;

  /// A row is `width` doubles. The sample keeps `capacity` rows, capacity > 0.
  Reservoir(int width, std::uint64_t seed, std::size_t capacity = kCapacity)
      : width_(static_cast<std::size_t>(width)), capacity_(capacity), random_(seed) {}

  std::size_t rows() const noexcept {
    return width_ == 0 ? 0 : static_cast<std::size_t>(std::min<std::uint64_t>(seen_, capacity_));
  }
  double value(std::size_t row, int column) const {
    return chunks_[row / kChunk][row % kChunk * width_ + static_cast<std::size_t>(column)];
  }

  /// The place the next row of the stream takes, for the caller to fill with `width` doubles; null when the
  /// sample leaves the row out.
  double* next_row() {
    const std::uint64_t row = seen_++;
    if (row < capacity_) {
      if (row % kChunk == 0) {
        chunks_.emplace_back(std::min<std::size_t>(kChunk, capacity_ - static_cast<std::size_t>(row)) *
                             width_);
      }
      if (seen_ == capacity_) choose_next();
      return place(row);
    }
    if (row != chosen_) return nullptr;
    choose_next();
    return place(random_.below(capacity_));
  }

 private:
  // Rows are kept in pieces: one array that grows would be copied, and at times be there twice.
  static constexpr std::size_t kChunk = 64;

  double* place(std::uint64_t row) { return &chunks_[row / kChunk][row % kChunk * width_]; }

  // `threshold_` is distributed as the largest of the sample's capacity_ uniform keys; a row enters with that
  // probability, so the rows left out before the next one are geometric.
  void choose_next() {
    threshold_ *= std::exp(-random_.exponential() / static_cast<double>(capacity_));
    const double left_out = std::floor(random_.exponential() / -std::log1p(-threshold_));
    chosen_ = seen_ + static_cast<std::uint64_t>(std::min(left_out, 1e18));
  }

  std::size_t width_;
  std::size_t capacity_;
  Random random_;
  std::uint64_t seen_ = 0;
  std::uint64_t chosen_ = 0;  // the next row to enter, from 0
  double threshold_ = 1;
  std::vector<std::vector<double>> chunks_;  // kChunk rows each, by rows
};

}  // namespace persona
