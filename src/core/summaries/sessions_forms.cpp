// Checking a stored sessions state, and its text and binary forms.
#include <algorithm>
#include <string>
#include <vector>

#include "core/summaries/sessions.h"
#include "core/summaries/text_form.h"

namespace persona {
namespace {

using View = SessionsView;

constexpr const char* kType = "persona.sessions";
constexpr const char* kBinaryMessage = "invalid binary form of type persona.sessions";
constexpr std::size_t kLengthWord = 4;
constexpr unsigned kStoredFlags = View::kLocalFlag | (View::kUnitMask << View::kUnitShift);

// Whether events of these numbers can be so far apart: each is at most the gap after the one before.
bool duration_fits(const Session& s, std::int64_t gap) noexcept {
  __extension__ using Wide = unsigned __int128;
  return micros_between(s.first, s.last) <=
         static_cast<Wide>(s.events - 1) * static_cast<Wide>(static_cast<std::uint64_t>(gap));
}

const char* wrong_layout(const char* state, std::size_t size) {
  if (size < kSessionsStoredSize) return "The value is too short.";
  if (size > kMaxSessionsSize) return "The value is longer than 64 MB.";
  if (!header_matches(state, size, SummaryKind::sessions, kSessionsVersion, kSessionsStoredSize))
    return "The kind or the format version is not known.";
  const View view(state, size);
  if ((header_flags(state) & ~kStoredFlags) != 0 || load<std::uint32_t>(state + 12) != 0 ||
      view.unit() > TimeUnit::second)
    return "Reserved bits are set.";
  return nullptr;
}

const char* wrong_last_session(const View& view) {
  const Session last = view.last_session();
  if (view.gap() < 1) return "The gap is not positive.";
  if (last.events < 1 || last.events > kMaxCount) return "A number of events is out of range.";
  if (!is_finite_time(last.first) || !is_finite_time(last.last)) return "A time is out of range.";
  if (last.first > last.last) return "A session ends before it begins.";
  return nullptr;
}

const char* wrong_sessions(const View& view) {
  EncodedSessions earlier = view.encoded();
  Session last = view.last_session();
  std::int64_t sessions = 1;
  std::int64_t events = last.events;
  TimeUnit unit = TimeUnit::second;
  constexpr const char* kTooLong = "A session is longer than its events and the gap allow.";
  Session s{};
  while (earlier.next(&s)) {
    ++sessions;
    if (events > kMaxCount - s.events) return "The number of events is out of range.";
    events += s.events;
    unit = std::min(unit, coarsest_unit(s));
    if (!duration_fits(s, view.gap())) return kTooLong;
  }
  if (!earlier.at_end()) return "The bytes of the sessions are not in their one form or out of range.";
  if (sessions != view.sessions()) return "The number of sessions does not fit the contents.";
  if (unit != view.unit()) return "The unit of time is not the coarsest.";
  if (!duration_fits(last, view.gap())) return kTooLong;
  if (sessions > 1 && (last.first <= s.last || continues(s.last, last.first, view.gap())))
    return "The last two sessions are not further apart than the gap.";
  return nullptr;
}

// Swaps the numbers before the encoded sessions, which are the same in every order; the same both ways.
void swap_state(char* to, const char* from) {
  swap_network_order(to + 6, from + 6, 2);
  swap_network_order(to + 8, from + 8, 4);
  swap_network_order(to + 12, from + 12, 4);
  for (std::size_t at = kHeaderSize; at < kSessionsStoredSize; at += 8)
    swap_network_order(to + at, from + at, 8);
}

void append_session(std::string& to, const Session& s) {
  append_integer(to, s.first);
  to += ':';
  append_integer(to, s.events);
  if (s.events == 1) return;
  to += ':';
  append_integer(to, s.last);
}

// "762600600000000:3:762600690000000,762687000000000:1", ascending and further apart than the gap.
std::vector<Session> read_sessions(TextReader& in, std::int64_t gap) {
  std::vector<Session> sessions;
  std::int64_t events_left = kMaxCount;
  std::int64_t least = kFirstMicros;
  for (;;) {
    Session s{};
    s.first = in.integer(least, kEndMicros - 1);
    in.expect(":");
    s.events = in.integer(1, events_left);
    s.last = s.first;
    if (s.events > 1) {
      in.expect(":");
      s.last = in.integer(s.first, kEndMicros - 1);
      if (!duration_fits(s, gap))
        in.fail("a session no longer than its events and the gap allow, before this");
    }
    sessions.push_back(s);
    if (!in.accept(",")) return sessions;
    events_left -= s.events;
    if (events_left == 0 || continues(s.last, kEndMicros - 1, gap)) in.fail("no further session");
    least = s.last + gap + 1;
  }
}

}  // namespace

void sessions_check(const char* state, std::size_t size, const char* sqlstate, const char* message) {
  const View view(state, size);
  const char* wrong = wrong_layout(state, size);
  if (wrong == nullptr) wrong = wrong_last_session(view);
  if (wrong == nullptr) wrong = wrong_sessions(view);
  if (wrong != nullptr) throw Error(sqlstate, message, wrong);
}

std::string sessions_to_text(const char* state, std::size_t size) {
  const View view(state, size);
  std::string to = "sessions:";
  append_integer(to, kSessionsVersion);
  to += view.clock() == Clock::local ? " local" : " utc";
  to += " gap=";
  append_integer(to, view.gap());
  to += " sessions=";
  EncodedSessions earlier = view.encoded();
  for (Session s{}; earlier.next(&s);) {
    append_session(to, s);
    to += ',';
  }
  append_session(to, view.last_session());
  return to;
}

std::string sessions_from_text(std::string_view text) {
  TextReader in(text, kType);
  in.expect("sessions:");
  in.expect(std::to_string(kSessionsVersion) + " ");
  const bool local = in.accept("local");
  if (!local) in.expect("utc");
  in.expect(" gap=");
  const std::int64_t gap = in.integer(1, INT64_MAX);
  in.expect(" sessions=");
  const std::vector<Session> sessions = read_sessions(in, gap);
  in.expect_end();
  std::string bytes = sessions_written(sessions, local ? Clock::local : Clock::utc, gap);
  sessions_check(bytes.data(), bytes.size(), sqlstate::kInvalidText, invalid_text_message(kType).c_str());
  return bytes;
}

std::string sessions_to_binary(const char* state, std::size_t size) {
  std::string bytes(state, size);
  swap_state(bytes.data(), state);
  bytes.erase(0, kLengthWord);
  return bytes;
}

std::string sessions_from_binary(std::string_view message) {
  const std::size_t size = message.size() + kLengthWord;
  if (size < kSessionsStoredSize)
    throw Error(sqlstate::kInvalidBinary, kBinaryMessage, "The value is too short.");
  std::string bytes(kLengthWord, '\0');
  bytes += message;
  swap_state(bytes.data(), bytes.data());
  sessions_check(bytes.data(), size, sqlstate::kInvalidBinary, kBinaryMessage);
  return bytes;
}

}  // namespace persona
