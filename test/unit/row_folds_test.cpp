// Folds by content: they repeat in any order of the rows, equal rows share one, and no row is lost in
// sorting.
#include "core/regression/row_folds.h"

#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/random.h"

namespace persona::test {
namespace {

std::vector<StreamColumn> two_columns() { return {{0, Encoding::number}, {1, Encoding::label}}; }

// The fold of one row alone, after `before` has filled the dictionary.
int fold_alone(int folds, std::uint64_t seed, double number, const std::string& label,
               const std::vector<std::string>& before = {}) {
  RowBlock block({Encoding::number, Encoding::label});
  for (const std::string& other : before) block.dictionary(1).intern(other);
  block.set_rows(1);
  block.numbers(0)[0] = number;
  block.labels(1)[0] = label.empty() ? kMissingLabel : block.dictionary(1).intern(label);
  RowFolds row_folds(folds, seed);
  return row_folds.assign(two_columns(), block)[0];
}

TEST(RowFolds, HangOnContentAlone) {
  for (int i = 0; i < 200; ++i) {
    const double x = i / 7.0;
    const std::string label = "label " + std::to_string(i % 13);
    EXPECT_EQ(fold_alone(10, 1, x, label), fold_alone(10, 1, x, label, {"a", "b", "label 5"}));
  }
  EXPECT_EQ(fold_alone(97, 1, 0.0, "a"), fold_alone(97, 1, -0.0, "a"));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(fold_alone(97, 1, nan, ""), fold_alone(97, 1, -nan, ""));
}

// 100,000 rows in 10 folds: each has 10,000 -+ 5 standard deviations of sqrt(9000).
TEST(RowFolds, AreOfEqualSizeAndChangeWithTheSeed) {
  RowBlock block({Encoding::number, Encoding::label});
  RowFolds one(10, 1);
  RowFolds two(10, 2);
  std::vector<int> count(10);
  int same = 0;
  for (int first = 0; first < 100000; first += 250) {
    block.set_rows(250);
    for (int r = 0; r < 250; ++r) {
      block.numbers(0)[r] = first + r;
      block.labels(1)[r] = block.dictionary(1).intern("x");
    }
    const std::uint8_t* folds = one.assign(two_columns(), block);
    const std::uint8_t* others = two.assign(two_columns(), block);
    for (int r = 0; r < 250; ++r) {
      ASSERT_LT(folds[r], 10);
      ++count[folds[r]];
      same += folds[r] == others[r] ? 1 : 0;
    }
  }
  for (const int rows : count) EXPECT_NEAR(rows, 10000, 475);
  EXPECT_NEAR(same, 10000, 475);
}

TEST(FoldSorter, KeepsEveryRowWhole) {
  Random random(3);
  std::map<int, std::vector<double>> got;
  int widest = 0;
  FoldSorter sorter(7);
  const FoldSorter::Sink sink = [&](int fold, const std::vector<const double*>& numbers,
                                    const std::vector<const std::int32_t*>& labels, int rows) {
    EXPECT_LE(rows, RowBlock::kMaxRows);
    EXPECT_EQ(labels.size(), 1U);
    widest = std::max(widest, static_cast<int>(numbers.size()));
    for (int r = 0; r < rows; ++r) {
      EXPECT_EQ(labels[0][r], static_cast<std::int32_t>(numbers[0][r]) % 1000);
      EXPECT_EQ(static_cast<int>(numbers[0][r]) % 7 % 6, fold % 6);
      // The column that came later is zero before, and twice the first since.
      if (numbers.size() > 1) {
        EXPECT_EQ(numbers[1][r], numbers[0][r] < 3000 ? 0 : 2 * numbers[0][r]);
      }
      got[fold].push_back(numbers[0][r]);
    }
  };
  int next = 0;
  for (int block = 0; block < 40; ++block) {
    const int rows = 1 + static_cast<int>(random.below(256));
    std::vector<double> first;
    std::vector<double> second;
    std::vector<std::int32_t> label;
    std::vector<std::uint8_t> fold;
    for (int r = 0; r < rows; ++r, ++next) {
      first.push_back(next);
      second.push_back(next < 3000 ? 0 : 2.0 * next);
      label.push_back(next % 1000);
      fold.push_back(static_cast<std::uint8_t>(next % 7 % 6));  // none in the last
    }
    std::vector<const double*> numbers = {first.data()};
    if (next >= 3000) numbers.push_back(second.data());
    sorter.add(numbers, {label.data()}, rows, fold.data(), sink);
  }
  sorter.flush(sink);
  EXPECT_EQ(widest, 2);
  EXPECT_EQ(got.count(6), 0U);
  std::vector<double> all;
  for (const auto& [fold, values] : got) all.insert(all.end(), values.begin(), values.end());
  std::sort(all.begin(), all.end());
  ASSERT_EQ(all.size(), static_cast<std::size_t>(next));
  for (int i = 0; i < next; ++i) ASSERT_EQ(all[static_cast<std::size_t>(i)], i);
}

}  // namespace
}  // namespace persona::test
