// Adding to the working form of sessions, and the accessors; layout and rules are in sessions.h.
#include "core/summaries/sessions.h"

#include <algorithm>
#include <cstring>

namespace persona {
namespace {

using View = SessionsView;

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
  store(state + View::kEncodedSize, static_cast<std::uint32_t>(view.encoded_size() + length));
  store(state + View::kPrevious, chain.previous);
  const unsigned others = header_flags(state) & (View::kWorkingFlag | View::kWideFlag);
  start_header(state, SummaryKind::sessions, kSessionsVersion, sessions_flags(view.clock(), unit, others),
               view.sessions() + 1);
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
  store(state + View::kPrevious, std::int64_t{0});
  store(state + View::kEncodedSize, std::uint32_t{0});
  store(state + View::kPending, std::uint32_t{0});
}

SessionAdded sessions_insert(char* state, std::size_t size, const Session& s) noexcept {
  const View view(state, size);
  const Session last = view.last_session();
  if (s.first < last.first) return add_pending(state, size, view, s);
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
  const std::size_t front = kSessionsFirstSize + view.encoded_size();
  const std::size_t back = view.pending() * view.pending_width();
  std::memcpy(to + 4, state + 4, front - 4);
  std::memset(to + front, 0, to_size - front - back);
  std::memcpy(to + to_size - back, view.pending_at(), back);
}

}  // namespace persona
