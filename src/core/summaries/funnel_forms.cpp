// The text and binary forms of a funnel. A state has one form and it is cheap to make, so a reader makes it
// anew from what it read and refuses what is not the same to the byte.
#include <algorithm>
#include <limits>
#include <string>

#include "core/summaries/funnel.h"
#include "core/summaries/funnel_layout.h"
#include "core/summaries/text_form.h"

namespace persona {
namespace {

constexpr const char* kType = "persona.funnel";
constexpr const char* kBinaryMessage = "invalid binary form of type persona.funnel";
constexpr std::size_t kLengthWord = 4;

// Whether reducing leaves the events as they are.
bool is_reduced(const FunnelTerms& terms, const FunnelEvents& events) {
  FunnelEvents reduced = events;
  funnel_reduce(terms, &reduced);
  return reduced.size() == events.size() && std::equal(events.begin(), events.end(), reduced.begin(),
                                                       [](const FunnelEvent& a, const FunnelEvent& b) {
                                                         return a.at == b.at && a.steps == b.steps;
                                                       });
}

// Swaps every number of the part that has a fixed layout; the same both ways.
void swap_numbers(char* to, const char* from) noexcept {
  swap_network_order(to + 6, from + 6, 2);
  swap_network_order(to + 8, from + 8, 4);
  swap_network_order(to + 12, from + 12, 4);
  swap_network_order(to + kFunnelWithin, from + kFunnelWithin, 8);
  swap_network_order(to + kFunnelFirst, from + kFunnelFirst, 8);
}

const char* wrong_state(const std::string& bytes) {
  const char* const state = bytes.data();
  if (!header_matches(state, bytes.size(), SummaryKind::funnel, kFunnelVersion, kFunnelLeastSize))
    return "The kind or the format version is not known.";
  if ((header_flags(state) & ~kFunnelStoredFlags) != 0 || load<std::uint32_t>(state + 12) != 0)
    return "Reserved bits are set.";
  const FunnelTerms terms = funnel_terms(state);
  if (terms.steps < kFunnelLeastSteps || terms.steps > kFunnelMostSteps)
    return "The number of steps is out of range.";
  if (terms.within < 0) return "The time allowed is negative.";
  FunnelEvents events;
  if (!read_stored_events(state, bytes.size(), &events)) return "The events are malformed.";
  if (events.size() > kFunnelMostEvents) return "There are too many events.";
  if (!is_reduced(terms, events)) return "There are events out of order or events that cannot matter.";
  if (funnel_encode(terms, events) != bytes) return "The events are not in their one form.";
  return nullptr;
}

// "762600600000000:1,762600660000000:6", or nothing: times, and the steps of each in hexadecimal.
FunnelEvents read_text_events(TextReader* in, const FunnelTerms& terms) {
  FunnelEvents events;
  if (in->at_end()) return events;
  const std::uint64_t greatest = (std::uint64_t{1} << static_cast<unsigned>(terms.steps)) - 1;
  do {
    if (events.size() == kFunnelMostEvents) in->fail("no more events");
    const std::int64_t at = in->integer(kFirstMicros, kEndMicros - 1);
    in->expect(":");
    const std::uint64_t steps = in->hex();
    if (steps == 0 || steps > greatest) in->fail("steps of this funnel, before this");
    events.push_back({at, static_cast<std::uint32_t>(steps)});
  } while (in->accept(","));
  return events;
}

}  // namespace

std::string funnel_to_text(const char* state, std::size_t size) {
  const FunnelTerms terms = funnel_terms(state);
  FunnelEvents events = funnel_events(state, size);
  funnel_reduce(terms, &events);
  std::string to = "funnel:";
  append_integer(to, kFunnelVersion);
  to += terms.clock == Clock::local ? " local" : " utc";
  to += terms.any_order ? " any" : " ordered";
  to += " steps=";
  append_integer(to, terms.steps);
  to += " within=";
  append_integer(to, terms.within);
  to += " events=";
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (i > 0) to += ',';
    append_integer(to, events[i].at);
    to += ':';
    append_hex(to, events[i].steps);
  }
  return to;
}

std::string funnel_from_text(std::string_view text) {
  TextReader in(text, kType);
  FunnelTerms terms;
  in.expect("funnel:");
  in.expect(std::to_string(kFunnelVersion) + " ");
  terms.clock = in.accept("local") ? Clock::local : Clock::utc;
  if (terms.clock == Clock::utc) in.expect("utc");
  in.expect(" ");
  terms.any_order = in.accept("any");
  if (!terms.any_order) in.expect("ordered");
  in.expect(" steps=");
  terms.steps = static_cast<int>(in.integer(kFunnelLeastSteps, kFunnelMostSteps));
  in.expect(" within=");
  terms.within = in.integer(0, std::numeric_limits<std::int64_t>::max());
  in.expect(" events=");
  const FunnelEvents events = read_text_events(&in, terms);
  in.expect_end();
  if (!is_reduced(terms, events)) {
    throw Error(sqlstate::kInvalidText, invalid_text_message(kType),
                "There are events out of order or events that cannot matter.");
  }
  return funnel_encode(terms, events);
}

std::string funnel_to_binary(const char* state, std::size_t size) {
  std::string bytes = funnel_canonical(state, size);
  swap_numbers(bytes.data(), bytes.data());
  bytes.erase(0, kLengthWord);
  return bytes;
}

std::string funnel_from_binary(std::string_view message) {
  if (message.size() + kLengthWord < kFunnelLeastSize)
    throw Error(sqlstate::kInvalidBinary, kBinaryMessage, "The length does not fit the contents.");
  std::string bytes(kLengthWord, '\0');
  bytes += message;
  swap_numbers(bytes.data(), bytes.data());
  const char* const wrong = wrong_state(bytes);
  if (wrong != nullptr) throw Error(sqlstate::kInvalidBinary, kBinaryMessage, wrong);
  return bytes;
}

}  // namespace persona
