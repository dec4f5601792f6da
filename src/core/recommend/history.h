// The items one user has, as recommendation needs them: the rows of the source, read live, with those of one
// item added up.
#pragma once

#include <cstdint>
#include <vector>

namespace persona {

struct HistoryItem {
  std::int32_t item = 0;  ///< item number
  double weight = 1;      ///< of the source's weight column; 1 for a row of a source without one
};

/// One entry an item, by item number; weights are added (NetWeight), and an item whose total is not positive
/// is left out, as in the fit. Without a weight column an item thus weighs as often as it occurs: what a user
/// keeps coming back to says more about the next purchase, although the cosine counts the user once. The
/// result does not depend on the order of the rows. Throws 22003 where a total is not finite.
std::vector<HistoryItem> merge_history(std::vector<HistoryItem> rows);

}  // namespace persona
