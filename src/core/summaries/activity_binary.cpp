// The binary form of an activity state: its bytes after the length word, each number in network order.
#include "core/summaries/activity.h"
#include "core/summaries/activity_forms.h"

namespace persona {
namespace {

using View = ActivityView;

constexpr std::size_t kLengthWord = 4;
constexpr const char* kMessage = "invalid binary form of type persona.activity";

// Swaps every number from `from` to `to`, both laid out as a state of `size` bytes of this shape. Bytes that
// no number fills are left to the check.
void swap_state(char* to, const char* from, std::size_t size, int width, std::int32_t runs) {
  const auto swap = [&](std::size_t at, int bytes) { swap_network_order(to + at, from + at, bytes); };
  swap(4, 1);
  swap(5, 1);
  swap(6, 2);
  swap(8, 4);
  swap(12, 4);
  for (std::size_t at = kHeaderSize; at < View::kCounters; at += 8) swap(at, 8);
  std::size_t at = View::kCounters;
  const std::size_t days_at = at + counters_size(width);
  const int bytes = width == 0 ? 1 : 1 << static_cast<unsigned>(width - 1);
  for (; at < days_at; at += static_cast<std::size_t>(bytes)) swap(at, bytes);
  if (runs == 0) {
    for (; at + DayList::kEntrySize <= size; at += DayList::kEntrySize) swap(at, 2);
    return;
  }
  for (std::int32_t run = 0; run < runs; ++run, at += DaySet::kRunSize) {
    swap(at, 4);
    swap(at + 4, 4);
  }
  for (; at + DaySet::kWordSize <= size; at += DaySet::kWordSize) swap(at, 8);
}

}  // namespace

std::string activity_to_binary(const char* state, std::size_t size) {
  std::string bytes(size, '\0');
  swap_state(bytes.data(), state, size, View(state, size).counters().width, header_dim(state));
  bytes.erase(0, kLengthWord);
  return bytes;
}

std::string activity_from_binary(std::string_view message) {
  const std::size_t size = message.size() + kLengthWord;
  if (size >= kActivityFirstSize) {
    // The shape is read first: swapping must stay inside the message whatever it says.
    char shape[6];
    swap_network_order(shape, message.data() + 6 - kLengthWord, 2);
    swap_network_order(shape + 2, message.data() + 8 - kLengthWord, 4);
    const int width =
        static_cast<int>((unsigned{load<std::uint16_t>(shape)} >> View::kWidthShift) & View::kWidthMask);
    const auto runs = load<std::int32_t>(shape + 2);
    const std::size_t days_at = View::kCounters + counters_size(width);
    if (width <= 4 && size >= days_at && runs >= 0 &&
        static_cast<std::size_t>(runs) <= (size - days_at) / DaySet::kRunSize) {
      std::string bytes(kLengthWord, '\0');
      bytes += message;
      swap_state(bytes.data(), bytes.data(), size, width, runs);
      activity_check(bytes.data(), size, sqlstate::kInvalidBinary, kMessage);
      return bytes;
    }
  }
  throw Error(sqlstate::kInvalidBinary, kMessage, "The length does not fit the contents.");
}

}  // namespace persona
