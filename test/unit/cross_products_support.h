// States of cross products from rows of numbers, in one pass or as a group of an aggregate, the same sums in
// 113 bits, and rows to build them from.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/double_double.h"
#include "core/base/random.h"
#include "core/summaries/cross_products_rows.h"
#include "core/summaries/cross_products_state.h"

namespace persona::testing {

using Rows = std::vector<std::vector<double>>;  ///< each y, x1, x2, ...
__extension__ using Quad = __float128;

/// Rows first .. last - 1 in blocks of `block`.
inline CrossProductsState state_of(const Rows& rows, std::size_t first, std::size_t last,
                                   std::size_t block = 256) {
  CrossProductsState state(static_cast<int>(rows.front().size()));
  std::vector<double> values;
  for (std::size_t r = first; r < last; ++r) {
    values.insert(values.end(), rows[r].begin(), rows[r].end());
    if (values.size() == block * rows[r].size() || r + 1 == last) {
      state.add_rows(values.data(), static_cast<int>(values.size() / rows[r].size()));
      values.clear();
    }
  }
  return state;
}

inline CrossProductsState state_of(const Rows& rows) { return state_of(rows, 0, rows.size()); }

inline std::string bytes_of(const CrossProductsState& state) {
  std::string bytes(state.size(), '\0');
  state.write(bytes.data());
  return bytes;
}

inline CrossProductsState merged(CrossProductsState a, const CrossProductsState& b) {
  a.merge(b);
  return a;
}

/// A group of an aggregate, as the server drives it.
class Group {
 public:
  explicit Group(int columns) : state_(cross_products_start_size(columns), '\0') {
    cross_products_start(state_.data(), columns);
  }
  void add(const std::vector<double>& row) {
    CrossProductsHead head = CrossProductsHead::read(state_.data());
    if (head.full()) {
      const std::size_t size = cross_products_room(state_.data());
      if (size == state_.size()) {
        cross_products_make_room(state_.data(), state_.data());
      } else {
        std::string larger(size, '\0');
        cross_products_make_room(larger.data(), state_.data());
        state_ = larger;
      }
      ASSERT_TRUE(cross_products_size_fits(state_.data(), state_.size()));
      head = CrossProductsHead::read(state_.data());
      ASSERT_FALSE(head.full());
    }
    std::copy(row.begin(), row.end(), cross_products_next_row(state_.data(), head));
    cross_products_count_row(state_.data(), head);
  }
  void skip() { cross_products_skip_row(state_.data()); }
  const std::string& bytes() const { return state_; }
  CrossProductsState value() const { return CrossProductsState::read(state_.data()); }

 private:
  std::string state_;
};

/// Means and products by two passes in 113 bits.
struct Exact {
  std::vector<Quad> means;
  std::vector<std::vector<Quad>> products;

  explicit Exact(const Rows& rows) {
    const std::size_t width = rows.front().size();
    means.assign(width, 0);
    products.assign(width, std::vector<Quad>(width, 0));
    for (const auto& row : rows) {
      for (std::size_t j = 0; j < width; ++j) means[j] += row[j];
    }
    for (Quad& mean : means) mean /= rows.size();
    for (const auto& row : rows) {
      for (std::size_t j = 0; j < width; ++j) {
        for (std::size_t i = 0; i < width; ++i) products[i][j] += (row[i] - means[i]) * (row[j] - means[j]);
      }
    }
  }
};

inline Quad quad(DoubleDouble x) { return static_cast<Quad>(x.hi) + x.lo; }

/// y = sum of (x_j - offset) / j, and noise of deviation 1; each x normal around `offset`.
inline Rows random_rows(Random* random, std::size_t count, int features, double offset, double scale) {
  Rows rows;
  for (std::size_t r = 0; r < count; ++r) {
    std::vector<double> row(static_cast<std::size_t>(features) + 1);
    row[0] = random->normal();
    for (int j = 1; j <= features; ++j) {
      const double x = offset + scale * random->normal();
      row[static_cast<std::size_t>(j)] = x;
      row[0] += (x - offset) / j;
    }
    rows.push_back(row);
  }
  return rows;
}

/// "x1", "x2", ...
inline std::vector<std::string> names(int features) {
  std::vector<std::string> result;
  for (int j = 1; j <= features; ++j) result.push_back(cross_products_column_name(j));
  return result;
}

}  // namespace persona::testing
