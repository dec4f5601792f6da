// The summary `sessions`: visits, that is runs of events of which each comes at most `gap` after the one
// before. Kept are every session's first and last time and number of events, so that parts which overlap or
// come in any order unite exactly (docs/summaries/sessions.md). A stored state is a flat run of bytes:
//   header (dim = sessions) | gap i64 | last session: first, last, events i64 | earlier ones, encoded
// Flag 1: times are local. Flags 2, 4: the unit of the encoded times. While an aggregate runs its state has a
// working form, flag 8, in which events are taken in at little cost whatever their order and number:
//   the first 48 bytes of above | previous i64 | bytes encoded u32 | pending u32 | encoded -> room <- pending
// An event within the gap of the last session or after it costs a few stores. An earlier one is written where
// it belongs while few sessions are encoded; later it waits at the end, unsorted, until those that wait are
// as many bytes as what is encoded (flag 16: they are whole sessions, as rollup has them). The working form
// never leaves an aggregate. The first four bytes are never touched here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/summaries/sessions_coding.h"

namespace persona {

inline constexpr std::uint8_t kSessionsVersion = 1;
/// The size of a stored state of one session: the least there is.
inline constexpr std::size_t kSessionsStoredSize = 48;
/// The size of a working state of one session without room.
inline constexpr std::size_t kSessionsWorkingSize = 64;
/// What an aggregate begins with: most customers' states never outgrow it, and a state that moves leaves a
/// hole behind which costs as much in the caches as the state does.
inline constexpr std::size_t kSessionsFirstSize = 128;
/// The largest state; at 4 to 28 bytes a session that is 2.4 million of them at least.
inline constexpr std::size_t kMaxSessionsSize = std::size_t{64} << 20U;
inline constexpr std::int64_t kDefaultSessionGap = 1'800'000'000;

enum class SessionAdded {
  done,
  needs_room,     ///< enlarge it to sessions_grown_size() by sessions_move(), then add again
  needs_rebuild,  ///< replace it by sessions_rebuilt(), then add again
  too_many,       ///< beyond kMaxCount events
  too_large,      ///< beyond kMaxSessionsSize
};

/// What the accessors answer.
struct SessionTotals {
  std::int64_t sessions = 0;
  std::int64_t events = 0;
  std::int64_t bounces = 0;  ///< sessions of exactly one event
  std::uint64_t micros = 0;  ///< sum of last - first

  double browsing_seconds() const noexcept;
  double mean_session_seconds() const noexcept;
  double events_per_session() const noexcept;
  double bounce_rate() const noexcept;
};

/// The encoded sessions of a state, ascending.
class EncodedSessions {
 public:
  EncodedSessions(const char* begin, const char* end, SessionChain chain) noexcept
      : at_(begin), end_(end), chain_(chain) {}
  bool next(Session* s) noexcept { return chain_.get(&at_, end_, s); }
  /// Whether next() answered false because all were read.
  bool at_end() const noexcept { return at_ == end_; }

 private:
  const char* at_;
  const char* end_;
  SessionChain chain_;
};

/// Where the parts of a state lie, in either form. `size` is the whole state's.
class SessionsView {
 public:
  static constexpr std::size_t kGap = 16, kFirst = 24, kLast = 32, kEvents = 40;
  static constexpr std::size_t kPrevious = 48, kEncodedSize = 56, kPending = 60;  // of the working form
  static constexpr unsigned kLocalFlag = 1, kUnitShift = 1, kUnitMask = 3, kWorkingFlag = 8, kWideFlag = 16;

  SessionsView(const char* state, std::size_t size) noexcept : state_(state), size_(size) {}

  bool has_flag(unsigned flag) const noexcept { return (header_flags(state_) & flag) != 0; }
  bool is_working() const noexcept { return has_flag(kWorkingFlag); }
  Clock clock() const noexcept { return has_flag(kLocalFlag) ? Clock::local : Clock::utc; }
  TimeUnit unit() const noexcept {
    return static_cast<TimeUnit>((unsigned{header_flags(state_)} >> kUnitShift) & kUnitMask);
  }
  /// The number of encoded sessions and the last; the pending ones are not counted.
  std::int32_t sessions() const noexcept { return header_dim(state_); }
  std::int64_t gap() const noexcept { return load<std::int64_t>(state_ + kGap); }
  Session last_session() const noexcept {
    return {load<std::int64_t>(state_ + kFirst), load<std::int64_t>(state_ + kLast),
            load<std::int64_t>(state_ + kEvents)};
  }

  std::size_t encoded_at() const noexcept {
    return is_working() ? kSessionsWorkingSize : kSessionsStoredSize;
  }
  std::size_t encoded_size() const noexcept {
    return is_working() ? load<std::uint32_t>(state_ + kEncodedSize) : size_ - kSessionsStoredSize;
  }
  EncodedSessions encoded() const noexcept {
    const char* const begin = state_ + encoded_at();
    return {begin, begin + encoded_size(), SessionChain(unit(), gap())};
  }

