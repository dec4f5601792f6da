// The SQL face of persona.sessions: the type, its aggregates, its accessors. The layout, and what the working
// form of an aggregate's state is for, are in src/core/summaries/sessions.h.
#include "pg/summaries/event_time.h"
#include "pg/summaries/summary_functions.h"

#include "core/summaries/sessions.h"

namespace persona::pg {
namespace {

constexpr const char* kNullNotAllowed = "22004";

State read_in_either_form(Datum value) {
  return read_state(value, SummaryKind::sessions, kSessionsVersion, kSessionsStoredSize);
}

State stored_form(const State& state) {
  const Datum value = guarded([&] { return state_datum(sessions_stored(state.bytes, state.size)); });
  return state_of(reinterpret_cast<varlena*>(DatumGetPointer(value)));
}

// What is read anywhere but in an aggregate is in the stored form; the output function, too, may meet the
// state of an aggregate that is on its way between servers.
State read_sessions(Datum value) {
  const State state = read_in_either_form(value);
  if (likely(!SessionsView(state.bytes, state.size).is_working())) return state;
  return stored_form(state);
}

SessionTotals totals_of(FunctionCallInfo fcinfo) {
  const State state = read_sessions(PG_GETARG_DATUM(0));
  return SessionsView(state.bytes, state.size).totals();
}

// Argument 2 in microseconds, if there is one.
std::int64_t gap_argument(FunctionCallInfo fcinfo) {
  if (PG_NARGS() < 3) return kDefaultSessionGap;
  constexpr const char* kHint = "Give a length without months or years, for instance interval '30 minutes'.";
  if (PG_ARGISNULL(2)) raise(kNullNotAllowed, "gap must not be NULL", "", kHint);
  const Interval* const gap = PG_GETARG_INTERVAL_P(2);
  std::int64_t micros = 0;
  if (unlikely(gap->month != 0 || __builtin_mul_overflow(std::int64_t{gap->day}, kMicrosPerDay, &micros) ||
               __builtin_add_overflow(micros, gap->time, &micros) || micros <= 0))
    raise(sqlstate::kInvalidParameter, "gap must be a positive interval without months", "", kHint);
  return micros;
}

State grown(const State& state) {
  const State larger = new_state(sessions_grown_size(state.bytes, state.size));
  sessions_move(larger.bytes, larger.size, state.bytes, state.size);
  return larger;
}

// A working form with nothing pending, where it lies if it fits. For use inside guarded().
State rebuilt(const State& state, const Session& next) {
  const std::string bytes = sessions_rebuilt(state.bytes, state.size, next);
  State to = state;
  if (bytes.size() > state.size) to = pg_call([size = bytes.size()] { return new_state(size); });
  bytes.copy(to.bytes + VARHDRSZ, bytes.size() - VARHDRSZ, VARHDRSZ);
  return to;
}

// An aggregate's state with the session added. For use inside guarded().
State inserted(State state, const Session& s) {
  for (;;) {
    const SessionAdded answer = sessions_insert(state.bytes, state.size, s);
    if (answer == SessionAdded::done) return state;
    if (answer == SessionAdded::needs_room) {
      state = pg_call([state] { return grown(state); });
    } else if (answer == SessionAdded::needs_rebuild) {
      state = rebuilt(state, s);
    } else {
      sessions_refuse(answer);
    }
  }
}

// One row of the aggregate; `at` is what its time argument says.
inline Datum add_event(FunctionCallInfo fcinfo, Clock clock, std::int64_t at) {
  at = event_time(at);
  const std::int64_t gap = gap_argument(fcinfo);
  if (unlikely(PG_ARGISNULL(0))) {
    const State state = new_state(kSessionsFirstSize);
    sessions_start(state.bytes, clock, gap, at);
    return PointerGetDatum(state.bytes);
  }
  State state = state_of(reinterpret_cast<varlena*>(PG_GETARG_POINTER(0)));
  const SessionsView view(state.bytes, state.size);
  if (unlikely(view.clock() != clock || view.gap() != gap))
    guarded([&] { sessions_require(view, clock, gap); });
  if (unlikely(!view.is_working())) state = guarded([&] { return rebuilt(state, {at, at, 1}); });
  const SessionAdded answer = sessions_add(state.bytes, state.size, at);
  if (likely(answer == SessionAdded::done)) return PointerGetDatum(state.bytes);
  if (answer == SessionAdded::needs_room) state = grown(state);
  return PointerGetDatum(guarded([&] { return inserted(state, {at, at, 1}); }).bytes);
}

State merged_into(State state, const State& other) {
  const SessionsView view(state.bytes, state.size);
  const SessionsView part(other.bytes, other.size);
  sessions_require(view, part.clock(), part.gap());
  for (const Session& s : sessions_listed(other.bytes, other.size)) state = inserted(state, s);
  return state;
}

}  // namespace

PERSONA_SUMMARY_FORMS(sessions, read_sessions)
PERSONA_SUMMARY_COMPARISONS(sessions)

// Transition functions: the two-argument ones serve the aggregates with the default gap.

PERSONA_FUNCTION(sessions_add_utc)
{
  require_aggregate(fcinfo);
  if (PG_ARGISNULL(1)) return unchanged_state(fcinfo);
  return add_event(fcinfo, Clock::utc, PG_GETARG_TIMESTAMPTZ(1));
}

PERSONA_FUNCTION(sessions_add_local)
{
  require_aggregate(fcinfo);
  if (PG_ARGISNULL(1)) return unchanged_state(fcinfo);
  return add_event(fcinfo, Clock::local, PG_GETARG_TIMESTAMP(1));
}

PERSONA_FUNCTION(sessions_add_date)
{
  require_aggregate(fcinfo);
  if (PG_ARGISNULL(1)) return unchanged_state(fcinfo);
  return add_event(fcinfo, Clock::local, midnight(PG_GETARG_DATEADT(1)));
}

// Combine function of the aggregates and transition function of rollup.
PERSONA_FUNCTION(sessions_combine)
{
  require_aggregate(fcinfo);
  if (PG_ARGISNULL(1)) return unchanged_state(fcinfo);
  const State other = read_in_either_form(PG_GETARG_DATUM(1));
  guarded([&] { sessions_require_layout(SessionsView(other.bytes, other.size), other.size); });
  if (PG_ARGISNULL(0)) return PointerGetDatum(other.bytes);
  const State state = state_of(reinterpret_cast<varlena*>(PG_GETARG_POINTER(0)));
  return PointerGetDatum(guarded([&] { return merged_into(state, other); }).bytes);
}

// Final function: the aggregate may go on afterwards, so its state is left as it is.
PERSONA_FUNCTION(sessions_final)
{ return PointerGetDatum(read_sessions(PG_GETARG_DATUM(0)).bytes); }

PERSONA_FUNCTION(sessions_merge)
{
  return merge_states(fcinfo, read_sessions, [](const State& a, const State& b) {
    const Datum value =
        guarded([&] { return state_datum(sessions_merged(a.bytes, a.size, b.bytes, b.size)); });
    return state_of(reinterpret_cast<varlena*>(DatumGetPointer(value)));
  });
}

PERSONA_FUNCTION(sessions_session_count)
{ PG_RETURN_INT64(totals_of(fcinfo).sessions); }
PERSONA_FUNCTION(sessions_session_events)
{ PG_RETURN_INT64(totals_of(fcinfo).events); }
PERSONA_FUNCTION(sessions_browsing_seconds)
{ PG_RETURN_FLOAT8(totals_of(fcinfo).browsing_seconds()); }
PERSONA_FUNCTION(sessions_mean_session_seconds)
{ PG_RETURN_FLOAT8(totals_of(fcinfo).mean_session_seconds()); }
PERSONA_FUNCTION(sessions_events_per_session)
{ PG_RETURN_FLOAT8(totals_of(fcinfo).events_per_session()); }
PERSONA_FUNCTION(sessions_bounce_rate)
{ PG_RETURN_FLOAT8(totals_of(fcinfo).bounce_rate()); }

}  // namespace persona::pg
