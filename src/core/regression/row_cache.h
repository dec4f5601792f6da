// Rows kept in memory by blocks for the passes of an iterative fit: numbers as they came, labels as the
// design's level numbers, and the target's class.
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
    const std::int32_t* levels = nullptr;  ///< label after label, `rows` values each
    const std::uint8_t* classes = nullptr;
  };

  RowCache(int numbers, int labels)
      : numbers_(static_cast<std::size_t>(numbers)), labels_(static_cast<std::size_t>(labels)) {}

  /// Copies `rows` rows, at most RowBlock::kMaxRows.
  void append(const double* const* numbers, const std::int32_t* const* levels, const std::uint8_t* classes,
              int rows);

  const std::vector<Block>& blocks() const noexcept { return blocks_; }
  std::int64_t rows() const noexcept { return rows_; }

 private:
  std::size_t numbers_;
  std::size_t labels_;
  std::int64_t rows_ = 0;
  RowArena arena_;
  std::vector<Block> blocks_;  // point into the arena
};

}  // namespace persona
