// Cholesky factorization of a positive semidefinite matrix in double-double, which reveals the rank: a row
// that depends on earlier rows is left out, so that of collinear terms the later ones are dropped, as R's lm
// does. Row by row without pivoting (Golub and Van Loan, "Matrix Computations", 4th edition, 4.2.5).
#pragma once

#include <vector>

#include "core/base/double_double.h"
#include "core/base/poll.h"

namespace persona {

/// Lower triangle by rows: entry (i, j), j <= i, at i (i + 1) / 2 + j.
using PackedMatrix = std::vector<DoubleDouble>;

class Cholesky {
 public:
  /// Row i depends on the rows before it when what they leave of its diagonal entry is at most `tolerance`
  /// times the entry, or when the entry is not positive.
  Cholesky(PackedMatrix matrix, int size, double tolerance, Poll& poll);

  int size() const noexcept { return static_cast<int>(dependent_.size()); }
  int rank() const noexcept { return rank_; }
  bool dependent(int i) const { return dependent_[static_cast<std::size_t>(i)]; }

  /// L^-1 b; zero in dependent rows.
  std::vector<DoubleDouble> forward_solve(std::vector<DoubleDouble> b) const;
  /// L^-T b; zero in dependent rows.
  std::vector<DoubleDouble> backward_solve(std::vector<DoubleDouble> b) const;
  /// L^-1, zero in dependent rows and columns.
  PackedMatrix inverse_factor(Poll& poll) const;

 private:
  const DoubleDouble* row(int i) const {
    return &factor_[static_cast<std::size_t>(i) * (static_cast<std::size_t>(i) + 1) / 2];
  }

  PackedMatrix factor_;  // rows of dependent terms are zero
  std::vector<bool> dependent_;
  int rank_ = 0;
};

}  // namespace persona
