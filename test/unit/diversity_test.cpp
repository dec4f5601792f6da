// Maximal marginal relevance against its definition: each choice is the best of all that is left, its
// likeness taken to every item chosen.
#include "core/recommend/diversity.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "core/base/random.h"
#include "stopping_poll.h"

namespace persona {
namespace {

std::vector<RankedItem> ranked_of(const std::vector<double>& scores) {
  std::vector<RankedItem> result;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    RankedItem item;
    item.item = static_cast<std::int32_t>(i);
    item.score = scores[i];
    result.push_back(item);
  }
  return result;
}

std::vector<std::int32_t> numbers(const std::vector<RankedItem>& ranked) {
  std::vector<std::int32_t> result;
  for (const RankedItem& each : ranked) result.push_back(each.item);
  return result;
}

std::vector<std::int32_t> by_definition(const std::vector<RankedItem>& ranked, std::size_t k, double d,
                                        const std::vector<std::vector<double>>& alike) {
  std::vector<std::int32_t> chosen;
  while (chosen.size() < k && chosen.size() < ranked.size()) {
    std::vector<std::pair<double, std::size_t>> values;  // minus the value, rank
    for (std::size_t r = 0; r < ranked.size(); ++r) {
      const std::int32_t item = ranked[r].item;
      if (std::find(chosen.begin(), chosen.end(), item) != chosen.end()) continue;
      double nearest = 0;
      for (const std::int32_t c : chosen) {
        nearest = std::max(nearest, alike[static_cast<std::size_t>(item)][static_cast<std::size_t>(c)]);
      }
      values.emplace_back(-((1 - d) * (ranked[r].score / ranked[0].score) - d * nearest), r);
    }
    chosen.push_back(ranked[std::min_element(values.begin(), values.end())->second].item);
  }
  return chosen;
}

TEST(Diversity, EqualsTheDefinition) {
  Random random(4);
  NoPoll poll;
  for (int round = 0; round < 60; ++round) {
    const std::size_t n = 1 + random.below(30);
    std::vector<double> scores(n);
    for (double& score : scores) score = 1 + static_cast<double>(random.below(8));
    std::sort(scores.rbegin(), scores.rend());
    std::vector<std::vector<double>> alike(n, std::vector<double>(n, 0));
    for (auto& row : alike) {
      for (double& cell : row) cell = static_cast<double>(random.below(5)) / 4;
    }
    const std::vector<RankedItem> ranked = ranked_of(scores);
    const std::size_t k = random.below(n + 3);
    const double d = static_cast<double>(random.below(5)) / 4;
    const auto likeness = [&](std::int32_t a, std::int32_t b) {
      return alike[static_cast<std::size_t>(a)][static_cast<std::size_t>(b)];
    };
    EXPECT_EQ(numbers(diversify(ranked, k, d, likeness, poll)), by_definition(ranked, k, d, alike));
  }
}

// Items 0 to 3 of one category, 4 and 5 of another. Half variety: after 0 the best of the others, then again
// the first.
TEST(Diversity, WorkedByHand) {
  NoPoll poll;
  const std::vector<RankedItem> ranked = ranked_of({1, .9, .8, .7, .5, .4});
  const auto category = [](std::int32_t a, std::int32_t b) { return (a < 4) == (b < 4) ? 1.0 : 0.0; };
  EXPECT_EQ(numbers(diversify(ranked, 4, 0, category, poll)), (std::vector<std::int32_t>{0, 1, 2, 3}));
  EXPECT_EQ(numbers(diversify(ranked, 4, .5, category, poll)), (std::vector<std::int32_t>{0, 4, 1, 2}));
  EXPECT_EQ(numbers(diversify(ranked, 6, 1, category, poll)), (std::vector<std::int32_t>{0, 4, 1, 2, 3, 5}));
  EXPECT_EQ(diversify(ranked, 2, .5, category, poll)[1].score, .5);  // scores stay
  EXPECT_TRUE(diversify({}, 3, .5, category, poll).empty());
  EXPECT_TRUE(diversify(ranked, 0, .5, category, poll).empty());
}

TEST(Diversity, ItemsWithoutAScoreKeepTheirOrder) {
  NoPoll poll;
  const auto category = [](std::int32_t a, std::int32_t b) { return a % 2 == b % 2 ? 1.0 : 0.0; };
  EXPECT_EQ(numbers(diversify(ranked_of({0, 0, 0, 0}), 4, .5, category, poll)),
            (std::vector<std::int32_t>{0, 1, 2, 3}));
  EXPECT_EQ(numbers(diversify(ranked_of({0, -1, -2}), 3, 0, category, poll)),
            (std::vector<std::int32_t>{0, 1, 2}));
}

TEST(Diversity, CanBeStopped) {
  StoppingPoll poll(1);
  const std::vector<RankedItem> ranked = ranked_of(std::vector<double>(3000, 1));
  EXPECT_THROW(diversify(
                   ranked, 3000, .5, [](std::int32_t, std::int32_t) { return 0.0; }, poll),
               StoppingPoll::Stop);
}

}  // namespace
}  // namespace persona
