// The target of a binary classifier: discovers its values while rows stream by, and settles at the end which
// of two is the positive class: the larger number, or the label later in byte order ("true", "yes", "1").
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/model/row_block.h"
#include "core/model/rows.h"

namespace persona {

class BinaryTarget {
 public:
  /// More distinct values than this are an error at once, and not only at the end.
  static constexpr std::size_t kMostValues = 20;

  BinaryTarget(std::string name, bool is_label) : name_(std::move(name)), is_label_(is_label) {}

  /// A code for each row of the block, in order of first appearance; valid until the next call. Throws 22023
  /// beyond kMostValues.
  const std::uint8_t* encode(const RowBlock& block, int stream_column);
  /// To be called after the last row: throws 55000 for one class, 22023 for more than two.
  void settle();
  /// The code of the positive class, once settled.
  std::uint8_t positive() const noexcept { return positive_; }
  std::int64_t rows(bool positive) const noexcept { return counts_[positive ? positive_ : 1U - positive_]; }
  /// The row of persona.feature: levels are negative and positive class.
  Feature describe() const;

 private:
  std::uint8_t add(std::string text, double number);
  [[noreturn]] void throw_too_many(bool counted) const;

  std::string name_;
  bool is_label_;
  std::vector<std::string> texts_;  // by code
  std::vector<double> numbers_;     // by code, of a number target
  std::vector<int> code_of_label_;  // by code of the dictionary; -1 when not yet seen
  std::array<std::int64_t, kMostValues> counts_ = {};
  std::array<std::uint8_t, RowBlock::kMaxRows> codes_ = {};
  std::uint8_t positive_ = 1;
};

}  // namespace persona
