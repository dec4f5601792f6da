// Growing, joining and counting day sets; the form is described in day_set.h.
#include "core/summaries/day_set.h"

#include <cstring>
#include <limits>

namespace persona {
namespace {

// Walks the words of a set that have a bit set, in ascending order.
class WordCursor {
 public:
  explicit WordCursor(const DaySet& set) noexcept : set_(set) { enter_run(); }

  bool done() const noexcept { return position_ == set_.words; }
  /// The current word's index, beyond all others when done.
  std::int64_t index() const noexcept { return index_; }
  std::uint64_t bits() const noexcept { return set_.word(position_); }
  void advance() noexcept {
    do {
      ++position_;
      ++index_;
    } while (position_ < run_end_ && bits() == 0);
    if (position_ == run_end_) {
      ++run_;
      enter_run();
    }
  }

 private:
  void enter_run() noexcept {
    if (done()) {
      index_ = std::numeric_limits<std::int64_t>::max();
      return;
    }
    index_ = set_.first(run_);
    run_end_ = set_.before(run_ + 1);
  }

  DaySet set_;
  std::int32_t run_ = 0;
  std::int32_t position_ = 0;
  std::int32_t run_end_ = 0;
  std::int64_t index_ = 0;
};

template <typename Visit>
void for_each_word_of_union(const DaySet& set_a, const DaySet& set_b, Visit visit) noexcept {
  WordCursor a(set_a);
  WordCursor b(set_b);
  while (!a.done() || !b.done()) {
    const std::int64_t index_a = a.index();
    const std::int64_t index_b = b.index();
    std::uint64_t bits = 0;
    if (index_a <= index_b) {
      bits |= a.bits();
      a.advance();
    }
    if (index_b <= index_a) {
      bits |= b.bits();
      b.advance();
    }
    visit(static_cast<std::int32_t>(index_a < index_b ? index_a : index_b), bits);
  }
}

}  // namespace

std::int64_t DaySet::count() const noexcept {
  std::int64_t days = 0;
  for (std::int32_t i = 0; i < words; ++i) days += __builtin_popcountll(word(i));
  return days;
}

std::int32_t DaySet::first_day() const noexcept { return first(0) * 64 + __builtin_ctzll(word(0)); }

std::int32_t DaySet::last_day() const noexcept {
  const std::int32_t last_word = first(runs - 1) + length(runs - 1) - 1;
  return last_word * 64 + 63 - __builtin_clzll(word(words - 1));
}

NewWord place_word(const DaySet& set, std::int32_t word_index) noexcept {
  NewWord place{};
  place.run = set.run_at(word_index);
  if (place.run >= 0) {
    place.position = set.before(place.run + 1);
    const std::int32_t gap = word_index - (set.first(place.run) + set.length(place.run));
    place.joins_left = gap <= DaySet::kMaxGap;
    if (place.joins_left) place.lead = gap;
  }
  if (place.run + 1 < set.runs) {
    const std::int32_t gap = set.first(place.run + 1) - word_index - 1;
    place.joins_right = gap <= DaySet::kMaxGap;
    if (place.joins_right) place.trail = gap;
  }
  place.shape = {set.runs + 1 - (place.joins_left ? 1 : 0) - (place.joins_right ? 1 : 0),
                 set.words + place.lead + 1 + place.trail};
  return place;
}

void insert_word(char* data, const DaySet& set, std::int32_t word_index, const NewWord& place) noexcept {
  constexpr std::size_t kRun = DaySet::kRunSize;
  constexpr std::size_t kWord = DaySet::kWordSize;
  char* const old_words = data + kRun * set.runs;
  char* const new_words = data + kRun * place.shape.runs;
  const std::int32_t added = place.shape.words - set.words;
  const std::size_t head = kWord * place.position;
  const std::size_t tail = kWord * (set.words - place.position);
  char* const next_run = data + kRun * (place.run + 1);

  std::memmove(new_words + head + kWord * added, old_words + head, tail);
  // Runs that begin behind the new word.
  for (std::int32_t run = place.run + 1; run < set.runs; ++run) {
    char* const before = data + kRun * run + 4;
    store(before, load<std::int32_t>(before) + added);
  }
  if (place.joins_left && place.joins_right) {
    std::memmove(next_run, next_run + kRun, kRun * (set.runs - place.run - 2));
    std::memmove(new_words, old_words, head);
  } else if (!place.joins_left && !place.joins_right) {
    std::memmove(new_words, old_words, head);
    std::memmove(next_run + kRun, next_run, kRun * (set.runs - place.run - 1));
  }
  if (!place.joins_left) {
    store(next_run, word_index);
    store(next_run + 4, place.position);
  }
  std::memset(new_words + head, 0, kWord * added);
}

DaySetShape union_shape(const DaySet& a, const DaySet& b) noexcept {
  DaySetMeasure measure;
  for_each_word_of_union(a, b, [&](std::int32_t index, std::uint64_t /*bits*/) { measure.push(index); });
  return measure.shape();
}

std::int64_t union_count(const DaySet& a, const DaySet& b) noexcept {
  std::int64_t days = 0;
  for_each_word_of_union(
      a, b, [&](std::int32_t /*index*/, std::uint64_t bits) { days += __builtin_popcountll(bits); });
  return days;
}

void write_union(char* data, DaySetShape shape, const DaySet& a, const DaySet& b) noexcept {
  DaySetWriter writer(data, shape);
  for_each_word_of_union(a, b, [&](std::int32_t index, std::uint64_t bits) { writer.push(index, bits); });
}

}  // namespace persona
