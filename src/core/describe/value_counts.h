// How often each value of a column occurs. Exact while at most `capacity` different values were seen; after
// that the commonest values are kept, each with a bound of what it may have missed: the frequent-items sketch
// of Anderson, Bevin, Lang, Liberty, Rhodes and Thaler, "A high-performance algorithm for identifying
// frequent items in data streams" (IMC 2017), which is that of Misra and Gries (Science of Computer
// Programming 2, 1982) clearing half a table at a time. No count misses more than 2 / capacity of the values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace persona {

class ValueCounts {
 public:
  struct Entry {
    std::uint64_t key = 0;    ///< identifies the value: its bits, mixed, or a 64-bit hash
    double number = 0;        ///< the caller's, who sets it when count is 1
    std::int64_t count = 0;   ///< occurrences since it was entered; 0 marks a free place
    std::int64_t missed = 0;  ///< at most so many earlier ones were forgotten
  };

  /// capacity > 1.
  explicit ValueCounts(std::size_t capacity);

  /// True when add() may forget values to make room for this one.
  bool must_forget(std::uint64_t key) const noexcept {
    return size_ == capacity_ && entries_[place(key)].count == 0;
  }

  /// Counts one occurrence. `count` is 1 when the value was not seen before, or was forgotten. The entry
  /// stays where it is until the next call.
  Entry& add(std::uint64_t key);

  /// True while no value was forgotten.
  bool exact() const noexcept { return forgotten_ == 0; }
  /// Different values kept; of all while exact.
  std::size_t size() const noexcept { return size_; }

  /// Calls visit(const Entry&) for every value kept, in no order.
  template <typename Visit>
  void for_each(Visit visit) const {
    for (const Entry& entry : entries_) {
      if (entry.count > 0) visit(entry);
    }
  }

  /// How the value just counted stands to the one that leads by count + missed.
  enum class Standing {
    behind,  ///< or it led already
    ties,    ///< occurred as often, and more than once: lead() may be called to prefer it
    leads    ///< leads from now on
  };
  Standing rank(const Entry& entry) noexcept;
  void lead(const Entry& entry) noexcept {
    leader_ = entry.key;
    leading_ = entry.count + entry.missed;
  }

  /// The entry that leads; null when there is none, or when a value that was forgotten may be commoner.
  const Entry* leader() const noexcept;

 private:
  std::size_t place(std::uint64_t key) const noexcept {
    std::size_t i = static_cast<std::size_t>(key) & (entries_.size() - 1);
    while (entries_[i].count > 0 && entries_[i].key != key) i = (i + 1) & (entries_.size() - 1);
    return i;
  }
  void rebuild(std::size_t places);
  void forget();

  std::size_t capacity_;
  std::size_t size_ = 0;
  std::int64_t forgotten_ = 0;  // every value not kept occurred at most so often
  std::uint64_t leader_ = 0;
  std::int64_t leading_ = 0;    // 0: nobody leads
  std::vector<Entry> entries_;  // open addressing; a power of two, at most 5/8 full
};

}  // namespace persona
