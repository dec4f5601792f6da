// A set of item numbers as one bit an item: candidates and exclusions of a recommendation. Membership is one
// load, and the most popular members are found 64 items a step.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace persona {

class ItemSet {
 public:
  /// `items`: size of the catalogue; members are 0, ..., items - 1.
  explicit ItemSet(std::int32_t items)
      : items_(items > 0 ? items : 0), words_((static_cast<std::size_t>(items_) + 63) / 64) {}

  /// Numbers outside the catalogue are ignored.
  void insert(std::int32_t item) noexcept {
    if (item >= 0 && item < items_) words_[word(item)] |= bit(item);
  }
  bool contains(std::int32_t item) const noexcept {
    return item >= 0 && item < items_ && (words_[word(item)] & bit(item)) != 0;
  }
  void clear() noexcept { words_.assign(words_.size(), 0); }
  /// The 64 items from 64 w, the lowest bit first; 0 beyond the catalogue.
  std::uint64_t bits(std::size_t w) const noexcept { return w < words_.size() ? words_[w] : 0; }

 private:
  static std::size_t word(std::int32_t item) noexcept { return static_cast<std::size_t>(item) >> 6U; }
  static std::uint64_t bit(std::int32_t item) noexcept {
    return std::uint64_t{1} << (static_cast<std::uint32_t>(item) & 63U);
  }

  std::int32_t items_;
  std::vector<std::uint64_t> words_;
};

}  // namespace persona
