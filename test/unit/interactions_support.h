// Drives the fitters of recommenders as the server does, and reads their models back: rows of user, item,
// weight and time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/model/kind.h"
#include "core/recommend/history.h"
#include "core/recommend/recommender.h"
#include "shop_events.h"

namespace persona::interactions_test {

struct Event {
  std::string user, item;
  double weight = 1;
};

inline FittedModel fit_interactions(const Kind& kind, const std::vector<Event>& rows, const Given& given,
                                    Poll& poll) {
  std::vector<EventRow> events;
  for (const Event& row : rows) events.push_back({row.user, row.item, 0, row.weight});
  return fit_request(kind, event_request(kind, given), events, poll);
}

inline FittedModel fit_interactions(const Kind& kind, const std::vector<Event>& rows,
                                    const Given& given = {}) {
  NoPoll poll;
  return fit_interactions(kind, rows, given, poll);
}

inline std::unique_ptr<Recommender> load_events(const Kind& kind, const FittedModel& model,
                                                Given given = {}) {
  return kind.load_recommender({"m@1", static_cast<std::int32_t>(model.neighbors.size())},
                               event_request(kind, std::move(given)).options);
}

/// Popular items are common: the square of a uniform number.
inline std::vector<Event> random_events(Random& random, int rows, std::uint64_t users, std::uint64_t items) {
  std::vector<Event> result;
  for (int r = 0; r < rows; ++r) {
    const double skewed = random.uniform() * random.uniform();
    result.push_back({"u" + std::to_string(random.below(users)),
                      std::to_string(static_cast<int>(skewed * static_cast<double>(items))),
                      static_cast<double>(random.below(7)) - 2});
  }
  return result;
}

/// The total weight of each item's users, by item and user, without those that are not positive.
inline std::map<std::string, std::map<std::string, double>> event_table(const std::vector<Event>& rows,
                                                                        bool weighted) {
  std::map<std::string, std::map<std::string, double>> table;
  for (const Event& row : rows) {
    double& cell = table[row.item][row.user];
    cell = weighted ? cell + row.weight : 1;
  }
  for (auto& [item, users] : table) {
    for (auto user = users.begin(); user != users.end();) {
      user = user->second > 0 ? std::next(user) : users.erase(user);
    }
  }
  return table;
}

/// One basket of items, each with weight 1.
inline History basket(const std::vector<std::int32_t>& items) {
  History history;
  for (const std::int32_t item : items) history.items.push_back({item, 0, 1});
  history.baskets = items.empty() ? 0 : 1;
  return history;
}

/// The error that `action` throws; one with an empty message and fails the test where it throws none.
template <typename Action>
Error error_of(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error";
  return {"", ""};
}

}  // namespace persona::interactions_test
