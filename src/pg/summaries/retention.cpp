// The SQL face of persona.retention: the type, its aggregates, its accessors, and the aggregate that counts
// customers by period. The calendar and the layout are in src/core/summaries/retention.h.
#include "pg/summaries/event_time.h"
#include "pg/summaries/summary_functions.h"

#include "core/summaries/retention.h"

namespace persona::pg {
namespace {

State read_retention(Datum value) {
  return read_state(value, SummaryKind::retention, kRetentionVersion, kRetentionLeastSize);
}

RetentionView view_of(FunctionCallInfo fcinfo) {
  const State state = read_retention(PG_GETARG_DATUM(0));
  return {state.bytes, state.size};
}

// The period of argument 3: calendar months, or days and less, a day being 24 hours.
RetentionPeriod period_argument(FunctionCallInfo fcinfo) {
  constexpr const char* kHint = "Give for instance interval '1 month', '7 days' or '12 hours'.";
  if (PG_ARGISNULL(3)) raise(sqlstate::kInvalidParameter, "period must not be NULL", "", kHint);
  const Interval* const period = PG_GETARG_INTERVAL_P(3);
  if (period->month != 0) {
    if (period->day != 0 || period->time != 0)
      raise(sqlstate::kInvalidParameter, "period must not mix months with days",
            "Months are counted on the calendar, days and less by their length.", kHint);
    if (period->month < 0) raise(sqlstate::kInvalidParameter, "period must be positive", "", kHint);
    return {true, period->month};
  }
  std::int64_t micros = 0;
  if (__builtin_mul_overflow(std::int64_t{period->day}, kMicrosPerDay, &micros) ||
      __builtin_add_overflow(micros, period->time, &micros))
    raise(sqlstate::kInvalidParameter, "period is out of range", "", kHint);
  if (micros <= 0) raise(sqlstate::kInvalidParameter, "period must be positive", "", kHint);
  return {false, micros};
}

State started(const RetentionTerms& terms) {
  const State state = new_state(kRetentionLeastSize);
  retention_start(state.bytes, terms);
  return state;
}

// One row of the aggregate; `start` and `at` are what its time arguments say. A row without an event still
// says that there is a customer.
Datum add_event(FunctionCallInfo fcinfo, Clock clock, std::int64_t start, std::int64_t at) {
  if (unlikely(!is_finite_time(start)))
    raise_time_out_of_range("start",
                            "Leave such rows out, for instance with FILTER (WHERE isfinite(start)).");
  const RetentionTerms terms{clock, start, period_argument(fcinfo)};
  State state = PG_ARGISNULL(0) ? started(terms) : state_of(reinterpret_cast<varlena*>(PG_GETARG_POINTER(0)));
  const RetentionView view(state.bytes, state.size);
  if (unlikely(!retention_has(view, terms))) guarded([&] { retention_require_same(view.terms(), terms); });
  if (PG_ARGISNULL(2)) return PointerGetDatum(state.bytes);
  at = event_time(at);
  if (at < start) {
    guarded([&] { retention_count_early(state.bytes); });
    return PointerGetDatum(state.bytes);
  }
  const std::int64_t n = period_of(terms.period, start, at);
  if (view.retained(n)) return PointerGetDatum(state.bytes);
  const std::size_t old_size = state.size;
  const std::size_t size = guarded([&] { return retention_room(old_size, n); });
  if (!grow_in_place(&state, size)) {
    const State larger = new_state(size);
    std::memcpy(larger.bytes + VARHDRSZ, state.bytes + VARHDRSZ, old_size - VARHDRSZ);
    state = larger;
  }
  retention_mark(state.bytes, old_size, size, n);
  return PointerGetDatum(state.bytes);
}

State merged(const State& a, const State& b) {
  const std::size_t size = guarded([&] { return retention_merged_size(a.bytes, a.size, b.bytes, b.size); });
  const State result = new_state(size);
  guarded([&] { retention_merge(result.bytes, a.bytes, a.size, b.bytes, b.size); });
  return result;
}

// The state of retained_counts: an array of the period (1 for months or 0, its length), then the numbers of
// customers, so that it can be sent and added up anywhere.
constexpr int kCountsTerms = 2;

struct Counts {
  ArrayType* array;
  std::int64_t* values;
  int size;
};

Counts new_counts(int size) {
  const std::size_t bytes = ARR_OVERHEAD_NONULLS(1) + sizeof(std::int64_t) * static_cast<std::size_t>(size);
  auto* const array = static_cast<ArrayType*>(palloc0(bytes));
  SET_VARSIZE(array, bytes);
  array->ndim = 1;
  array->elemtype = INT8OID;
  ARR_DIMS(array)[0] = size;
  ARR_LBOUND(array)[0] = 1;
  return {array, reinterpret_cast<std::int64_t*>(ARR_DATA_PTR(array)), size};
}

Counts counts_of(ArrayType* array) {
  if (ARR_NDIM(array) != 1 || ARR_HASNULL(array) || ARR_ELEMTYPE(array) != INT8OID ||
      ARR_DIMS(array)[0] < kCountsTerms || ARR_DIMS(array)[0] > kCountsTerms + kRetentionPeriods)
    raise(sqlstate::kInternalError, "the state of retained_counts is malformed");
  return {array, reinterpret_cast<std::int64_t*>(ARR_DATA_PTR(array)), ARR_DIMS(array)[0]};
}

RetentionPeriod period_of_counts(const Counts& counts) { return {counts.values[0] != 0, counts.values[1]}; }

// The aggregate's counts with room for `size`, or new ones of that period.
Counts counts_with_room(FunctionCallInfo fcinfo, RetentionPeriod period, int size) {
  Counts counts{};
  if (!PG_ARGISNULL(0)) {
    counts = counts_of(PG_GETARG_ARRAYTYPE_P(0));
    if (!(period_of_counts(counts) == period)) {
      const RetentionPeriod other = period_of_counts(counts);
      guarded([=] { retention_require_same({Clock::utc, 0, other}, {Clock::utc, 0, period}); });
    }
    if (counts.size >= size) return counts;
  }
  const Counts larger = new_counts(size);
  if (counts.array != nullptr)
    std::memcpy(larger.values, counts.values, sizeof(std::int64_t) * static_cast<std::size_t>(counts.size));
  larger.values[0] = period.months ? 1 : 0;
  larger.values[1] = period.length;
  return larger;
}

}  // namespace

PERSONA_SUMMARY_FORMS(retention, read_retention)
PERSONA_SUMMARY_COMPARISONS(retention)

// Transition functions: state, start, time, period.

PERSONA_FUNCTION(retention_add_utc)
{
  require_aggregate(fcinfo);
  if (PG_ARGISNULL(1)) return unchanged_state(fcinfo);
  return add_event(fcinfo, Clock::utc, PG_GETARG_TIMESTAMPTZ(1), PG_GETARG_TIMESTAMPTZ(2));
}

PERSONA_FUNCTION(retention_add_local)
{
  require_aggregate(fcinfo);
  if (PG_ARGISNULL(1)) return unchanged_state(fcinfo);
  return add_event(fcinfo, Clock::local, PG_GETARG_TIMESTAMP(1), PG_GETARG_TIMESTAMP(2));
}

PERSONA_FUNCTION(retention_add_date)
{
  require_aggregate(fcinfo);
  if (PG_ARGISNULL(1)) return unchanged_state(fcinfo);
  return add_event(fcinfo, Clock::local, midnight(PG_GETARG_DATEADT(1)), midnight(PG_GETARG_DATEADT(2)));
}

// Combine function of the aggregates and transition function of rollup.
PERSONA_FUNCTION(retention_combine)
{ return combine_states(fcinfo, read_retention, merged); }

PERSONA_FUNCTION(retention_merge)
{ return merge_states(fcinfo, read_retention, merged); }

PERSONA_FUNCTION(retention_retained)
{
  const std::int32_t n = PG_GETARG_INT32(1);
  if (n < 0)
    raise(sqlstate::kInvalidParameter, "n must not be negative", "",
          "Period 0 begins at the start; early_events counts what lies before it.");
  PG_RETURN_BOOL(view_of(fcinfo).retained(n));
}

PERSONA_FUNCTION(retention_retained_periods)
{
  const RetentionView view = view_of(fcinfo);
  auto* const periods =
      static_cast<Datum*>(palloc(sizeof(Datum) * static_cast<std::size_t>(view.periods() + 1)));
  int size = 0;
  for (std::int64_t n = 0; n < view.periods(); ++n)
    if (view.retained(n)) periods[size++] = Int32GetDatum(static_cast<std::int32_t>(n));
  return PointerGetDatum(construct_array(periods, size, INT4OID, sizeof(std::int32_t), true, TYPALIGN_INT));
}

PERSONA_FUNCTION(retention_last_retained)
{
  const std::optional<std::int64_t> last = view_of(fcinfo).last_retained();
  if (!last) PG_RETURN_NULL();
  PG_RETURN_INT32(static_cast<std::int32_t>(*last));
}

PERSONA_FUNCTION(retention_early_events)
{ PG_RETURN_INT64(view_of(fcinfo).early_events()); }

PERSONA_FUNCTION(retention_started_at)
{
  const RetentionView view = view_of(fcinfo);
  require_clock(view.clock(), Clock::utc, "retention of local times has no instants",
                "Use started_at_local.");
  PG_RETURN_TIMESTAMPTZ(view.start());
}

PERSONA_FUNCTION(retention_started_at_local)
{
  const RetentionView view = view_of(fcinfo);
  require_clock(view.clock(), Clock::local, "retention of UTC times has no local times",
                "Use started_at, AT TIME ZONE where a local time is wanted.");
  PG_RETURN_TIMESTAMP(view.start());
}

// Transition function of retained_counts: one customer more in each of his active periods.
PERSONA_FUNCTION(retention_count)
{
  require_aggregate(fcinfo);
  if (PG_ARGISNULL(1)) return unchanged_state(fcinfo);
  const State state = read_retention(PG_GETARG_DATUM(1));
  const RetentionView view(state.bytes, state.size);
  const std::optional<std::int64_t> last = view.last_retained();
  const int periods = last ? static_cast<int>(*last) + 1 : 0;
  const Counts counts = counts_with_room(fcinfo, view.period(), kCountsTerms + periods);
  for (int n = 0; n < periods; ++n)
    if (view.retained(n)) ++counts.values[kCountsTerms + n];
  return PointerGetDatum(counts.array);
}

// Combine function of retained_counts.
PERSONA_FUNCTION(retention_count_combine)
{
  require_aggregate(fcinfo);
  if (PG_ARGISNULL(1)) return unchanged_state(fcinfo);
  const Counts other = counts_of(PG_GETARG_ARRAYTYPE_P(1));
  const Counts counts = counts_with_room(fcinfo, period_of_counts(other), other.size);
  for (int i = kCountsTerms; i < other.size; ++i) counts.values[i] += other.values[i];
  return PointerGetDatum(counts.array);
}

// Final function of retained_counts: the counts alone.
PERSONA_FUNCTION(retention_count_final)
{
  require_aggregate(fcinfo);
  const Counts counts = counts_of(PG_GETARG_ARRAYTYPE_P(0));
  const int size = counts.size - kCountsTerms;
  if (size == 0) return PointerGetDatum(construct_empty_array(INT8OID));
  const Counts answer = new_counts(size);
  std::memcpy(answer.values, counts.values + kCountsTerms,
              sizeof(std::int64_t) * static_cast<std::size_t>(size));
  return PointerGetDatum(answer.array);
}

}  // namespace persona::pg
