#include "core/recommend/diversity.h"

#include <algorithm>

#include "core/recommend/paced_poll.h"

namespace persona {

std::vector<RankedItem> diversify(const std::vector<RankedItem>& ranked, std::size_t k, double diversity,
                                  const ItemLikeness& likeness, Poll& poll) {
  PacedPoll paced(poll);
  std::vector<RankedItem> chosen;
  std::vector<double> nearest(ranked.size(), 0);  // likeness to the nearest item chosen
  std::vector<bool> taken(ranked.size(), false);
  double largest = 0;
  for (const RankedItem& each : ranked) largest = std::max(largest, each.score);
  while (chosen.size() < std::min(k, ranked.size())) {
    paced.add(8 * ranked.size());
    std::size_t best = ranked.size();
    double best_value = 0;
    for (std::size_t r = 0; r < ranked.size(); ++r) {
      if (taken[r]) continue;
      const double share = largest > 0 ? ranked[r].score / largest : 0;
      const double value = (1 - diversity) * share - diversity * nearest[r];
      if (best == ranked.size() || value > best_value) {
        best = r;
        best_value = value;
      }
    }
    taken[best] = true;
    chosen.push_back(ranked[best]);
    for (std::size_t r = 0; r < ranked.size(); ++r) {
      if (!taken[r]) nearest[r] = std::max(nearest[r], likeness(ranked[r].item, ranked[best].item));
    }
  }
  return chosen;
}

}  // namespace persona
