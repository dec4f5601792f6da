#include "pg/models/event_names.h"

#include "core/recommend/recommender.h"

namespace persona::pg {

EventNames event_names(const Kind& kind, const Options& options) {
  EventNames names;
  names.item = options.text("item");
  names.weight = options.text("weight");
  names.time = options.text("time");
  names.segment = options.text("segment");
  const bool session_based =
      kind.load_recommender != nullptr && kind.load_recommender({"", 0}, options)->is_session_based();
  if (session_based) {
    names.user = options.text(options.has("basket") ? "basket" : "user");
  } else {
    names.user = options.text(options.has("user") ? "user" : "basket");
    names.basket = options.text("basket");
  }
  return names;
}

}  // namespace persona::pg
