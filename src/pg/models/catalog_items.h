// A recommender's catalogue of items: ids to numbers and back.
#pragma once

#include "pg/models/cache.h"

namespace persona::pg {

/// Numbers of those ids that the model knows. Throws 22000 for a number outside of its catalogue.
std::unordered_map<std::string, std::int32_t> find_items(const LoadedModel& model,
                                                         const std::vector<std::string>& ids);

struct ItemName {
  std::string id;
  std::int64_t support = 0;
  std::string attribute;  ///< of the option diversity_key; empty without one
};

/// Ids of item numbers. Throws 22000 when the stored rows lack one.
std::unordered_map<std::int32_t, ItemName> name_items(const LoadedModel& model,
                                                      const std::vector<std::int32_t>& items);

/// Throws 22000: the rows of persona.neighbor are not what a fit writes.
[[noreturn]] void throw_corrupt_items(const LoadedModel& model, const std::string& detail);

}  // namespace persona::pg
