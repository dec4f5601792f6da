// Several recommenders as one: of each the scores as shares of its largest for the user, added with weights.
// The weights are those that rank best what users took up later.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/model/kind.h"
#include "core/recommend/recommender.h"

namespace persona {

/// Its fit makes the catalogue; the server side, which knows the members, adds their weights.
const Kind& blend();

/// Most recommenders that can be blended.
inline constexpr std::size_t kMostBlended = 6;

/// A member and how its item numbers and the blend's go over into each other; -1 for an item the other lacks.
struct BlendMember {
  const Recommender* recommender = nullptr;
  ModelReader* reader = nullptr;
  std::vector<std::int32_t> to_blend;    ///< by the member's item number
  std::vector<std::int32_t> from_blend;  ///< by the blend's
};

/// The history in the member's numbers.
History member_history(const BlendMember& member, const History& history);

/// What a member says, in the blend's numbers and as shares of its largest score; nothing where none is
/// positive. `shares` is empty.
void score_member(const BlendMember& member, const History& history, ItemScores& shares, Poll& poll);

/// Looks for the weights, 0 or more and adding to 1, of the largest mean NDCG at k over the users added, on a
/// grid over all of them that is finer for fewer members. Of each member the 200 best items of a user
/// compete.
class BlendWeights {
 public:
  BlendWeights(std::size_t members, std::size_t k);

  /// One user: the members' shares, what may not be recommended, and what he took up, sorted; `unknown` more
  /// that no member knows.
  void add(const std::vector<ItemScores>& shares, const ItemSet& excluded,
           const std::vector<std::int32_t>& relevant, std::size_t unknown);

  std::size_t users() const noexcept { return users_; }
  /// Of equal weights those that come first: more weight on earlier members. Needs a user.
  const std::vector<double>& best() const;
  double best_ndcg() const;

 private:
  std::size_t k_;
  std::size_t users_ = 0;
  std::vector<std::vector<double>> choices_;
  std::vector<double> gains_;  // by choice: summed over users
};

}  // namespace persona
