// Which columns of a recommender's source say who, what, how much, when and in which basket, as its fit had
// them.
#pragma once

#include "core/model/kind.h"
#include "core/recommend/history.h"

#include <string>

namespace persona::pg {

/// Empty for a column that no option names.
struct EventNames {
  std::string user;  ///< of a session-based kind the session
  std::string item;
  std::string weight;
  std::string time;
  std::string basket;
  std::string segment;

  Baskets rule() const noexcept {
    if (!basket.empty()) return Baskets::by_id;
    return time.empty() ? Baskets::one : Baskets::by_time;
  }
};

EventNames event_names(const Kind& kind, const Options& options);

}  // namespace persona::pg
