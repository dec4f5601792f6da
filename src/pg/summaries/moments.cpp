// The SQL face of persona.moments: the type, its aggregate, its accessors. The arithmetic and the layout are
// in src/core/summaries/moments.h.
#include "pg/summaries/summary_functions.h"

#include "core/summaries/moments.h"

namespace persona::pg {
namespace {

State read_state_of_moments(Datum value) {
  return read_state(value, SummaryKind::moments, kMomentsVersion, kMomentsSize);
}

Moments read_moments(Datum value) { return Moments::read(read_state_of_moments(value).bytes); }

Moments moments_of(FunctionCallInfo fcinfo) { return read_moments(PG_GETARG_DATUM(0)); }

[[noreturn]] void raise_overflow() {
  raise(sqlstate::kNumericOutOfRange, "value out of range: overflow",
        "The fourth moment is kept: deviations from the mean must stay below about 1e77.",
        "Divide the values by a constant first.");
}

void require_counts(const Moments& m) {
  if (m.n <= kMaxCount && m.nulls <= kMaxCount) return;
  raise(sqlstate::kNumericOutOfRange, "too many values in one moments summary");
}

// Merges two states into `a`.
void merge_into(Moments* a, const Moments& b) {
  if (!a->merge(b)) raise_overflow();
  require_counts(*a);
}

// A state of moments has one size.
std::string moments_to_text(const char* state, std::size_t) { return persona::moments_to_text(state); }
std::string moments_to_binary(const char* state, std::size_t) { return persona::moments_to_binary(state); }

Datum answer(FunctionCallInfo fcinfo, const std::optional<double>& value) {
  if (!value) PG_RETURN_NULL();
  PG_RETURN_FLOAT8(*value);
}

}  // namespace

PERSONA_SUMMARY_FORMS(moments, read_state_of_moments)
PERSONA_SUMMARY_COMPARISONS(moments)

PERSONA_FUNCTION(moments_add)
{
  require_aggregate(fcinfo);
  Moments moments;
  char* state = nullptr;
  if (PG_ARGISNULL(0)) {
    state = new_state(kMomentsSize).bytes;
  } else {
    state = PG_GETARG_POINTER(0);
    moments = Moments::read(state);
  }
  if (PG_ARGISNULL(1)) {
    ++moments.nulls;
  } else {
    const double x = PG_GETARG_FLOAT8(1);
    if (unlikely(!std::isfinite(x)))
      raise(sqlstate::kNumericOutOfRange, "value is NaN or infinite", "",
            "Leave such rows out, for instance with FILTER (WHERE x <> ALL ('{NaN,Infinity,-Infinity}')) "
            "after the aggregate.");
    if (!moments.add(x)) raise_overflow();
  }
  require_counts(moments);
  moments.write(state);
  return PointerGetDatum(state);
}

// Combine function of the aggregate and transition function of rollup.
PERSONA_FUNCTION(moments_combine)
{
  require_aggregate(fcinfo);
  if (PG_ARGISNULL(1)) {
    if (PG_ARGISNULL(0)) PG_RETURN_NULL();
    return PG_GETARG_DATUM(0);
  }
  const State other = read_state_of_moments(PG_GETARG_DATUM(1));
  if (PG_ARGISNULL(0)) return PointerGetDatum(other.bytes);
  char* const state = PG_GETARG_POINTER(0);
  Moments moments = Moments::read(state);
  merge_into(&moments, Moments::read(other.bytes));
  moments.write(state);
  return PointerGetDatum(state);
}

PERSONA_FUNCTION(moments_merge)
{
  if (PG_ARGISNULL(0) && PG_ARGISNULL(1)) PG_RETURN_NULL();
  if (PG_ARGISNULL(0)) return PG_GETARG_DATUM(1);
  if (PG_ARGISNULL(1)) return PG_GETARG_DATUM(0);
  Moments moments = read_moments(PG_GETARG_DATUM(0));
  merge_into(&moments, read_moments(PG_GETARG_DATUM(1)));
  const State result = new_state(kMomentsSize);
  moments.write(result.bytes);
  return PointerGetDatum(result.bytes);
}

PERSONA_FUNCTION(moments_count)
{ PG_RETURN_INT64(moments_of(fcinfo).n); }
PERSONA_FUNCTION(moments_nulls)
{ PG_RETURN_INT64(moments_of(fcinfo).nulls); }
PERSONA_FUNCTION(moments_mean)
{ return answer(fcinfo, moments_of(fcinfo).mean()); }
PERSONA_FUNCTION(moments_variance)
{ return answer(fcinfo, moments_of(fcinfo).variance()); }
PERSONA_FUNCTION(moments_stddev)
{ return answer(fcinfo, moments_of(fcinfo).stddev()); }
PERSONA_FUNCTION(moments_skewness)
{ return answer(fcinfo, moments_of(fcinfo).skewness()); }
PERSONA_FUNCTION(moments_kurtosis)
{ return answer(fcinfo, moments_of(fcinfo).kurtosis()); }
PERSONA_FUNCTION(moments_min)
{
  const Moments m = moments_of(fcinfo);
  if (m.n == 0) PG_RETURN_NULL();
  PG_RETURN_FLOAT8(m.minimum);
}
PERSONA_FUNCTION(moments_max)
{
  const Moments m = moments_of(fcinfo);
  if (m.n == 0) PG_RETURN_NULL();
  PG_RETURN_FLOAT8(m.maximum);
}

}  // namespace persona::pg
