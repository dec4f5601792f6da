// Reading, growing, comparing and copying stored summaries (state.h).
#include "pg/server/state.h"

extern "C" {
#include "common/hashfn.h"
}

namespace persona::pg {
namespace {

// What the allocator keeps beside a chunk's contents (aset.c): two words, in a build that checks memory
// three.
#ifdef MEMORY_CONTEXT_CHECKING
constexpr std::size_t kChunkOverhead = 24;
#else
constexpr std::size_t kChunkOverhead = 16;
#endif

}  // namespace

State read_state(Datum value, SummaryKind kind, std::uint8_t version, std::size_t least) {
  const State state = state_of(PG_DETOAST_DATUM(value));
  if (unlikely(!header_matches(state.bytes, state.size, kind, version, least)))
    raise(sqlstate::kFeatureNotSupported,
          "stored summary has a format that this version of persona does not know", "",
          "Install the version of persona that wrote it, or build the summary anew.");
  return state;
}

State new_state(std::size_t size) {
  if (size > MaxAllocSize) raise(sqlstate::kProgramLimit, "summary is too large");
  auto* const value = static_cast<varlena*>(palloc(size));
  SET_VARSIZE(value, size);
  return {reinterpret_cast<char*>(value), size};
}

std::size_t room_in_place(const State& state) {
#ifdef MEMORY_CONTEXT_CHECKING
  return state.size;
#else
  return GetMemoryChunkSpace(state.bytes) - kChunkOverhead;
#endif
}

bool grow_in_place(State* state, std::size_t size) {
  if (size > state->size) {
    if (GetMemoryChunkSpace(state->bytes) < size + kChunkOverhead) return false;
    if (repalloc(state->bytes, size) != state->bytes)
      raise(sqlstate::kInternalError, "the state of an aggregate was moved");
  }
  SET_VARSIZE(state->bytes, size);
  state->size = size;
  return true;
}

Datum state_datum(const std::string& bytes) {
  const char* from = bytes.data();
  const std::size_t size = bytes.size();
  return pg_call([=] {
    const State state = new_state(size);
    std::memcpy(state.bytes + VARHDRSZ, from + VARHDRSZ, size - VARHDRSZ);
    return PointerGetDatum(state.bytes);
  });
}

Datum cstring_datum(const std::string& text) {
  const char* from = text.data();
  const std::size_t size = text.size();
  return pg_call([=] { return CStringGetDatum(pnstrdup(from, size)); });
}

Datum bytea_datum(const std::string& bytes) {
  const char* from = bytes.data();
  const std::size_t size = bytes.size();
  return pg_call([=] { return PointerGetDatum(cstring_to_text_with_len(from, static_cast<int>(size))); });
}

std::string_view rest_of_message(StringInfo message) {
  const int length = message->len - message->cursor;
  return {pq_getmsgbytes(message, length), static_cast<std::size_t>(length)};
}

int compare_states(Datum a, Datum b) {
  varlena* const first = PG_DETOAST_DATUM_PACKED(a);
  varlena* const second = PG_DETOAST_DATUM_PACKED(b);
  const std::size_t size_a = VARSIZE_ANY_EXHDR(first);
  const std::size_t size_b = VARSIZE_ANY_EXHDR(second);
  const int order = std::memcmp(VARDATA_ANY(first), VARDATA_ANY(second), std::min(size_a, size_b));
  const int answer = order != 0 ? order : size_a < size_b ? -1 : size_a > size_b ? 1 : 0;
  if (DatumGetPointer(a) != reinterpret_cast<char*>(first)) pfree(first);
  if (DatumGetPointer(b) != reinterpret_cast<char*>(second)) pfree(second);
  return answer;
}

Datum hash_state(Datum value, std::uint64_t seed, bool extended) {
  varlena* const state = PG_DETOAST_DATUM_PACKED(value);
  const auto* const bytes = reinterpret_cast<const unsigned char*>(VARDATA_ANY(state));
  const int size = static_cast<int>(VARSIZE_ANY_EXHDR(state));
  const Datum hash = extended ? hash_any_extended(bytes, size, seed) : hash_any(bytes, size);
  if (DatumGetPointer(value) != reinterpret_cast<char*>(state)) pfree(state);
  return hash;
}

}  // namespace persona::pg
