// The SQL face of persona.activity: the type, its aggregates, its accessors. The arithmetic and the layout
// are in src/core/summaries/activity.h.
#include "pg/summaries/event_time.h"
#include "pg/summaries/summary_functions.h"

#include "core/summaries/activity.h"
#include "core/summaries/activity_forms.h"

namespace persona::pg {
namespace {

State read_activity(Datum value) {
  return read_state(value, SummaryKind::activity, kActivityVersion, kActivityFirstSize);
}

ActivityView view_of(FunctionCallInfo fcinfo) {
  const State state = read_activity(PG_GETARG_DATUM(0));
  return {state.bytes, state.size};
}

// The amount of argument 2, if there is one.
std::optional<double> amount_of(FunctionCallInfo fcinfo) {
  if (PG_NARGS() < 3 || PG_ARGISNULL(2)) return std::nullopt;
  return finite_argument(PG_GETARG_FLOAT8(2), "amount");
}

// An event that does not fit into the state as it lies.
Datum add_enlarging(State state, const ActivityEvent& event, ActivityAdded answer) {
  if (answer == ActivityAdded::needs_room) {
    const std::size_t old_size = state.size;
    const std::size_t size = activity_room(state.bytes, old_size, event);
    if (!grow_in_place(&state, size)) {
      const State larger = new_state(size);  // larger it is: a smaller one fits in place
      std::memcpy(larger.bytes + VARHDRSZ, state.bytes + VARHDRSZ, old_size - VARHDRSZ);
      state = larger;
    }
    activity_make_room(state.bytes, old_size, event);
    answer = activity_add(state.bytes, &state.size, state.size, event);
  }
  if (answer == ActivityAdded::overflow)
    raise(sqlstate::kNumericOutOfRange, "value out of range: overflow",
          "The total or the variance of the amounts is too large for double precision.");
  if (answer == ActivityAdded::too_many)
    raise(sqlstate::kNumericOutOfRange, "too many events in one activity");
  return PointerGetDatum(state.bytes);
}

// The lines of a state of usual size.
constexpr std::size_t kPrefetched = 192;

// One row of the aggregate; `at` is what its time argument says.
inline Datum add_event(FunctionCallInfo fcinfo, Clock clock, std::int64_t at) {
  const ActivityEvent event{event_time(at), amount_of(fcinfo)};
  if (unlikely(PG_ARGISNULL(0))) {
    const State state = new_state(kActivityFirstSize);
    activity_start(state.bytes, clock, event);
    return PointerGetDatum(state.bytes);
  }
  State state = state_of(reinterpret_cast<varlena*>(PG_GETARG_POINTER(0)));
  const std::size_t old_size = state.size;
  const ActivityAdded answer = activity_add(state.bytes, &state.size, room_in_place(state), event);
  if (unlikely(answer != ActivityAdded::done)) return add_enlarging(state, event, answer);
  if (state.size != old_size) SET_VARSIZE(state.bytes, state.size);
  return PG_GETARG_DATUM(0);
}

State merged(const State& a, const State& b) {
  const std::size_t size = guarded([&] { return activity_merged_size(a.bytes, a.size, b.bytes, b.size); });
  const State result = new_state(size);
  guarded([&] { activity_merge(result.bytes, a.bytes, a.size, b.bytes, b.size); });
  return result;
}

void require_utc(const ActivityView& view) {
  require_clock(view.clock(), Clock::utc, "activity of local times has no instants",
                "Use first_at_local and last_at_local.");
}

void require_local(const ActivityView& view) {
  require_clock(view.clock(), Clock::local, "activity of UTC times has no local times",
                "Use first_at and last_at, AT TIME ZONE where a local time is wanted.");
}

// Argument 1 as a time on the state's clock.
std::int64_t as_of_argument(FunctionCallInfo fcinfo, const ActivityView& view, Clock clock, bool is_date) {
  if (clock == Clock::utc)
    require_clock(view.clock(), clock, "as_of is an instant, the activity one of local times",
                  "Give as_of as a timestamp or date, for instance localtimestamp.");
  else
    require_clock(view.clock(), clock, "as_of is a local time, the activity one of UTC times",
                  "Give as_of as a timestamptz, for instance now().");
  const std::int64_t at = is_date ? midnight(PG_GETARG_DATEADT(1)) : PG_GETARG_INT64(1);
  if (!is_finite_time(at)) raise_time_out_of_range("as_of", "");
  return at;
}

Datum recency(FunctionCallInfo fcinfo, Clock clock, bool is_date) {
  const ActivityView view = view_of(fcinfo);
  PG_RETURN_FLOAT8(view.recency_days(as_of_argument(fcinfo, view, clock, is_date)));
}

Datum tenure(FunctionCallInfo fcinfo, Clock clock, bool is_date) {
  const ActivityView view = view_of(fcinfo);
  PG_RETURN_FLOAT8(view.tenure_days(as_of_argument(fcinfo, view, clock, is_date)));
}

Datum frequency(FunctionCallInfo fcinfo, Clock clock, bool is_date) {
  const ActivityView view = view_of(fcinfo);
  const std::int64_t as_of = as_of_argument(fcinfo, view, clock, is_date);
  const double per_days = PG_GETARG_FLOAT8(2);
  if (!(per_days > 0) || !std::isfinite(per_days))
    raise(sqlstate::kInvalidParameter, "per_days must be a positive number of days", "",
          "Give 7 for events a week, 30 for events a month, 365 for events a year.");
  PG_RETURN_FLOAT8(view.frequency(as_of, per_days));
}

Datum profile(FunctionCallInfo fcinfo, int begin, int size) {
  const ActivityView view = view_of(fcinfo);
  Datum counts[24];
  for (int i = 0; i < size; ++i) counts[i] = Int64GetDatum(view.counter(begin + i));
  return PointerGetDatum(
      construct_array(counts, size, INT8OID, sizeof(std::int64_t), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

}  // namespace

PERSONA_SUMMARY_FORMS(activity, read_activity)
PERSONA_SUMMARY_COMPARISONS(activity)

// Transition functions: the two-argument ones serve the aggregates without amounts.

PERSONA_FUNCTION(activity_add_utc)
{
  prefetch_state(fcinfo, kPrefetched);
  require_aggregate(fcinfo);
  if (PG_ARGISNULL(1)) return unchanged_state(fcinfo);
  return add_event(fcinfo, Clock::utc, PG_GETARG_TIMESTAMPTZ(1));
}

PERSONA_FUNCTION(activity_add_local)
{
  prefetch_state(fcinfo, kPrefetched);
  require_aggregate(fcinfo);
  if (PG_ARGISNULL(1)) return unchanged_state(fcinfo);
  return add_event(fcinfo, Clock::local, PG_GETARG_TIMESTAMP(1));
}

PERSONA_FUNCTION(activity_add_date)
{
  prefetch_state(fcinfo, kPrefetched);
  require_aggregate(fcinfo);
  if (PG_ARGISNULL(1)) return unchanged_state(fcinfo);
  return add_event(fcinfo, Clock::local, midnight(PG_GETARG_DATEADT(1)));
}

// Combine function of the aggregates and transition function of rollup.
PERSONA_FUNCTION(activity_combine)
{
  require_aggregate(fcinfo);
  if (!PG_ARGISNULL(0) && !PG_ARGISNULL(1)) {
    State state = state_of(reinterpret_cast<varlena*>(PG_GETARG_POINTER(0)));
    const State other = read_activity(PG_GETARG_DATUM(1));
    const std::size_t old_size = state.size;
    if (activity_absorb(state.bytes, &state.size, room_in_place(state), other.bytes, other.size)) {
      if (state.size != old_size) SET_VARSIZE(state.bytes, state.size);
      return PG_GETARG_DATUM(0);
    }
  }
  return combine_states(fcinfo, read_activity, merged);
}

PERSONA_FUNCTION(activity_merge)
{ return merge_states(fcinfo, read_activity, merged); }

PERSONA_FUNCTION(activity_events)
{ PG_RETURN_INT64(view_of(fcinfo).events()); }
PERSONA_FUNCTION(activity_active_days)
{ PG_RETURN_INT64(view_of(fcinfo).active_days()); }

PERSONA_FUNCTION(activity_first_at)
{
  const ActivityView view = view_of(fcinfo);
  require_utc(view);
  PG_RETURN_TIMESTAMPTZ(view.first_at());
}
PERSONA_FUNCTION(activity_last_at)
{
  const ActivityView view = view_of(fcinfo);
  require_utc(view);
  PG_RETURN_TIMESTAMPTZ(view.last_at());
}
PERSONA_FUNCTION(activity_first_at_local)
{
  const ActivityView view = view_of(fcinfo);
  require_local(view);
  PG_RETURN_TIMESTAMP(view.first_at());
}
PERSONA_FUNCTION(activity_last_at_local)
{
  const ActivityView view = view_of(fcinfo);
  require_local(view);
  PG_RETURN_TIMESTAMP(view.last_at());
}

PERSONA_FUNCTION(activity_total_amount)
{
  const AmountSums amounts = view_of(fcinfo).amounts();
  if (amounts.n == 0) PG_RETURN_NULL();
  PG_RETURN_FLOAT8(amounts.total.value());
}
PERSONA_FUNCTION(activity_mean_amount)
{
  const AmountSums amounts = view_of(fcinfo).amounts();
  if (amounts.n == 0) PG_RETURN_NULL();
  PG_RETURN_FLOAT8(amounts.mean());
}
PERSONA_FUNCTION(activity_stddev_amount)
{
  const AmountSums amounts = view_of(fcinfo).amounts();
  if (amounts.n < 2) PG_RETURN_NULL();
  PG_RETURN_FLOAT8(amounts.stddev());
}

PERSONA_FUNCTION(activity_recency_days_utc)
{ return recency(fcinfo, Clock::utc, false); }
PERSONA_FUNCTION(activity_recency_days_local)
{ return recency(fcinfo, Clock::local, false); }
PERSONA_FUNCTION(activity_recency_days_date)
{ return recency(fcinfo, Clock::local, true); }
PERSONA_FUNCTION(activity_tenure_days_utc)
{ return tenure(fcinfo, Clock::utc, false); }
PERSONA_FUNCTION(activity_tenure_days_local)
{ return tenure(fcinfo, Clock::local, false); }
PERSONA_FUNCTION(activity_tenure_days_date)
{ return tenure(fcinfo, Clock::local, true); }
PERSONA_FUNCTION(activity_frequency_utc)
{ return frequency(fcinfo, Clock::utc, false); }
PERSONA_FUNCTION(activity_frequency_local)
{ return frequency(fcinfo, Clock::local, false); }
PERSONA_FUNCTION(activity_frequency_date)
{ return frequency(fcinfo, Clock::local, true); }

PERSONA_FUNCTION(activity_mean_gap_days)
{
  const std::optional<double> gap = view_of(fcinfo).mean_gap_days();
  if (!gap) PG_RETURN_NULL();
  PG_RETURN_FLOAT8(*gap);
}
PERSONA_FUNCTION(activity_hour_profile)
{ return profile(fcinfo, 0, 24); }
PERSONA_FUNCTION(activity_weekday_profile)
{ return profile(fcinfo, ActivityView::kWeekdays, 7); }

}  // namespace persona::pg
