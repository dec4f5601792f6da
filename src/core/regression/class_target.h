// The target of a classifier: discovers its values while rows stream by, and settles at the end their order:
// numbers by size, labels in byte order. Of two the later is the positive class ("true", "yes", "1"), and of
// any number the first is the reference.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/model/row_block.h"
#include "core/model/rows.h"

namespace persona {

class ClassTarget {
 public:
  /// More distinct values than this are an error.
  static constexpr std::size_t kMostClasses = 100;

  ClassTarget(std::string name, bool is_label) : name_(std::move(name)), is_label_(is_label) {}

  /// A code for each row of the block, in order of first appearance, as doubles; valid until the next call.
  /// `weights` of the rows may be null. Throws 22023 beyond kMostClasses.
  const double* encode(const RowBlock& block, int stream_column, const double* weights);
  /// To be called after the last row: throws 55000 for one class, 22023 for more than two with fractions.
  void settle();

  std::size_t size() const noexcept { return texts_.size(); }
  // By rank, once settled: 0 is the reference; of two, 1 is the positive class.
  std::size_t code(std::size_t rank) const { return order_[rank]; }
  const std::string& text(std::size_t rank) const { return texts_[order_[rank]]; }
  std::int64_t rows(std::size_t rank) const { return counts_[order_[rank]]; }
  double weight(std::size_t rank) const { return weights_[order_[rank]]; }

  /// The row of persona.feature: levels in order, the reference (the negative class) first.
  Feature describe() const;

 private:
  std::size_t add(std::string text, double number);
  std::size_t find(double number);
  [[noreturn]] void throw_too_many() const;

  std::string name_;
  bool is_label_;
  std::vector<std::string> texts_;  // by code
  std::vector<double> numbers_;     // by code, of a number target
  std::vector<std::int64_t> counts_;
  std::vector<double> weights_;
  std::vector<int> code_of_label_;  // by code of the dictionary; -1 when not yet seen
  std::vector<std::size_t> order_;  // codes by rank
  std::size_t last_ = 0;            // the code found last
  std::array<double, RowBlock::kMaxRows> codes_ = {};
};

}  // namespace persona
