// Ranking against the definition: sort all that is allowed, scored above 0, then not scored by segment and
// number, then below 0.
#include "core/recommend/ranking.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include "core/base/random.h"
#include "shop_events.h"

namespace persona {
namespace {

using Source = RankedItem::Source;

std::vector<std::int32_t> numbers(const std::vector<RankedItem>& ranked) {
  std::vector<std::int32_t> result;
  for (const RankedItem& each : ranked) result.push_back(each.item);
  return result;
}

ItemSet set_of(std::int32_t items, const std::vector<std::int32_t>& members) {
  ItemSet result(items);
  for (const std::int32_t member : members) result.insert(member);
  return result;
}

TEST(Ranking, EqualsTheDefinition) {
  Random random(3);
  NoPoll poll;
  for (int round = 0; round < 400; ++round) {
    const auto items = 1 + static_cast<std::int32_t>(random.below(150));
    ItemScores scores(items);
    std::vector<std::int32_t> segment;
    std::vector<float> popular;
    ItemSet candidates(items);
    ItemSet excluded(items);
    for (std::int32_t j = 0; j < items; ++j) {
      if (random.below(3) != 0)
        scores.add(j,
                   static_cast<double>(random.below(round % 4 == 0 ? 9 : 5)) / 2 - (round % 2 == 0 ? 1 : 0));
      if (random.below(4) == 0) segment.push_back(j);
      if (random.below(2) == 0) candidates.insert(j);
      if (random.below(5) == 0) excluded.insert(j);
    }
    for (std::size_t i = segment.size(); i > 1; --i) std::swap(segment[i - 1], segment[random.below(i)]);
    popular.assign(segment.size(), 1);
    RankingRequest request;
    request.k = static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(items) + 10));
    if (random.below(2) == 0) request.candidates = &candidates;
    if (random.below(2) == 0) request.excluded = &excluded;
    if (random.below(2) == 0)
      request.segment = {segment.data(), segment.size(), popular.data(), popular.size()};

    // Sign, minus the score, place in the segment, number.
    std::vector<std::tuple<int, double, std::size_t, std::int32_t>> all;
    for (std::int32_t j = 0; j < items; ++j) {
      if (request.excluded != nullptr && excluded.contains(j)) continue;
      if (request.candidates != nullptr && !candidates.contains(j)) continue;
      std::size_t place = items;
      if (scores[j] == 0 && request.segment.item_count > 0) {
        place = static_cast<std::size_t>(std::find(segment.begin(), segment.end(), j) - segment.begin());
      }
      all.emplace_back(scores[j] > 0 ? 0 : scores[j] == 0 ? 1 : 2, -scores[j], place, j);
    }
    std::sort(all.begin(), all.end());
    all.resize(std::min(all.size(), static_cast<std::size_t>(request.k)));
    const std::vector<RankedItem> ranked = rank_items(scores, request, poll);
    ASSERT_EQ(ranked.size(), all.size());
    for (std::size_t r = 0; r < ranked.size(); ++r) {
      const auto [sign, minus, place, item] = all[r];
      EXPECT_EQ(ranked[r].item, item);
      EXPECT_EQ(ranked[r].score, scores[item]);
      const bool of_segment = request.segment.item_count > 0 && place < segment.size();
      const Source source = scores.scored().contains(item) ? Source::score
                            : of_segment                   ? Source::segment
                                                           : Source::overall;
      EXPECT_EQ(ranked[r].source, source);
    }
  }
}

TEST(Ranking, EmptyScoresFiltersAndCounts) {
  NoPoll poll;
  ItemScores scores(3);
  RankingRequest request;
  EXPECT_EQ(numbers(rank_items(scores, request, poll)), (std::vector<std::int32_t>{0, 1, 2}));  // a cold user
  scores.add(1, .5);
  scores.add(2, .25);
  const ItemSet nothing(3);
  request.candidates = &nothing;
  EXPECT_TRUE(rank_items(scores, request, poll).empty());
  const ItemSet two = set_of(3, {2, 77, -1});  // numbers outside the catalog are ignored
  request.candidates = &two;
  EXPECT_EQ(numbers(rank_items(scores, request, poll)), (std::vector<std::int32_t>{2}));
  request.excluded = &two;
  EXPECT_TRUE(rank_items(scores, request, poll).empty());

  request.candidates = request.excluded = nullptr;
  for (const std::int32_t k : {0, -1, std::numeric_limits<std::int32_t>::min()}) {
    request.k = k;
    EXPECT_TRUE(rank_items(scores, request, poll).empty());
  }
  request.k = std::numeric_limits<std::int32_t>::max();
  EXPECT_EQ(numbers(rank_items(scores, request, poll)), (std::vector<std::int32_t>{1, 2, 0}));
  EXPECT_TRUE(rank_items(ItemScores(0), request, poll).empty());
  EXPECT_TRUE(rank_items(ItemScores(-5), request, poll).empty());
}

TEST(Ranking, TheFillCrossesWords) {
  // 200 items are four words of 64 bits; all but those around the seams are excluded.
  NoPoll poll;
  ItemSet excluded(200);
  const std::vector<std::int32_t> free = {0, 63, 64, 127, 128, 199};
  for (std::int32_t j = 0; j < 200; ++j) {
    if (std::find(free.begin(), free.end(), j) == free.end()) excluded.insert(j);
  }
  RankingRequest request;
  request.excluded = &excluded;
  ItemScores scores(200);
  EXPECT_EQ(numbers(rank_items(scores, request, poll)), free);
  scores.add(64, 1);
  EXPECT_EQ(numbers(rank_items(scores, request, poll)),
            (std::vector<std::int32_t>{64, 0, 63, 127, 128, 199}));
}

TEST(Ranking, ForgedSegmentsAreCorruptAndOverflowIsAnError) {
  NoPoll poll;
  for (const std::int32_t item : {-1, 5, std::numeric_limits<std::int32_t>::max()}) {
    const std::vector<std::int32_t> forged = {item};
    RankingRequest request;
    request.segment = {forged.data(), 1, nullptr, 0};
    EXPECT_EQ(sqlstate_of([&] { rank_items(ItemScores(5), request, poll); }), "22000");
  }
  // One that names an item twice gives it once.
  const std::vector<std::int32_t> twice = {2, 2, 0};
  RankingRequest request;
  request.segment = {twice.data(), 3, nullptr, 0};
  EXPECT_EQ(numbers(rank_items(ItemScores(4), request, poll)), (std::vector<std::int32_t>{2, 0, 1, 3}));
  for (const double bad : {std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(),
                           std::numeric_limits<double>::quiet_NaN()}) {
    ItemScores scores(2);
    scores.add(1, bad);
    EXPECT_EQ(sqlstate_of([&] { rank_items(scores, RankingRequest(), poll); }), "22003");
  }
}

TEST(ItemScores, AddUpShareAndClear) {
  ItemScores part(70);
  part.add(69, 2);
  part.add(69, 2);
  part.add(3, -1);
  EXPECT_EQ(part.largest(), 4);
  ItemScores scores(70);
  scores.add(3, 1);
  part.add_to(scores, .25);
  EXPECT_EQ(scores[69], 1);
  EXPECT_EQ(scores[3], .75);
  EXPECT_FALSE(scores.scored().contains(0));
  scores.clear();
  EXPECT_EQ(scores[69], 0);
  EXPECT_FALSE(scores.scored().contains(69));
  EXPECT_EQ(scores.largest(), 0);
}

}  // namespace
}  // namespace persona
