// Rows kept by blocks for the passes of an iterative fit: numbers as they came, and labels as codes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/model/row_block.h"
#include "core/regression/row_arena.h"

namespace persona {

class RowCache {
 public:
  struct Block {
    int rows = 0;
    const double* numbers = nullptr;       ///< column after column, `rows` values each
    const std::int32_t* labels = nullptr;  ///< the same

    const double* number(int column) const { return numbers + std::ptrdiff_t{column} * rows; }
    const std::int32_t* label(int column) const { return labels + std::ptrdiff_t{column} * rows; }
  };

  RowCache(int numbers, int labels)
      : numbers_(static_cast<std::size_t>(numbers)), labels_(static_cast<std::size_t>(labels)) {}

  /// Copies `rows` rows, at most RowBlock::kMaxRows.
  void append(const double* const* numbers, const std::int32_t* const* labels, int rows);
  std::size_t blocks() const noexcept { return blocks_.size(); }
  const Block& block(std::size_t i) const { return blocks_[i]; }
  std::int64_t rows() const noexcept { return rows_; }

 private:
  std::size_t numbers_;
  std::size_t labels_;
  std::int64_t rows_ = 0;
  RowArena arena_;
  std::vector<Block> blocks_;  // point into the arena
};

}  // namespace persona
