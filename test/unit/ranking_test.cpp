// Ranking against the definition score_j = sum_h w_h sim(h, j), summed here over a dense table, and against
// stored rows that nobody honest would write.
#include "core/recommend/ranking.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/recommend/history.h"

namespace persona {
namespace {

struct Stored {
  std::vector<std::int32_t> items;
  std::vector<float> scores;

  NeighborView view() const { return {items.data(), items.size(), scores.data(), scores.size()}; }
};

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

template <typename Call>
std::string sqlstate_of(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.sqlstate();
  }
  return "none";
}

// The definition. Scores are sixteenths and weights small integers, so that every sum is exact and ties are
// true ties.
std::vector<RankedItem> by_definition(const RankingRequest& request) {
  std::vector<RankedItem> all;
  for (std::int32_t j = 0; j < request.items; ++j) {
    std::vector<std::pair<double, std::int32_t>> parts;  // minus the contribution, history item
    double score = 0;
    for (const HistoryRow& row : request.history) {
      for (std::size_t n = 0; n < row.neighbors.item_count; ++n) {
        if (row.neighbors.items[n] != j) continue;
        const double part = row.weight * row.neighbors.scores[n];
        score += part;
        if (part > 0) parts.emplace_back(-part, row.item);
      }
    }
    if (score <= 0 || (request.excluded != nullptr && request.excluded->contains(j)) ||
        (request.candidates != nullptr && !request.candidates->contains(j))) {
      continue;
    }
    std::sort(parts.begin(), parts.end());
    RankedItem item{j, score, {}};
    for (std::size_t p = 0; p < std::min<std::size_t>(3, parts.size()); ++p)
      item.because.push_back(parts[p].second);
    all.push_back(item);
  }
  std::sort(all.begin(), all.end(), [](const RankedItem& a, const RankedItem& b) {
    return a.score != b.score ? a.score > b.score : a.item < b.item;
  });
  all.resize(std::min(all.size(), static_cast<std::size_t>(std::max(0, request.k))));
  return all;
}

TEST(Ranking, EqualsTheDefinitionOnRandomNeighbors) {
  Random random(3);
  NoPoll poll;
  for (int round = 0; round < 300; ++round) {
    RankingRequest request;
    request.items = 1 + static_cast<std::int32_t>(random.below(150));
    request.k = static_cast<std::int32_t>(random.below(20));
    const auto items = static_cast<std::uint64_t>(request.items);
    const bool signed_scores = round % 5 == 0;  // other kinds may store negative scores
    std::vector<Stored> stored(items);
    for (std::uint64_t h = 0; h < items; ++h) {
      if (random.below(4) != 0) continue;
      for (std::int32_t j = 0; j < request.items; ++j) {
        if (random.below(3) != 0) continue;
        stored[h].items.push_back(j);
        stored[h].scores.push_back(static_cast<float>(1 + random.below(16)) / 16 -
                                   (signed_scores ? .5F : 0.F));
      }
      request.history.push_back(
          {static_cast<std::int32_t>(h), static_cast<double>(1 + random.below(3)), stored[h].view()});
    }
    ItemSet candidates(request.items);
    ItemSet excluded(request.items);
    for (std::int32_t j = 0; j < request.items; ++j) {
      if (random.below(2) == 0) candidates.insert(j);
      if (random.below(5) == 0) excluded.insert(j);
    }
    if (random.below(2) == 0) request.candidates = &candidates;
    if (random.below(2) == 0) request.excluded = &excluded;

    const std::vector<RankedItem> expected = by_definition(request);
    const std::vector<RankedItem> ranked = rank_items(request, poll);
    ASSERT_EQ(numbers(ranked), numbers(expected));
    for (std::size_t r = 0; r < ranked.size(); ++r) {
      EXPECT_EQ(ranked[r].score, expected[r].score);
      EXPECT_EQ(ranked[r].because, expected[r].because);
      EXPECT_EQ(preference(request, ranked[r].item, poll), ranked[r].score);
    }

    // The fill is what is allowed and not ranked, ascending, until there are k.
    std::vector<std::int32_t> fill;
    for (std::int32_t j = 0; j < request.items; ++j) {
      const std::vector<std::int32_t> taken = numbers(ranked);
      if (std::find(taken.begin(), taken.end(), j) != taken.end()) continue;
      if (request.excluded != nullptr && excluded.contains(j)) continue;
      if (request.candidates != nullptr && !candidates.contains(j)) continue;
      if (ranked.size() + fill.size() < static_cast<std::size_t>(request.k)) fill.push_back(j);
    }
    EXPECT_EQ(fill_by_popularity(request, ranked), fill);
  }
}

// By hand: history 0 (weight 2) and 5. Item 1: 2 x .25 + .5 = 1; item 2: 2 x .5 = 1; item 3: .75.
TEST(Ranking, TiesGoToTheMorePopularAndReasonsToTheLargerPart) {
  NoPoll poll;
  const Stored of0{{2, 1}, {.5F, .25F}};
  const Stored of5{{3, 1}, {.75F, .5F}};
  RankingRequest request;
  request.items = 7;
  request.history = {{5, 1, of5.view()}, {0, 2, of0.view()}};
  const std::vector<RankedItem> ranked = rank_items(request, poll);
  EXPECT_EQ(numbers(ranked), (std::vector<std::int32_t>{1, 2, 3}));
  EXPECT_EQ(ranked[0].score, 1);
  EXPECT_EQ(ranked[0].because, (std::vector<std::int32_t>{0, 5}));  // equal parts: by item number
  EXPECT_EQ(ranked[1].because, (std::vector<std::int32_t>{0}));
  EXPECT_EQ(preference(request, 1, poll), 1);
  EXPECT_EQ(preference(request, 6, poll), 0);
  EXPECT_EQ(fill_by_popularity(request, ranked), (std::vector<std::int32_t>{0, 4, 5, 6}));
}

TEST(Ranking, TheOrderOfTheHistoryDoesNotChangeABit) {
  Random random(5);
  NoPoll poll;
  std::vector<Stored> stored(30);
  RankingRequest request;
  request.items = 30;
  for (std::int32_t h = 0; h < 30; ++h) {
    Stored& row = stored[static_cast<std::size_t>(h)];
    for (std::int32_t j = 0; j < 30; ++j) {
      row.items.push_back(j);
      row.scores.push_back(static_cast<float>(random.uniform()));
    }
    request.history.push_back({h, random.uniform(), row.view()});
  }
  const std::vector<RankedItem> ranked = rank_items(request, poll);
  for (int round = 0; round < 20; ++round) {
    for (std::size_t h = 30; h > 1; --h) std::swap(request.history[h - 1], request.history[random.below(h)]);
    const std::vector<RankedItem> again = rank_items(request, poll);
    ASSERT_EQ(numbers(again), numbers(ranked));
    for (std::size_t r = 0; r < ranked.size(); ++r) EXPECT_EQ(again[r].score, ranked[r].score);
  }
}

TEST(Ranking, EmptyHistoriesFiltersAndCounts) {
  NoPoll poll;
  const Stored neighbors{{1, 2}, {.5F, .25F}};
  RankingRequest request;
  request.items = 3;
  EXPECT_TRUE(rank_items(request, poll).empty());
  EXPECT_EQ(preference(request, 1, poll), 0);
  EXPECT_EQ(fill_by_popularity(request, {}), (std::vector<std::int32_t>{0, 1, 2}));  // a cold user

  request.history = {{0, 1, neighbors.view()}};
  const ItemSet nothing(3);
  request.candidates = &nothing;
  EXPECT_TRUE(rank_items(request, poll).empty());
  EXPECT_TRUE(fill_by_popularity(request, {}).empty());
  const ItemSet two = set_of(3, {2, 77, -1});  // numbers outside the catalog are ignored
  request.candidates = &two;
  EXPECT_EQ(numbers(rank_items(request, poll)), (std::vector<std::int32_t>{2}));
  request.excluded = &two;
  EXPECT_TRUE(rank_items(request, poll).empty());

  request.candidates = request.excluded = nullptr;
  for (const std::int32_t k : {0, -1, std::numeric_limits<std::int32_t>::min()}) {
    request.k = k;
    EXPECT_TRUE(rank_items(request, poll).empty());
    EXPECT_TRUE(fill_by_popularity(request, {}).empty());
  }
  request.k = std::numeric_limits<std::int32_t>::max();
  EXPECT_EQ(rank_items(request, poll).size(), 2U);
  request.items = 0;
  request.history.clear();
  EXPECT_TRUE(rank_items(request, poll).empty());
  EXPECT_TRUE(fill_by_popularity(request, {}).empty());
}

TEST(Ranking, FillCrossesWords) {
  // 200 items are four words of 64 bits; all but those around the seams are excluded.
  ItemSet excluded(200);
  const std::vector<std::int32_t> free = {0, 63, 64, 127, 128, 199};
  for (std::int32_t j = 0; j < 200; ++j) {
    if (std::find(free.begin(), free.end(), j) == free.end()) excluded.insert(j);
  }
  RankingRequest request;
  request.items = 200;
  request.excluded = &excluded;
  EXPECT_EQ(fill_by_popularity(request, {}), free);
  EXPECT_EQ(fill_by_popularity(request, {RankedItem{64, 1, {}}}),
            (std::vector<std::int32_t>{0, 63, 127, 128, 199}));
}

TEST(Ranking, ForgedRowsAreCorruptNotACrash) {
  NoPoll poll;
  const std::int32_t largest = std::numeric_limits<std::int32_t>::max();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<Stored> forged = {{{1, 2}, {.5F}},    {{1}, {.5F, .5F}}, {{}, {.5F}},
                                      {{5}, {.5F}},       {{-1}, {.5F}},     {{largest}, {.5F}},
                                      {{1, 2}, {1, nan}}, {{1}, {infinity}}, {{1}, {-infinity}}};
  for (const Stored& row : forged) {
    RankingRequest request;
    request.items = 5;
    request.history = {{0, 1, row.view()}};
    EXPECT_EQ(sqlstate_of([&] { rank_items(request, poll); }), "22000");
    EXPECT_EQ(sqlstate_of([&] { preference(request, 1, poll); }), "22000");
  }
  const Stored honest{{1}, {.5F}};
  for (const std::int32_t item : {-1, 5, largest}) {
    RankingRequest request;
    request.items = 5;
    request.history = {{item, 1, honest.view()}};
    EXPECT_EQ(sqlstate_of([&] { rank_items(request, poll); }), "22000");
  }
  // The message says which model to mend, not only that something is wrong.
  RankingRequest request;
  request.items = 5;
  request.history = {{3, 1, forged[0].view()}};
  try {
    rank_items(request, poll);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("item number 3"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("corrupt"), std::string::npos);
  }
}

TEST(Ranking, OverflowIsAnError) {
  NoPoll poll;
  const Stored row{{1, 1}, {1.F, 1.F}};
  RankingRequest request;
  request.items = 2;
  request.history = {{0, 1.7e308, row.view()}};
  EXPECT_EQ(sqlstate_of([&] { rank_items(request, poll); }), "22003");
  EXPECT_EQ(sqlstate_of([&] { preference(request, 1, poll); }), "22003");
}

TEST(History, AddsTheRowsOfAnItemAndDropsWhatWasReturned) {
  const std::vector<HistoryItem> merged = merge_history(
      {{7, 1}, {2, .1}, {7, 1}, {3, 1}, {2, .2}, {3, -1}, {2, -.3}, {9, -4}, {1, 5}, {1, -2}, {4, 0}});
  ASSERT_EQ(merged.size(), 2U);
  EXPECT_EQ(merged[0].item, 1);
  EXPECT_EQ(merged[0].weight, 3);
  EXPECT_EQ(merged[1].item, 7);
  EXPECT_EQ(merged[1].weight, 2);
  EXPECT_TRUE(merge_history({}).empty());
  // What is left of large integers is exact and stays.
  EXPECT_EQ(merge_history({{0, 1e6}, {0, 1 - 1e6}}).at(0).weight, 1);
  EXPECT_EQ(sqlstate_of([] { merge_history({{0, 1.7e308}, {0, 1.7e308}}); }), "22003");
}

}  // namespace
}  // namespace persona
