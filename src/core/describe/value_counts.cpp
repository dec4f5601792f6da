// Growing and clearing the table of counted values; how it works is in value_counts.h.
#include "core/describe/value_counts.h"

#include <algorithm>

namespace persona {
namespace {

constexpr std::size_t kFirstPlaces = 16;

}  // namespace

ValueCounts::ValueCounts(std::size_t capacity) : capacity_(capacity), entries_(kFirstPlaces) {}

ValueCounts::Entry& ValueCounts::add(std::uint64_t key) {
  std::size_t i = place(key);
  if (entries_[i].count == 0) {
    if (size_ == capacity_) {
      forget();
      i = place(key);
    } else if ((size_ + 1) * 8 > entries_.size() * 5) {
      rebuild(entries_.size() * 2);
      i = place(key);
    }
    ++size_;
    entries_[i] = {key, 0, 0, forgotten_};
  }
  ++entries_[i].count;
  return entries_[i];
}

ValueCounts::Standing ValueCounts::rank(const Entry& entry) noexcept {
  const std::int64_t most = entry.count + entry.missed;
  if (most < leading_) return Standing::behind;
  if (leading_ > 0 && entry.key == leader_) {
    leading_ = most;
    return Standing::behind;
  }
  if (most == leading_) return entry.count > 1 ? Standing::ties : Standing::behind;
  lead(entry);
  return Standing::leads;
}

const ValueCounts::Entry* ValueCounts::leader() const noexcept {
  if (leading_ == 0) return nullptr;
  const Entry& entry = entries_[place(leader_)];
  return entry.count < forgotten_ ? nullptr : &entry;
}

void ValueCounts::rebuild(std::size_t places) {
  std::vector<Entry> old(places);
  old.swap(entries_);
  for (const Entry& entry : old) {
    if (entry.count > 0) entries_[place(entry.key)] = entry;
  }
}

// Drops the values that may have occurred as often as the middle one, or less. Who leads stays, unless all
// stand alike.
void ValueCounts::forget() {
  std::vector<std::int64_t> most;
  most.reserve(size_);
  for_each([&](const Entry& entry) { most.push_back(entry.count + entry.missed); });
  const auto middle = most.begin() + static_cast<std::ptrdiff_t>(most.size() / 2);
  std::nth_element(most.begin(), middle, most.end());
  forgotten_ = *middle;
  for (Entry& entry : entries_) {
    if (entry.count == 0 || entry.count + entry.missed > forgotten_) continue;
    entry.count = 0;
    --size_;
  }
  if (leading_ <= forgotten_) leading_ = 0;
  rebuild(entries_.size());
}

}  // namespace persona
