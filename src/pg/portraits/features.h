// The scalar columns a portrait's features view shows of each summary: every accessor that answers one value.
#pragma once

#include "pg/portraits/definition.h"

namespace persona::pg {

/// A column of the features view: `sql` over {x}, the summary, and {as_of}, the time of the question.
struct Feature {
  std::string name;  ///< COLUMN_accessor, or COLUMN itself where the value is a scalar already
  std::string sql;
  std::size_t column;  ///< of the definition
};

/// Of all columns of a portrait, in order. 42701 when two would have one name.
std::vector<Feature> portrait_features(const PortraitDefinition& definition);

/// "SELECT keys, features FROM relation AS portrait"; `instant` and `local` are what {as_of} stands for on
/// each clock.
std::string features_query(const PortraitDefinition& definition, const std::string& relation,
                           const std::string& instant, const std::string& local);

}  // namespace persona::pg
