// The rows a kind reads: columns of numbers or of label codes, up to 256 rows at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace persona {

/// How a column of the source is read.
enum class Encoding {
  number,  ///< a double: every finite value of a numeric type
  label    ///< a code into the column's Dictionary: text, boolean, enum, or identifiers of any type
};

/// The code of a label that is missing, where the kind asked for such rows.
inline constexpr std::int32_t kMissingLabel = -1;

/// The distinct labels of one column in order of first appearance; a code is an index into it.
class Dictionary {
 public:
  std::int32_t intern(std::string_view label);
  std::int32_t intern(std::int64_t id);  ///< as intern(decimal form of id), several times faster
  std::int32_t size() const noexcept { return static_cast<std::int32_t>(labels_.size()); }
  const std::string& label(std::int32_t code) const { return labels_[static_cast<std::size_t>(code)]; }

 private:
  void grow();

  std::vector<std::string> labels_;
  std::vector<std::size_t> hashes_;  // of labels_
  std::vector<std::int32_t> slots_;  // codes by the hash of their labels, by linear probing; -1 for none
  std::unordered_map<std::int64_t, std::int32_t> id_codes_;
};

/// A block of complete rows: no NULL, NaN or infinity among them (the stream skipped and counted those rows),
/// but for columns asked for with Missing::pass.
/// The columns are those the kind asked for, in its order. The block is valid only during consume().
class RowBlock {
 public:
  static constexpr int kMaxRows = 256;

  explicit RowBlock(const std::vector<Encoding>& encodings)
      : numbers_(encodings.size() * kStride),
        labels_(encodings.size() * kStride),
        dictionaries_(std::make_shared<std::vector<Dictionary>>(encodings.size())) {}

  /// An empty block of the same columns, whose labels are codes of the same dictionaries.
  RowBlock sharing_dictionaries() const {
    RowBlock block = *this;
    block.rows_ = 0;
    return block;
  }

  int rows() const noexcept { return rows_; }
  void set_rows(int rows) noexcept { rows_ = rows; }
  /// rows() doubles of column c, c being a number column.
  const double* numbers(int c) const noexcept { return &numbers_[static_cast<std::size_t>(c) * kStride]; }
  double* numbers(int c) noexcept { return &numbers_[static_cast<std::size_t>(c) * kStride]; }
  /// rows() codes of column c, c being a label column.
  const std::int32_t* labels(int c) const noexcept { return &labels_[static_cast<std::size_t>(c) * kStride]; }
  std::int32_t* labels(int c) noexcept { return &labels_[static_cast<std::size_t>(c) * kStride]; }
  const Dictionary& dictionary(int c) const { return (*dictionaries_)[static_cast<std::size_t>(c)]; }
  Dictionary& dictionary(int c) { return (*dictionaries_)[static_cast<std::size_t>(c)]; }

 private:
  // Between columns: a power of two would put one row's values of all columns into the same few cache sets.
  static constexpr std::size_t kStride = kMaxRows + 8;

  int rows_ = 0;
  std::vector<double> numbers_;
  std::vector<std::int32_t> labels_;
  std::shared_ptr<std::vector<Dictionary>> dictionaries_;
};

}  // namespace persona
