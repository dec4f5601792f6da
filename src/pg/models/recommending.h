// From a history to recommendations with ids and reasons: filters, ranking, variety and filling up, shared by
// all verbs that recommend.
#pragma once

#include "pg/models/history.h"

#include "core/recommend/model_reader.h"
#include "core/recommend/ranking.h"

namespace persona::pg {

struct Filters {
  std::int32_t k = 10;
  std::optional<bool> exclude_seen;  ///< by default as the kind has it
  std::optional<std::vector<std::string>> candidates;
  std::vector<std::string> excluded;
  double diversity = 0;  ///< 0 to 1, see diversify()
};

struct Recommendation {
  std::string item;
  double score = 0;
  std::string reason;
  std::vector<std::string> because;
};

/// The model's recommender; throws 0A000 when its kind has none.
const Recommender& recommender_of(const LoadedModel& model);

using ItemNumbers = std::unordered_map<std::string, std::int32_t>;

/// Candidates that are not among the `known` nor the `hidden`, by id: they come last, since they are still
/// candidates.
std::vector<std::string> unknown_candidates(const Filters& filters, const ItemNumbers& known,
                                            std::vector<std::string> hidden);

/// The k best items. Needs SPI.
std::vector<Recommendation> recommend(const LoadedModel& model, const KnownHistory& history,
                                      const Filters& filters, ModelReader* reader);

/// The k items nearest to one, without reasons; none where nothing is near. Needs SPI.
std::vector<Recommendation> find_similar(const LoadedModel& model, const std::string& item,
                                         const Filters& filters, ModelReader* reader);

/// The score of one item; nothing where the model does not know it. Needs SPI.
std::optional<double> score_item(const LoadedModel& model, const KnownHistory& history,
                                 const std::string& item, ModelReader* reader);

}  // namespace persona::pg
