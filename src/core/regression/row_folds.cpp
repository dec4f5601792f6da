#include "core/regression/row_folds.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "core/base/fnv.h"
#include "core/base/random.h"

namespace persona {
namespace {

// Equal numbers have equal bits but for the two zeros; missing ones are all the same.
std::uint64_t bits_of(double x) noexcept {
  if (x == 0 || x != x) return x == 0 ? 0 : ~std::uint64_t{0};
  std::uint64_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits;
}

}  // namespace

const std::uint8_t* RowFolds::assign(const std::vector<StreamColumn>& stream, const RowBlock& block) {
  const int rows = block.rows();
  std::uint64_t hash[RowBlock::kMaxRows];
  std::fill_n(hash, rows, mix64(seed_));
  label_hashes_.resize(stream.size());
  for (std::size_t c = 0; c < stream.size(); ++c) {
    if (stream[c].group) continue;
    const int column = static_cast<int>(c);
    if (stream[c].encoding == Encoding::number) {
      const double* x = block.numbers(column);
      for (int r = 0; r < rows; ++r) hash[r] = mix64(hash[r] ^ bits_of(x[r]));
      continue;
    }
    const Dictionary& dictionary = block.dictionary(column);
    std::vector<std::uint64_t>& known = label_hashes_[c];
    while (known.size() < static_cast<std::size_t>(dictionary.size())) {
      known.push_back(mix64(fnv1a(dictionary.label(static_cast<std::int32_t>(known.size())))));
    }
    const std::int32_t* codes = block.labels(column);
    for (int r = 0; r < rows; ++r) {
      hash[r] = mix64(hash[r] ^ (codes[r] < 0 ? 0 : known[static_cast<std::size_t>(codes[r])]));
    }
  }
  fold_.resize(RowBlock::kMaxRows);
  for (int r = 0; r < rows; ++r) {
    fold_[static_cast<std::size_t>(r)] =
        static_cast<std::uint8_t>(hash[r] % static_cast<std::uint64_t>(folds_));
  }
  return fold_.data();
}

void FoldSorter::add(const std::vector<const double*>& numbers,
                     const std::vector<const std::int32_t*>& labels, int rows, const std::uint8_t* fold,
                     const Sink& sink) {
  for (Part& part : parts_) {
    part.numbers.resize(numbers.size() * RowBlock::kMaxRows);
    part.labels.resize(labels.size() * RowBlock::kMaxRows);
  }
  // Which rows of the block are of which fold, and then fold by fold, column by column.
  std::int32_t which[RowBlock::kMaxRows];
  for (std::size_t f = 0; f < parts_.size(); ++f) {
    int count = 0;
    for (int r = 0; r < rows; ++r) {
      if (fold[r] == f) which[count++] = r;
    }
    Part& part = parts_[f];
    for (int taken = 0; taken < count;) {
      const int room = std::min(count - taken, RowBlock::kMaxRows - part.rows);
      const std::int32_t* rows_taken = which + taken;
      for (std::size_t j = 0; j < numbers.size(); ++j) {
        double* place = &part.numbers[j * RowBlock::kMaxRows + static_cast<std::size_t>(part.rows)];
        for (int i = 0; i < room; ++i) place[i] = numbers[j][rows_taken[i]];
      }
      for (std::size_t j = 0; j < labels.size(); ++j) {
        std::int32_t* place = &part.labels[j * RowBlock::kMaxRows + static_cast<std::size_t>(part.rows)];
        for (int i = 0; i < room; ++i) place[i] = labels[j][rows_taken[i]];
      }
      part.rows += room;
      taken += room;
      if (part.rows == RowBlock::kMaxRows) hand_over(static_cast<int>(f), sink);
    }
  }
}

void FoldSorter::flush(const Sink& sink) {
  for (std::size_t f = 0; f < parts_.size(); ++f) {
    if (parts_[f].rows > 0) hand_over(static_cast<int>(f), sink);
  }
}

void FoldSorter::hand_over(int fold, const Sink& sink) {
  Part& part = parts_[static_cast<std::size_t>(fold)];
  std::vector<const double*> numbers;
  for (std::size_t at = 0; at < part.numbers.size(); at += RowBlock::kMaxRows)
    numbers.push_back(&part.numbers[at]);
  std::vector<const std::int32_t*> labels;
  for (std::size_t at = 0; at < part.labels.size(); at += RowBlock::kMaxRows)
    labels.push_back(&part.labels[at]);
  sink(fold, numbers, labels, part.rows);
  part.rows = 0;
  std::fill(part.numbers.begin(), part.numbers.end(), 0.0);
}

}  // namespace persona
