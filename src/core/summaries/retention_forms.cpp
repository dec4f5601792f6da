// Checking a retention state, and its text and binary forms.
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/summaries/retention.h"
#include "core/summaries/text_form.h"

namespace persona {
namespace {

using View = RetentionView;

constexpr const char* kType = "persona.retention";
constexpr const char* kBinaryMessage = "invalid binary form of type persona.retention";
constexpr const char* kWrongLength = "The length does not fit the contents.";
constexpr std::size_t kLengthWord = 4;
// An interval has fewer.
constexpr std::int64_t kMostMonths = std::int64_t{1} << 31U;

const char* wrong_state(const char* state, std::size_t size) {
  if (size < kRetentionLeastSize) return kWrongLength;
  if (!header_matches(state, size, SummaryKind::retention, kRetentionVersion, kRetentionLeastSize))
    return "The kind or the format version is not known.";
  if ((header_flags(state) & ~View::kKnownFlags) != 0 || load<std::uint32_t>(state + 12) != 0)
    return "Reserved bits are set.";
  const std::size_t bytes = size - View::kBitmap;
  if (bytes > kRetentionPeriods / 8 || header_dim(state) != static_cast<std::int32_t>(bytes))
    return kWrongLength;
  const View view(state, size);
  if (!is_finite_time(view.start())) return "The start is out of range.";
  const RetentionPeriod period = view.period();
  if (period.length < 1 || (period.months && period.length >= kMostMonths))
    return "The period is out of range.";
  if (view.early_events() < 0 || view.early_events() > kMaxCount) return "A count is out of range.";
  if (bytes == 0) return nullptr;
  if (state[size - 1] == 0) return "The bitmap is longer than it need be.";
  return nullptr;
}

// Swaps every number of a state; the same both ways.
void swap_state(char* state) noexcept {
  swap_network_order(state + 6, state + 6, 2);
  swap_network_order(state + 8, state + 8, 4);
  swap_network_order(state + 12, state + 12, 4);
  for (std::size_t at = View::kStart; at < View::kBitmap; at += 8)
    swap_network_order(state + at, state + at, 8);
}

// "0-3,7", or nothing: runs of active periods, ascending, with others between them.
void read_periods(TextReader* in, std::string* state) {
  if (in->at_end()) return;
  std::int64_t least = 0;
  do {
    const std::int64_t from = in->integer(least, kRetentionPeriods - 1);
    const std::int64_t to = in->accept("-") ? in->integer(from + 1, kRetentionPeriods - 1) : from;
    const std::size_t size = state->size();
    state->resize(retention_room(size, to));
    for (std::int64_t n = from; n <= to; ++n)
      retention_mark(state->data(), n == from ? size : state->size(), state->size(), n);
    least = to + 2;
  } while (in->accept(","));
}

}  // namespace

void retention_check(const char* state, std::size_t size, const char* sqlstate, const char* message) {
  const char* const wrong = wrong_state(state, size);
  if (wrong != nullptr) throw Error(sqlstate, message, wrong);
}

std::string retention_to_text(const char* state, std::size_t size) {
  const View view(state, size);
  const RetentionPeriod period = view.period();
  std::string to = "retention:";
  append_integer(to, kRetentionVersion);
  to += view.clock() == Clock::local ? " local" : " utc";
  to += " start=";
  append_integer(to, view.start());
  to += period.months ? " months=" : " micros=";
  append_integer(to, period.length);
  to += " early=";
  append_integer(to, view.early_events());
  to += " periods=";
  bool first = true;
  for (std::int64_t n = 0; n < view.periods(); ++n) {
    if (!view.retained(n)) continue;
    if (!first) to += ',';
    first = false;
    append_integer(to, n);
    std::int64_t last = n;
    while (view.retained(last + 1)) ++last;
    if (last == n) continue;
    to += '-';
    append_integer(to, last);
    n = last;
  }
  return to;
}

std::string retention_from_text(std::string_view text) {
  TextReader in(text, kType);
  RetentionTerms terms;
  in.expect("retention:");
  in.expect(std::to_string(kRetentionVersion) + " ");
  terms.clock = in.accept("local") ? Clock::local : Clock::utc;
  if (terms.clock == Clock::utc) in.expect("utc");
  in.expect(" start=");
  terms.start = in.integer(kFirstMicros, kEndMicros - 1);
  in.expect(" ");
  terms.period.months = in.accept("months=");
  if (!terms.period.months) in.expect("micros=");
  terms.period.length = in.integer(1, terms.period.months ? kMostMonths - 1 : INT64_MAX);
  in.expect(" early=");
  const std::int64_t early = in.integer(0, kMaxCount);
  in.expect(" periods=");
  std::string bytes(kRetentionLeastSize, '\0');
  retention_start(bytes.data(), terms);
  store(bytes.data() + View::kEarly, early);
  read_periods(&in, &bytes);
  in.expect_end();
  retention_check(bytes.data(), bytes.size(), sqlstate::kInvalidText, invalid_text_message(kType).c_str());
  return bytes;
}

std::string retention_to_binary(const char* state, std::size_t size) {
  std::string bytes(state, size);
  swap_state(bytes.data());
  bytes.erase(0, kLengthWord);
  return bytes;
}

std::string retention_from_binary(std::string_view message) {
  if (message.size() + kLengthWord < kRetentionLeastSize)
    throw Error(sqlstate::kInvalidBinary, kBinaryMessage, kWrongLength);
  std::string bytes(kLengthWord, '\0');
  bytes += message;
  swap_state(bytes.data());
  retention_check(bytes.data(), bytes.size(), sqlstate::kInvalidBinary, kBinaryMessage);
  return bytes;
}

}  // namespace persona
