// recommend, recommend_for_items, similar_items and preference: the history is read live, the neighbors of
// its items are rows, the ranking is the core's; what is left to do here is ids, filters and reasons.
#include "pg/models/catalog_items.h"
#include "pg/models/history.h"
#include "pg/models/options_json.h"
#include "pg/models/scoring.h"

#include "core/recommend/history.h"
#include "pg/server/row_stream.h"

namespace persona::pg {
namespace {

struct Filters {
  std::int32_t k = 10;
  bool exclude_seen = true;
  std::optional<std::vector<std::string>> candidates;
  std::vector<std::string> excluded;
};

struct Recommendation {
  std::string item;
  double score = 0;
  std::string reason;
  std::vector<std::string> because;
};

// The history in the model's numbers, with what the model does not know left out.
struct KnownHistory {
  std::vector<HistoryItem> items;
  std::vector<std::string> ids;  ///< all ids of the history, known or not
  bool cold = false;             ///< the user has nothing at all
};

// Refuses a model of another task.
void require_recommender(const ModelPtr& model) {
  if (model->kind->task == Task::recommendation) return;
  throw Error(sqlstate::kFeatureNotSupported,
              "model \"" + model->address() + "\" of kind \"" + model->kind->name + "\" does not recommend",
              "", verbs_of(*model->kind));
}

std::vector<std::string> text_array_argument(FunctionCallInfo fcinfo, int number) {
  std::vector<std::string> result;
  if (PG_ARGISNULL(number)) return result;
  Datum* elements = nullptr;
  bool* nulls = nullptr;
  int count = 0;
  pg_call([&] {
    deconstruct_array(PG_GETARG_ARRAYTYPE_P(number), TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls,
                      &count);
  });
  for (int i = 0; i < count; i++) {
    if (nulls[i]) continue;
    const auto* t = pg_call([&] { return PG_DETOAST_DATUM_PACKED(elements[i]); });
    result.emplace_back(VARDATA_ANY(t), VARSIZE_ANY_EXHDR(t));
  }
  return result;
}

// An id given as text or bigint.
std::string id_argument(FunctionCallInfo fcinfo, int number, const char* name) {
  if (PG_ARGISNULL(number)) throw Error("22004", std::string("argument \"") + name + "\" must not be null");
  if (declared_type(fcinfo, number) == INT8OID) return std::to_string(PG_GETARG_INT64(number));
  return text_argument(fcinfo, number, name);
}

std::int32_t k_argument(FunctionCallInfo fcinfo, int number) {
  const std::int32_t k = PG_ARGISNULL(number) ? 10 : PG_GETARG_INT32(number);
  if (k < 0) throw Error(sqlstate::kInvalidParameter, "k must not be negative");
  return k;
}

void read_candidates(FunctionCallInfo fcinfo, int first, Filters* filters) {
  if (!PG_ARGISNULL(first)) filters->candidates = text_array_argument(fcinfo, first);
  filters->excluded = text_array_argument(fcinfo, first + 1);
}

// Arguments 2 to 6 of recommend and recommend_for_items.
Filters read_filters(FunctionCallInfo fcinfo) {
  Filters filters;
  filters.k = k_argument(fcinfo, 2);
  filters.exclude_seen = PG_ARGISNULL(3) || PG_GETARG_BOOL(3);
  read_candidates(fcinfo, 4, &filters);
  if (PG_ARGISNULL(6)) return filters;
  const auto given = read_json_object(PG_GETARG_DATUM(6), "options");
  if (!given.empty()) {
    throw Error(sqlstate::kInvalidParameter, "unrecognized option \"" + given.begin()->first + "\"", "",
                "Kinds of this version take no options when they recommend.");
  }
  return filters;
}

KnownHistory known_history(const LoadedModel& model, const std::vector<HistoryEntry>& entries) {
  KnownHistory history;
  history.cold = entries.empty();
  for (const HistoryEntry& entry : entries) history.ids.push_back(entry.item);
  std::sort(history.ids.begin(), history.ids.end());
  history.ids.erase(std::unique(history.ids.begin(), history.ids.end()), history.ids.end());
  const auto numbers = find_items(model, history.ids);
  std::vector<HistoryItem> rows;
  for (const HistoryEntry& entry : entries) {
    const auto found = numbers.find(entry.item);
    if (found != numbers.end()) rows.push_back({found->second, entry.weight});
  }
  history.items = merge_history(std::move(rows));
  return history;
}

// The neighbors of the history's items, as the core's request wants them; `rows` owns what it points to.
std::vector<HistoryRow> history_rows(const LoadedModel& model, const KnownHistory& history,
                                     NeighborRows* rows) {
  std::vector<std::int32_t> items;
  std::unordered_map<std::int32_t, double> weights;
  for (const HistoryItem& item : history.items) {
    items.push_back(item.item);
    weights[item.item] = item.weight;
  }
  *rows = read_neighbors(model, items);
  std::vector<HistoryRow> result;
  for (std::size_t i = 0; i < rows->items.size(); i++) {
    result.push_back({rows->items[i], weights[rows->items[i]], rows->view(i)});
  }
  return result;
}

std::string join(const std::vector<std::string>& items) {
  std::string result;
  for (const std::string& item : items) result += (result.empty() ? "" : ", ") + item;
  return result;
}

std::string popular_reason(std::int64_t support, bool cold) {
  return std::string(cold ? "nothing known of this user yet; popular: " : "popular: ") +
         std::to_string(support) + (support == 1 ? " customer has it" : " customers have it");
}

// Candidates that the model has never seen come last, by id: they are still candidates.
void add_unknown_candidates(const Filters& filters,
                            const std::unordered_map<std::string, std::int32_t>& known,
                            const std::vector<std::string>& hidden, std::vector<Recommendation>* result) {
  std::vector<std::string> unknown;
  for (const std::string& id : *filters.candidates) {
    if (known.count(id) == 0 && !std::binary_search(hidden.begin(), hidden.end(), id)) unknown.push_back(id);
  }
  std::sort(unknown.begin(), unknown.end());
  unknown.erase(std::unique(unknown.begin(), unknown.end()), unknown.end());
  for (const std::string& id : unknown) {
    if (static_cast<std::int32_t>(result->size()) >= filters.k) return;
    result->push_back({id, 0, "new: nobody has it yet", {}});
  }
}

std::vector<Recommendation> recommend(const LoadedModel& model, const std::vector<HistoryEntry>& entries,
                                      const Filters& filters) {
  const KnownHistory history = known_history(model, entries);
  NeighborRows neighbors;
  RankingRequest request;
  request.items = model.items;
  request.k = filters.k;
  request.history = history_rows(model, history, &neighbors);
  ItemSet excluded(model.items);
  std::vector<std::string> hidden = filters.excluded;
  if (filters.exclude_seen) hidden.insert(hidden.end(), history.ids.begin(), history.ids.end());
  std::sort(hidden.begin(), hidden.end());
  for (const auto& [id, number] : find_items(model, filters.excluded)) excluded.insert(number);
  if (filters.exclude_seen) {
    for (const HistoryItem& item : history.items) excluded.insert(item.item);
    for (const auto& [id, number] : find_items(model, history.ids)) excluded.insert(number);
  }
  request.excluded = &excluded;
  ItemSet candidates(model.items);
  std::unordered_map<std::string, std::int32_t> known;
  if (filters.candidates.has_value()) {
    known = find_items(model, *filters.candidates);
    for (const auto& [id, number] : known) candidates.insert(number);
    request.candidates = &candidates;
  }
  ServerPoll poll;
  const std::vector<RankedItem> ranked = rank_items(request, poll);
  const std::vector<std::int32_t> popular = fill_by_popularity(request, ranked);

  std::vector<std::int32_t> to_name = popular;
  for (const RankedItem& item : ranked) {
    to_name.push_back(item.item);
    to_name.insert(to_name.end(), item.because.begin(), item.because.end());
  }
  auto names = name_items(model, to_name);
  std::vector<Recommendation> result;
  for (const RankedItem& item : ranked) {
    Recommendation r{names[item.item].id, item.score, "", {}};
    for (const std::int32_t cause : item.because) r.because.push_back(names[cause].id);
    r.reason = "goes with " + join(r.because);
    result.push_back(std::move(r));
  }
  for (const std::int32_t item : popular) {
    result.push_back({names[item].id, 0, popular_reason(names[item].support, history.cold), {}});
  }
  if (filters.candidates.has_value()) add_unknown_candidates(filters, known, hidden, &result);
  return result;
}

void put_recommendations(FunctionCallInfo fcinfo, const std::vector<Recommendation>& rows, bool with_reason) {
  auto* info = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  int rank = 0;
  for (const Recommendation& row : rows) {
    Params because;
    if (with_reason) because.text_array(row.because);
    rank++;
    pg_call([&] {
      Datum values[5] = {
          Int32GetDatum(rank),
          PointerGetDatum(cstring_to_text_with_len(row.item.data(), static_cast<int>(row.item.size()))),
          Float8GetDatum(row.score), Datum{0}, Datum{0}};
      bool nulls[5] = {};
      if (with_reason) {
        values[3] =
            PointerGetDatum(cstring_to_text_with_len(row.reason.data(), static_cast<int>(row.reason.size())));
        values[4] = because.values()[0];
      }
      tuplestore_putvalues(info->setResult, info->setDesc, values, nulls);
    });
  }
}

Datum recommend_user(FunctionCallInfo fcinfo) {
  InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
  guarded([&] {
    const ModelPtr model = find_model(text_argument(fcinfo, 0, "model"));
    const std::string user = id_argument(fcinfo, 1, "user_id");
    const Filters filters = read_filters(fcinfo);
    const auto rows = with_spi([&] {
      require_recommender(model);  // before the history is read, which other kinds do not have
      return recommend(*model, read_history(*model, user), filters);
    });
    put_recommendations(fcinfo, rows, true);
  });
  return Datum{0};
}

Datum similar(FunctionCallInfo fcinfo) {
  InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
  guarded([&] {
    const ModelPtr model = find_model(text_argument(fcinfo, 0, "model"));
    const std::string item = id_argument(fcinfo, 1, "item_id");
    Filters filters;
    filters.k = k_argument(fcinfo, 2);
    read_candidates(fcinfo, 3, &filters);
    std::vector<Recommendation> rows = with_spi([&] {
      require_recommender(model);
      return recommend(*model, {{item, 1}}, filters);
    });
    // Only items that are near at all: an item without neighbors has none, whatever is popular.
    while (!rows.empty() && rows.back().score <= 0) rows.pop_back();
    put_recommendations(fcinfo, rows, false);
  });
  return Datum{0};
}

}  // namespace
}  // namespace persona::pg

