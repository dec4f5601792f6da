// Merging affinity states, and which keys leave when they do not fit.
//
// In the terms of Misra and Gries a kept key's counter is its upper bound less `error`. Taking d from all
// counters and dropping those at 0 is, with upper bounds stored, no more than raising `error` by d: no other
// key changes. A key that only one state has may have left the other, so the other's error is added to its
// bound. To make room, the keys with the least bounds leave and `error` becomes the greatest bound among
// them. If K keys stayed, at least K + 1 counters lost what `error` rose by, so that
//   error <= (total - sum of the counters) / (K + 1)
// holds after any sequence of rows and merges, K being the least number of keys that ever stayed (Agarwal et
// al. 2013, theorem 1).
#include <algorithm>
#include <cmath>

#include "core/summaries/affinity_contents.h"

namespace persona {
namespace {

DoubleDouble at_least(DoubleDouble x, DoubleDouble least) noexcept { return x < least ? least : x; }

// An entry of one state, or of both.
AffinityEntry read_entry(const AffinityView& view, int i) noexcept {
  return {view.key(i), view.upper(i),
          view.form().bounded ? load<std::uint16_t>(view.state() + view.slack_at(i)) : std::uint16_t{0}};
}

std::uint16_t added_slack(const AffinityView& view, int i, DoubleDouble other) noexcept {
  const DoubleDouble sum = view.slack(i) + other;
  return sum.hi > 0 ? slack_code(rounded_up(sum)) : std::uint16_t{0};
}

[[noreturn]] void throw_overflow() {
  throw Error(sqlstate::kNumericOutOfRange, "value out of range: overflow",
              "The weight of a key, or the total of keys that do not all fit, is above 1e300.");
}

// Whether a leaves before b: the lesser bound, then the less certain, then the later key. Total over the keys
// of a state, so that what stays does not depend on which of two states is first.
bool leaves_before(const AffinityEntry& a, const AffinityEntry& b) noexcept {
  if (!(a.upper == b.upper)) return a.upper < b.upper;
  if (a.slack != b.slack) return a.slack > b.slack;
  return compare_keys(a.key, b.key) > 0;
}

}  // namespace

std::size_t AffinityContents::size() const noexcept {
  std::size_t size = form.weights_at();
  for (const AffinityEntry& entry : entries) size += form.entry_size(entry.key.size);
  return size;
}

void AffinityContents::write(char* state) const noexcept {
  start_header(state, SummaryKind::affinity, kAffinityVersion, form.flags(),
               static_cast<std::int32_t>(entries.size()));
  if (form.bounded) {
    store_pair(state + AffinityView::kTotal, total);
    store_pair(state + AffinityView::kError, error);
  }
  char* weight = state + form.weights_at();
  char* slack = weight + form.weight_size() * entries.size();
  char* end = slack + form.slack_size() * entries.size();
  char* const bytes = end + form.end_size() * entries.size();
  std::size_t used = 0;
  for (const AffinityEntry& entry : entries) {
    form.store_weight(weight, entry.upper);
    if (form.bounded) store(slack, entry.slack);
    std::memcpy(bytes + used, entry.key.bytes, entry.key.size);
    used += entry.key.size;
    if (!form.bigint) store(end, AffinityForm::stored_end(used, entry.key.cut));
    weight += form.weight_size();
    slack += form.slack_size();
    end += form.end_size();
  }
}

AffinityContents affinity_union(const AffinityView& a, const AffinityView& b) {
  if (a.form().bigint != b.form().bigint) {
    throw Error(sqlstate::kDataException, "cannot merge an affinity of text keys with one of bigint keys",
                "affinity_agg of a text makes text keys, of a bigint bigint ones.",
                "Build both from the same type, for instance from key::text.");
  }
  AffinityContents all;
  all.form = a.form();
  all.form.sums |= b.form().sums;
  all.form.bounded |= b.form().bounded;
  const DoubleDouble error_a = a.error();
  const DoubleDouble error_b = b.error();
  all.error = error_a + error_b;
  all.entries.reserve(static_cast<std::size_t>(a.count()) + static_cast<std::size_t>(b.count()));
  DoubleDouble greatest;
  int i = 0;
  int j = 0;
  while (i < a.count() || j < b.count()) {
    const int order = j == b.count() ? -1 : i == a.count() ? 1 : compare_keys(a.key(i), b.key(j));
    AffinityEntry entry = order <= 0 ? read_entry(a, i) : read_entry(b, j);
    if (order < 0) {
      entry.upper += error_b;
      if (b.form().bounded) entry.slack = added_slack(a, i, error_b);
    } else if (order > 0) {
      entry.upper += error_a;
      if (a.form().bounded) entry.slack = added_slack(b, j, error_a);
    } else {
      entry.upper += b.upper(j);
      if (all.form.bounded) entry.slack = added_slack(a, i, b.slack(j));
    }
    // Rounding may not push a key below what a key may have that is not there.
    entry.upper = at_least(entry.upper, all.error);
    greatest = at_least(greatest, entry.upper);
    all.entries.push_back(entry);
    if (order <= 0) ++i;
    if (order >= 0) ++j;
  }
  if (!(greatest.hi <= kAffinityGreatest)) throw_overflow();
  if (greatest.hi > kAffinityGreatestCount) all.form.sums = true;
  return all;
}

void affinity_fit(AffinityContents* contents, DoubleDouble total) {
  std::size_t size = contents->size();
  if (!contents->form.bounded && size <= kAffinityMaxSize) return;
  contents->total = total;
  contents->form.bounded = true;
  if (!(total.hi <= kAffinityGreatest)) throw_overflow();
  std::vector<AffinityEntry>& entries = contents->entries;
  size = contents->size();
  if (size <= kAffinityMaxSize) return;

  std::vector<AffinityEntry*> heap;
  heap.reserve(entries.size());
  for (AffinityEntry& entry : entries) heap.push_back(&entry);
  const auto later = [](const AffinityEntry* a, const AffinityEntry* b) { return leaves_before(*b, *a); };
  std::make_heap(heap.begin(), heap.end(), later);
  while (size > kAffinityMaxSize) {
    AffinityEntry* const least = heap.front();
    std::pop_heap(heap.begin(), heap.end(), later);
    heap.pop_back();
    size -= contents->form.entry_size(least->key.size);
    contents->error = at_least(contents->error, least->upper);
    least->key.bytes = nullptr;
  }
  entries.erase(std::remove_if(entries.begin(), entries.end(),
                               [](const AffinityEntry& entry) { return entry.key.bytes == nullptr; }),
                entries.end());
}

std::size_t affinity_merge(char* to, const AffinityView& a, const AffinityView& b) {
  AffinityContents all = affinity_union(a, b);
  // The total of an exact state is a sum over its keys: it is formed only where it must be kept.
  if (all.form.bounded || all.size() > kAffinityMaxSize) affinity_fit(&all, a.total() + b.total());
  all.write(to);
  return all.size();
}

}  // namespace persona
