// The inverse in place by sweeping out one block of rows and columns after the other (symmetric Gauss-Jordan
// elimination; Goodnight, "A tutorial on the SWEEP operator", The American Statistician 33(3), 1979). With
// the rows K of a block, A_KK = U'U, and W = U'^-1 A_K., a sweep replaces
//   A_ij by A_ij - W_i' W_j,  A_Kj by U^-1 W_j,  A_KK by -(U'U)^-1,
// where i and j are not in K; after all of them -A^-1 stands in place of A. On the rows that are not yet
// swept this is Cholesky's factorization, with its pivots and its stability, and on the others a sum of
// positive semidefinite terms that form U^-1 U'^-1: nothing cancels. Every sweep is one symmetric update of
// the whole matrix, so that nearly all of the n^3 operations are in one kernel.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "core/linalg/dense_kernel.h"
#include "core/linalg/symmetric_matrix.h"
#include "core/recommend/paced_poll.h"

namespace persona {
namespace {

// Rows of a block; a multiple of kPadRows and kPadColumns. A larger one reads the matrix less often and
// spends more on its panels, 2 n^2 kBlock in all.
constexpr std::ptrdiff_t kBlock = 192;
// Rows of the matrix that are updated with one sliver of a panel while it is in the first-level cache; theirs
// stays in the second.
constexpr std::ptrdiff_t kRowsAtOnce = 192;

class Inversion {
 public:
  Inversion(SymmetricMatrix& matrix, Poll& poll)
      : kernel_(dense_kernel()), matrix_(matrix), poll_(poll), columns_(matrix.stride()) {
    const auto cells = static_cast<std::size_t>(columns_ * kBlock);
    for (std::vector<double>* each : {&panel_, &swept_, &negative_}) grow(*each, cells, poll_);
    const auto square = static_cast<std::size_t>(kBlock * kBlock);
    for (std::vector<double>* each : {&factor_, &inverse_, &left_}) each->resize(square);
  }

  std::ptrdiff_t run(double tolerance) {
    const std::ptrdiff_t size = matrix_.size();
    std::vector<double> floors(static_cast<std::size_t>(size));
    for (std::ptrdiff_t k = 0; k < size; ++k) {
      floors[static_cast<std::size_t>(k)] = std::max(tolerance * matrix_.row(k)[k], 0.0);
    }
    for (begin_ = 0; begin_ < size; begin_ += kBlock) {
      end_ = std::min(begin_ + kBlock, size);
      const std::ptrdiff_t bad = factor_block(floors.data() + begin_);
      if (bad >= 0) return begin_ + bad;
      gather_panel();
      multiply_panel(true, panel_, swept_);  // W = U'^-1 A_K.
      negate();
      update_matrix();
      multiply_panel(false, swept_, panel_);  // U^-1 W
      scatter_panel();
      store_block();
    }
    for (std::ptrdiff_t i = 0; i < size; ++i) {
      double* row = matrix_.row(i);
      for (std::ptrdiff_t j = i; j < size; ++j) row[j] = -row[j];
      poll_.add(static_cast<std::size_t>(size - i));
    }
    return -1;
  }

 private:
  std::ptrdiff_t width() const noexcept { return end_ - begin_; }
  bool is_in_block(std::ptrdiff_t row) const noexcept { return row >= begin_ && row < end_; }
  // A panel stands by slivers of tile_columns columns, kBlock rows each: as the kernel reads it.
  double* sliver(std::vector<double>& panel, std::ptrdiff_t column) const {
    return panel.data() + column * kBlock;
  }

  // U and its inverse, both kBlock square with zeros below the diagonal and beyond the block.
  std::ptrdiff_t factor_block(const double* floors) {
    std::fill(factor_.begin(), factor_.end(), 0);
    std::fill(inverse_.begin(), inverse_.end(), 0);
    for (std::ptrdiff_t r = 0; r < width(); ++r) {
      const double* row = matrix_.row(begin_ + r) + begin_;
      std::copy(row + r, row + width(), factor_.begin() + r * kBlock + r);
    }
    const std::ptrdiff_t sound = kernel_.factor(factor_.data(), width(), width(), kBlock, floors);
    if (sound < width()) return sound;
    // From the last row up: V_k = (e_k - sum_{j>k} U_kj V_j) / U_kk.
    for (std::ptrdiff_t k = width() - 1; k >= 0; --k) {
      double* row = inverse_.data() + k * kBlock;
      const double* u = factor_.data() + k * kBlock;
      for (std::ptrdiff_t j = k + 1; j < width(); ++j) {
        const double* below = inverse_.data() + j * kBlock;
        for (std::ptrdiff_t c = j; c < width(); ++c) row[c] -= u[j] * below[c];
      }
      row[k] = 1;
      for (std::ptrdiff_t c = k; c < width(); ++c) row[c] /= u[k];
      poll_.add(static_cast<std::size_t>(width() * (width() - k)) / 2);
    }
    return -1;
  }

  // A_K. with zeros in the columns of the block itself.
  void gather_panel() {
    const std::ptrdiff_t tile = kernel_.tile_columns;
    std::fill(panel_.begin(), panel_.end(), 0);
    for (std::ptrdiff_t j0 = 0; j0 < columns_; j0 += tile) {
      double* to = sliver(panel_, j0);
      for (std::ptrdiff_t j = j0; j < std::min(j0 + tile, begin_); ++j) {
        const double* row = matrix_.row(j) + begin_;
        for (std::ptrdiff_t k = 0; k < width(); ++k) to[k * tile + j - j0] = row[k];
      }
      const std::ptrdiff_t right = std::max(j0, end_);
      for (std::ptrdiff_t k = 0; k < width() && right < j0 + tile; ++k) {
        const double* row = matrix_.row(begin_ + k);
        std::copy(row + right, row + j0 + tile, to + k * tile + right - j0);
      }
      poll_.add(static_cast<std::size_t>(tile * kBlock));
    }
  }

