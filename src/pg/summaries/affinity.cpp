// The SQL face of persona.affinity: the type, its aggregates, its accessors. The arithmetic and the layout
// are in src/core/summaries/affinity.h.
#include "pg/summaries/event_time.h"
#include "pg/summaries/summary_functions.h"

#include "core/summaries/affinity.h"
#include "core/summaries/affinity_forms.h"

extern "C" {
#include "mb/pg_wchar.h"
}

namespace persona::pg {
namespace {

State read_affinity(Datum value) {
  return read_state(value, SummaryKind::affinity, kAffinityVersion, kAffinityLeastSize);
}

AffinityView view_of(FunctionCallInfo fcinfo) {
  return AffinityView(read_affinity(PG_GETARG_DATUM(0)).bytes);
}

// Argument 1 as a key; `memory` has kAffinityKeyLimit bytes.
AffinityKey key_argument(FunctionCallInfo fcinfo, bool bigint, char* memory) {
  if (bigint) return bigint_affinity_key(PG_GETARG_INT64(1), memory);
  const text* const value = PG_GETARG_TEXT_PP(1);
  const char* const bytes = VARDATA_ANY(value);
  const std::size_t size = VARSIZE_ANY_EXHDR(value);
  if (likely(size <= kAffinityKeyLimit)) return {bytes, static_cast<std::uint16_t>(size), false};
  const int prefix = pg_mbcliplen(bytes, static_cast<int>(size), static_cast<int>(kAffinityPrefixLimit));
  return cut_affinity_key(bytes, size, static_cast<std::size_t>(prefix), memory);
}

[[noreturn]] void raise_overflow() {
  raise(sqlstate::kNumericOutOfRange, "value out of range: overflow",
        "The weight of a key, or the total of keys that do not all fit, is above 1e300.");
}

// The weight of argument 2; 1 in the aggregates without one.
double weight_argument(FunctionCallInfo fcinfo) {
  if (PG_NARGS() < 3) return 1;
  const double weight = finite_argument(PG_GETARG_FLOAT8(2), "weight");
  if (unlikely(weight < 0))
    raise(sqlstate::kNumericOutOfRange, "weight is negative",
          "Shares of a total have a meaning only where nothing is taken away from it.",
          "Leave returns out, for instance with FILTER (WHERE amount >= 0) after the aggregate, or give them "
          "an aggregate of their own.");
  if (unlikely(weight > kAffinityGreatest)) raise_overflow();
  return weight + 0.0;  // no negative zero
}

State merged(const State& a, const State& b) {
  char bytes[kAffinityMaxSize];
  const std::size_t size =
      guarded([&] { return affinity_merge(bytes, AffinityView(a.bytes), AffinityView(b.bytes)); });
  const State result = new_state(size);
  std::memcpy(result.bytes + VARHDRSZ, bytes + VARHDRSZ, size - VARHDRSZ);
  return result;
}

// A row that the state does not take as it lies.
Datum add_growing(State state, bool bigint, const AffinityKey& key, double weight) {
  // A new key: within the memory there is, or in the same layout in more.
  std::size_t size = state.size;
  AffinityAdded answer = affinity_add(state.bytes, &size, room_in_place(state), key, weight);
  if (answer == AffinityAdded::needs_merge && size + kAffinityFirstSize <= kAffinityMaxSize) {
    const State larger = new_state(size + kAffinityFirstSize);
    std::memcpy(larger.bytes + VARHDRSZ, state.bytes + VARHDRSZ, size - VARHDRSZ);
    answer = affinity_add(larger.bytes, &size, larger.size, key, weight);
    if (answer == AffinityAdded::done) state.bytes = larger.bytes;
  }
  if (answer == AffinityAdded::done) {
    SET_VARSIZE(state.bytes, size);
    return PointerGetDatum(state.bytes);
  }
  // A new layout, or keys that must leave.
  char row[kAffinityFirstSize];
  const std::size_t row_size = affinity_start(row, bigint, key, weight);
  const State result = merged(state, {row, row_size});
  if (!grow_in_place(&state, result.size)) return PointerGetDatum(result.bytes);
  std::memcpy(state.bytes, result.bytes, result.size);
  return PointerGetDatum(state.bytes);
}

// One row of the aggregate.
Datum add_row(FunctionCallInfo fcinfo, bool bigint) {
  // With many groups every row's state is out of the cache: its first lines are asked for at once.
  if (!PG_ARGISNULL(0)) {
    const char* const bytes = PG_GETARG_POINTER(0);
    for (std::size_t line = 0; line < 256; line += 64) __builtin_prefetch(bytes + line, 1);
  }
  require_aggregate(fcinfo);
  if (PG_ARGISNULL(1) || (PG_NARGS() > 2 && PG_ARGISNULL(2))) return unchanged_state(fcinfo);
  char memory[kAffinityKeyLimit];
  const AffinityKey key = key_argument(fcinfo, bigint, memory);
  const double weight = weight_argument(fcinfo);
  if (unlikely(PG_ARGISNULL(0))) {
    char row[kAffinityFirstSize];
    const State state = new_state(affinity_start(row, bigint, key, weight));
    std::memcpy(state.bytes + VARHDRSZ, row + VARHDRSZ, state.size - VARHDRSZ);
    return PointerGetDatum(state.bytes);
  }
  const State state = state_of(reinterpret_cast<varlena*>(PG_GETARG_POINTER(0)));
  std::size_t size = state.size;
  const AffinityAdded answer = affinity_add(state.bytes, &size, size, key, weight);
  if (unlikely(answer == AffinityAdded::needs_merge)) return add_growing(state, bigint, key, weight);
  if (unlikely(answer == AffinityAdded::overflow)) raise_overflow();
  return PG_GETARG_DATUM(0);
}

// The state of argument 0, whose keys must be of this type.
AffinityView view_of_keys(FunctionCallInfo fcinfo, bool bigint) {
  const AffinityView view = view_of(fcinfo);
  if (view.form().bigint == bigint) return view;
  if (bigint)
    raise(sqlstate::kDataException, "affinity of text keys has no bigint key", "", "Give the key as a text.");
  raise(sqlstate::kDataException, "affinity of bigint keys has no text key", "", "Give the key as a bigint.");
}

Datum share(FunctionCallInfo fcinfo, bool bigint) {
  const AffinityView view = view_of_keys(fcinfo, bigint);
  char memory[kAffinityKeyLimit];
  const std::optional<double> answer = view.share(key_argument(fcinfo, bigint, memory));
  if (!answer) PG_RETURN_NULL();
  PG_RETURN_FLOAT8(*answer);
}

Datum key_weight(FunctionCallInfo fcinfo, bool bigint) {
  const AffinityView view = view_of_keys(fcinfo, bigint);
  char memory[kAffinityKeyLimit];
  const AffinityView::Place place = view.find(key_argument(fcinfo, bigint, memory));
  PG_RETURN_FLOAT8(place.found ? view.weight(place.index).value() : 0.0);
}

// A key as a text: a bigint in decimal, a cut text with dots for what was cut off.
Datum shown(const AffinityView& view, int i) {
  const AffinityKey key = view.key(i);
  char memory[kAffinityKeyLimit + 4];
  if (view.form().bigint) {
    const int size = pg_lltoa(bigint_of(key), memory);
    return PointerGetDatum(cstring_to_text_with_len(memory, size));
  }
  std::size_t size = shown_size(key);
  std::memcpy(memory, key.bytes, size);
  if (key.cut) {
    std::memcpy(memory + size, "...", 3);
    size += 3;
  }
  return PointerGetDatum(cstring_to_text_with_len(memory, static_cast<int>(size)));
}

// The core knows no encodings: texts of a binary message are checked here, as textrecv does.
std::string affinity_from_binary(std::string_view message) {
  std::string bytes = persona::affinity_from_binary(message);
  const AffinityView view(bytes.data());
  for (int i = 0; !view.form().bigint && i < view.count(); ++i) {
    const AffinityKey key = view.key(i);
    pg_call([=] { pg_verifymbstr(key.bytes, static_cast<int>(shown_size(key)), false); });
  }
  return bytes;
}

}  // namespace

PERSONA_SUMMARY_FORMS(affinity, read_affinity)
PERSONA_SUMMARY_COMPARISONS(affinity)

// Transition functions, with and without a weight.
PERSONA_FUNCTION(affinity_add_text)
{ return add_row(fcinfo, false); }
PERSONA_FUNCTION(affinity_add_bigint)
{ return add_row(fcinfo, true); }

// Combine function of the aggregates and transition function of rollup.
PERSONA_FUNCTION(affinity_combine)
{ return combine_states(fcinfo, read_affinity, merged); }

PERSONA_FUNCTION(affinity_merge)
{ return merge_states(fcinfo, read_affinity, merged); }

PERSONA_FUNCTION(affinity_top_keys)
{
  const AffinityView view = view_of(fcinfo);
  const int k = PG_GETARG_INT32(1);
  if (k < 1)
    raise(sqlstate::kInvalidParameter, "k must be positive", "", "Give the number of keys wanted, from 1.");
  std::uint16_t order[kAffinityMaxKeys];
  const int count = view.heaviest(k, order);
  Datum keys[kAffinityMaxKeys];
  for (int i = 0; i < count; ++i) keys[i] = shown(view, order[i]);
  return PointerGetDatum(construct_array(keys, count, TEXTOID, -1, false, TYPALIGN_INT));
}

PERSONA_FUNCTION(affinity_top_key)
{
  const AffinityView view = view_of(fcinfo);
  std::uint16_t order[kAffinityMaxKeys];
  view.heaviest(1, order);
  return shown(view, order[0]);
}

PERSONA_FUNCTION(affinity_keys)
{
  const AffinityView view = view_of(fcinfo);
  InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
  auto* const info = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  std::uint16_t order[kAffinityMaxKeys];
  const int count = view.heaviest(kAffinityMaxKeys, order);
  for (int i = 0; i < count; ++i) {
    Datum values[] = {shown(view, order[i]), Float8GetDatum(view.weight(order[i]).value()),
                      Float8GetDatum(rounded_up(view.slack(order[i])))};
    bool nulls[] = {false, false, false};
    tuplestore_putvalues(info->setResult, info->setDesc, values, nulls);
  }
  return Datum{0};
}

PERSONA_FUNCTION(affinity_share_text)
{ return share(fcinfo, false); }
PERSONA_FUNCTION(affinity_share_bigint)
{ return share(fcinfo, true); }
PERSONA_FUNCTION(affinity_key_weight_text)
{ return key_weight(fcinfo, false); }
PERSONA_FUNCTION(affinity_key_weight_bigint)
{ return key_weight(fcinfo, true); }

PERSONA_FUNCTION(affinity_entropy)
{
  const std::optional<double> answer = view_of(fcinfo).entropy();
  if (!answer) PG_RETURN_NULL();
  PG_RETURN_FLOAT8(*answer);
}

PERSONA_FUNCTION(affinity_similarity)
{
  const AffinityView a = view_of(fcinfo);
  const AffinityView b(read_affinity(PG_GETARG_DATUM(1)).bytes);
  if (a.form().bigint != b.form().bigint)
    raise(sqlstate::kDataException, "cannot compare an affinity of text keys with one of bigint keys",
          "affinity_agg of a text makes text keys, of a bigint bigint ones.",
          "Build both from the same type, for instance from key::text.");
  const std::optional<double> answer = affinity_similarity(a, b);
  if (!answer) PG_RETURN_NULL();
  PG_RETURN_FLOAT8(*answer);
}

PERSONA_FUNCTION(affinity_total_weight)
{ PG_RETURN_FLOAT8(view_of(fcinfo).total().value()); }
PERSONA_FUNCTION(affinity_key_count)
{ PG_RETURN_INT64(view_of(fcinfo).count()); }
PERSONA_FUNCTION(affinity_is_exact)
{ PG_RETURN_BOOL(!view_of(fcinfo).form().bounded); }
PERSONA_FUNCTION(affinity_error_bound)
{ PG_RETURN_FLOAT8(rounded_up(view_of(fcinfo).error())); }

PERSONA_FUNCTION(affinity_exact_part)
{
  const State state = read_affinity(PG_GETARG_DATUM(0));
  // A text is laid out as a bytea is.
  return guarded([=] { return bytea_datum(affinity_exact_part(state.bytes, state.size)); });
}

}  // namespace persona::pg
