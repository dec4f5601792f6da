// The small systems of alternating least squares, (scale G + ridge I + sum w y y') x = sum w y over some rows
// y of a table, with G = Y'Y of all of them. The table is in single precision, which is what is stored; sums
// and solutions are in double, since the condition of such a system is lambda's choice, and the rounding of a
// solution to single precision moves a sum of squares, at its minimum, only by the square of that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/linalg/dense_kernel.h"
#include "core/recommend/paced_poll.h"

namespace persona {

/// Vectors of `size` numbers, one after the other.
struct VectorTable {
  const float* values = nullptr;
  std::ptrdiff_t size = 0;

  const float* row(std::ptrdiff_t r) const noexcept { return values + r * size; }
};

class NormalEquations {
 public:
  explicit NormalEquations(std::ptrdiff_t size);

  /// Nothing on either side.
  void clear();
  /// scale G + ridge I, and nothing on the right-hand side. `gram`: the matrix() of rows added to nothing.
  void start(const std::vector<double>& gram, double scale, double ridge);
  /// Adds `count` rows of the table: those of these numbers (null: the first ones), each with its weight
  /// (null: 1).
  void add(const VectorTable& table, const std::int32_t* rows, const double* weights, std::size_t count,
           PacedPoll& poll);
  /// False where the matrix is not positive definite to double precision. Else solution() is known, and
  /// gain(), what it takes from the sum of squares: right-hand side . solution.
  bool solve(PacedPoll& poll);
  /// x becomes the solution with x on the right-hand side, once solve() was true.
  void solve_for(double* x) const;

  std::ptrdiff_t size() const noexcept { return size_; }
  /// What start() takes as its gram.
  const std::vector<double>& matrix() const noexcept { return matrix_; }
  /// Entry k of its diagonal.
  double diagonal(std::ptrdiff_t k) const { return matrix_[static_cast<std::size_t>(k * stride_ + k)]; }
  const std::vector<double>& solution() const noexcept { return solution_; }
  double gain() const noexcept { return gain_; }

 private:
  void add_block(const VectorTable& table, const std::int32_t* rows, std::size_t first, const double* weights,
                 std::ptrdiff_t count);

  const DenseKernel& kernel_;
  std::ptrdiff_t size_;
  std::ptrdiff_t stride_;
  std::vector<double> matrix_;  // upper triangle with the right-hand side in column size_, padded
  std::vector<double> solution_;
  double gain_ = 0;
  std::vector<double> floors_;
  std::vector<double> gathered_;  // a block of rows, each with a 1 in column size_, padded with zeros
  std::vector<double> weighted_;  // their numbers times their weights
};

}  // namespace persona
