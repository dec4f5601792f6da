// Which items of a history contributed most to each of some recommended items: for reasons.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/top_k.h"
#include "core/recommend/recommender.h"

namespace persona {

class Contributions {
 public:
  /// `items`: size of the catalogue. `recommended`: the items to be explained, each once.
  Contributions(std::int32_t items, const std::vector<std::int32_t>& recommended)
      : place_(static_cast<std::size_t>(items), -1), strongest_(recommended.size(), Strongest(kReasonItems)) {
    for (std::size_t place = 0; place < recommended.size(); ++place) {
      place_[static_cast<std::size_t>(recommended[place])] = static_cast<std::int32_t>(place);
    }
  }

  /// Counts what `cause` contributed to `item`, when this is to be explained and the contribution positive.
  void add(std::int32_t item, std::int32_t cause, double contribution) {
    const std::int32_t place = place_[static_cast<std::size_t>(item)];
    if (place >= 0 && contribution > 0)
      strongest_[static_cast<std::size_t>(place)].push({cause, contribution});
  }

  /// The causes of the item at a place of `recommended`, the strongest first, ties by number.
  std::vector<std::int32_t> because(std::size_t place) {
    std::vector<std::int32_t> causes;
    for (const Cause& cause : strongest_[place].sorted()) causes.push_back(cause.item);
    return causes;
  }

 private:
  struct Cause {
    std::int32_t item;
    double contribution;
  };
  struct Stronger {
    bool operator()(const Cause& a, const Cause& b) const noexcept {
      return a.contribution != b.contribution ? a.contribution > b.contribution : a.item < b.item;
    }
  };
  using Strongest = TopK<Cause, Stronger>;

  std::vector<std::int32_t> place_;
  std::vector<Strongest> strongest_;
};

}  // namespace persona
