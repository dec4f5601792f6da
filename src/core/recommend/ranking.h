// The k best items of what a recommender says: filters before ranking, ties by popularity, and exactly k rows
// whenever k candidates exist.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/poll.h"
#include "core/recommend/item_scores.h"
#include "core/recommend/item_set.h"
#include "core/recommend/model_reader.h"

namespace persona {

/// None where k is not positive.
struct RankingRequest : WantedItems {
  RankingRequest() { k = 10; }

  PopularityView segment;  ///< what the user's segment prefers; empty when not known
};

struct RankedItem {
  enum class Source {
    score,    ///< the recommender has scored it
    segment,  ///< popular in the segment
    overall   ///< popular, or merely left
  };
  std::int32_t item = 0;
  double score = 0;
  Source source = Source::score;
};

/// By falling score, ties by item number, which is by popularity and then by id. Items that are not scored
/// stand at 0, between the positive and the negative: those of the segment first, by their place in it, then
/// the others by number. Throws 22003 where a score is not finite, 22000 where the segment's row is corrupt.
std::vector<RankedItem> rank_items(const ItemScores& scores, const RankingRequest& request, Poll& poll);

}  // namespace persona
