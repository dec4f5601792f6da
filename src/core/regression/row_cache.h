// Rows kept by blocks for the passes of an iterative fit: numbers as they came, and labels as codes. The
// first blocks are in memory, and those beyond a bound in a RowStore, from which each pass reads them again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "core/model/row_block.h"
#include "core/model/row_store.h"
#include "core/regression/row_arena.h"

namespace persona {

class RowCache {
 public:
  struct Block {
    int rows = 0;
    int fold = 0;                          ///< of all its rows, where rows are in folds
    const double* numbers = nullptr;       ///< column after column, `rows` values each
    const std::int32_t* labels = nullptr;  ///< the same

    const double* number(int column) const { return numbers + std::ptrdiff_t{column} * rows; }
    const std::int32_t* label(int column) const { return labels + std::ptrdiff_t{column} * rows; }
  };

  /// Everything is in memory.
  RowCache(int numbers, int labels)
      : numbers_(static_cast<std::size_t>(numbers)), labels_(static_cast<std::size_t>(labels)) {}
  /// At most about `memory` bytes are.
  RowCache(int numbers, int labels, std::size_t memory, OpenRowStore open_store)
      : numbers_(static_cast<std::size_t>(numbers)),
        labels_(static_cast<std::size_t>(labels)),
        memory_(memory),
        open_store_(std::move(open_store)) {}

  /// Copies `rows` rows, at most RowBlock::kMaxRows.
  void append(const double* const* numbers, const std::int32_t* const* labels, int rows, int fold = 0);
  std::size_t blocks() const noexcept { return blocks_.size(); }
  int block_rows(std::size_t i) const { return blocks_[i].rows; }
  int block_fold(std::size_t i) const { return blocks_[i].fold; }
  /// Valid until the next call. Only one thread at a time may read.
  const Block& block(std::size_t i) const;
  std::int64_t rows() const noexcept { return rows_; }
  /// Rows that are not in memory.
  std::int64_t stored_rows() const noexcept { return stored_rows_; }

 private:
  std::size_t number_bytes(int rows) const {
    return numbers_ * static_cast<std::size_t>(rows) * sizeof(double);
  }
  std::size_t label_bytes(int rows) const {
    return labels_ * static_cast<std::size_t>(rows) * sizeof(std::int32_t);
  }
  void append_to_store(const double* const* numbers, const std::int32_t* const* labels, int rows, int fold);

  std::size_t numbers_;
  std::size_t labels_;
  std::size_t memory_ = 0;  // means nothing without a store
  OpenRowStore open_store_;
  std::int64_t rows_ = 0;
  std::int64_t stored_rows_ = 0;
  std::size_t used_ = 0;  // bytes in memory
  RowArena arena_;
  std::vector<Block> blocks_;  // point into the arena; those that are stored, nowhere
  std::unique_ptr<RowStore> store_;
  std::size_t first_stored_ = 0;          // block
  std::vector<std::uint64_t> positions_;  // in the store, of the blocks from there on
  std::uint64_t written_ = 0;
  // The stored block read last: reading does not change what the cache holds.
  mutable std::vector<double> number_buffer_;
  mutable std::vector<std::int32_t> label_buffer_;
  mutable Block read_;
};

}  // namespace persona