  // to = V' from, or V from: V is U^-1, of which only the triangle is read.
  void multiply_panel(bool transposed, std::vector<double>& from, std::vector<double>& to) {
    const std::ptrdiff_t rows = kernel_.tile_rows;
    const std::ptrdiff_t tile = kernel_.tile_columns;
    // left_ by slivers of tile_rows rows of the product: entry (k, r) as the kernel's a[k][r].
    for (std::ptrdiff_t r = 0; r < kBlock; ++r) {
      double* to_left = left_.data() + r / rows * rows * kBlock + r % rows;
      for (std::ptrdiff_t k = 0; k < kBlock; ++k) {
        to_left[k * rows] = inverse_[static_cast<std::size_t>(transposed ? k * kBlock + r : r * kBlock + k)];
      }
    }
    std::fill(to.begin(), to.end(), 0);
    for (std::ptrdiff_t j0 = 0; j0 < columns_; j0 += tile) {
      for (std::ptrdiff_t r = 0; r < width(); r += rows) {
        const std::ptrdiff_t first = transposed ? 0 : r;
        const std::ptrdiff_t last = transposed ? std::min(r + rows, width()) : width();
        kernel_.multiply(last - first, left_.data() + r * kBlock + first * rows, rows,
                         sliver(from, j0) + first * tile, tile, sliver(to, j0) + r * tile, tile);
      }
      poll_.add(static_cast<std::size_t>(tile * kBlock * kBlock / 32));
    }
  }

  // -W by slivers of tile_rows columns.
  void negate() {
    const std::ptrdiff_t rows = kernel_.tile_rows;
    const std::ptrdiff_t tile = kernel_.tile_columns;
    for (std::ptrdiff_t j0 = 0; j0 < columns_; j0 += rows) {
      const double* from = sliver(swept_, j0 / tile * tile) + j0 % tile;
      double* to = negative_.data() + j0 * kBlock;
      for (std::ptrdiff_t k = 0; k < width(); ++k) {
        for (std::ptrdiff_t r = 0; r < rows; ++r) to[k * rows + r] = -from[k * tile + r];
      }
      poll_.add(static_cast<std::size_t>(rows * kBlock));
    }
  }

  // A_ij -= W_i' W_j on and above the diagonal.
  void update_matrix() {
    const std::ptrdiff_t rows = kernel_.tile_rows;
    const std::ptrdiff_t tile = kernel_.tile_columns;
    const std::ptrdiff_t stride = matrix_.stride();
    for (std::ptrdiff_t top = 0; top < matrix_.size(); top += kRowsAtOnce) {
      const std::ptrdiff_t bottom = std::min(top + kRowsAtOnce, matrix_.size());
      for (std::ptrdiff_t j0 = top / tile * tile; j0 < columns_; j0 += tile) {
        if (is_in_block(j0) && is_in_block(j0 + tile - 1)) continue;
        for (std::ptrdiff_t i = top; i < std::min(bottom, j0 + tile); i += rows) {
          if (is_in_block(i) && is_in_block(i + rows - 1)) continue;
          kernel_.multiply(width(), negative_.data() + i * kBlock, rows, sliver(swept_, j0), tile,
                           matrix_.row(i) + j0, stride);
        }
        poll_.add(static_cast<std::size_t>(kRowsAtOnce * tile * kBlock / 32));
      }
    }
  }

  void scatter_panel() {
    const std::ptrdiff_t tile = kernel_.tile_columns;
    for (std::ptrdiff_t j0 = 0; j0 < columns_; j0 += tile) {
      const double* from = sliver(panel_, j0);
      for (std::ptrdiff_t j = j0; j < std::min(j0 + tile, begin_); ++j) {
        double* row = matrix_.row(j) + begin_;
        for (std::ptrdiff_t k = 0; k < width(); ++k) row[k] = from[k * tile + j - j0];
      }
      const std::ptrdiff_t right = std::max(j0, end_);
      for (std::ptrdiff_t k = 0; k < width() && right < j0 + tile; ++k) {
        std::copy(from + k * tile + right - j0, from + (k + 1) * tile, matrix_.row(begin_ + k) + right);
      }
      poll_.add(static_cast<std::size_t>(tile * kBlock));
    }
  }

  // -(U'U)^-1 = -V V'.
  void store_block() {
    for (std::ptrdiff_t r = 0; r < width(); ++r) {
      const double* left = inverse_.data() + r * kBlock;
      double* to = matrix_.row(begin_ + r) + begin_;
      for (std::ptrdiff_t c = r; c < width(); ++c) {
        const double* right = inverse_.data() + c * kBlock;
        double sum = 0;
        for (std::ptrdiff_t k = c; k < width(); ++k) sum += left[k] * right[k];
        to[c] = -sum;
      }
      poll_.add(static_cast<std::size_t>(width() * width()) / 4);
    }
  }

  const DenseKernel& kernel_;
  SymmetricMatrix& matrix_;
  PacedPoll poll_;
  std::ptrdiff_t columns_;  // of the panels: all, padded
  std::ptrdiff_t begin_ = 0;
  std::ptrdiff_t end_ = 0;
  std::vector<double> panel_, swept_, negative_;  // kBlock rows of all columns
  std::vector<double> factor_, inverse_, left_;   // kBlock square
};

}  // namespace

std::ptrdiff_t invert(SymmetricMatrix& matrix, double tolerance, Poll& poll) {
  if (matrix.size() == 0) return -1;
  return Inversion(matrix, poll).run(tolerance);
}

}  // namespace persona
