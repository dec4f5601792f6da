// Checking a state of recent items, and its text and binary forms.
#include <algorithm>
#include <vector>

#include "core/summaries/recent.h"
#include "core/summaries/text_form.h"

namespace persona {
namespace {

constexpr const char* kType = "persona.recent";
constexpr const char* kBinaryMessage = "invalid binary form of type persona.recent";
constexpr std::size_t kLengthWord = 4;

const char* wrong_layout(const char* state, std::size_t size) {
  constexpr const char* kWrongLength = "The length does not fit the contents.";
  if (size < kRecentLeastSize || size > kRecentMaxSize) return kWrongLength;
  if (!header_matches(state, size, SummaryKind::recent, kRecentVersion, kRecentLeastSize))
    return "The kind or the format version is not known.";
  const RecentView view(state, size);
  const int k = view.k();
  if (load<std::uint32_t>(state + 12) != 0 || view.flags() != recent_flags(view.clock(), view.item_type(), k))
    return "Reserved bits are set.";
  if (k < 1 || k > kRecentMaxK) return "The number of items to keep is out of range.";
  if (view.count() < 1 || view.count() > k) return "The number of events is out of range.";
  // The lengths stand inside before they are read.
  const std::size_t items_at =
      RecentView::kTimes + 8 * static_cast<std::size_t>(view.count()) + view.lengths_size();
  if (items_at > size) return kWrongLength;
  std::size_t items_size = 0;
  for (int i = 0; i < view.count(); ++i) {
    if (view.item_type() == ItemType::text && view.item_size(i) > recent_item_limit(k))
      return "An item is too long.";
    items_size += view.item_size(i);
  }
  return items_at + items_size == size ? nullptr : kWrongLength;
}

const char* wrong_events(const RecentView& view) {
  RecentCursor cursor(view);
  RecentEvent newer = cursor.event();
  for (; cursor.left() > 0; cursor.next()) {
    const RecentEvent event = cursor.event();
    if (!is_finite_time(event.at)) return "A time is out of range.";
    if (is_newer(event, newer, view.item_type())) return "The events are not in their order.";
    if (view.item_type() == ItemType::text && event.item.find('\0') != std::string_view::npos)
      return "An item has a zero byte.";
    newer = event;
  }
  return nullptr;
}

// Swaps every number of a state of this shape; the same both ways. `count` times, and with `bigints` as many
// items, lie within `size`.
void swap_state(char* to, const char* from, std::size_t size, int count, bool bigints) {
  std::copy(from + kLengthWord, from + size, to + kLengthWord);
  const auto swap = [&](std::size_t at, int bytes) { swap_network_order(to + at, to + at, bytes); };
  swap(6, 2);
  swap(8, 4);
  swap(12, 4);
  const std::size_t numbers = static_cast<std::size_t>(count) * (bigints ? 2 : 1);
  for (std::size_t i = 0; i < numbers; ++i) swap(RecentView::kTimes + 8 * i, 8);
}

// The bytes of a state of these events, the newest first, not yet checked.
std::string state_of(std::uint16_t flags, const std::vector<std::int64_t>& times,
                     const std::vector<std::string>& items) {
  const std::size_t count = times.size();
  std::string bytes(RecentView::kTimes + 8 * count, '\0');
  start_header(bytes.data(), SummaryKind::recent, kRecentVersion, flags, static_cast<std::int32_t>(count));
  for (std::size_t i = 0; i < count; ++i)
    store(bytes.data() + RecentView::kTimes + 8 * i, times[count - 1 - i]);
  if ((flags & kRecentTexts) != 0) {
    std::for_each(items.rbegin(), items.rend(),
                  [&](const std::string& item) { bytes.push_back(static_cast<char>(item.size())); });
  }
  std::for_each(items.rbegin(), items.rend(), [&](const std::string& item) { bytes += item; });
  return bytes;
}

std::string read_item(TextReader& in, ItemType type, int k) {
  if (type == ItemType::text) {
    std::string item = in.quoted();
    if (item.size() > recent_item_limit(k))
      in.fail("an item of at most " + std::to_string(recent_item_limit(k)) + " bytes, before this");
    return item;
  }
  char bytes[kBigintItemSize];
  store(bytes, in.integer(INT64_MIN, INT64_MAX));
  return {bytes, sizeof bytes};
}

}  // namespace

void recent_check(const char* state, std::size_t size, const char* sqlstate, const char* message) {
  const char* wrong = wrong_layout(state, size);
  if (wrong == nullptr) wrong = wrong_events(RecentView(state, size));
  if (wrong != nullptr) throw Error(sqlstate, message, wrong);
}

std::string recent_to_text(const char* state, std::size_t size) {
  const RecentView view(state, size);
  std::string to = "recent:";
  append_integer(to, kRecentVersion);
  to += view.clock() == Clock::local ? " local" : " utc";
  to += view.item_type() == ItemType::text ? " text" : " bigint";
  to += " k=";
  append_integer(to, view.k());
  to += " events=";
  const char* separator = "";
  for (RecentCursor cursor(view); cursor.left() > 0; cursor.next()) {
    const RecentEvent event = cursor.event();
    to += separator;
    append_integer(to, event.at);
    to += ':';
    if (view.item_type() == ItemType::text) {
      append_quoted(to, event.item);
    } else {
      append_integer(to, load<std::int64_t>(event.item.data()));
    }
    separator = ",";
  }
  return to;
}

std::string recent_from_text(std::string_view text) {
  TextReader in(text, kType);
  in.expect("recent:");
  in.expect(std::to_string(kRecentVersion) + " ");
  const bool local = in.accept("local ");
  if (!local) in.expect("utc ");
  const ItemType type = in.accept("text ") ? ItemType::text : ItemType::bigint;
  if (type == ItemType::bigint) in.expect("bigint ");
  in.expect("k=");
  const int k = static_cast<int>(in.integer(1, kRecentMaxK));
  in.expect(" events=");
  std::vector<std::int64_t> times;
  std::vector<std::string> items;
  do {
    times.push_back(in.integer(kFirstMicros, kEndMicros - 1));
    in.expect(":");
    items.push_back(read_item(in, type, k));
  } while (in.accept(","));
  in.expect_end();
  std::string bytes = state_of(recent_flags(local ? Clock::local : Clock::utc, type, k), times, items);
  recent_check(bytes.data(), bytes.size(), sqlstate::kInvalidText, invalid_text_message(kType).c_str());
  return bytes;
}

std::string recent_to_binary(const char* state, std::size_t size) {
  const RecentView view(state, size);
  std::string bytes(size, '\0');
  swap_state(bytes.data(), state, size, view.count(), view.item_type() == ItemType::bigint);
  bytes.erase(0, kLengthWord);
  return bytes;
}

std::string recent_from_binary(std::string_view message) {
  const std::size_t size = message.size() + kLengthWord;
  if (size >= kRecentLeastSize && size <= kRecentMaxSize) {
    // The shape is read first: swapping must stay inside the message whatever it says.
    char shape[6];
    swap_network_order(shape, message.data() + 6 - kLengthWord, 2);
    swap_network_order(shape + 2, message.data() + 8 - kLengthWord, 4);
    const bool bigints = (load<std::uint16_t>(shape) & kRecentTexts) == 0;
    const auto count = load<std::int32_t>(shape + 2);
    const std::size_t per_event = bigints ? 8 + kBigintItemSize : 8;
    if (count >= 0 && static_cast<std::size_t>(count) <= (size - RecentView::kTimes) / per_event) {
      std::string bytes(kLengthWord, '\0');
      bytes += message;
      swap_state(bytes.data(), bytes.data(), size, count, bigints);
      recent_check(bytes.data(), size, sqlstate::kInvalidBinary, kBinaryMessage);
      return bytes;
    }
  }
  throw Error(sqlstate::kInvalidBinary, kBinaryMessage, "The length does not fit the contents.");
}

}  // namespace persona
