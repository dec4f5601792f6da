// The SQL face of persona.funnel: the type, its aggregates, its accessors. The search for chains and the
// layout are in src/core/summaries/funnel.h, the form of a running aggregate in funnel_gathering.h.
#include "pg/summaries/event_time.h"
#include "pg/summaries/summary_functions.h"

#include "core/summaries/funnel.h"
#include "core/summaries/funnel_gathering.h"

namespace persona::pg {
namespace {

State read_funnel(Datum value) {
  return read_state(value, SummaryKind::funnel, kFunnelVersion, kFunnelLeastSize);
}

// The time allowed, of argument 2: days and less, a day being 24 hours.
std::int64_t within_argument(FunctionCallInfo fcinfo) {
  constexpr const char* kHint =
      "Give days, hours or less, for instance interval '1 day'; 0 asks for one time.";
  if (PG_ARGISNULL(2)) raise(sqlstate::kInvalidParameter, "\"within\" must not be NULL", "", kHint);
  const Interval* const within = PG_GETARG_INTERVAL_P(2);
  if (within->month != 0)
    raise(sqlstate::kInvalidParameter, "\"within\" must not have months",
          "Months and years are not of one length.",
          "Give days, hours or less, for instance interval '30 days'.");
  std::int64_t micros = 0;
  if (__builtin_mul_overflow(std::int64_t{within->day}, kMicrosPerDay, &micros) ||
      __builtin_add_overflow(micros, within->time, &micros))
    raise(sqlstate::kInvalidParameter, "\"within\" is out of range", "", kHint);
  if (micros < 0) raise(sqlstate::kInvalidParameter, "\"within\" must not be negative", "", kHint);
  return micros;
}

struct Steps {
  int count;
  std::uint32_t satisfied;
};

// The steps of argument 3; NULL is false.
Steps steps_argument(FunctionCallInfo fcinfo) {
  if (PG_ARGISNULL(3))
    raise(sqlstate::kInvalidParameter, "the steps of a funnel must not be NULL", "",
          "Give an array of booleans, or the steps one by one.");
  ArrayType* const array = PG_GETARG_ARRAYTYPE_P(3);
  const int count = ARR_NDIM(array) == 1 ? ARR_DIMS(array)[0] : 0;
  if (ARR_NDIM(array) > 1 || ARR_ELEMTYPE(array) != BOOLOID || count < kFunnelLeastSteps ||
      count > kFunnelMostSteps)
    raise(sqlstate::kInvalidParameter, "a funnel has 2 to 32 steps in one dimension", "",
          "Give each step as a condition, for instance page = 'cart', page = 'checkout'.");
  Steps steps{count, 0};
  const bits8* const nulls = ARR_NULLBITMAP(array);
  const char* next = ARR_DATA_PTR(array);
  for (int i = 0; i < count; ++i) {
    if (nulls != nullptr && att_isnull(i, nulls)) continue;
    if (*next++ != 0) steps.satisfied |= std::uint32_t{1} << static_cast<unsigned>(i);
  }
  return steps;
}

State started(const FunnelTerms& terms) {
  const State state = new_state(kFunnelGatheringSize);
  funnel_gather_start(state.bytes, terms);
  return state;
}

// A state with room for more events: the same, or a longer one where the executor takes it over.
State with_room(State state, std::size_t more) {
  const std::size_t size = guarded([=] { return funnel_gathering_room(state.bytes, state.size, more); });
  if (size == state.size) return state;
  const State larger = new_state(size);
  std::memset(larger.bytes + state.size, 0, size - state.size);
  std::memcpy(larger.bytes + VARHDRSZ, state.bytes + VARHDRSZ, state.size - VARHDRSZ);
  return larger;
}

// The events of a state added to one of a running aggregate.
State absorbed(State state, const State& other) {
  const std::size_t more = guarded([&] {
    funnel_require_same(funnel_terms(state.bytes), funnel_terms(other.bytes));
    return funnel_events(other.bytes, other.size).size();
  });
  state = with_room(state, more);
  guarded([&] { funnel_gather_all(state.bytes, state.size, funnel_events(other.bytes, other.size)); });
  return state;
}

// The state of a running aggregate, an aggregate's that begins with a stored one (INITCOND) too.
State aggregate_state(FunctionCallInfo fcinfo) {
  const State state = state_of(reinterpret_cast<varlena*>(PG_GETARG_POINTER(0)));
  if (likely(funnel_is_gathering(state.bytes))) return state;
  return absorbed(started(funnel_terms(state.bytes)), state);
}

// One row of the aggregate; `at` is what its time argument says.
Datum add_event(FunctionCallInfo fcinfo, Clock clock, bool any_order, std::int64_t at) {
  at = event_time(at);
  const Steps steps = steps_argument(fcinfo);
  const FunnelTerms terms{clock, any_order, steps.count, within_argument(fcinfo)};
  State state = PG_ARGISNULL(0) ? started(terms) : aggregate_state(fcinfo);
  if (unlikely(!funnel_gathers(state.bytes, terms)))
    guarded([&] { funnel_require_same(funnel_terms(state.bytes), terms); });
  if (steps.satisfied == 0) return PointerGetDatum(state.bytes);
  const FunnelEvent event{at, steps.satisfied};
  if (unlikely(!funnel_gather(state.bytes, state.size, event))) {
    state = with_room(state, 1);
    funnel_gather(state.bytes, state.size, event);
  }
  return PointerGetDatum(state.bytes);
}

State merged(const State& a, const State& b) {
  return state_of(reinterpret_cast<varlena*>(
      DatumGetPointer(guarded([&] { return state_datum(funnel_merge(a.bytes, a.size, b.bytes, b.size)); }))));
}

FunnelChain chain_of(FunctionCallInfo fcinfo) {
  const State state = read_funnel(PG_GETARG_DATUM(0));
  return guarded([=] {
    const FunnelTerms terms = funnel_terms(state.bytes);
    FunnelEvents events = funnel_events(state.bytes, state.size);
    funnel_reduce(terms, &events);
    return funnel_chain(terms, events);
  });
}

}  // namespace

PERSONA_SUMMARY_FORMS(funnel, read_funnel)
PERSONA_SUMMARY_COMPARISONS(funnel)

// Transition functions: state, time, within, steps.

PERSONA_FUNCTION(funnel_add_utc)
{
  require_aggregate(fcinfo);
  if (PG_ARGISNULL(1)) return unchanged_state(fcinfo);
  return add_event(fcinfo, Clock::utc, false, PG_GETARG_TIMESTAMPTZ(1));
}

PERSONA_FUNCTION(funnel_add_local)
{
  require_aggregate(fcinfo);
  if (PG_ARGISNULL(1)) return unchanged_state(fcinfo);
  return add_event(fcinfo, Clock::local, false, PG_GETARG_TIMESTAMP(1));
}

PERSONA_FUNCTION(funnel_add_date)
{
  require_aggregate(fcinfo);
  if (PG_ARGISNULL(1)) return unchanged_state(fcinfo);
  return add_event(fcinfo, Clock::local, false, midnight(PG_GETARG_DATEADT(1)));
}

PERSONA_FUNCTION(funnel_any_order_add_utc)
{
  require_aggregate(fcinfo);
  if (PG_ARGISNULL(1)) return unchanged_state(fcinfo);
  return add_event(fcinfo, Clock::utc, true, PG_GETARG_TIMESTAMPTZ(1));
}

PERSONA_FUNCTION(funnel_any_order_add_local)
{
  require_aggregate(fcinfo);
  if (PG_ARGISNULL(1)) return unchanged_state(fcinfo);
  return add_event(fcinfo, Clock::local, true, PG_GETARG_TIMESTAMP(1));
}

PERSONA_FUNCTION(funnel_any_order_add_date)
{
  require_aggregate(fcinfo);
  if (PG_ARGISNULL(1)) return unchanged_state(fcinfo);
  return add_event(fcinfo, Clock::local, true, midnight(PG_GETARG_DATEADT(1)));
}

// Combine function of the aggregates and transition function of rollup: gathers, as the aggregates do.
PERSONA_FUNCTION(funnel_combine)
{
  require_aggregate(fcinfo);
  if (PG_ARGISNULL(1)) return unchanged_state(fcinfo);
  const State other = read_funnel(PG_GETARG_DATUM(1));
  const State state = PG_ARGISNULL(0) ? started(funnel_terms(other.bytes)) : aggregate_state(fcinfo);
  return PointerGetDatum(absorbed(state, other).bytes);
}

// Final function of the aggregates and of rollup: the one form, the gathered state left as it is.
PERSONA_FUNCTION(funnel_final)
{
  require_aggregate(fcinfo);
  const State state = read_funnel(PG_GETARG_DATUM(0));
  return guarded([=] { return state_datum(funnel_canonical(state.bytes, state.size)); });
}

PERSONA_FUNCTION(funnel_merge)
{ return merge_states(fcinfo, read_funnel, merged); }

PERSONA_FUNCTION(funnel_depth)
{ PG_RETURN_INT32(chain_of(fcinfo).depth); }

PERSONA_FUNCTION(funnel_reached)
{
  const int step = PG_GETARG_INT32(1);
  const int steps = funnel_terms(read_funnel(PG_GETARG_DATUM(0)).bytes).steps;
  if (step < 1 || step > steps) {
    char detail[64];
    std::snprintf(detail, sizeof detail, "The funnel has steps 1 to %d, not %d.", steps, step);
    raise(sqlstate::kInvalidParameter, "funnel has no such step", detail);
  }
  PG_RETURN_BOOL(chain_of(fcinfo).depth >= step);
}

PERSONA_FUNCTION(funnel_conversion_seconds)
{
  const FunnelChain chain = chain_of(fcinfo);
  if (chain.depth == 0) PG_RETURN_NULL();
  PG_RETURN_FLOAT8(chain.seconds());
}

PERSONA_FUNCTION(funnel_steps)
{ PG_RETURN_INT32(funnel_terms(read_funnel(PG_GETARG_DATUM(0)).bytes).steps); }

}  // namespace persona::pg
