// The summary `recent`: the last k items of a customer with their times, in at most 2,000 bytes. It is a flat
// run of bytes (docs/summaries/recent.md), oldest event first, so that the event a new one must beat stands
// in the first cache line and most rows of a long history cost one comparison:
//   header (dim = number of events) | times i64 each | of texts: lengths u8 each | items
// Flags: 1 = times are local, 2 = items are texts; the high byte is k. Events are ordered by time and, at one
// time, by item: the first in the order of bytes, or of numbers, counts as the newest, which is ORDER BY ts
// DESC, item COLLATE "C". The order is total up to equal events, so any partition keeps the same k events.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/summaries/calendar.h"
#include "core/summaries/state_header.h"

namespace persona {

inline constexpr std::uint8_t kRecentVersion = 1;
inline constexpr int kRecentMaxK = 100;
/// No state is larger: k items of a text's greatest length fill it.
inline constexpr std::size_t kRecentMaxSize = 2000;
/// The least state: one event of an empty text.
inline constexpr std::size_t kRecentLeastSize = 25;
/// The bytes of a bigint item, in the machine's order.
inline constexpr std::size_t kBigintItemSize = 8;

enum class ItemType { bigint, text };

struct RecentEvent {
  std::int64_t at;        ///< microseconds since 2000-01-01 00:00, finite
  std::string_view item;  ///< a text, or the kBigintItemSize bytes of a bigint
};

/// The bytes a text item may have beside k - 1 others: fixed by k, so that whether a row is refused depends
/// on that row alone.
inline constexpr std::size_t recent_item_limit(int k) noexcept {
  constexpr std::size_t kLongest = 255;
  const std::size_t share = (kRecentMaxSize - kHeaderSize) / static_cast<std::size_t>(k) - 9;
  return share < kLongest ? share : kLongest;
}

/// Throws 22001 when a text item has more bytes.
void recent_require_item_fits(std::size_t item_size, int k);

/// The flags of a header: all that must agree in what is put together. k from 1 to kRecentMaxK.
inline constexpr unsigned kRecentLocal = 1, kRecentTexts = 2, kRecentKShift = 8;
inline constexpr std::uint16_t recent_flags(Clock clock, ItemType type, int k) noexcept {
  return static_cast<std::uint16_t>((clock == Clock::local ? kRecentLocal : 0U) |
                                    (type == ItemType::text ? kRecentTexts : 0U) |
                                    (static_cast<unsigned>(k) << kRecentKShift));
}

/// Whether `a` comes before `b`, the newest first.
inline bool is_newer(const RecentEvent& a, const RecentEvent& b, ItemType type) noexcept {
  if (a.at != b.at) return a.at > b.at;
  if (type == ItemType::text) return a.item < b.item;
  return load<std::int64_t>(a.item.data()) < load<std::int64_t>(b.item.data());
}

/// Where the parts of a state lie. `size` is the whole state's.
class RecentView {
 public:
  static constexpr std::size_t kTimes = 16;

  RecentView(const char* state, std::size_t size) noexcept : state_(state), size_(size) {}

  const char* state() const noexcept { return state_; }
  std::uint16_t flags() const noexcept { return header_flags(state_); }
  Clock clock() const noexcept { return (flags() & kRecentLocal) != 0 ? Clock::local : Clock::utc; }
  ItemType item_type() const noexcept {
    return (flags() & kRecentTexts) != 0 ? ItemType::text : ItemType::bigint;
  }
  int k() const noexcept { return static_cast<int>(unsigned{flags()} >> kRecentKShift); }
  int count() const noexcept { return header_dim(state_); }

  /// Of the i-th event from the oldest.
  std::int64_t at(int i) const noexcept {
    return load<std::int64_t>(times() + 8 * static_cast<std::size_t>(i));
  }
  std::size_t item_size(int i) const noexcept {
    return item_type() == ItemType::text ? load<std::uint8_t>(lengths() + i) : kBigintItemSize;
  }

  const char* times() const noexcept { return state_ + kTimes; }
  const char* lengths() const noexcept { return times() + 8 * static_cast<std::size_t>(count()); }
  /// One byte for every text's length; none for bigints.
  std::size_t lengths_size() const noexcept {
    return item_type() == ItemType::text ? static_cast<std::size_t>(count()) : 0;
  }
  const char* items() const noexcept { return lengths() + lengths_size(); }
  const char* end() const noexcept { return state_ + size_; }

  RecentEvent oldest() const noexcept { return {at(0), {items(), item_size(0)}}; }

 private:
  const char* state_;
  std::size_t size_;
};

/// Goes through the events of a state, the newest first.
class RecentCursor {
 public:
  explicit RecentCursor(const RecentView& view) noexcept
      : view_(view), left_(view.count()), end_(view.end()) {}

  /// Events not yet gone through.
  int left() const noexcept { return left_; }
  /// Where the item of the current event ends; where the items begin when none is left.
  const char* end() const noexcept { return end_; }
  RecentEvent event() const noexcept {
    const std::size_t size = view_.item_size(left_ - 1);
    return {view_.at(left_ - 1), {end_ - size, size}};
  }
  void next() noexcept { end_ -= view_.item_size(--left_); }

 private:
  RecentView view_;
  int left_;
  const char* end_;
};

/// The size of a state of one event.
inline std::size_t recent_first_size(std::uint16_t flags, const RecentEvent& event) noexcept {
  return RecentView::kTimes + 8 + ((flags & kRecentTexts) != 0 ? 1 : 0) + event.item.size();
}

/// Writes a state of one event.
void recent_start(char* state, std::uint16_t flags, const RecentEvent& event) noexcept;

/// Whether the event is among the last k. If not, the state stays as it is. An item's size is the caller's to
/// bound by recent_item_limit().
bool recent_takes(const RecentView& view, const RecentEvent& event) noexcept;

/// The size of the state with an event that it takes.
std::size_t recent_added_size(const RecentView& view, const RecentEvent& event) noexcept;

/// Adds an event that the state takes in place, in memory for the greater of its size and
/// recent_added_size(). The event's item does not lie in the state.
void recent_add(char* state, std::size_t size, const RecentEvent& event) noexcept;

/// Throws unless two states, or a state and a row, may be put together: 22000 when one has local times or
/// texts and the other not, 22023 when k differs.
void recent_require_same(std::uint16_t flags, std::uint16_t other);

/// The size of the merged state. Throws as recent_require_same().
std::size_t recent_merged_size(const RecentView& a, const RecentView& b);

/// Merges disjoint histories into the recent_merged_size() bytes of `to`, which overlap neither. The same
/// bytes whichever is first.
void recent_merge(char* to, std::size_t size, const RecentView& a, const RecentView& b) noexcept;

/// Throws persona::Error{sqlstate, message, what is wrong} unless the bytes are a state in its one form. The
/// first four bytes are not looked at, nor the encoding of texts.
void recent_check(const char* state, std::size_t size, const char* sqlstate, const char* message);

/// "recent:1 utc bigint k=10 events=762600600000000:7,762600000000000:42", the newest first; texts quoted.
std::string recent_to_text(const char* state, std::size_t size);

/// A checked state, its first four bytes zero. Throws 22P02.
std::string recent_from_text(std::string_view text);

/// The state without its length word, every number in network order.
std::string recent_to_binary(const char* state, std::size_t size);

/// A checked state, its first four bytes zero. Throws 22P03. Texts may hold any bytes but zero.
std::string recent_from_binary(std::string_view message);

}  // namespace persona
