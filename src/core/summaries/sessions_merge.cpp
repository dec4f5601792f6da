// Uniting sessions: a state read in full, what is pending in it sorted and merged in, and written again in
// the stored or the working form. Two sessions are one where the later begins at most the gap after the
// earlier's last event; as the events within a session are never further apart, that is exact for overlaps
// too.
#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "core/summaries/sessions.h"
#include "core/summaries/text_form.h"

namespace persona {
namespace {

using View = SessionsView;
using Sessions = std::vector<Session>;  // ascending, further apart than the gap

// Adds a session that begins no earlier than those before it.
void append(Sessions* to, const Session& s, std::int64_t gap) {
  if (to->empty()) {
    to->push_back(s);
    return;
  }
  Session& last = to->back();
  if (s.first > last.last && !continues(last.last, s.first, gap)) {
    to->push_back(s);
    return;
  }
  last.last = std::max(last.last, s.last);
  last.events += s.events;
  if (last.events > kMaxCount) sessions_refuse(SessionAdded::too_many);
}

Sessions united(const Sessions& a, const Sessions& b, std::int64_t gap) {
  Sessions all;
  all.reserve(a.size() + b.size());
  auto from_a = a.begin();
  auto from_b = b.begin();
  while (from_a != a.end() || from_b != b.end()) {
    const bool take_a = from_b == b.end() || (from_a != a.end() && from_a->first <= from_b->first);
    append(&all, take_a ? *from_a++ : *from_b++, gap);
  }
  return all;
}

// Of a state that may be forged.
void require_session(const Session& s) {
  if (!is_finite_time(s.first) || !is_finite_time(s.last) || s.first > s.last || s.events < 1 ||
      s.events > kMaxCount)
    sessions_corrupt();
}

Sessions pending_of(const View& view) {
  Sessions sorted;
  if (view.has_flag(View::kWideFlag)) {
    Sessions sessions(view.pending());
    for (std::size_t i = 0; i < sessions.size(); ++i) sessions[i] = view.pending_session(i);
    std::sort(sessions.begin(), sessions.end(),
              [](const Session& a, const Session& b) { return a.first < b.first; });
    std::for_each(sessions.begin(), sessions.end(), require_session);
    for (const Session& s : sessions) append(&sorted, s, view.gap());
  } else {
    std::vector<std::int64_t> times(view.pending());
    std::memcpy(times.data(), view.pending_at(), times.size() * sizeof times[0]);
    std::sort(times.begin(), times.end());
    for (const std::int64_t at : times) append(&sorted, {at, at, 1}, view.gap());
  }
  return sorted;
}

struct Encoded {
  std::string bytes;
  std::int64_t previous = 0;  ///< where the chain stands
};

// All but the last.
Encoded encode(const Sessions& sessions, TimeUnit unit, std::int64_t gap) {
  Encoded encoded;
  SessionChain chain(unit, gap);
  char bytes[kMaxEncodedSession];
  for (std::size_t i = 0; i + 1 < sessions.size(); ++i) {
    const char* const end = chain.put(bytes, sessions[i]);
    encoded.bytes.append(bytes, static_cast<std::size_t>(end - bytes));
  }
  if (encoded.bytes.size() + kSessionsWorkingSize > kMaxSessionsSize)
    sessions_refuse(SessionAdded::too_large);
  encoded.previous = chain.previous;
  return encoded;
}

// Of the first `count` sessions.
TimeUnit unit_of(const Sessions& sessions, std::size_t count) noexcept {
  TimeUnit unit = TimeUnit::second;
  for (std::size_t i = 0; i < count && unit != TimeUnit::microsecond; ++i)
    unit = std::min(unit, coarsest_unit(sessions[i]));
  return unit;
}

void write_front(char* state, std::uint16_t flags, std::size_t sessions, const Session& last,
                 std::int64_t gap) {
  start_header(state, SummaryKind::sessions, kSessionsVersion, flags, static_cast<std::int32_t>(sessions));
  store(state + View::kGap, gap);
  store(state + View::kFirst, last.first);
  store(state + View::kLast, last.last);
  store(state + View::kEvents, last.events);
}

// The stored form of a state whose encoded bytes are already those of the stored form: nothing is pending and
// the unit is the coarsest. Otherwise, or where anything is wrong, no bytes.
std::string stored_as_encoded(const char* state, const View& view) {
  const Session last = view.last_session();
  std::int64_t events = last.events;
  std::size_t sessions = 1;
  TimeUnit unit = TimeUnit::second;
  EncodedSessions earlier = view.encoded();
  Session s{};
  for (; earlier.next(&s); ++sessions) {
    if (events > kMaxCount - s.events) return {};
    events += s.events;
    unit = std::min(unit, coarsest_unit(s));
  }
  const std::size_t size = view.encoded_size();
  if (view.pending() > 0 || !earlier.at_end() || sessions != static_cast<std::size_t>(view.sessions()) ||
      (sessions > 1 &&
       (unit != view.unit() || last.first <= s.last || continues(s.last, last.first, view.gap()))) ||
      kSessionsStoredSize + size > kMaxSessionsSize)
    return {};
  std::string bytes(kSessionsStoredSize + size, '\0');
  write_front(bytes.data(), sessions_flags(view.clock(), unit), sessions, last, view.gap());
  std::memcpy(bytes.data() + kSessionsStoredSize, state + view.encoded_at(), size);
  return bytes;
}

std::string seconds(std::int64_t micros) {
  std::string text;
  append_integer(text, micros / 1'000'000);
  if (micros % 1'000'000 != 0) {
    text += '.';
    std::string digits = std::to_string(1'000'000 + micros % 1'000'000).substr(1);
    digits.erase(digits.find_last_not_of('0') + 1);
    text += digits;
  }
  return text += micros == 1'000'000 ? " second" : " seconds";
}

}  // namespace

std::vector<Session> sessions_listed(const char* state, std::size_t size) {
  const View view(state, size);
  sessions_require_layout(view, size);
  Sessions sessions;
  // Every session takes two bytes at least, whatever a forged state says of their number.
  sessions.reserve(view.encoded_size() / 2 + 1);
  EncodedSessions earlier = view.encoded();
  for (Session s{}; earlier.next(&s);) sessions.push_back(s);
  if (!earlier.at_end()) sessions_corrupt();
  append(&sessions, view.last_session(), view.gap());
  if (view.pending() == 0) return sessions;
  return united(sessions, pending_of(view), view.gap());
}

std::string sessions_written(const std::vector<Session>& sessions, Clock clock, std::int64_t gap) {
  std::int64_t events = 0;
  for (const Session& s : sessions) {
    if (events > kMaxCount - s.events) sessions_refuse(SessionAdded::too_many);
    events += s.events;
  }
  const TimeUnit unit = unit_of(sessions, sessions.size() - 1);
  const Encoded encoded = encode(sessions, unit, gap);
  std::string bytes(kSessionsStoredSize, '\0');
  write_front(bytes.data(), sessions_flags(clock, unit), sessions.size(), sessions.back(), gap);
  return bytes += encoded.bytes;
}

std::string sessions_rebuilt(const char* state, std::size_t size, const Session& next) {
  const View view(state, size);
  const Sessions sessions = sessions_listed(state, size);
  // Of the last session too, which is encoded next; and never coarser than it was, so that a state is rebuilt
  // for its unit twice at most.
  TimeUnit unit = std::min(unit_of(sessions, sessions.size()), coarsest_unit(next));
  if (view.is_working()) unit = std::min(unit, view.unit());
  const bool wide = view.has_flag(View::kWideFlag) || next.events > 1;
  const Encoded encoded = encode(sessions, unit, view.gap());
  const std::size_t used = kSessionsWorkingSize + encoded.bytes.size();
  std::string bytes(std::max(size, sessions_working_size(used)), '\0');
  const unsigned others = View::kWorkingFlag | (wide ? View::kWideFlag : 0U);
  write_front(bytes.data(), sessions_flags(view.clock(), unit, others), sessions.size(), sessions.back(),
              view.gap());
  store(bytes.data() + View::kPrevious, encoded.previous);
  store(bytes.data() + View::kEncodedSize, static_cast<std::uint32_t>(encoded.bytes.size()));
  encoded.bytes.copy(bytes.data() + kSessionsWorkingSize, encoded.bytes.size());
  return bytes;
}

std::string sessions_stored(const char* state, std::size_t size) {
  const View view(state, size);
  sessions_require_layout(view, size);
  std::string bytes = stored_as_encoded(state, view);
  if (!bytes.empty()) return bytes;
  return sessions_written(sessions_listed(state, size), view.clock(), view.gap());
}

std::string sessions_merged(const char* a, std::size_t size_a, const char* b, std::size_t size_b) {
  const View first(a, size_a);
  const View second(b, size_b);
  sessions_require(first, second.clock(), second.gap());
  return sessions_written(united(sessions_listed(a, size_a), sessions_listed(b, size_b), first.gap()),
                          first.clock(), first.gap());
}

void sessions_require(const SessionsView& state, Clock clock, std::int64_t gap) {
  if (state.clock() != clock) {
    throw Error(sqlstate::kDataException, "cannot merge sessions of UTC times with those of local times",
                "timestamptz events make UTC states; timestamp and date events make local ones.",
                "Build both from the same type, for instance from ts AT TIME ZONE 'Europe/Paris'.");
  }
  if (state.gap() != gap) {
    throw Error(sqlstate::kInvalidParameter, "cannot merge sessions of different gaps",
                "One gap is " + seconds(state.gap()) + ", the other " + seconds(gap) + ".",
                "Give every row and every part the same gap.");
  }
}

void sessions_require_layout(const SessionsView& state, std::size_t size) {
  std::size_t rest = size;
  const auto take = [&](std::size_t bytes) {
    if (bytes > rest) sessions_corrupt();
    rest -= bytes;
  };
  take(state.encoded_at());
  take(state.encoded_size());
  take(state.pending() * state.pending_width());
  if (state.unit() > TimeUnit::second || state.sessions() < 1 || state.gap() < 1) sessions_corrupt();
  require_session(state.last_session());
}

void sessions_refuse(SessionAdded answer) {
  if (answer == SessionAdded::too_large) {
    throw Error(sqlstate::kProgramLimit, "sessions summary is too large",
                "A sessions summary may have at most 64 MB, which is millions of sessions.",
                "Group by more columns, such as the customer, or give a longer gap.");
  }
  throw Error(sqlstate::kNumericOutOfRange, "too many events in one sessions summary");
}

void sessions_corrupt() {
  throw Error(sqlstate::kInternalError, "the bytes of a sessions summary are corrupt");
}

}  // namespace persona
