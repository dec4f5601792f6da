// Stored summaries as the server sees them: flat varlena values of a 16-byte header and contents
// (src/core/summaries/state_header.h). Reading one, checking that it is what it says, the rules an
// aggregate's state is changed by, and texts and bytes in and out.
#pragma once

#include "pg/server/gates.h"

#include "core/summaries/state_header.h"

extern "C" {
#include "nodes/execnodes.h"
}

namespace persona::pg {

/// A state's bytes with their whole size, the length word counted.
struct State {
  char* bytes;
  std::size_t size;
};

inline State state_of(varlena* value) { return {reinterpret_cast<char*>(value), VARSIZE(value)}; }

/// A stored state ready to be read: detoasted, with a four-byte length word. 0A000 when its kind or version
/// is not `kind` and `version`, as after a downgrade of the extension.
State read_state(Datum value, SummaryKind kind, std::uint8_t version, std::size_t least);

/// Raises XX000 unless the function was called as part of an aggregate. Only then may its first argument be
/// changed in place; anywhere else it may be a stored value.
inline void require_aggregate(FunctionCallInfo fcinfo) {
  Node* const context = fcinfo->context;
  if (likely(context != nullptr && (IsA(context, AggState) || IsA(context, WindowAggState)))) return;
  raise(sqlstate::kInternalError, "aggregate support function called in non-aggregate context");
}

/// Memory for a state of `size` bytes with its length word set, in the current context: within an aggregate
/// that is the row's, and the executor copies what is returned to the aggregate's own, once.
State new_state(std::size_t size);

/// How long an aggregate's state may become where it lies, without asking: palloc rounds up to a power of
/// two. In a build that checks memory only as long as it is.
std::size_t room_in_place(const State& state);

/// Makes an aggregate's state longer within the memory it already has. False when it does not fit; then a
/// new_state() must be returned instead. Never moves the state: the executor frees what it handed in.
bool grow_in_place(State* state, std::size_t size);

/// Copies checked bytes made by the core into a new state. For use inside guarded().
Datum state_datum(const std::string& bytes);

/// Copies a text form into a C string; a binary form into a bytea. For use inside guarded().
Datum cstring_datum(const std::string& text);
Datum bytea_datum(const std::string& bytes);

/// What is left of a binary message, all of it read.
std::string_view rest_of_message(StringInfo message);

/// memcmp of the contents, then the length: an order for indexes and DISTINCT, without meaning of its own.
int compare_states(Datum a, Datum b);
Datum hash_state(Datum value, std::uint64_t seed, bool extended);

}  // namespace persona::pg