PERSONA_FUNCTION(recommend)
{ return persona::pg::recommend_user(fcinfo); }
PERSONA_FUNCTION(similar_items)
{ return persona::pg::similar(fcinfo); }

PERSONA_FUNCTION(recommend_for_items)
{
  using namespace persona::pg;
  InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
  guarded([&] {
    const ModelPtr model = find_model(text_argument(fcinfo, 0, "model"));
    std::vector<HistoryEntry> basket;
    for (std::string& item : text_array_argument(fcinfo, 1)) basket.push_back({std::move(item), 1});
    const Filters filters = read_filters(fcinfo);
    const auto rows = with_spi([&] {
      require_recommender(model);
      return recommend(*model, basket, filters);
    });
    put_recommendations(fcinfo, rows, true);
  });
  return Datum{0};
}

PERSONA_FUNCTION(preference)
{
  using namespace persona::pg;
  bool known = false;
  const double result = guarded([&] {
    const ModelPtr model = find_model(text_argument(fcinfo, 0, "model"));
    const std::string user = id_argument(fcinfo, 1, "user_id");
    const std::string item = id_argument(fcinfo, 2, "item_id");
    return with_spi([&] {
      require_recommender(model);
      const KnownHistory history = known_history(*model, read_history(*model, user));
      const auto number = find_items(*model, {item});
      known = !number.empty();
      if (!known) return 0.0;
      NeighborRows neighbors;
      persona::RankingRequest request;
      request.items = model->items;
      request.history = history_rows(*model, history, &neighbors);
      ServerPoll poll;
      return persona::preference(request, number.begin()->second, poll);
    });
  });
  if (!known) PG_RETURN_NULL();
  PG_RETURN_FLOAT8(result);
}
