#include "core/regression/cholesky.h"

#include <algorithm>
#include <utility>

namespace persona {
namespace {

// sum -= a b, as accurate as double-double arithmetic at a third of its work: errors of the products and of
// the sum are collected in the low part, which is normalized once, when the sum is complete (Ogita, Rump and
// Oishi, "Accurate sum and dot product", SIAM J. Sci. Comput. 26(6), 2005).
inline void subtract_product(DoubleDouble& sum, DoubleDouble a, DoubleDouble b) {
  const DoubleDouble product = two_product(a.hi, b.hi);
  const DoubleDouble rest = two_sum(sum.hi, -product.hi);
  sum.hi = rest.hi;
  sum.lo += rest.lo - (product.lo + (a.hi * b.lo + a.lo * b.hi));
}

inline DoubleDouble normalized(DoubleDouble sum) { return two_sum(sum.hi, sum.lo); }

}  // namespace

Cholesky::Cholesky(PackedMatrix matrix, int size, double tolerance, Poll& poll)
    : factor_(std::move(matrix)), dependent_(static_cast<std::size_t>(size), false) {
  DoubleDouble* current = factor_.data();
  for (int i = 0; i < size; ++i) {
    poll.check();
    const DoubleDouble total = current[i];
    DoubleDouble left = total;
    for (int j = 0; j < i; ++j) {
      if (dependent(j)) {
        current[j] = 0.0;
        continue;
      }
      const DoubleDouble* other = row(j);
      DoubleDouble entry = current[j];
      for (int k = 0; k < j; ++k) subtract_product(entry, current[k], other[k]);
      current[j] = normalized(entry) / other[j];
      subtract_product(left, current[j], current[j]);
    }
    left = normalized(left);
    if (left.hi > 0 && left.hi > tolerance * total.hi) {
      current[i] = sqrt(left);
      ++rank_;
    } else {
      std::fill_n(current, i + 1, DoubleDouble());
      dependent_[static_cast<std::size_t>(i)] = true;
    }
    current += i + 1;
  }
}

std::vector<DoubleDouble> Cholesky::forward_solve(std::vector<DoubleDouble> b) const {
  for (int i = 0; i < size(); ++i) {
    DoubleDouble& value = b[static_cast<std::size_t>(i)];
    if (dependent(i)) {
      value = 0.0;
      continue;
    }
    const DoubleDouble* entries = row(i);
    for (int j = 0; j < i; ++j) value -= entries[j] * b[static_cast<std::size_t>(j)];
    value = value / entries[i];
  }
  return b;
}

std::vector<DoubleDouble> Cholesky::backward_solve(std::vector<DoubleDouble> b) const {
  for (int i = size() - 1; i >= 0; --i) {
    DoubleDouble& value = b[static_cast<std::size_t>(i)];
    if (dependent(i)) {
      value = 0.0;
      continue;
    }
    const DoubleDouble* entries = row(i);
    value = value / entries[i];
    for (int j = 0; j < i; ++j) b[static_cast<std::size_t>(j)] -= entries[j] * value;
  }
  return b;
}

// Row i of L^-1 is (e_i - sum_j L_ij row_j) / L_ii.
PackedMatrix Cholesky::inverse_factor(Poll& poll) const {
  PackedMatrix inverse(factor_.size());
  for (int i = 0; i < size(); ++i) {
    poll.check();
    if (dependent(i)) continue;
    const DoubleDouble* entries = row(i);
    DoubleDouble* target = &inverse[static_cast<std::size_t>(i) * (static_cast<std::size_t>(i) + 1) / 2];
    for (int j = 0; j < i; ++j) {
      if (dependent(j)) continue;
      const DoubleDouble* source =
          &inverse[static_cast<std::size_t>(j) * (static_cast<std::size_t>(j) + 1) / 2];
      for (int k = 0; k <= j; ++k) subtract_product(target[k], entries[j], source[k]);
    }
    target[i] = 1.0;
    for (int k = 0; k <= i; ++k) target[k] = normalized(target[k]) / entries[i];
  }
  return inverse;
}

}  // namespace persona
