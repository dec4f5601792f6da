// The order and the choice of neighbors against a sort by the definition.
#include "core/recommend/neighbor_rows.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "interactions_support.h"

namespace persona::interactions_test {
namespace {

TEST(NeighborRows, ByFallingScoreThenNumber) {
  Random random(1);
  for (const std::int32_t items : {0, 1, 50, 999, 1001, 5000}) {
    for (const bool ascending : {true, false}) {
      for (const std::size_t most : {0U, 7U, 2000U}) {
        NeighborCollector collector(most, items);
        for (int row = 0; row < 2; ++row) {
          std::vector<std::pair<float, std::int32_t>> expected;  // negative score, item
          for (std::int32_t k = 0; k < items; ++k) {
            const std::int32_t item = ascending ? k : items - 1 - k;
            // Ties, zeros, and numbers of both signs and all sizes.
            const double score = random.below(3) == 0
                                     ? static_cast<double>(random.below(5)) - 2
                                     : random.normal() * std::pow(10, 20 * random.normal() / 3);
            if (!(std::fabs(score) < 3e38)) continue;
            collector.add(item, score);
            if (static_cast<float>(score) != 0) expected.emplace_back(-static_cast<float>(score), item);
          }
          std::sort(expected.begin(), expected.end());
          if (most > 0 && expected.size() > most) expected.resize(most);
          NeighborRow result;
          collector.finish(result);
          ASSERT_EQ(result.neighbors.size(), expected.size());
          for (std::size_t n = 0; n < expected.size(); ++n) {
            EXPECT_EQ(result.neighbors[n], expected[n].second);
            EXPECT_EQ(result.scores[n], -expected[n].first);
          }
        }
      }
    }
  }
}

TEST(NeighborRows, TooManyAreAnError) {
  check_neighbor_count(0, 10'000);
  check_neighbor_count(50, 2'000'000);
  check_neighbor_count(0, 0);
  check_neighbor_count(1000, 1);
  EXPECT_STREQ(error_of([] { check_neighbor_count(0, 10'002); }).sqlstate(), "54000");
  EXPECT_STREQ(error_of([] { check_neighbor_count(50, 2'000'001); }).sqlstate(), "54000");
  NeighborCollector collector(5, 10);
  EXPECT_STREQ(error_of([&] { collector.add(1, 1e39); }).sqlstate(), "22003");
  EXPECT_STREQ(error_of([&] { collector.add(1, std::numeric_limits<double>::quiet_NaN()); }).sqlstate(),
               "22003");
}

}  // namespace
}  // namespace persona::interactions_test
