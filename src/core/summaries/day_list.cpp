// Lists of days to bitmaps and back; the forms are described in day_list.h and day_set.h.
#include "core/summaries/day_list.h"

namespace persona {
namespace {

// Visits (word, bits) of the days, ascending.
template <typename Visit>
void for_each_word(const std::int32_t* days, int count, Visit visit) noexcept {
  for (int i = 0; i < count;) {
    const std::int32_t word = word_of_day(days[i]);
    std::uint64_t bits = 0;
    for (; i < count && word_of_day(days[i]) == word; ++i) bits |= bit_of_day(days[i]);
    visit(word, bits);
  }
}

}  // namespace

void insert_day(char* data, const DayList& list, std::int32_t day) noexcept {
  const auto entry_at = [=](std::int32_t i) {
    return data + DayList::kEntrySize * static_cast<std::size_t>(i);
  };
  if (day < list.first_day) {
    const std::int32_t shift = list.first_day - day;
    for (std::int32_t i = list.entries; i > 0; --i)
      store(entry_at(i), static_cast<std::uint16_t>(list.entry(i - 1) + shift));
    store(data, static_cast<std::uint16_t>(shift));
    return;
  }
  const std::int32_t distance = day - list.first_day;
  std::int32_t i = list.entries;
  for (; i > 0 && list.entry(i - 1) > distance; --i)
    store(entry_at(i), static_cast<std::uint16_t>(list.entry(i - 1)));
  store(entry_at(i), static_cast<std::uint16_t>(distance));
}

DaySetShape FewDays::shape() const noexcept {
  DaySetMeasure measure;
  for_each_word(days_, count_, [&](std::int32_t word, std::uint64_t /*bits*/) { measure.push(word); });
  return measure.shape();
}

void FewDays::write_set(char* data) const noexcept {
  DaySetWriter writer(data, shape());
  for_each_word(days_, count_, [&](std::int32_t word, std::uint64_t bits) { writer.push(word, bits); });
}

void FewDays::write_list(char* data) const noexcept {
  for (int i = 1; i < count_; ++i) {
    store(data + DayList::kEntrySize * static_cast<std::size_t>(i - 1),
          static_cast<std::uint16_t>(days_[i] - days_[0]));
  }
}

}  // namespace persona
