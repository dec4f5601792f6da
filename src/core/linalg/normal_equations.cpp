#include "core/linalg/normal_equations.h"

#include <algorithm>

namespace persona {
namespace {

// Rows gathered at once: at 64 numbers they fit into the first-level cache.
constexpr std::size_t kBlock = 48;

std::size_t at(std::ptrdiff_t place) { return static_cast<std::size_t>(place); }

}  // namespace

NormalEquations::NormalEquations(std::ptrdiff_t size)
    : kernel_(dense_kernel()),
      size_(size),
      stride_(padded(size + 1, kPadColumns)),
      matrix_(static_cast<std::size_t>(padded(size, kPadRows) * stride_), 0),
      solution_(static_cast<std::size_t>(size), 0),
      floors_(static_cast<std::size_t>(size), 0),
      gathered_(kBlock * static_cast<std::size_t>(stride_), 0),
      weighted_(gathered_) {
  // Beside the last number of every row: the products with it are the right-hand side.
  for (std::size_t r = 0; r < kBlock; ++r) gathered_[r * static_cast<std::size_t>(stride_) + at(size)] = 1;
}

void NormalEquations::clear() { std::fill(matrix_.begin(), matrix_.end(), 0); }

void NormalEquations::start(const std::vector<double>& gram, double scale, double ridge) {
  for (std::ptrdiff_t i = 0; i < size_; ++i) {
    const double* from = gram.data() + i * stride_;
    double* to = matrix_.data() + i * stride_;
    for (std::ptrdiff_t j = i / kPadColumns * kPadColumns; j < stride_; ++j) to[j] = scale * from[j];
    to[i] += ridge;
    to[size_] = 0;
  }
}

void NormalEquations::add(const VectorTable& table, const std::int32_t* rows, const double* weights,
                          std::size_t count, PacedPoll& poll) {
  for (std::size_t first = 0; first < count; first += kBlock) {
    const std::size_t some = std::min(kBlock, count - first);
    add_block(table, rows, first, weights, static_cast<std::ptrdiff_t>(some));
    poll.add(some * static_cast<std::size_t>(size_ * (size_ + 32)) / 32 + 1);
  }
}

void NormalEquations::add_block(const VectorTable& table, const std::int32_t* rows, std::size_t first,
                                const double* weights, std::ptrdiff_t count) {
  const auto row_of = [&](std::ptrdiff_t r) {
    const std::size_t place = first + at(r);
    return table.row(rows == nullptr ? static_cast<std::ptrdiff_t>(place) : rows[place]);
  };
  // The rows are anywhere in the table, and each is a few cache lines.
  constexpr std::ptrdiff_t kLine = 64 / sizeof(float);
  for (std::ptrdiff_t r = 0; rows != nullptr && r < count; ++r) {
    for (std::ptrdiff_t j = 0; j < size_; j += kLine) __builtin_prefetch(row_of(r) + j);
  }
  for (std::ptrdiff_t r = 0; r < count; ++r) {
    double* to = gathered_.data() + r * stride_;
    kernel_.widen(row_of(r), size_, to);
    if (weights == nullptr) continue;
    double* times = weighted_.data() + r * stride_;
    for (std::ptrdiff_t j = 0; j < size_; ++j) times[j] = weights[first + at(r)] * to[j];
  }
  const double* left = weights == nullptr ? gathered_.data() : weighted_.data();
  for (std::ptrdiff_t j = 0; j <= size_; j += kernel_.tile_columns) {
    for (std::ptrdiff_t i = 0; i < std::min(size_, j + kernel_.tile_columns); i += kernel_.tile_rows) {
      kernel_.multiply(count, left + i, stride_, gathered_.data() + j, stride_,
                       matrix_.data() + i * stride_ + j, stride_);
    }
  }
}

bool NormalEquations::solve(PacedPoll& poll) {
  // What rounding may leave of a pivot that is 0.
  for (std::ptrdiff_t k = 0; k < size_; ++k) {
    floors_[at(k)] = std::max(static_cast<double>(size_) * 0x1p-52 * diagonal(k), 0.0);
  }
  const std::ptrdiff_t sound = kernel_.factor(matrix_.data(), size_, size_ + 1, stride_, floors_.data());
  poll.add(static_cast<std::size_t>(size_ * size_ * (size_ + 64)) / 32 + 64);
  if (sound < size_) return false;
  gain_ = 0;
  for (std::ptrdiff_t k = 0; k < size_; ++k) {
    solution_[at(k)] = matrix_[at(k * stride_ + size_)];
    gain_ += solution_[at(k)] * solution_[at(k)];  // b'x = |U'^-1 b|^2
  }
  kernel_.solve_upper(matrix_.data(), size_, stride_, solution_.data());
  return true;
}

void NormalEquations::solve_for(double* x) const {
  kernel_.solve_lower(matrix_.data(), size_, stride_, x);
  kernel_.solve_upper(matrix_.data(), size_, stride_, x);
}

}  // namespace persona
