// What a recommendation is once the history and its neighbors are at hand: score_j = sum over the history h
// of w_h sim(h, j), the k best of them, and why. Pure arithmetic; the server side reads the rows and turns
// item numbers into ids. Stored rows may be forged, so every number read is checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/poll.h"
#include "core/recommend/item_set.h"

namespace persona {

/// The stored neighbors of one item: views of two arrays that should have the same length.
struct NeighborView {
  const std::int32_t* items = nullptr;
  std::size_t item_count = 0;
  const float* scores = nullptr;
  std::size_t score_count = 0;
};

/// An item of the history with its weight (see merge_history) and its neighbors.
struct HistoryRow {
  std::int32_t item = 0;
  double weight = 1;
  NeighborView neighbors;
};

struct RankingRequest {
  std::int32_t items = 0;               ///< size of the catalog: numbers are 0, ..., items - 1
  std::vector<HistoryRow> history;      ///< in any order, each item once
  const ItemSet* candidates = nullptr;  ///< only these may be recommended; null: all
  const ItemSet* excluded = nullptr;    ///< these may not; null: none
  std::int32_t k = 10;                  ///< none when not positive
};

struct RankedItem {
  std::int32_t item = 0;
  double score = 0;
  std::vector<std::int32_t> because;  ///< up to 3 items of the history that added most, ties by item number
};

/// Up to k items with a positive score, by falling score, ties by item number (popularity, then id). The same
/// history gives the same answer to the last bit, in whatever order it is passed. O(neighbors in all). Throws
/// 22000 where a row is corrupt: arrays of different lengths, an item outside the catalog, a score that is
/// not finite; 22003 where a total overflows.
std::vector<RankedItem> rank_items(const RankingRequest& request, Poll& poll);

/// The items that fill `ranked` up to k by popularity, the most popular first: those that the request allows
/// and that are not ranked yet. Fewer when there are no more.
std::vector<std::int32_t> fill_by_popularity(const RankingRequest& request,
                                             const std::vector<RankedItem>& ranked);

/// The score of one item by the same sum and the same errors; 0 when nothing in the history has it as a
/// neighbor.
double preference(const RankingRequest& request, std::int32_t item, Poll& poll);

}  // namespace persona
