// Writing what a recommender's fit answers: items with their neighbors, popularity, factors, rules, sessions.
#pragma once

#include "pg/server/spi.h"

#include "core/model/rows.h"

namespace persona::pg {

/// What rows that hold arrays pass to one statement: SQL has no arrays of arrays of different lengths, so the
/// numbers of all rows stand in one, and `($n)[first:last]` are a row's own.
struct ArraySlices {
  std::vector<std::int32_t> first;
  std::vector<std::int32_t> last;

  std::size_t rows() const noexcept { return last.size(); }
  std::size_t numbers() const noexcept { return last.empty() ? 0 : static_cast<std::size_t>(last.back()); }
  bool full() const noexcept { return rows() >= 1000 || numbers() >= 100000; }
  void add(std::size_t count) {
    first.push_back(static_cast<std::int32_t>(numbers()) + 1);
    last.push_back(static_cast<std::int32_t>(first.back() - 1 + static_cast<std::int32_t>(count)));
  }
};

/// Throws 54000 where an id, of a user, item or segment as `what` says, has no room in the tables' indexes.
void check_id_length(const std::string& id, const char* what);

/// Nothing of it for other kinds. Makes neighbors that the fit left to be made. Needs SPI and as_owner().
void store_recommender(std::int64_t model_id, const FittedModel& fitted);

}  // namespace persona::pg
