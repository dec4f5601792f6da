// What a forged affinity state cannot get past: every invariant of the layout, and every relation between its
// parts that real rows keep, the error bound of a bounded state among them.
#include <cmath>

#include "core/summaries/affinity.h"
#include "core/summaries/pair_check.h"

namespace persona {
namespace {

using View = AffinityView;

// Sums of the same weights in another order differ by units of 2^-104.
constexpr double kRounding = 1 + 1e-12;

// Each part answers what is wrong with it, or nullptr. They run in this order; later ones rely on earlier.

const char* wrong_layout(const char* state, std::size_t size) {
  if (size < kAffinityLeastSize) return "The value is too short.";
  if (!header_matches(state, size, SummaryKind::affinity, kAffinityVersion, kAffinityLeastSize))
    return "The kind or the format version is not known.";
  if ((header_flags(state) & ~View::kKnownFlags) != 0 || load<std::uint32_t>(state + 12) != 0)
    return "Reserved bits are set.";
  if (size > kAffinityMaxSize) return "The value is too long.";
  const View view(state);
  if (view.count() < 1 || view.count() > kAffinityMaxKeys || view.bytes_at() > size || view.size() != size)
    return "The length does not fit the contents.";
  return nullptr;
}

const char* wrong_keys(const View& view) {
  const std::size_t bytes = view.size() - view.bytes_at();
  std::size_t begin = 0;
  for (int i = 0; i < view.count(); ++i) {
    const std::size_t end = view.key_end(i);
    if (end < begin || end > bytes) return "The ends of the keys are not ascending.";
    begin = end;
    const AffinityKey key = view.key(i);
    if (key.size > kAffinityKeyLimit) return "A key is longer than 64 bytes.";
    // No character has more than four bytes, so that at most three of the prefix were not used.
    if (key.cut && key.size < kAffinityKeyLimit - 3) return "A cut key is too short.";
    if (!view.form().bigint && std::memchr(key.bytes, 0, shown_size(key)) != nullptr)
      return "A key has a zero byte.";
    if (i > 0 && compare_keys(view.key(i - 1), key) >= 0) return "The keys are not ascending.";
  }
  return nullptr;
}

bool is_weight(DoubleDouble x) { return is_canonical_pair(x) && x.hi >= 0 && x.hi <= kAffinityGreatest; }

const char* wrong_weights(const View& view) {
  if (!view.form().sums) return nullptr;
  for (int i = 0; i < view.count(); ++i)
    if (!is_weight(view.upper(i))) return "A weight is not a number from 0 to 1e300 in its one form.";
  return nullptr;
}

const char* wrong_bound(const View& view) {
  const AffinityForm& form = view.form();
  if (!form.bounded) return nullptr;
  const DoubleDouble total = view.total();
  const DoubleDouble error = view.error();
  if (!is_weight(total) || !is_weight(error))
    return "The total or the error is not a number from 0 to 1e300 in its one form.";
  if (!form.sums && (std::floor(total.hi) != total.hi || std::floor(total.lo) != total.lo ||
                     std::floor(error.hi) != error.hi || error.lo != 0))
    return "Counts have a total or an error that is no whole number.";
  const std::size_t largest = form.entry_size(form.bigint ? kAffinityBigintSize : kAffinityKeyLimit);
  if (view.size() + largest <= kAffinityMaxSize) return "Keys have left where there was room.";
  const std::uint16_t greatest_slack = error.hi > 0 ? slack_code(rounded_up(error)) : 0;
  DoubleDouble counters;
  DoubleDouble certain;
  for (int i = 0; i < view.count(); ++i) {
    if (load<std::uint16_t>(view.state() + view.slack_at(i)) > greatest_slack)
      return "A key is less certain than the error allows.";
    if (view.upper(i) < error) return "A key that stayed may be lighter than one that left.";
    counters += view.upper(i) - error;
    certain += view.weight(i);
  }
  // affinity_merge.cpp: at least this many keys stayed whenever one left.
  AffinityForm widest = form;
  widest.sums = true;
  const std::size_t entry = widest.entry_size(form.bigint ? kAffinityBigintSize : kAffinityKeyLimit);
  const std::size_t least = (kAffinityMaxSize - entry - widest.weights_at()) / entry + 1;
  const double owed = (counters + error * DoubleDouble(static_cast<double>(least + 1))).value();
  if (owed > total.value() * kRounding || certain.value() > total.value() * kRounding)
    return "The keys have more weight than the total.";
  return nullptr;
}

}  // namespace

void affinity_check(const char* state, std::size_t size, const char* sqlstate, const char* message) {
  const char* wrong = wrong_layout(state, size);
  if (wrong == nullptr) {
    const View view(state);
    wrong = wrong_keys(view);
    if (wrong == nullptr) wrong = wrong_weights(view);
    if (wrong == nullptr) wrong = wrong_bound(view);
  }
  if (wrong != nullptr) throw Error(sqlstate, message, wrong);
}

}  // namespace persona
