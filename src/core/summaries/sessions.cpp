// Adding to the working form of sessions, and the accessors; layout and rules are in sessions.h.
#include "core/summaries/sessions.h"

#include <algorithm>
#include <cstring>

namespace persona {
namespace {

using View = SessionsView;

/// While no more bytes than this are encoded, an earlier session is written where it belongs at once: a few
/// dozen sessions, most customers' all. It costs less than the memory that pending ones would take up.
constexpr std::size_t kMostInPlace = 192;
/// So many may be pending at once: what sorting them needs beside the state.
constexpr std::size_t kMaxPending = std::size_t{1} << 20U;
/// Fewer pending bytes than this are not worth a rebuild.
constexpr std::size_t kLeastPending = 512;
constexpr std::size_t kLeastRoom = 64;
constexpr std::size_t kMostRoom = std::size_t{8} << 20U;
/// Up to here the server's allocator rounds up to powers of two.
constexpr std::size_t kAllocatorClasses = 8192;

// The answer when `needed` more bytes do not fit. Pending events are merged once they are as many bytes as
// what is encoded, which then is read and written again; so all events together cost n log n.
SessionAdded without_room(const View& view) noexcept {
  if (view.encoded_size() > kMaxSessionsSize) return SessionAdded::too_large;
  const std::size_t bytes = view.pending() * view.pending_width();
  if (bytes >= std::max(kLeastPending, view.encoded_size()) || view.pending() >= kMaxPending)
    return SessionAdded::needs_rebuild;
  return SessionAdded::needs_room;
}

// What is encoded has changed.
void store_encoded(char* state, const View& view, TimeUnit unit, std::int32_t sessions, std::size_t size,
                   std::int64_t previous) noexcept {
  const unsigned others = header_flags(state) & (View::kWorkingFlag | View::kWideFlag);
  start_header(state, SummaryKind::sessions, kSessionsVersion, sessions_flags(view.clock(), unit, others),
               sessions);
  store(state + View::kPrevious, previous);
  store(state + View::kEncodedSize, static_cast<std::uint32_t>(size));
}

// Encodes the last session behind the earlier ones, so that `s`, which is later, can take its place.
SessionAdded end_last_session(char* state, const View& view) noexcept {
  const Session last = view.last_session();
  const bool first_encoded = view.sessions() == 1;
  const TimeUnit needed = coarsest_unit(last);
  const TimeUnit unit = first_encoded ? needed : view.unit();
  if (needed < unit) return SessionAdded::needs_rebuild;
  SessionChain chain(unit, view.gap());
  chain.empty = first_encoded;
  chain.previous = load<std::int64_t>(state + View::kPrevious);
  char bytes[kMaxEncodedSession];
  const auto length = static_cast<std::size_t>(chain.put(bytes, last) - bytes);
  if (length > view.room()) return without_room(view);
  std::memcpy(state + view.encoded_at() + view.encoded_size(), bytes, length);
  store_encoded(state, view, unit, view.sessions() + 1, view.encoded_size() + length, chain.previous);
  return SessionAdded::done;
}

// Unites `s` with one that begins no later than the gap after its end, nor ends earlier than that before it.
// False beyond kMaxCount events.
bool unite(Session* s, const Session& other) noexcept {
  if (s->events > kMaxCount - other.events) return false;
  *s = {std::min(s->first, other.first), std::max(s->last, other.last), s->events + other.events};
  return true;
}

// Whether `later`, which does not end before `earlier` begins, is of the same session.
bool touches(const Session& earlier, const Session& later, std::int64_t gap) noexcept {
  return later.first <= earlier.last || continues(earlier.last, later.first, gap);
}

// Writes `s`, which begins before the last session, among the encoded ones or unites it with those it
// touches: of the bytes, those of the sessions united and of the one behind, whose distance changes, are
// replaced.
SessionAdded insert_in_place(char* state, const View& view, Session s) noexcept {
  const std::int64_t gap = view.gap();
  char* const begin = state + view.encoded_at();
  const char* const end = begin + view.encoded_size();
  const TimeUnit unit = view.sessions() == 1 ? coarsest_unit(s) : view.unit();
  SessionChain chain(unit, gap);
  SessionChain before = chain;
  const char* at = begin;
  const char* from = begin;
  Session next{};
  bool has_next = chain.get(&at, end, &next);
  for (; has_next && next.last < s.first && !continues(next.last, s.first, gap);
       has_next = chain.get(&at, end, &next)) {
    before = chain;
    from = at;
  }
  std::int32_t sessions = view.sessions();
  for (; has_next && touches(s, next, gap); has_next = chain.get(&at, end, &next)) {
    if (!unite(&s, next)) return SessionAdded::too_many;
    --sessions;
  }

  Session last = view.last_session();
  char bytes[2 * kMaxEncodedSession];
  char* to = bytes;
  if (!has_next && touches(s, last, gap)) {
    if (!unite(&last, s)) return SessionAdded::too_many;
  } else {
    if (coarsest_unit(s) < unit) return SessionAdded::needs_rebuild;
    to = before.put(to, s);
    ++sessions;
  }
  std::int64_t previous = before.previous;
  if (has_next) {
    to = before.put(to, next);
    previous = load<std::int64_t>(state + View::kPrevious);
  }
  const auto length = static_cast<std::size_t>(to - bytes);
  const auto replaced = static_cast<std::size_t>(at - from);
  if (length > replaced + view.room()) return without_room(view);
  char* const target = begin + (from - begin);
  std::memmove(target + length, at, static_cast<std::size_t>(end - at));
  std::memcpy(target, bytes, length);
  store(state + View::kFirst, last.first);
  store(state + View::kLast, last.last);
  store(state + View::kEvents, last.events);
  store_encoded(state, view, unit, sessions, view.encoded_size() + length - replaced, previous);
  return SessionAdded::done;
}

SessionAdded add_pending(char* state, std::size_t size, const View& view, const Session& s) noexcept {
  const bool is_event = s.events == 1 && s.first == s.last;
  if (!view.has_flag(View::kWideFlag) && !is_event) return SessionAdded::needs_rebuild;
  const std::size_t width = view.pending_width();
  if (view.room() < width) return without_room(view);
  const std::size_t pending = view.pending() + 1;
  char* const at = state + size - pending * width;
  if (width == sizeof s) {
    store(at, s);
  } else {
    store(at, s.first);
  }
  store(state + View::kPending, static_cast<std::uint32_t>(pending));
  return SessionAdded::done;
}

}  // namespace

double SessionTotals::browsing_seconds() const noexcept { return static_cast<double>(micros) / 1e6; }

double SessionTotals::mean_session_seconds() const noexcept {
  return static_cast<double>(micros) / (1e6 * static_cast<double>(sessions));
}

double SessionTotals::events_per_session() const noexcept {
  return static_cast<double>(events) / static_cast<double>(sessions);
}

double SessionTotals::bounce_rate() const noexcept {
  return static_cast<double>(bounces) / static_cast<double>(sessions);
}

SessionTotals SessionsView::totals() const noexcept {
  SessionTotals totals;
  std::uint64_t events = 0;  // of a forged state any sum
  const auto count = [&](const Session& s) {
    ++totals.sessions;
    events += static_cast<std::uint64_t>(s.events);
    totals.bounces += s.events == 1 ? 1 : 0;
    totals.micros += micros_between(s.first, s.last);
  };
  EncodedSessions earlier = encoded();
  for (Session s{}; earlier.next(&s);) count(s);
  count(last_session());
  totals.events = static_cast<std::int64_t>(events);
  return totals;
}

void sessions_start(char* state, Clock clock, std::int64_t gap, std::int64_t at) noexcept {
  start_header(state, SummaryKind::sessions, kSessionsVersion,
               sessions_flags(clock, TimeUnit::second, View::kWorkingFlag), 1);
  store(state + View::kGap, gap);
  store(state + View::kFirst, at);
  store(state + View::kLast, at);
  store(state + View::kEvents, std::int64_t{1});
  std::memset(state + View::kPrevious, 0, kSessionsFirstSize - View::kPrevious);
}

SessionAdded sessions_insert(char* state, std::size_t size, const Session& s) noexcept {
  const View view(state, size);
  if (!view.is_working()) return SessionAdded::needs_rebuild;
  const Session last = view.last_session();
  if (s.first < last.first) {
    if (view.encoded_size() <= kMostInPlace) return insert_in_place(state, view, s);
    return add_pending(state, size, view, s);
  }
  if (s.first <= last.last || continues(last.last, s.first, view.gap())) {
    if (last.events > kMaxCount - s.events) return SessionAdded::too_many;
    store(state + View::kLast, std::max(last.last, s.last));
    store(state + View::kEvents, last.events + s.events);
    return SessionAdded::done;
  }
  const SessionAdded ended = end_last_session(state, view);
  if (ended != SessionAdded::done) return ended;
  store(state + View::kFirst, s.first);
  store(state + View::kLast, s.last);
  store(state + View::kEvents, s.events);
  return SessionAdded::done;
}

std::size_t sessions_working_size(std::size_t used) noexcept {
  const std::size_t size = used + std::clamp(used, kLeastRoom, kMostRoom);
  if (size > kAllocatorClasses) return size;
  std::size_t power = kSessionsFirstSize;
  while (power < size) power *= 2;
  return power;
}

std::size_t sessions_grown_size(const char* state, std::size_t size) noexcept {
  return sessions_working_size(size - View(state, size).room());
}

void sessions_move(char* to, std::size_t to_size, const char* state, std::size_t size) noexcept {
  const View view(state, size);
  const std::size_t front = kSessionsWorkingSize + view.encoded_size();
  const std::size_t back = view.pending() * view.pending_width();
  std::memcpy(to + 4, state + 4, front - 4);
  std::memset(to + front, 0, to_size - front - back);
  std::memcpy(to + to_size - back, view.pending_at(), back);
}

}  // namespace persona
