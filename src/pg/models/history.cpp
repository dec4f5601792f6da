#include "pg/models/history.h"

#include "pg/models/catalog_items.h"
#include "pg/models/user_id.h"
#include "pg/server/key_lookup.h"
#include "pg/server/time_parts.h"

#include "core/recommend/segments.h"

namespace persona::pg {
namespace {

KnownHistory read_live(const LoadedModel& model, const std::string& user) {
  const SavedIdentity saved = enter_owner(model);
  const HistoryPlan plan = kept_history_plan(model);
  std::vector<SourceEvent> events;
  Datum id;
  if (convert_user_id(user, plan.user_type, &id)) {
    pg_call([&] {
      const int rc = SPI_execute_plan(plan.plan, &id, nullptr, true, 0);
      if (rc < 0) elog(ERROR, "persona: %s", SPI_result_code_string(rc));
    });
    Rows rows(SPI_tuptable, SPI_processed);
    EventReader reader(plan.events);
    events.resize(rows.size());
    std::size_t kept = 0;
    for (std::uint64_t i = 0; i < rows.size(); i++) {
      if (reader.read(rows, i, 1, &events[kept])) kept++;
    }
    events.resize(kept);
    rows.free();
  }
  pg_call([&] { leave_identity(saved); });
  std::vector<std::string> ids;
  for (const SourceEvent& event : events) ids.push_back(event.item);
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return number_history(events, model.events.rule(), find_items(model, ids));
}

// The id as the type of the source's column prints it, which is how it is stored: '007' is user 7 where users
// are numbers. False when the type cannot hold it.
bool canonical_id(const LoadedModel& model, const std::string& user, std::string* id) {
  const SavedIdentity saved = enter_owner(model);
  const Oid type = source_column_type(describe_source(model.source), model.events.user);
  Datum value;
  const bool held = convert_user_id(user, type, &value);
  if (held) *id = label_of(value, type);
  pg_call([&] { leave_identity(saved); });
  return held;
}

KnownHistory read_stored(const LoadedModel& model, const std::string& user) {
  KnownHistory known;
  std::string id;
  if (!canonical_id(model, user, &id)) return known;
  std::vector<std::int32_t> items;
  with_lookup("history", "user_id", {"items", "weights", "ages", "segment"}, [&](KeyLookup& row) {
    if (!row.find(model.model_id, id)) return;
    items = row.int4_array(1);
    const std::vector<float> weights = row.float4_array(2);
    std::vector<std::int32_t> ages = row.int4_array(3);
    if (ages.empty()) ages.resize(items.size(), 0);  // as stored before version 0.5
    known.history.segment = row.text(4);
    const auto is_damaged = [&](std::size_t i) {
      const bool is_age = ages[i] >= 0 && ages[i] < PG_INT32_MAX;
      return items[i] < 0 || items[i] >= model.items || !is_age || !std::isfinite(weights[i]);
    };
    bool damaged = weights.size() != items.size() || ages.size() != items.size();
    for (std::size_t i = 0; i < items.size() && !damaged; i++) {
      damaged = is_damaged(i);
      known.history.items.push_back({items[i], ages[i], weights[i], 0});
      known.history.baskets = std::max(known.history.baskets, ages[i] + 1);
    }
    if (damaged) {
      throw Error(sqlstate::kDataException, "the stored history of user \"" + id + "\" is corrupt", "",
                  "Fit model \"" + model.name + "\" again.");
    }
  });
  for (const auto& [number, name] : name_items(model, items)) known.ids.push_back(name.id);
  std::sort(known.ids.begin(), known.ids.end());
  return known;
}

}  // namespace

std::string label_of(Datum value, Oid type) {
  const std::string_view label = pg_call([&] {
    ValueReader reader;
    prepare_reader(&reader, type, true, CurrentMemoryContext);
    return reader.label(value);
  });
  return std::string(label);
}

EventReader::EventReader(const EventTypes& types) : types_(types) {
  pg_call([&] {
    prepare_reader(&item_, types_.item, true, CurrentMemoryContext);
    if (OidIsValid(types_.basket)) prepare_reader(&basket_, types_.basket, true, CurrentMemoryContext);
    if (OidIsValid(types_.segment)) prepare_reader(&segment_, types_.segment, true, CurrentMemoryContext);
    if (OidIsValid(types_.time)) types_.time = getBaseType(types_.time);
  });
}

bool EventReader::read(const Rows& rows, std::uint64_t row, int first, SourceEvent* event) {
  int column = first;
  bool null;
  const auto label = [&](ValueReader* reader, Datum value) {
    return std::string(pg_call([&] { return reader->label(value); }));
  };
  Datum value = rows.datum(row, column, &null);
  if (null) return false;
  event->item = label(&item_, value);
  if (OidIsValid(types_.weight)) {
    const std::optional<double> weight = rows.float8(row, ++column);
    if (!weight.has_value() || !std::isfinite(*weight)) return false;
    event->weight = *weight;
  }
  if (OidIsValid(types_.time)) {
    value = rows.datum(row, ++column, &null);
    if (null || !pg_call([&] { return read_instant(types_.time, value, &event->time); })) return false;
  }
  if (OidIsValid(types_.basket)) {
    value = rows.datum(row, ++column, &null);
    if (null) return false;
    event->basket = label(&basket_, value);
  }
  event->segment.reset();
  if (OidIsValid(types_.segment)) {
    value = rows.datum(row, ++column, &null);
    if (!null) event->segment = label(&segment_, value);
  }
  return true;
}

KnownHistory number_history(const std::vector<SourceEvent>& events, Baskets rule,
                            const std::unordered_map<std::string, std::int32_t>& numbers) {
  KnownHistory known;
  std::vector<std::string> baskets;
  std::vector<std::pair<double, std::string>> segments;
  for (const SourceEvent& event : events) {
    known.ids.push_back(event.item);
    if (rule == Baskets::by_id) baskets.push_back(event.basket);
    if (event.segment.has_value()) segments.emplace_back(event.time, *event.segment);
  }
  const auto sort_unique = [](std::vector<std::string>* texts) {
    std::sort(texts->begin(), texts->end());
    texts->erase(std::unique(texts->begin(), texts->end()), texts->end());
  };
  sort_unique(&known.ids);
  sort_unique(&baskets);
  std::vector<HistoryEvent> rows;
  for (const SourceEvent& event : events) {
    const auto found = numbers.find(event.item);
    HistoryEvent row{found == numbers.end() ? kUnknownItem : found->second, event.weight, event.time, 0};
    if (rule == Baskets::by_id) {
      const auto place = std::lower_bound(baskets.begin(), baskets.end(), event.basket);
      row.basket = static_cast<std::int32_t>(place - baskets.begin());
    }
    rows.push_back(row);
  }
  known.history = make_history(std::move(rows), rule);
  if (!segments.empty()) known.history.segment = pick_segment(segments);
  return known;
}

KnownHistory read_history(const LoadedModel& model, const std::string& user) {
  return model.keeps_history ? read_stored(model, user) : read_live(model, user);
}

KnownHistory list_history(const LoadedModel& model, const std::vector<std::string>& items) {
  KnownHistory known;
  known.ids = items;
  std::sort(known.ids.begin(), known.ids.end());
  known.ids.erase(std::unique(known.ids.begin(), known.ids.end()), known.ids.end());
  const auto numbers = find_items(model, known.ids);
  const bool sequential = model.recommender->is_sequential();
  std::vector<HistoryEvent> rows;
  for (std::size_t i = 0; i < items.size(); i++) {
    const auto found = numbers.find(items[i]);
    rows.push_back({found == numbers.end() ? kUnknownItem : found->second, 1, static_cast<double>(i), 0});
  }
  known.history = make_history(std::move(rows), sequential ? Baskets::by_time : Baskets::one);
  return known;
}

}  // namespace persona::pg
