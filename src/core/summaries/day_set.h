// A set of days as a bitmap with its long gaps left out. Day d is bit d mod 64 of word d / 64. Words form
// runs {first word i32, words before the run u32}: a run begins and ends with a word that has a bit set and
// holds at most kMaxGap empty words in a row; between two runs lie more. Runs stand first, ascending, then
// the words. Every day of ten years costs 472 bytes, a lone day in 1900 sixteen. Short gaps are kept because
// a new customer then grows his set four times, not nine, in his first twenty purchases, at the same size.
// The set has one form only: equal sets are equal bytes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/summaries/bytes.h"

namespace persona {

inline constexpr std::int32_t word_of_day(std::int32_t day) noexcept { return day >> 6; }
inline constexpr std::uint64_t bit_of_day(std::int32_t day) noexcept {
  return std::uint64_t{1} << (static_cast<unsigned>(day) & 63U);
}

/// A look at a set that lies in a state: `runs` run entries at `data`, `words` words after them.
struct DaySet {
  static constexpr std::size_t kRunSize = 8;
  static constexpr std::size_t kWordSize = 8;
  static constexpr std::int32_t kMaxGap = 4;

  const char* data;
  std::int32_t runs;
  std::int32_t words;

  std::int32_t first(std::int32_t run) const noexcept { return load<std::int32_t>(data + kRunSize * run); }
  /// Words before the run; for run = runs, all of them.
  std::int32_t before(std::int32_t run) const noexcept {
    return run == runs ? words : load<std::int32_t>(data + kRunSize * run + 4);
  }
  std::int32_t length(std::int32_t run) const noexcept { return before(run + 1) - before(run); }
  std::uint64_t word(std::int32_t position) const noexcept {
    return load<std::uint64_t>(data + kRunSize * runs + kWordSize * position);
  }
  std::size_t size() const noexcept { return kRunSize * runs + kWordSize * words; }

  /// The last run that begins at or before a word, or -1.
  std::int32_t run_at(std::int32_t word_index) const noexcept;

  /// Position of a word among those kept, empty ones too, or -1.
  std::int32_t position(std::int32_t word_index) const noexcept {
    const std::int32_t run = run_at(word_index);
    if (run < 0) return -1;
    const std::int32_t at = before(run) + (word_index - first(run));
    return at < before(run + 1) ? at : -1;
  }

  /// Number of days.
  std::int64_t count() const noexcept;
  /// Of a non-empty set.
  std::int32_t first_day() const noexcept;
  std::int32_t last_day() const noexcept;
};

inline std::int32_t DaySet::run_at(std::int32_t word_index) const noexcept {
  std::int32_t run = runs - 1;
  if (runs <= 8) {
    while (run >= 0 && first(run) > word_index) --run;
    return run;
  }
  if (first(run) <= word_index) return run;
  std::int32_t low = -1;  // first(low) <= word_index < first(run)
  while (run - low > 1) {
    const std::int32_t middle = low + (run - low) / 2;
    (first(middle) <= word_index ? low : run) = middle;
  }
  return low;
}

struct DaySetShape {
  std::int32_t runs = 0;
  std::int32_t words = 0;
};

/// Where a word that a set lacks goes, and what the set becomes.
struct NewWord {
  std::int32_t run;       ///< the last run that begins before it, or -1
  std::int32_t position;  ///< among the words, of what is put in
  std::int32_t lead;      ///< empty words before it, where it joins the run on its left
  std::int32_t trail;     ///< empty words behind it, where it joins the run on its right
  bool joins_left;
  bool joins_right;
  DaySetShape shape;
};

NewWord place_word(const DaySet& set, std::int32_t word_index) noexcept;

/// Puts the word, still empty, into the set at `data`, which has room behind it for the new shape. The caller
/// then sets a bit of it.
void insert_word(char* data, const DaySet& set, std::int32_t word_index, const NewWord& place) noexcept;

/// The shape and the number of days of a union.
DaySetShape union_shape(const DaySet& a, const DaySet& b) noexcept;
std::int64_t union_count(const DaySet& a, const DaySet& b) noexcept;

/// Writes the union to `data`, which has room for `shape` = union_shape(a, b) and overlaps neither.
void write_union(char* data, DaySetShape shape, const DaySet& a, const DaySet& b) noexcept;

/// Calls visit(day) for every day, ascending.
template <typename Visit>
void for_each_day(const DaySet& set, Visit visit) {
  for (std::int32_t run = 0; run < set.runs; ++run) {
    const std::int32_t begin = set.before(run);
    const std::int32_t length = set.length(run);
    for (std::int32_t i = 0; i < length; ++i) {
      for (std::uint64_t bits = set.word(begin + i); bits != 0; bits &= bits - 1)
        visit((set.first(run) + i) * 64 + __builtin_ctzll(bits));
    }
  }
}

/// Finds the shape of a set from its words that have a bit set, in ascending order.
class DaySetMeasure {
 public:
  void push(std::int32_t word_index) noexcept {
    if (shape_.runs == 0 || word_index - next_ > DaySet::kMaxGap) {
      ++shape_.runs;
    } else {
      shape_.words += word_index - next_;
    }
    ++shape_.words;
    next_ = word_index + 1;
  }
  DaySetShape shape() const noexcept { return shape_; }

 private:
  DaySetShape shape_;
  std::int32_t next_ = 0;
};

/// Writes a set from the same words.
class DaySetWriter {
 public:
  DaySetWriter(char* data, DaySetShape shape) noexcept
      : run_at_(data), word_at_(data + DaySet::kRunSize * shape.runs) {}

  void push(std::int32_t word_index, std::uint64_t bits) noexcept {
    if (written_ == 0 || word_index - next_ > DaySet::kMaxGap) {
      store(run_at_, word_index);
      store(run_at_ + 4, written_);
      run_at_ += DaySet::kRunSize;
    } else {
      for (; next_ != word_index; ++next_) put(0);
    }
    put(bits);
    next_ = word_index + 1;
  }

 private:
  void put(std::uint64_t bits) noexcept {
    store(word_at_, bits);
    word_at_ += DaySet::kWordSize;
    ++written_;
  }

  char* run_at_;
  char* word_at_;
  std::int32_t next_ = 0;
  std::int32_t written_ = 0;
};

}  // namespace persona
