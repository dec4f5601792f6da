// Rows in k folds for cross-validation. A row's fold is a hash of what it holds, so that folds repeat
// whatever the order of the rows, and rows that are equal, which would give a held-out row away, are of one
// fold.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "core/model/kind.h"
#include "core/model/row_block.h"

namespace persona {

class RowFolds {
 public:
  /// `folds`: 2 to kMost.
  static constexpr int kMost = 100;
  RowFolds(int folds, std::uint64_t seed) : folds_(folds), seed_(seed) {}

  int folds() const noexcept { return folds_; }
  /// The fold of each row of the block, from 0, by all its columns but the one that names its group: a
  /// group's folds are those it would have alone. Valid until the next call.
  const std::uint8_t* assign(const std::vector<StreamColumn>& stream, const RowBlock& block);

 private:
  int folds_;
  std::uint64_t seed_;
  std::vector<std::vector<std::uint64_t>> label_hashes_;  // by stream column and code
  std::vector<std::uint8_t> fold_;
};

/// Gathers the rows of each fold until they fill a block.
class FoldSorter {
 public:
  /// Called with the columns of at most RowBlock::kMaxRows rows of one fold.
  using Sink = std::function<void(int fold, const std::vector<const double*>& numbers,
                                  const std::vector<const std::int32_t*>& labels, int rows)>;
  explicit FoldSorter(int folds) : parts_(static_cast<std::size_t>(folds)) {}

  /// There may be more columns than in the call before: numbers that were zero in the rows so far.
  void add(const std::vector<const double*>& numbers, const std::vector<const std::int32_t*>& labels,
           int rows, const std::uint8_t* fold, const Sink& sink);
  /// Hands over what is left.
  void flush(const Sink& sink);

 private:
  struct Part {
    int rows = 0;
    std::vector<double> numbers;  // column after column, kMaxRows values each
    std::vector<std::int32_t> labels;
  };
  void hand_over(int fold, const Sink& sink);

  std::vector<Part> parts_;
};

}  // namespace persona
