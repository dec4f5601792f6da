// Fits recommenders of baskets and sessions, whose rows may be nobody's: beside shop_events.h, the basket
// before the weight, and no option user unless it is given.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "shop_events.h"

namespace persona::test {

using persona::metric_of;
using persona::number_of;
using persona::StoppingPoll;

struct EventRow {
  std::string user, item;
  double time = 0;
  std::string basket = {};
  double weight = 1;
};

using EventOptions = Given;

inline FitRequest event_request(const Kind& kind, EventOptions given) {
  given.emplace("user", std::monostate());
  return persona::event_request(kind, std::move(given));
}

inline FittedModel fit_events(const Kind& kind, const std::vector<EventRow>& rows, EventOptions given,
                              Poll& poll) {
  std::vector<persona::EventRow> events;
  for (const EventRow& row : rows) events.push_back({row.user, row.item, row.time, row.weight, row.basket});
  return fit_request(kind, test::event_request(kind, std::move(given)), events, poll);
}

inline FittedModel fit_events(const Kind& kind, const std::vector<EventRow>& rows, EventOptions given) {
  NoPoll poll;
  return test::fit_events(kind, rows, std::move(given), poll);
}

}  // namespace persona::test