  std::size_t pending() const noexcept { return is_working() ? load<std::uint32_t>(state_ + kPending) : 0; }
  /// Bytes of one that is pending.
  std::size_t pending_width() const noexcept { return has_flag(kWideFlag) ? sizeof(Session) : 8; }
  const char* pending_at() const noexcept { return state_ + size_ - pending() * pending_width(); }
  /// Number 0 to pending() - 1, in no order.
  Session pending_session(std::size_t i) const noexcept {
    const char* const at = pending_at() + i * pending_width();
    if (has_flag(kWideFlag)) return load<Session>(at);
    const auto time = load<std::int64_t>(at);
    return {time, time, 1};
  }
  /// Bytes that nothing fills.
  std::size_t room() const noexcept {
    return size_ - encoded_at() - encoded_size() - pending() * pending_width();
  }

  /// Of a stored state.
  SessionTotals totals() const noexcept;

 private:
  const char* state_;
  std::size_t size_;
};

/// The flags of a header.
inline std::uint16_t sessions_flags(Clock clock, TimeUnit unit, unsigned others = 0) noexcept {
  return static_cast<std::uint16_t>((clock == Clock::local ? SessionsView::kLocalFlag : 0U) |
                                    (static_cast<unsigned>(unit) << SessionsView::kUnitShift) | others);
}

/// Writes a working state of one event: kSessionsFirstSize bytes.
void sessions_start(char* state, Clock clock, std::int64_t gap, std::int64_t at) noexcept;

/// Adds a session to a working state, wholly or (any answer but done) not at all.
SessionAdded sessions_insert(char* state, std::size_t size, const Session& s) noexcept;

/// The same for an event: the aggregate's hot path.
inline SessionAdded sessions_add(char* state, std::size_t size, std::int64_t at) noexcept {
  using View = SessionsView;
  const auto last = load<std::int64_t>(state + View::kLast);
  const bool continues_last = at >= load<std::int64_t>(state + View::kFirst) &&
                              (at <= last || continues(last, at, load<std::int64_t>(state + View::kGap)));
  if (!continues_last) return sessions_insert(state, size, {at, at, 1});
  if (at > last) store(state + View::kLast, at);
  store(state + View::kEvents, load<std::int64_t>(state + View::kEvents) + 1);
  return SessionAdded::done;
}

/// The size of a working state of `used` bytes and as much room again, within bounds.
std::size_t sessions_working_size(std::size_t used) noexcept;

/// The size to which a working state grows next.
std::size_t sessions_grown_size(const char* state, std::size_t size) noexcept;

/// Copies a working state into the larger memory `to`, the room between its parts set to zero.
void sessions_move(char* to, std::size_t to_size, const char* state, std::size_t size) noexcept;

/// A working state of at least `size` bytes with the same sessions, nothing pending, and room, in which
/// `next` can be taken in; from a state in either form. Throws as sessions_stored().
std::string sessions_rebuilt(const char* state, std::size_t size, const Session& next);

/// The sessions of a state in either form, ascending and further apart than the gap. Throws 22003 beyond
/// kMaxCount events, XX000 when the bytes are no sessions.
std::vector<Session> sessions_listed(const char* state, std::size_t size);

/// The stored form of one or more sessions, ascending and further apart than the gap. Throws 22003 beyond
/// kMaxCount events, 54000 beyond kMaxSessionsSize bytes.
std::string sessions_written(const std::vector<Session>& sessions, Clock clock, std::int64_t gap);

/// The one stored form of a state in either form. Throws as sessions_written(), and XX000 when the bytes
/// are no sessions.
std::string sessions_stored(const char* state, std::size_t size);

/// The stored union of two states in either form; the same bytes whichever is first. Throws as
/// sessions_require() and sessions_stored().
std::string sessions_merged(const char* a, std::size_t size_a, const char* b, std::size_t size_b);

/// Throws 22000 unless the state is of this clock, 22023 unless it has this gap.
void sessions_require(const SessionsView& state, Clock clock, std::int64_t gap);

/// Throws XX000 unless the parts of a state lie within its size and its last session can be one.
void sessions_require_layout(const SessionsView& state, std::size_t size);

/// Throws what an answer other than done, needs_room and needs_rebuild means.
[[noreturn]] void sessions_refuse(SessionAdded answer);
[[noreturn]] void sessions_corrupt();

/// Throws persona::Error{sqlstate, message, what is wrong} unless the bytes are a stored state in its one
/// form that some events can have led to, as far as can be told. The first four bytes are not looked at.
void sessions_check(const char* state, std::size_t size, const char* sqlstate, const char* message);

/// "sessions:1 utc gap=1800000000 sessions=762600600000000:3:762600690000000,762687000000000:1": of each
/// session its first time, the events and, where they are more than one, its last time.
std::string sessions_to_text(const char* state, std::size_t size);

/// A checked stored state, its first four bytes zero. Throws 22P02.
std::string sessions_from_text(std::string_view text);

/// The stored state without its length word, every number in network order.
std::string sessions_to_binary(const char* state, std::size_t size);

/// A checked stored state, its first four bytes zero. Throws 22P03.
std::string sessions_from_binary(std::string_view message);

}  // namespace persona
