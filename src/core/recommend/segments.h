// The segment of a user, such as his country, as his rows say: of his latest rows the commonest, ties by
// name.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace persona {

/// `rows`: time (all alike in a source without one) and segment of the rows that have one, not empty; sorted
/// on return. `Label` is ordered by name.
template <typename Label>
Label pick_segment(std::vector<std::pair<double, Label>>& rows) {
  std::sort(rows.begin(), rows.end());
  std::size_t best = rows.size();
  std::size_t most = 0;
  const double latest = rows.back().first;
  for (std::size_t row = rows.size(); row > 0 && rows[row - 1].first == latest;) {
    const std::size_t end = row;
    const Label& label = rows[end - 1].second;
    while (row > 0 && rows[row - 1].first == latest && rows[row - 1].second == label) --row;
    if (end - row >= most) {  // from the last name to the first
      most = end - row;
      best = row;
    }
  }
  return rows[best].second;
}

}  // namespace persona
