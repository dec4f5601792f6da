// Adding to and merging the last k items; the layout and the order of events are in recent.h.
#include "core/summaries/recent.h"

#include <algorithm>
#include <cstring>

namespace persona {
namespace {

bool is_full(const RecentView& view) noexcept { return view.count() == view.k(); }

// Calls visit(event, i) with the last k events of two states, the newest first; i counts down to 0.
template <typename Visit>
void for_each_merged(const RecentView& a, const RecentView& b, Visit visit) noexcept {
  RecentCursor first(a);
  RecentCursor second(b);
  for (int i = std::min(a.count() + b.count(), a.k()) - 1; i >= 0; --i) {
    const bool is_second =
        first.left() == 0 || (second.left() > 0 && is_newer(second.event(), first.event(), a.item_type()));
    RecentCursor& newest = is_second ? second : first;
    visit(newest.event(), static_cast<std::size_t>(i));
    newest.next();
  }
}

}  // namespace

void recent_require_item_fits(std::size_t item_size, int k) {
  if (item_size <= recent_item_limit(k)) return;
  throw Error("22001", "item of " + std::to_string(item_size) + " bytes is too long",
              "Where the last " + std::to_string(k) + " are kept, an item may have up to " +
                  std::to_string(recent_item_limit(k)) + " bytes, so that a summary stays below 2 kB.",
              "Aggregate a shorter key of the item, or keep fewer.");
}

void recent_start(char* state, std::uint16_t flags, const RecentEvent& event) noexcept {
  start_header(state, SummaryKind::recent, kRecentVersion, flags, 1);
  store(state + RecentView::kTimes, event.at);
  char* item = state + RecentView::kTimes + 8;
  if ((flags & kRecentTexts) != 0) store(item++, static_cast<std::uint8_t>(event.item.size()));
  std::memcpy(item, event.item.data(), event.item.size());
}

bool recent_takes(const RecentView& view, const RecentEvent& event) noexcept {
  return !is_full(view) || is_newer(event, view.oldest(), view.item_type());
}

std::size_t recent_added_size(const RecentView& view, const RecentEvent& event) noexcept {
  const auto size = static_cast<std::size_t>(view.end() - view.state());
  return is_full(view) ? size - view.item_size(0) + event.item.size()
                       : size + recent_first_size(view.flags(), event) - kHeaderSize;
}

void recent_add(char* state, std::size_t size, const RecentEvent& event) noexcept {
  const RecentView view(state, size);
  const ItemType type = view.item_type();
  RecentCursor older(view);
  while (older.left() > 0 && is_newer(older.event(), event, type)) older.next();

  // The three columns before and after; each is moved in two pieces, around the place of the event.
  const auto count = static_cast<std::size_t>(view.count());
  char* const times = state + RecentView::kTimes;
  char* const lengths = times + 8 * count;
  char* const items = lengths + view.lengths_size();
  char* const end = state + size;
  char* const place = items + (older.end() - items);
  const auto newer_size = static_cast<std::size_t>(end - place);
  auto before = static_cast<std::size_t>(older.left());
  char* added_lengths = lengths;
  char* added_item = nullptr;
  if (is_full(view)) {
    // Without the oldest event the older pieces move down, then the newer items by the difference in length.
    char* const kept = items + view.item_size(0);
    --before;
    std::memmove(times, times + 8, 8 * before);
    if (type == ItemType::text) std::memmove(lengths, lengths + 1, before);
    added_item = items + (place - kept);
    std::memmove(items, kept, static_cast<std::size_t>(place - kept));
    std::memmove(added_item + event.item.size(), place, newer_size);
  } else {
    // With one more event all but the older times moves up, from the last piece on.
    const std::size_t newer = count - before;
    added_lengths = lengths + 8;
    char* const added_items = added_lengths + (type == ItemType::text ? count + 1 : 0);
    added_item = added_items + (place - items);
    std::memmove(added_item + event.item.size(), place, newer_size);
    std::memmove(added_items, items, static_cast<std::size_t>(place - items));
    if (type == ItemType::text) {
      std::memmove(added_lengths + before + 1, lengths + before, newer);
      std::memmove(added_lengths, lengths, before);
    }
    std::memmove(times + 8 * (before + 1), times + 8 * before, 8 * newer);
    store(state + 8, static_cast<std::int32_t>(count + 1));
  }
  store(times + 8 * before, event.at);
  if (type == ItemType::text) store(added_lengths + before, static_cast<std::uint8_t>(event.item.size()));
  std::memcpy(added_item, event.item.data(), event.item.size());
}

void recent_require_same(std::uint16_t flags, std::uint16_t other) {
  const unsigned different = unsigned{flags} ^ unsigned { other };
  if ((different & kRecentLocal) != 0) {
    throw Error(sqlstate::kDataException, "cannot merge recent items of UTC times with those of local times",
                "timestamptz events make UTC states; timestamp and date events make local ones.",
                "Build both from the same type, for instance from ts AT TIME ZONE 'Europe/Paris'.");
  }
  if ((different & kRecentTexts) != 0) {
    throw Error(
        sqlstate::kDataException, "cannot merge recent items that are texts with those that are bigints",
        "A state keeps items of one type.", "Build both from the same type, for instance from item::text.");
  }
  if (different != 0) {
    throw Error(sqlstate::kInvalidParameter,
                "cannot put the last " + std::to_string(unsigned{flags} >> kRecentKShift) +
                    " items together with the last " + std::to_string(unsigned{other} >> kRecentKShift),
                "The summary of fewer items has dropped events that the other would need.",
                "Give all rows and parts the same k.");
  }
}

std::size_t recent_merged_size(const RecentView& a, const RecentView& b) {
  recent_require_same(a.flags(), b.flags());
  std::size_t size = kHeaderSize;
  for_each_merged(a, b, [&](const RecentEvent& event, std::size_t) {
    size += recent_first_size(a.flags(), event) - kHeaderSize;
  });
  return size;
}

void recent_merge(char* to, std::size_t size, const RecentView& a, const RecentView& b) noexcept {
  const int count = std::min(a.count() + b.count(), a.k());
  start_header(to, SummaryKind::recent, kRecentVersion, a.flags(), count);
  char* const times = to + RecentView::kTimes;
  char* const lengths = times + 8 * static_cast<std::size_t>(count);
  const bool texts = a.item_type() == ItemType::text;
  char* item = to + size;
  for_each_merged(a, b, [&](const RecentEvent& event, std::size_t i) {
    store(times + 8 * i, event.at);
    if (texts) store(lengths + i, static_cast<std::uint8_t>(event.item.size()));
    item -= event.item.size();
    std::memcpy(item, event.item.data(), event.item.size());
  });
}

}  // namespace persona
