// A recommender's catalog of items: ids to numbers and back, and rows of neighbors, read as they are needed
// so that no backend holds a whole model.
#pragma once

#include "pg/models/cache.h"

#include "core/recommend/ranking.h"

namespace persona::pg {

/// Numbers of those ids that the model knows.
std::unordered_map<std::string, std::int32_t> find_items(const LoadedModel& model,
                                                         const std::vector<std::string>& ids);

struct ItemName {
  std::string id;
  std::int64_t support = 0;
};

/// Ids of item numbers. Throws 22000 when the stored rows lack one.
std::unordered_map<std::int32_t, ItemName> name_items(const LoadedModel& model,
                                                      const std::vector<std::int32_t>& items);

/// The neighbors of some items; views() points into it.
struct NeighborRows {
  std::vector<std::int32_t> items;
  std::vector<std::vector<std::int32_t>> neighbors;
  std::vector<std::vector<float>> scores;

  NeighborView view(std::size_t row) const {
    return {neighbors[row].data(), neighbors[row].size(), scores[row].data(), scores[row].size()};
  }
};

NeighborRows read_neighbors(const LoadedModel& model, const std::vector<std::int32_t>& items);

}  // namespace persona::pg
