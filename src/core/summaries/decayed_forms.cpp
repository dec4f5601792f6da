// Checking a decayed state, and its text and binary forms.
#include <string>

#include "core/summaries/decayed.h"
#include "core/summaries/pair_check.h"
#include "core/summaries/state_header.h"
#include "core/summaries/text_form.h"

namespace persona {
namespace {

constexpr const char* kType = "persona.decayed";
constexpr const char* kBinaryMessage = "invalid binary form of type persona.decayed";
constexpr std::size_t kLengthWord = 4;

const char* wrong_values(const Decayed& d) {
  if (d.half_life < 1 || d.half_life > kMaxHalfLife) return "The half-life is out of range.";
  if (!is_finite_time(d.last)) return "The time is out of range.";
  if (!is_canonical_pair(d.total) || !is_canonical_pair(d.weight))
    return "A sum is not a finite number in its one form.";
  // Other events only add to the weight of the last, which another machine may have rounded otherwise.
  const double of_last = Decayed::of_event(d.clock, d.half_life, d.last, 0).weight.hi;
  if (d.weight.hi < of_last * (1 - 1e-15)) return "The weight is less than that of the last event.";
  return nullptr;
}

// Swaps every number of a state; the same both ways.
void swap_state(char* to, const char* from) {
  swap_network_order(to + 4, from + 4, 1);
  swap_network_order(to + 5, from + 5, 1);
  swap_network_order(to + 6, from + 6, 2);
  swap_network_order(to + 8, from + 8, 4);
  swap_network_order(to + 12, from + 12, 4);
  for (std::size_t at = kHeaderSize; at < kDecayedSize; at += 8) swap_network_order(to + at, from + at, 8);
}

}  // namespace

void decayed_check(const char* state, std::size_t size, const char* sqlstate, const char* message) {
  const char* wrong = nullptr;
  if (size != kDecayedSize) {
    wrong = "The length does not fit the contents.";
  } else if (!header_matches(state, size, SummaryKind::decayed, kDecayedVersion, kDecayedSize)) {
    wrong = "The kind or the format version is not known.";
  } else if (header_flags(state) > 1 || header_dim(state) != 0 || load<std::uint32_t>(state + 12) != 0) {
    wrong = "Reserved bits are set.";
  } else {
    wrong = wrong_values(Decayed::read(state));
  }
  if (wrong != nullptr) throw Error(sqlstate, message, wrong);
}

std::string decayed_to_text(const char* state) {
  const Decayed d = Decayed::read(state);
  std::string to = "decayed:";
  append_integer(to, kDecayedVersion);
  to += d.clock == Clock::local ? " local" : " utc";
  to += " half_life=";
  append_integer(to, d.half_life);
  to += " last=";
  append_integer(to, d.last);
  to += " total=";
  append_pair(to, d.total);
  to += " weight=";
  append_pair(to, d.weight);
  return to;
}

std::string decayed_from_text(std::string_view text) {
  TextReader in(text, kType);
  Decayed d;
  in.expect("decayed:");
  in.expect(std::to_string(kDecayedVersion) + " ");
  d.clock = in.accept("local") ? Clock::local : Clock::utc;
  if (d.clock == Clock::utc) in.expect("utc");
  in.expect(" half_life=");
  d.half_life = in.integer(1, kMaxHalfLife);
  in.expect(" last=");
  d.last = in.integer(kFirstMicros, kEndMicros - 1);
  in.expect(" total=");
  d.total = in.pair();
  in.expect(" weight=");
  d.weight = in.pair();
  in.expect_end();
  std::string bytes(kDecayedSize, '\0');
  d.write(bytes.data());
  decayed_check(bytes.data(), bytes.size(), sqlstate::kInvalidText, invalid_text_message(kType).c_str());
  return bytes;
}

std::string decayed_to_binary(const char* state) {
  std::string bytes(kDecayedSize, '\0');
  swap_state(bytes.data(), state);
  bytes.erase(0, kLengthWord);
  return bytes;
}

std::string decayed_from_binary(std::string_view message) {
  if (message.size() + kLengthWord != kDecayedSize)
    throw Error(sqlstate::kInvalidBinary, kBinaryMessage, "The length does not fit the contents.");
  std::string bytes(kDecayedSize, '\0');
  message.copy(bytes.data() + kLengthWord, message.size());
  swap_state(bytes.data(), bytes.data());
  decayed_check(bytes.data(), bytes.size(), sqlstate::kInvalidBinary, kBinaryMessage);
  return bytes;
}

}  // namespace persona
