// The functions that every summary type has, declared by one line each: its text and binary forms, its
// comparisons, and merging. A type gives its core functions and how one of its states is read.
#pragma once

#include "pg/server/state.h"

namespace persona::pg {

/// The state as it was, for a row that adds nothing to it.
inline Datum unchanged_state(FunctionCallInfo fcinfo) {
  fcinfo->isnull = PG_ARGISNULL(0);
  return fcinfo->isnull ? Datum{0} : PG_GETARG_DATUM(0);
}

/// Asks for the first `size` bytes of an aggregate's state at once, before anything waits for its first line:
/// with many groups every row's state is out of the cache.
inline void prefetch_state(FunctionCallInfo fcinfo, std::size_t size) {
  if (PG_ARGISNULL(0)) return;
  const char* const bytes = PG_GETARG_POINTER(0);
  for (std::size_t line = 0; line < size; line += 64) __builtin_prefetch(bytes + line, 1);
}

/// The combine function of an aggregate and the transition function of rollup: argument 1 merged into the
/// aggregate's state by `merged(const State&, const State&) -> State`, which answers a new state. `read` is
/// what checks a stored one.
template <class Read, class Merge>
Datum combine_states(FunctionCallInfo fcinfo, Read read, Merge merged) {
  require_aggregate(fcinfo);
  if (PG_ARGISNULL(1)) return unchanged_state(fcinfo);
  const State other = read(PG_GETARG_DATUM(1));
  if (PG_ARGISNULL(0)) return PointerGetDatum(other.bytes);
  State state = state_of(reinterpret_cast<varlena*>(PG_GETARG_POINTER(0)));
  const State result = merged(state, other);
  if (!grow_in_place(&state, result.size)) return PointerGetDatum(result.bytes);
  std::memcpy(state.bytes, result.bytes, result.size);
  return PointerGetDatum(state.bytes);
}

/// merge(a, b): NULL stands for nothing summarized.
template <class Read, class Merge>
Datum merge_states(FunctionCallInfo fcinfo, Read read, Merge merged) {
  if (PG_ARGISNULL(0) && PG_ARGISNULL(1)) PG_RETURN_NULL();
  if (PG_ARGISNULL(0)) return PG_GETARG_DATUM(1);
  if (PG_ARGISNULL(1)) return PG_GETARG_DATUM(0);
  return PointerGetDatum(merged(read(PG_GETARG_DATUM(0)), read(PG_GETARG_DATUM(1))).bytes);
}

}  // namespace persona::pg

/// persona_NAME_in, _out, _recv and _send, by the core's NAME_from_text(string_view), NAME_to_text(bytes,
/// size), NAME_from_binary(string_view) and NAME_to_binary(bytes, size). `read(Datum) -> State`.
#define PERSONA_SUMMARY_FORMS(name, read)                                                                 \
  PERSONA_FUNCTION(name##_in)                                                                             \
  {                                                                                                       \
    const char* text = PG_GETARG_CSTRING(0);                                                              \
    return guarded([=] { return state_datum(name##_from_text(text)); });                                  \
  }                                                                                                       \
  PERSONA_FUNCTION(name##_out)                                                                            \
  {                                                                                                       \
    const State state = read(PG_GETARG_DATUM(0));                                                         \
    return guarded([=] { return cstring_datum(name##_to_text(state.bytes, state.size)); });               \
  }                                                                                                       \
  PERSONA_FUNCTION(name##_recv)                                                                           \
  {                                                                                                       \
    const std::string_view message = rest_of_message(reinterpret_cast<StringInfo>(PG_GETARG_POINTER(0))); \
    return guarded([=] { return state_datum(name##_from_binary(message)); });                             \
  }                                                                                                       \
  PERSONA_FUNCTION(name##_send)                                                                           \
  {                                                                                                       \
    const State state = read(PG_GETARG_DATUM(0));                                                         \
    return guarded([=] { return bytea_datum(name##_to_binary(state.bytes, state.size)); });               \
  }

/// What the operator classes of src/sql/templates/summary_comparisons.sql call.
#define PERSONA_SUMMARY_COMPARISONS(name)                                          \
  PERSONA_FUNCTION(name##_cmp)                                                     \
  { PG_RETURN_INT32(compare_states(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1))); }     \
  PERSONA_FUNCTION(name##_eq)                                                      \
  { PG_RETURN_BOOL(compare_states(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)) == 0); } \
  PERSONA_FUNCTION(name##_ne)                                                      \
  { PG_RETURN_BOOL(compare_states(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)) != 0); } \
  PERSONA_FUNCTION(name##_lt)                                                      \
  { PG_RETURN_BOOL(compare_states(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)) < 0); }  \
  PERSONA_FUNCTION(name##_le)                                                      \
  { PG_RETURN_BOOL(compare_states(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)) <= 0); } \
  PERSONA_FUNCTION(name##_gt)                                                      \
  { PG_RETURN_BOOL(compare_states(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)) > 0); }  \
  PERSONA_FUNCTION(name##_ge)                                                      \
  { PG_RETURN_BOOL(compare_states(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)) >= 0); } \
  PERSONA_FUNCTION(name##_hash)                                                    \
  { return hash_state(PG_GETARG_DATUM(0), 0, false); }                             \
  PERSONA_FUNCTION(name##_hash_extended)                                           \
  { return hash_state(PG_GETARG_DATUM(0), static_cast<std::uint64_t>(PG_GETARG_INT64(1)), true); }
