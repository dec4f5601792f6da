// The SQL face of persona.recent: the type, its aggregates, its accessors. The order of events and the layout
// are in src/core/summaries/recent.h.
#include "pg/summaries/event_time.h"
#include "pg/summaries/summary_functions.h"

#include "core/summaries/recent.h"

extern "C" {
#include "mb/pg_wchar.h"
}

namespace persona::pg {
namespace {

// The last ten items are seldom longer.
constexpr std::size_t kPrefetched = 192;

State read_recent(Datum value) {
  return read_state(value, SummaryKind::recent, kRecentVersion, kRecentLeastSize);
}

RecentView view_of(const State& state) { return {state.bytes, state.size}; }

RecentView view_of(FunctionCallInfo fcinfo) { return view_of(read_recent(PG_GETARG_DATUM(0))); }

// The core takes any bytes for a text; here they must be text of the database.
std::string recent_from_binary(std::string_view message) {
  std::string bytes = persona::recent_from_binary(message);
  const RecentView view(bytes.data(), bytes.size());
  if (view.item_type() == ItemType::text) {
    pg_call([view] {
      for (RecentCursor cursor(view); cursor.left() > 0; cursor.next()) {
        const std::string_view item = cursor.event().item;
        pg_verifymbstr(item.data(), static_cast<int>(item.size()), false);
      }
    });
  }
  return bytes;
}

// Argument 3, the number of items to keep.
int k_argument(FunctionCallInfo fcinfo) {
  constexpr const char* kHint = "It is the number of items to keep, the same in every row.";
  if (unlikely(PG_ARGISNULL(3))) raise("22004", "k must not be null", "", kHint);
  const int k = PG_GETARG_INT32(3);
  if (unlikely(k < 1 || k > kRecentMaxK))
    raise(sqlstate::kInvalidParameter, "k must be from 1 to 100", "", kHint);
  return k;
}

// An event that a state takes.
Datum add_taken(State state, const RecentEvent& event) {
  const std::size_t old_size = state.size;
  const std::size_t size = recent_added_size(view_of(state), event);
  if (size > room_in_place(state)) {
    const State larger = new_state(size);
    std::memcpy(larger.bytes + VARHDRSZ, state.bytes + VARHDRSZ, old_size - VARHDRSZ);
    state = larger;
  }
  recent_add(state.bytes, old_size, event);
  SET_VARSIZE(state.bytes, size);
  return PointerGetDatum(state.bytes);
}

inline Datum add_event(FunctionCallInfo fcinfo, std::uint16_t flags, const RecentEvent& event) {
  if (unlikely(PG_ARGISNULL(0))) {
    const State state = new_state(recent_first_size(flags, event));
    recent_start(state.bytes, flags, event);
    return PointerGetDatum(state.bytes);
  }
  const State state = state_of(reinterpret_cast<varlena*>(PG_GETARG_POINTER(0)));
  const RecentView view = view_of(state);
  if (unlikely(view.flags() != flags)) guarded([&] { recent_require_same(view.flags(), flags); });
  if (likely(!recent_takes(view, event))) return PG_GETARG_DATUM(0);
  return add_taken(state, event);
}

// One row of the aggregate.
inline Datum add_row(FunctionCallInfo fcinfo, Clock clock, ItemType type, bool is_date) {
  prefetch_state(fcinfo, kPrefetched);
  require_aggregate(fcinfo);
  if (PG_ARGISNULL(1) || PG_ARGISNULL(2)) return unchanged_state(fcinfo);
  const std::int64_t at = event_time(is_date ? midnight(PG_GETARG_DATEADT(1)) : PG_GETARG_INT64(1));
  const int k = k_argument(fcinfo);
  const std::uint16_t flags = recent_flags(clock, type, k);
  if (type == ItemType::bigint) {
    const std::int64_t item = PG_GETARG_INT64(2);
    return add_event(fcinfo, flags, {at, {reinterpret_cast<const char*>(&item), sizeof item}});
  }
  const text* const item = PG_GETARG_TEXT_PP(2);
  const std::size_t size = VARSIZE_ANY_EXHDR(item);
  if (unlikely(size > recent_item_limit(k))) guarded([=] { recent_require_item_fits(size, k); });
  return add_event(fcinfo, flags, {at, {VARDATA_ANY(item), size}});
}

State merged(const State& a, const State& b) {
  const std::size_t size = guarded([&] { return recent_merged_size(view_of(a), view_of(b)); });
  const State result = new_state(size);
  recent_merge(result.bytes, size, view_of(a), view_of(b));
  return result;
}

std::int64_t bigint_of(const RecentEvent& event) { return load<std::int64_t>(event.item.data()); }

Datum text_datum(const RecentEvent& event, ItemType type) {
  if (type == ItemType::text)
    return PointerGetDatum(cstring_to_text_with_len(event.item.data(), static_cast<int>(event.item.size())));
  char digits[MAXINT8LEN + 1];
  return PointerGetDatum(cstring_to_text_with_len(digits, pg_lltoa(bigint_of(event), digits)));
}

// One element an event, the newest first.
template <class Element>
Datum array_of(const RecentView& view, Oid type, int length, bool by_value, char alignment, Element element) {
  Datum elements[kRecentMaxK];
  int n = 0;
  for (RecentCursor cursor(view); cursor.left() > 0; cursor.next()) elements[n++] = element(cursor.event());
  return PointerGetDatum(construct_array(elements, n, type, length, by_value, alignment));
}

Datum times_of(const RecentView& view, Oid type) {
  return array_of(view, type, sizeof(std::int64_t), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE,
                  [](const RecentEvent& event) { return Int64GetDatum(event.at); });
}

}  // namespace

PERSONA_SUMMARY_FORMS(recent, read_recent)
PERSONA_SUMMARY_COMPARISONS(recent)

PERSONA_FUNCTION(recent_add_utc_text)
{ return add_row(fcinfo, Clock::utc, ItemType::text, false); }
PERSONA_FUNCTION(recent_add_local_text)
{ return add_row(fcinfo, Clock::local, ItemType::text, false); }
PERSONA_FUNCTION(recent_add_date_text)
{ return add_row(fcinfo, Clock::local, ItemType::text, true); }
PERSONA_FUNCTION(recent_add_utc_bigint)
{ return add_row(fcinfo, Clock::utc, ItemType::bigint, false); }
PERSONA_FUNCTION(recent_add_local_bigint)
{ return add_row(fcinfo, Clock::local, ItemType::bigint, false); }
PERSONA_FUNCTION(recent_add_date_bigint)
{ return add_row(fcinfo, Clock::local, ItemType::bigint, true); }

// Combine function of the aggregates and transition function of rollup.
PERSONA_FUNCTION(recent_combine)
{ return combine_states(fcinfo, read_recent, merged); }

PERSONA_FUNCTION(recent_merge)
{ return merge_states(fcinfo, read_recent, merged); }

PERSONA_FUNCTION(recent_items)
{
  const RecentView view = view_of(fcinfo);
  return array_of(view, TEXTOID, -1, false, TYPALIGN_INT,
                  [&](const RecentEvent& event) { return text_datum(event, view.item_type()); });
}

PERSONA_FUNCTION(recent_items_bigint)
{
  const RecentView view = view_of(fcinfo);
  if (view.item_type() != ItemType::bigint)
    raise(sqlstate::kDataException, "recent items that are texts are no bigints", "",
          "Use items, and cast what it answers where the texts are numbers.");
  return array_of(view, INT8OID, sizeof(std::int64_t), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE,
                  [](const RecentEvent& event) { return Int64GetDatum(bigint_of(event)); });
}

PERSONA_FUNCTION(recent_item_times)
{
  const RecentView view = view_of(fcinfo);
  require_clock(view.clock(), Clock::utc, "recent items of local times have no instants",
                "Use item_times_local.");
  return times_of(view, TIMESTAMPTZOID);
}

PERSONA_FUNCTION(recent_item_times_local)
{
  const RecentView view = view_of(fcinfo);
  require_clock(view.clock(), Clock::local, "recent items of UTC times have no local times",
                "Use item_times, AT TIME ZONE where local times are wanted.");
  return times_of(view, TIMESTAMPOID);
}

PERSONA_FUNCTION(recent_last_item)
{
  const RecentView view = view_of(fcinfo);
  return text_datum(RecentCursor(view).event(), view.item_type());
}

PERSONA_FUNCTION(recent_count)
{ PG_RETURN_INT32(view_of(fcinfo).count()); }
PERSONA_FUNCTION(recent_k)
{ PG_RETURN_INT32(view_of(fcinfo).k()); }

}  // namespace persona::pg
