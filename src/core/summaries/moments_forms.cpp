// Checking a moments state, and its text and binary forms.
#include <cmath>
#include <string>

#include "core/summaries/moments.h"
#include "core/summaries/pair_check.h"
#include "core/summaries/state_header.h"
#include "core/summaries/text_form.h"

namespace persona {
namespace {

constexpr const char* kType = "persona.moments";
constexpr const char* kBinaryMessage = "invalid binary form of type persona.moments";
constexpr std::size_t kLengthWord = 4;

const char* wrong_values(const Moments& m) {
  if (m.n < 0 || m.n > kMaxCount || m.nulls < 0 || m.nulls > kMaxCount) return "A count is out of range.";
  if (m.n == 0 && m.nulls == 0) return "The state counts nothing.";
  if (!is_canonical_double(m.minimum) || !is_canonical_double(m.maximum) || !is_canonical_pair(m.sum) ||
      !is_canonical_pair(m.m2) || !is_canonical_pair(m.m3) || !is_canonical_pair(m.m4))
    return "A sum is not a finite number in its one form.";
  if (m.n == 0 && (m.minimum != 0 || m.maximum != 0 || m.sum.hi != 0))
    return "There are sums without values.";
  if (m.minimum > m.maximum) return "The minimum is greater than the maximum.";
  if (m.n == 1 && (m.minimum != m.maximum || m.sum.hi != m.minimum || m.sum.lo != 0))
    return "The extremes and the sum of one value differ.";
  if (m.minimum == m.maximum && (m.m2.hi != 0 || m.m3.hi != 0 || m.m4.hi != 0))
    return "Equal values have no deviations.";
  if (m.m2.hi < 0 || m.m4.hi < 0) return "An even moment is negative.";
  if (m.n > 0) {
    // The mean lies between the extremes, but for the rounding of the sum.
    const double mean = m.mean().value_or(0);
    const double slack = 1e-12 * std::fmax(std::fabs(m.minimum), std::fabs(m.maximum));
    if (mean < m.minimum - slack || mean > m.maximum + slack)
      return "The mean does not lie between the minimum and the maximum.";
  }
  return nullptr;
}

// Swaps every number of a state; the same both ways.
void swap_state(char* to, const char* from) {
  swap_network_order(to + 4, from + 4, 1);
  swap_network_order(to + 5, from + 5, 1);
  swap_network_order(to + 6, from + 6, 2);
  swap_network_order(to + 8, from + 8, 4);
  swap_network_order(to + 12, from + 12, 4);
  for (std::size_t at = kHeaderSize; at < kMomentsSize; at += 8) swap_network_order(to + at, from + at, 8);
}

}  // namespace

void moments_check(const char* state, std::size_t size, const char* sqlstate, const char* message) {
  const char* wrong = nullptr;
  if (size != kMomentsSize) {
    wrong = "The length does not fit the contents.";
  } else if (!header_matches(state, size, SummaryKind::moments, kMomentsVersion, kMomentsSize)) {
    wrong = "The kind or the format version is not known.";
  } else if (header_flags(state) != 0 || header_dim(state) != 0 || load<std::uint32_t>(state + 12) != 0) {
    wrong = "Reserved bits are set.";
  } else {
    wrong = wrong_values(Moments::read(state));
  }
  if (wrong != nullptr) throw Error(sqlstate, message, wrong);
}

std::string moments_to_text(const char* state) {
  const Moments m = Moments::read(state);
  std::string to = "moments:";
  append_integer(to, kMomentsVersion);
  to += " n=";
  append_integer(to, m.n);
  to += " nulls=";
  append_integer(to, m.nulls);
  to += " min=";
  append_double(to, m.minimum);
  to += " max=";
  append_double(to, m.maximum);
  to += " sum=";
  append_pair(to, m.sum);
  to += " m2=";
  append_pair(to, m.m2);
  to += " m3=";
  append_pair(to, m.m3);
  to += " m4=";
  append_pair(to, m.m4);
  return to;
}

std::string moments_from_text(std::string_view text) {
  TextReader in(text, kType);
  Moments m;
  in.expect("moments:");
  in.expect(std::to_string(kMomentsVersion) + " n=");
  m.n = in.integer(0, kMaxCount);
  in.expect(" nulls=");
  m.nulls = in.integer(0, kMaxCount);
  in.expect(" min=");
  m.minimum = in.number();
  in.expect(" max=");
  m.maximum = in.number();
  in.expect(" sum=");
  m.sum = in.pair();
  in.expect(" m2=");
  m.m2 = in.pair();
  in.expect(" m3=");
  m.m3 = in.pair();
  in.expect(" m4=");
  m.m4 = in.pair();
  in.expect_end();
  std::string bytes(kMomentsSize, '\0');
  m.write(bytes.data());
  moments_check(bytes.data(), bytes.size(), sqlstate::kInvalidText, invalid_text_message(kType).c_str());
  return bytes;
}

std::string moments_to_binary(const char* state) {
  std::string bytes(kMomentsSize, '\0');
  swap_state(bytes.data(), state);
  bytes.erase(0, kLengthWord);
  return bytes;
}

std::string moments_from_binary(std::string_view message) {
  if (message.size() + kLengthWord != kMomentsSize)
    throw Error(sqlstate::kInvalidBinary, kBinaryMessage, "The length does not fit the contents.");
  std::string bytes(kMomentsSize, '\0');
  message.copy(bytes.data() + kLengthWord, message.size());
  swap_state(bytes.data(), bytes.data());
  moments_check(bytes.data(), bytes.size(), sqlstate::kInvalidBinary, kBinaryMessage);
  return bytes;
}

}  // namespace persona
