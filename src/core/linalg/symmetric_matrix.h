// A dense symmetric matrix in memory: its upper triangle by rows, in a square that is padded so that the
// kernels' tiles need no case for the edge.
#pragma once

#include <cstddef>
#include <vector>

#include "core/base/poll.h"

namespace persona {

class SymmetricMatrix {
 public:
  /// All zero. Throws 53200 where there is no memory for it.
  SymmetricMatrix(std::ptrdiff_t size, Poll& poll);

  std::ptrdiff_t size() const noexcept { return size_; }
  /// Doubles from one row to the next.
  std::ptrdiff_t stride() const noexcept { return stride_; }
  double* row(std::ptrdiff_t i) noexcept { return values_.data() + i * stride_; }
  const double* row(std::ptrdiff_t i) const noexcept { return values_.data() + i * stride_; }

  /// Copies the upper triangle to the lower one.
  void mirror(Poll& poll);

 private:
  std::ptrdiff_t size_;
  std::ptrdiff_t stride_;
  std::vector<double> values_;
};

/// The index of the first row whose pivot, what the rows before it leave of its diagonal entry, is at most
/// `tolerance` times the entry: the matrix is not positive definite and then holds nothing of use. Without
/// one, -1, and the upper triangle holds the inverse. n^3 multiplications and additions in all; beside the
/// matrix itself memory for three panels of a few hundred rows.
std::ptrdiff_t invert(SymmetricMatrix& matrix, double tolerance, Poll& poll);

}  // namespace persona
