#include "pg/models/recommender_evaluation.h"

#include "core/evaluation/recommendation_metrics.h"
#include "core/kinds.h"
#include "core/recommend/net_weight.h"
#include "core/recommend/ranking.h"
#include "pg/models/catalog_items.h"
#include "pg/models/options_json.h"
#include "pg/models/recommending.h"
#include "pg/models/stored_reader.h"
#include "pg/server/row_stream.h"

namespace persona::pg {
namespace {

// The columns that held-out rows need: who and what. Others are read where they are there.
EventNames names_in(const Source& source, EventNames names) {
  const auto is_there = [&](const std::string& name) {
    return std::any_of(source.columns.begin(), source.columns.end(),
                       [&](const SourceColumn& each) { return each.name == name; });
  };
  for (const std::string* name : {&names.user, &names.item}) {
    if (is_there(*name)) continue;
    throw Error(sqlstate::kUndefinedColumn, "source has no column \"" + *name + "\"",
                "The rows to evaluate on name their columns as the model's source does.",
                "Name the column of the " + std::string(name == &names.user ? "user" : "item") +
                    " so in a query: SELECT ... AS " + quote_name(*name) + ".");
  }
  for (std::string* name : {&names.weight, &names.time, &names.basket}) {
    if (!name->empty() && !is_there(*name)) name->clear();
  }
  names.segment.clear();
  return names;
}

std::vector<Metric> evaluate(const LoadedModel& model, const Recommender& recommender, const Source& source,
                             const RecommendationOptions& wanted) {
  const ItemCatalog catalog = stored_catalog(model);
  StoredReader reader(model);
  EventCursor histories(model);
  EventCursor held_out(source, names_in(source, model.events));
  return evaluate_recommender(recommender, &reader, catalog, model.events.rule(), &histories, &held_out,
                              wanted);
}

}  // namespace

RecommendationOptions recommendation_options(Datum given) {
  const std::vector<OptionSpec> specs = {
      {"k", OptionType::integer, "10", "How many items are recommended to each user.", 1, 10000},
      {"exclude_seen", OptionType::boolean, "null",
       "Whether what a user has already is neither recommended nor counted."}};
  const Options options(specs, read_json_object(given, "options"), "");
  RecommendationOptions wanted;
  wanted.k = static_cast<std::size_t>(options.integer("k"));
  if (options.has("exclude_seen")) wanted.exclude_seen = options.boolean("exclude_seen");
  return wanted;
}

ItemCatalog stored_catalog(const LoadedModel& model) {
  static Statement statement(
      "SELECT item, item_no, support FROM persona.neighbor WHERE model_id = $1 ORDER BY item_no");
  static Statement users(
      "SELECT coalesce(max(value), 0) FROM persona.metric WHERE model_id = $1 AND metric = 'users'");
  ItemCatalog catalog;
  as_owner([&] {
    Params params;
    params.int8(model.model_id);
    Rows rows = statement.run(params, true);
    for (std::uint64_t i = 0; i < rows.size(); i++) {
      if (rows.int4(i, 2) != static_cast<std::int32_t>(i) ||
          rows.size() != static_cast<std::size_t>(model.items)) {
        throw_corrupt_items(model, "Its items are not numbered from 0.");
      }
      catalog.numbers.emplace(rows.text(i, 1), rows.int4(i, 2));
      catalog.support.push_back(rows.int8(i, 3));
    }
    rows.free();
    catalog.users = users.run(params, true).float8(0, 1).value_or(0);
  });
  return catalog;
}

ItemCatalog fitted_catalog(const FittedModel& fitted) {
  ItemCatalog catalog;
  for (const NeighborRow& row : fitted.neighbors) {
    catalog.numbers.emplace(row.item, static_cast<std::int32_t>(catalog.support.size()));
    catalog.support.push_back(row.support);
  }
  for (const Metric& metric : fitted.metrics) {
    if (metric.name == "users") catalog.users = metric.value;
  }
  return catalog;
}

void for_each_held_out(EventCursor* histories, EventCursor* held_out, const ItemCatalog& catalog,
                       Baskets rule, bool exclude_seen, const std::function<void(const HeldOutUser&)>& use) {
  UserEvents taken;
  UserEvents before;
  ServerPoll poll;
  std::size_t done = 0;
  while (held_out->next(&taken)) {
    poll.check();
    if (++done % 1000 == 0) poll.progress("evaluated " + std::to_string(done) + " users");
    HeldOutUser user;
    std::vector<std::string> seen_ids;
    if (histories->find(taken.user, &before)) {
      KnownHistory known = number_history(before.events, rule, catalog.numbers);
      user.history = std::move(known.history);
      seen_ids = std::move(known.ids);
    }
    for (const std::string& id : seen_ids) {
      const auto found = catalog.numbers.find(id);
      if (found != catalog.numbers.end()) user.seen.push_back(found->second);
    }
    std::sort(user.seen.begin(), user.seen.end());
    std::map<std::string, NetWeight> net;
    for (const SourceEvent& event : taken.events) net[event.item].add(event.weight);
    for (const auto& [id, weight] : net) {
      if (weight.value() <= 0) continue;
      if (exclude_seen && std::binary_search(seen_ids.begin(), seen_ids.end(), id)) continue;
      const auto found = catalog.numbers.find(id);
      if (found == catalog.numbers.end()) {
        user.unknown++;
      } else {
        user.relevant.push_back(found->second);
      }
    }
    std::sort(user.relevant.begin(), user.relevant.end());
    if (!user.relevant.empty() || user.unknown > 0) use(user);
  }
}

std::vector<Metric> evaluate_recommender(const Recommender& recommender, ModelReader* reader,
                                         const ItemCatalog& catalog, Baskets rule, EventCursor* histories,
                                         EventCursor* held_out, const RecommendationOptions& wanted) {
  const bool exclude_seen = wanted.exclude_seen.value_or(recommender.excludes_seen());
  const auto items = static_cast<std::int32_t>(catalog.support.size());
  RecommendationMetrics metrics(wanted.k, catalog.support, catalog.users);
  ItemScores scores(items);
  ItemSet excluded(items);
  ServerPoll poll;
  for_each_held_out(histories, held_out, catalog, rule, exclude_seen, [&](const HeldOutUser& user) {
    excluded.clear();
    if (exclude_seen) {
      for (const std::int32_t item : user.seen) excluded.insert(item);
    }
    RankingRequest request;
    request.k = static_cast<std::int32_t>(wanted.k);
    request.segment = reader->segment_popularity(user.history.segment);
    request.excluded = &excluded;
    scores.clear();
    scores.want(request);
    recommender.score(user.history, *reader, scores, poll);
    std::vector<std::int32_t> recommended;
    for (const RankedItem& each : rank_items(scores, request, poll)) recommended.push_back(each.item);
    metrics.add(recommended, user.relevant, user.unknown);
  });
  return metrics.results();
}

std::vector<Metric> evaluate_recommender(const LoadedModel& model, const Source& source,
                                         const RecommendationOptions& wanted) {
  return evaluate(model, recommender_of(model), source, wanted);
}

std::vector<Metric> evaluate_popularity(const LoadedModel& model, const Source& source,
                                        const RecommendationOptions& wanted) {
  const auto popular =
      find_kind("popularity").load_recommender({model.address(), model.items}, model.options);
  RecommendationOptions as_model = wanted;
  if (!as_model.exclude_seen.has_value()) as_model.exclude_seen = recommender_of(model).excludes_seen();
  return evaluate(model, *popular, source, as_model);
}

}  // namespace persona::pg
