#include "pg/models/stored_history.h"

#include <cmath>

#include "pg/models/history_plan.h"
#include "pg/models/store_recommender.h"
#include "pg/server/row_stream.h"

#include "core/recommend/event_columns.h"
#include "core/recommend/segments.h"
#include "core/recommend/sequences.h"

extern "C" {
#include "nodes/plannodes.h"
#include "utils/plancache.h"
}

namespace persona::pg {
namespace {

// Asking for one user costs about the work of an index scan; the bound, in the planner's units, is some ten
// milliseconds of reading. Below it nobody minds a sequential scan.
constexpr double kCheapCost = 2000;

double plan_cost(SPIPlanPtr plan) {
  CachedPlan* cached = SPI_plan_get_cached_plan(plan);
  if (cached == nullptr) return 0;
  const double cost = static_cast<PlannedStmt*>(linitial(cached->stmt_list))->planTree->total_cost;
  ReleaseCachedPlan(cached, nullptr);  // an unsaved plan has no owner
  return cost;
}

double source_cost(const std::string& query) {
  return pg_call([&] {
    SPIPlanPtr plan = SPI_prepare_cursor(query.c_str(), 0, nullptr, CURSOR_OPT_GENERIC_PLAN);
    if (plan == nullptr) elog(ERROR, "persona: %s", SPI_result_code_string(SPI_result));
    return plan_cost(plan);
  });
}

class EventSink final : public RowSink {
 public:
  explicit EventSink(const EventColumns& columns) : columns_(columns) {}
  void consume(const RowBlock& block) override {
    append_events(block, columns_, events);
    poll_.check();
  }

  Events events;

 private:
  const EventColumns& columns_;
  ServerPoll poll_;
};

// The rows of each user, by user code.
std::vector<std::vector<std::size_t>> rows_by_user(const Events& events, std::size_t users) {
  std::vector<std::vector<std::size_t>> rows(users);
  for (std::size_t e = 0; e < events.users.size(); e++) {
    rows[static_cast<std::size_t>(events.users[e])].push_back(e);
  }
  return rows;
}

StoredHistories read_all_histories(const Fit& fit) {
  FitRequest request;
  request.columns = fit.source.columns;
  request.options = fit.options;
  const EventColumns columns = event_columns(request, fit.kind->name);
  std::vector<Encoding> encodings;
  for (const StreamColumn& column : columns.stream) encodings.push_back(column.encoding);
  RowBlock block(encodings);
  EventSink sink(columns);
  stream_rows(fit.source.query, columns.stream, &block, &sink);
  const Events& events = sink.events;

  std::unordered_map<std::string, std::int32_t> numbers;
  for (const NeighborRow& row : fit.fitted.neighbors) {
    numbers.emplace(row.item, static_cast<std::int32_t>(numbers.size()));
  }
  ServerPoll poll;
  PacedPoll paced(poll);
  std::vector<std::int32_t> basket_rank;
  if (columns.basket >= 0) basket_rank = rank_labels(block.dictionary(columns.basket), paced);
  const auto at = [](std::int32_t code) { return static_cast<std::size_t>(code); };
  const Dictionary& users = block.dictionary(columns.user);
  StoredHistories stored;
  std::size_t user = 0;
  for (const std::vector<std::size_t>& rows : rows_by_user(events, at(users.size()))) {
    std::vector<HistoryEvent> known;
    std::vector<std::pair<double, std::string>> segments;
    for (const std::size_t e : rows) {
      const double time = events.times.empty() ? 0 : events.times[e];
      if (!events.segments.empty() && events.segments[e] != kMissingLabel) {
        segments.emplace_back(time, block.dictionary(columns.segment).label(events.segments[e]));
      }
      const auto found = numbers.find(block.dictionary(columns.item).label(events.items[e]));
      known.push_back({found == numbers.end() ? kUnknownItem : found->second,
                       events.weights.empty() ? 1 : events.weights[e], time,
                       basket_rank.empty() ? 0 : basket_rank[at(events.baskets[e])]});
    }
    paced.add(16 * rows.size() + 64);
    stored.users.push_back(users.label(static_cast<std::int32_t>(user++)));
    stored.histories.push_back(make_history(std::move(known), basket_rule(events)));
    if (!segments.empty()) stored.histories.back().segment = pick_segment(segments);
  }
  return stored;
}

}  // namespace

StoredHistories keep_histories_if_needed(const Fit& fit) {
  if (fit.kind->task != Task::recommendation || !fit.options.has("user")) return {};
  const EventNames names = event_names(*fit.kind, fit.options);
  if (names.user != fit.options.text("user")) return {};
  const HistoryPlan plan = prepare_history(fit.definition.source, names, CURSOR_OPT_GENERIC_PLAN);
  const double one = pg_call([&] { return plan_cost(plan.plan); });
  if (one < kCheapCost || one < 0.1 * source_cost(fit.source.query)) return {};
  notice("the source cannot be asked for one user cheaply, so users' histories are stored with the model",
         "They are as old as the fit. Index \"" + fit.options.text("user") +
             "\" in the source's table to have them read live.");
  return read_all_histories(fit);
}

void store_histories(std::int64_t model_id, const StoredHistories& stored) {
  static Statement statement(
      "INSERT INTO persona.history (model_id, user_id, items, weights, ages, segment) "
      "SELECT $1, id, ($4)[first:last], ($5)[first:last], ($6)[first:last], nullif(segment, '') "
      "FROM ROWS FROM (unnest($2), unnest($3), unnest($7), unnest($8)) AS x(id, segment, first, last)");
  ScratchContext scratch("persona history");
  ServerPoll poll;
  std::size_t next = 0;
  while (next < stored.users.size()) {
    ArraySlices slices;
    std::vector<std::string> users;
    std::vector<std::string> segments;
    std::vector<std::int32_t> items;
    std::vector<std::int32_t> ages;
    std::vector<float> weights;
    for (; next < stored.users.size() && !slices.full(); next++) {
      const History& history = stored.histories[next];
      check_id_length(stored.users[next], "user");
      users.push_back(stored.users[next]);
      segments.push_back(history.segment);
      for (const HistoryItem& each : history.items) {
        items.push_back(each.item);
        ages.push_back(each.age);
        weights.push_back(static_cast<float>(each.weight));
        if (std::isfinite(weights.back())) continue;
        throw Error(sqlstate::kNumericOutOfRange,
                    "the weights of user \"" + stored.users[next] + "\" are too large to be stored", "",
                    "Divide the weight by a constant.");
      }
      slices.add(history.items.size());
    }
    Params params;
    scratch.enter();
    params.int8(model_id).text_array(users).text_array(segments).int4_array(items).float4_array(weights);
    params.int4_array(ages).int4_array(slices.first).int4_array(slices.last);
    scratch.leave();
    statement.run(params, false);
    scratch.reset();
    poll.check();
  }
}

}  // namespace persona::pg
