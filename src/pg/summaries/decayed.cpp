// The SQL face of persona.decayed: the type, its aggregates, its accessors. The arithmetic and the layout are
// in src/core/summaries/decayed.h.
#include "pg/summaries/event_time.h"
#include "pg/summaries/summary_functions.h"

#include "core/summaries/decayed.h"

namespace persona::pg {
namespace {

State read_state_of_decayed(Datum value) {
  return read_state(value, SummaryKind::decayed, kDecayedVersion, kDecayedSize);
}

Decayed decayed_of(FunctionCallInfo fcinfo) {
  return Decayed::read(read_state_of_decayed(PG_GETARG_DATUM(0)).bytes);
}

// A decayed state has one size.
std::string decayed_to_text(const char* state, std::size_t) { return persona::decayed_to_text(state); }
std::string decayed_to_binary(const char* state, std::size_t) { return persona::decayed_to_binary(state); }

State stored(const Decayed& decayed) {
  const State state = new_state(kDecayedSize);
  decayed.write(state.bytes);
  return state;
}

// Merges two states into `a`.
void merge_into(Decayed* a, const Decayed& b) {
  if (unlikely(a->clock != b.clock || a->half_life != b.half_life))
    guarded([&] { decayed_require_same(*a, b); });
  if (unlikely(!a->merge(b)))
    raise(sqlstate::kNumericOutOfRange, "value out of range: overflow",
          "The decayed total of the amounts is too large for double precision.");
}

State merged(const State& a, const State& b) {
  Decayed sums = Decayed::read(a.bytes);
  merge_into(&sums, Decayed::read(b.bytes));
  return stored(sums);
}

// Argument 3 in microseconds.
std::int64_t half_life_argument(FunctionCallInfo fcinfo) {
  if (unlikely(PG_ARGISNULL(3)))
    raise("22004", "half_life must not be null", "",
          "Give the time in which an amount fades to its half, for instance interval '30 days'.");
  const Interval* const half_life = PG_GETARG_INTERVAL_P(3);
  if (unlikely(half_life->month != 0))
    raise(sqlstate::kInvalidParameter, "half_life must not contain months", "",
          "Months differ in length: give days, for instance interval '30 days'.");
  std::int64_t micros = 0;
  if (unlikely(__builtin_mul_overflow(std::int64_t{half_life->day}, kMicrosPerDay, &micros) ||
               __builtin_add_overflow(micros, half_life->time, &micros) || micros < 1 ||
               micros > kMaxHalfLife))
    raise(sqlstate::kInvalidParameter, "half_life must be from 1 microsecond to 100,000 days", "",
          "It is the time in which an amount fades to its half, for instance interval '30 days'.");
  return micros;
}

// One row of the aggregate.
inline Datum add_row(FunctionCallInfo fcinfo, Clock clock, bool is_date) {
  require_aggregate(fcinfo);
  if (PG_ARGISNULL(1) || PG_ARGISNULL(2)) return unchanged_state(fcinfo);
  const std::int64_t at = event_time(is_date ? midnight(PG_GETARG_DATEADT(1)) : PG_GETARG_INT64(1));
  const double amount = finite_argument(PG_GETARG_FLOAT8(2), "amount");
  const Decayed event = Decayed::of_event(clock, half_life_argument(fcinfo), at, amount);
  if (unlikely(PG_ARGISNULL(0))) return PointerGetDatum(stored(event).bytes);
  char* const state = PG_GETARG_POINTER(0);
  Decayed sums = Decayed::read(state);
  merge_into(&sums, event);
  sums.write(state);
  return PointerGetDatum(state);
}

// Argument 1 as a time on the state's clock.
std::int64_t as_of_argument(FunctionCallInfo fcinfo, const Decayed& decayed, Clock clock, bool is_date) {
  if (clock == Clock::utc)
    require_clock(decayed.clock, clock, "as_of is an instant, the decayed total one of local times",
                  "Give as_of as a timestamp or date, for instance localtimestamp.");
  else
    require_clock(decayed.clock, clock, "as_of is a local time, the decayed total one of UTC times",
                  "Give as_of as a timestamptz, for instance now().");
  const std::int64_t at = is_date ? midnight(PG_GETARG_DATEADT(1)) : PG_GETARG_INT64(1);
  if (!is_finite_time(at)) raise_time_out_of_range("as_of", "");
  return at;
}

Datum finite_answer(double value) {
  if (std::isfinite(value)) PG_RETURN_FLOAT8(value);
  raise(sqlstate::kNumericOutOfRange, "value out of range: overflow",
        "Before the last event the weights of later ones double with every half-life.",
        "For a total as of a past time aggregate only the events before it.");
}

Datum total_as_of(FunctionCallInfo fcinfo, Clock clock, bool is_date) {
  const Decayed decayed = decayed_of(fcinfo);
  return finite_answer(decayed.total_as_of(as_of_argument(fcinfo, decayed, clock, is_date)));
}

Datum count_as_of(FunctionCallInfo fcinfo, Clock clock, bool is_date) {
  const Decayed decayed = decayed_of(fcinfo);
  return finite_answer(decayed.count_as_of(as_of_argument(fcinfo, decayed, clock, is_date)));
}

}  // namespace

PERSONA_SUMMARY_FORMS(decayed, read_state_of_decayed)
PERSONA_SUMMARY_COMPARISONS(decayed)

PERSONA_FUNCTION(decayed_add_utc)
{ return add_row(fcinfo, Clock::utc, false); }
PERSONA_FUNCTION(decayed_add_local)
{ return add_row(fcinfo, Clock::local, false); }
PERSONA_FUNCTION(decayed_add_date)
{ return add_row(fcinfo, Clock::local, true); }

// Combine function of the aggregates and transition function of rollup.
PERSONA_FUNCTION(decayed_combine)
{ return combine_states(fcinfo, read_state_of_decayed, merged); }

PERSONA_FUNCTION(decayed_merge)
{ return merge_states(fcinfo, read_state_of_decayed, merged); }

PERSONA_FUNCTION(decayed_total_utc)
{ return total_as_of(fcinfo, Clock::utc, false); }
PERSONA_FUNCTION(decayed_total_local)
{ return total_as_of(fcinfo, Clock::local, false); }
PERSONA_FUNCTION(decayed_total_date)
{ return total_as_of(fcinfo, Clock::local, true); }
PERSONA_FUNCTION(decayed_count_utc)
{ return count_as_of(fcinfo, Clock::utc, false); }
PERSONA_FUNCTION(decayed_count_local)
{ return count_as_of(fcinfo, Clock::local, false); }
PERSONA_FUNCTION(decayed_count_date)
{ return count_as_of(fcinfo, Clock::local, true); }

PERSONA_FUNCTION(decayed_mean)
{ PG_RETURN_FLOAT8(decayed_of(fcinfo).mean()); }

PERSONA_FUNCTION(decayed_last_at)
{
  const Decayed decayed = decayed_of(fcinfo);
  require_clock(decayed.clock, Clock::utc, "decayed total of local times has no instants",
                "Use last_at_local.");
  PG_RETURN_TIMESTAMPTZ(decayed.last);
}

PERSONA_FUNCTION(decayed_last_at_local)
{
  const Decayed decayed = decayed_of(fcinfo);
  require_clock(decayed.clock, Clock::local, "decayed total of UTC times has no local times",
                "Use last_at, AT TIME ZONE where a local time is wanted.");
  PG_RETURN_TIMESTAMP(decayed.last);
}

PERSONA_FUNCTION(decayed_half_life)
{
  const std::int64_t micros = decayed_of(fcinfo).half_life;
  auto* const half_life = static_cast<Interval*>(palloc(sizeof(Interval)));
  half_life->month = 0;
  half_life->day = static_cast<std::int32_t>(micros / kMicrosPerDay);
  half_life->time = micros % kMicrosPerDay;
  PG_RETURN_INTERVAL_P(half_life);
}

}  // namespace persona::pg
