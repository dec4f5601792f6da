// Measuring recommenders on what users took up later: shared by evaluate, compare, tune and the fit of a
// blend.
#pragma once

#include "pg/models/event_cursor.h"

#include "core/recommend/recommender.h"

namespace persona::pg {

struct RecommendationOptions {
  std::size_t k = 10;
  std::optional<bool> exclude_seen;  ///< by default as the kind has it
};

/// Reads the options k and exclude_seen.
RecommendationOptions recommendation_options(Datum options);

/// The catalogue of a model, in memory.
struct ItemCatalog {
  std::unordered_map<std::string, std::int32_t> numbers;
  std::vector<std::int64_t> support;  ///< by item number
  double users = 0;
};
ItemCatalog stored_catalog(const LoadedModel& model);
ItemCatalog fitted_catalog(const FittedModel& fitted);

/// A user of the held-out rows: his history before them, and what he took up then.
struct HeldOutUser {
  History history;
  std::vector<std::int32_t> seen;      ///< items of the history, sorted
  std::vector<std::int32_t> relevant;  ///< item numbers, sorted, each once
  std::size_t unknown = 0;             ///< relevant items that the model does not know
};

/// Calls `use` for each user of `held_out`, with his history from `histories`. Where seen items are masked
/// they are not relevant, and a user without any other is left out.
void for_each_held_out(EventCursor* histories, EventCursor* held_out, const ItemCatalog& catalog,
                       Baskets rule, bool exclude_seen, const std::function<void(const HeldOutUser&)>& use);

/// The metrics of a recommender.
std::vector<Metric> evaluate_recommender(const Recommender& recommender, ModelReader* reader,
                                         const ItemCatalog& catalog, Baskets rule, EventCursor* histories,
                                         EventCursor* held_out, const RecommendationOptions& wanted);

/// The metrics of a stored model on a source's rows, whose columns are named as in the model's. Needs SPI.
std::vector<Metric> evaluate_recommender(const LoadedModel& model, const Source& source,
                                         const RecommendationOptions& wanted);

/// The same for what is popular in the model's catalogue.
std::vector<Metric> evaluate_popularity(const LoadedModel& model, const Source& source,
                                        const RecommendationOptions& wanted);

}  // namespace persona::pg
