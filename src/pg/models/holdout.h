// Splitting the rows of a source, to learn on one part what is best on the other.
#pragma once

#include "pg/models/source.h"

#include "pg/models/event_names.h"

namespace persona::pg {

struct Holdout {
  Source before;  ///< what is learned on
  Source after;   ///< what it is measured on
};

/// SQL for the fold, 1 to `folds`, of a row of `s`: of its key, or without one of its content.
std::string fold_expression(const std::vector<std::string>& key, int folds, std::int64_t seed);

/// One row in five, by the fold of its key.
Holdout split_rows(const Source& source, const std::vector<std::string>& key);

/// Of a recommender. With option time: the last basket of each user with two or more, and what came before
/// it. Without: one in five pairs of user and item, by fold().
Holdout split_events(const Source& source, const EventNames& names);

}  // namespace persona::pg
