// Building and looking into affinity states; their layout is in affinity.h.
#include "core/summaries/affinity.h"

#include <algorithm>
#include <cstring>

namespace persona {
namespace {

bool is_count(double weight) noexcept {
  return weight <= kAffinityGreatestCount &&
         weight == static_cast<double>(static_cast<std::uint32_t>(weight));
}

// Makes room for a key at `index` of an exact state and writes it, its weight still to be stored. The columns
// move from the last to the first, each to the right.
void insert_key(char* state, const AffinityView& view, int index, const AffinityKey& key) noexcept {
  const AffinityForm& form = view.form();
  const int count = view.count();
  const std::size_t begin = view.key_begin(index);
  const std::size_t used = view.size() - view.bytes_at();
  const std::size_t ends = view.end_at(0) + form.weight_size();
  char* const from = state + view.bytes_at();
  char* const to = from + form.weight_size() + form.end_size();
  std::memmove(to + begin + key.size, from + begin, used - begin);
  std::memmove(to, from, begin);
  std::memcpy(to + begin, key.bytes, key.size);
  if (!form.bigint) {
    for (int i = count - 1; i >= index; --i) {
      const auto end = load<std::uint16_t>(state + view.end_at(i));
      store(state + ends + form.end_size() * static_cast<std::size_t>(i + 1),
            static_cast<std::uint16_t>(end + key.size));
    }
    const std::size_t before = form.end_size() * static_cast<std::size_t>(index);
    std::memmove(state + ends, state + view.end_at(0), before);
    store(state + ends + before, AffinityForm::stored_end(begin + key.size, key.cut));
  }
  char* const weight = state + view.weight_at(index);
  std::memmove(weight + form.weight_size(), weight,
               form.weight_size() * static_cast<std::size_t>(count - index));
  store(state + 8, count + 1);
}

// Adds to the total of a bounded state; false when it leaves the range.
bool add_to_total(char* state, DoubleDouble total, double weight) noexcept {
  const DoubleDouble sum = total + DoubleDouble(weight);
  if (!(sum.hi <= kAffinityGreatest)) return false;
  store_pair(state + AffinityView::kTotal, sum);
  return true;
}

}  // namespace

DoubleDouble AffinityView::slack(int i) const noexcept {
  if (!form_.bounded) return {};
  const DoubleDouble bound = error();
  const double value = slack_value(load<std::uint16_t>(state_ + slack_at(i)));
  return value < bound.hi ? DoubleDouble(value) : bound;
}

DoubleDouble AffinityView::weight(int i) const noexcept {
  if (!form_.bounded) return upper(i);
  const DoubleDouble weight = upper(i) - slack(i);
  return weight.hi > 0 ? weight : DoubleDouble();
}

AffinityView::Place AffinityView::find(const AffinityKey& key) const noexcept {
  int low = 0;
  int high = count_;
  while (low < high) {
    const int middle = (low + high) / 2;
    const int order = compare_keys(this->key(middle), key);
    if (order == 0) return {middle, true};
    if (order < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return {low, false};
}

std::size_t affinity_start(char* state, bool bigint, const AffinityKey& key, double weight) noexcept {
  AffinityForm form;
  form.bigint = bigint;
  form.sums = !is_count(weight);
  start_header(state, SummaryKind::affinity, kAffinityVersion, form.flags(), 1);
  char* const at = state + form.weights_at();
  form.store_weight(at, DoubleDouble(weight));
  if (!bigint) store(at + form.weight_size(), AffinityForm::stored_end(key.size, key.cut));
  std::memcpy(at + form.weight_size() + form.end_size(), key.bytes, key.size);
  return kHeaderSize + form.entry_size(key.size);
}

AffinityAdded affinity_add(char* state, std::size_t* size, std::size_t capacity, const AffinityKey& key,
                           double weight) noexcept {
  const AffinityView view(state);
  const AffinityForm& form = view.form();
  if (!form.sums && !is_count(weight)) return AffinityAdded::needs_merge;
  const AffinityView::Place place = view.find(key);
  char* const at = state + view.weight_at(place.index);
  if (!place.found) {
    const std::size_t larger = *size + form.entry_size(key.size);
    if (form.bounded || larger > std::min(capacity, kAffinityMaxSize)) return AffinityAdded::needs_merge;
    insert_key(state, view, place.index, key);
    form.store_weight(at, DoubleDouble(weight));
    *size = larger;
    return AffinityAdded::done;
  }
  if (form.sums) {
    const DoubleDouble sum = load_pair(at) + DoubleDouble(weight);
    if (!(sum.hi <= kAffinityGreatest)) return AffinityAdded::overflow;
    if (form.bounded && !add_to_total(state, view.total(), weight)) return AffinityAdded::overflow;
    store_pair(at, sum);
    return AffinityAdded::done;
  }
  const std::uint64_t sum = std::uint64_t{load<std::uint32_t>(at)} + static_cast<std::uint32_t>(weight);
  if (sum > static_cast<std::uint64_t>(kAffinityGreatestCount)) return AffinityAdded::needs_merge;
  if (form.bounded && !add_to_total(state, view.total(), weight)) return AffinityAdded::overflow;
  store(at, static_cast<std::uint32_t>(sum));
  return AffinityAdded::done;
}

}  // namespace persona
