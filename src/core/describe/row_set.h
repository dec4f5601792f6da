// A set of 128-bit hashes, one a row, in a memory of a given size: how many rows repeat an earlier one. Two
// different rows of a billion share a hash with a probability of about 1e-21.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace persona {

struct RowHash {
  std::uint64_t first;
  std::uint64_t second;
};

class RowSet {
 public:
  /// Holds its hashes in at most `bytes` (and never fewer than a few hundred).
  explicit RowSet(std::size_t bytes) : places_(kFirstPlaces) {
    while (largest_ * 2 * sizeof(RowHash) <= bytes) largest_ *= 2;
  }

  enum class Answer { added, known, full };
  /// Full: the hash is not in the set and finds no room, now and ever after.
  Answer insert(RowHash hash) {
    if (hash.first == 0) hash.first = 1;  // 0 marks a free place
    std::size_t i = place(hash);
    if (places_[i].first != 0) return Answer::known;
    if (size_ * 4 >= places_.size() * 3) {
      if (places_.size() == largest_) return Answer::full;
      grow();
      i = place(hash);
    }
    places_[i] = hash;
    ++size_;
    return Answer::added;
  }

  std::size_t size() const noexcept { return size_; }

 private:
  static constexpr std::size_t kFirstPlaces = 1024;

  std::size_t place(RowHash hash) const noexcept {
    std::size_t i = static_cast<std::size_t>(hash.first) & (places_.size() - 1);
    while (places_[i].first != 0 && (places_[i].first != hash.first || places_[i].second != hash.second)) {
      i = (i + 1) & (places_.size() - 1);
    }
    return i;
  }

  void grow() {
    std::vector<RowHash> old(places_.size() * 2);
    old.swap(places_);
    for (const RowHash& hash : old) {
      if (hash.first != 0) places_[place(hash)] = hash;
    }
  }

  std::size_t largest_ = kFirstPlaces;
  std::size_t size_ = 0;
  std::vector<RowHash> places_;  // open addressing; a power of two, at most 3/4 full
};

}  // namespace persona
