// The binary form of an affinity state: its bytes after the length word, each number in network order.
#include "core/summaries/affinity.h"
#include "core/summaries/affinity_forms.h"

namespace persona {
namespace {

constexpr std::size_t kLengthWord = 4;
constexpr const char* kMessage = "invalid binary form of type persona.affinity";

// Swaps the numbers of a state from `from` to `to`; `view` says where they lie.
void swap_numbers(char* to, const char* from, const AffinityView& view) {
  const auto swap = [&](std::size_t at, std::size_t end, int bytes) {
    for (; at < end; at += static_cast<std::size_t>(bytes)) swap_network_order(to + at, from + at, bytes);
  };
  swap(kHeaderSize, view.weight_at(0), 8);
  swap(view.weight_at(0), view.slack_at(0), view.form().sums ? 8 : 4);
  swap(view.slack_at(0), view.bytes_at(), 2);
}

void swap_header(char* to, const char* from) {
  swap_network_order(to + 4, from + 4, 1);
  swap_network_order(to + 5, from + 5, 1);
  swap_network_order(to + 6, from + 6, 2);
  swap_network_order(to + 8, from + 8, 4);
  swap_network_order(to + 12, from + 12, 4);
}

}  // namespace

std::string affinity_to_binary(const char* state, std::size_t size) {
  std::string bytes(state, size);
  swap_header(bytes.data(), state);
  swap_numbers(bytes.data(), state, AffinityView(state));
  bytes.erase(0, kLengthWord);
  return bytes;
}

std::string affinity_from_binary(std::string_view message) {
  const std::size_t size = message.size() + kLengthWord;
  if (size >= kAffinityLeastSize && size <= kAffinityMaxSize) {
    std::string bytes(kLengthWord, '\0');
    bytes += message;
    swap_header(bytes.data(), bytes.data());
    // The shape is read first: swapping must stay inside the message whatever it says.
    const AffinityView view(bytes.data());
    if (view.count() >= 1 && view.count() <= kAffinityMaxKeys && view.bytes_at() <= size) {
      swap_numbers(bytes.data(), bytes.data(), view);
      affinity_check(bytes.data(), size, sqlstate::kInvalidBinary, kMessage);
      return bytes;
    }
  }
  throw Error(sqlstate::kInvalidBinary, kMessage, "The length does not fit the contents.");
}

}  // namespace persona
