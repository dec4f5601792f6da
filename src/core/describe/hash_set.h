// A set of hashes in a memory of a given size: which rows repeat an earlier one, how many different values a
// column has. Two different rows of a billion share their 128 bits with a probability of about 1e-21, two
// different values of 100,000 their 64 bits with one of 3e-10.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace persona {

struct ValueHash {
  std::uint64_t first;
  friend bool operator==(ValueHash a, ValueHash b) noexcept { return a.first == b.first; }
};

struct RowHash {
  std::uint64_t first;
  std::uint64_t second;
  friend bool operator==(RowHash a, RowHash b) noexcept { return a.first == b.first && a.second == b.second; }
};

template <typename Hash>
class HashSet {
 public:
  /// Holds its hashes in at most `bytes`, and at least some hundred hashes.
  explicit HashSet(std::size_t bytes) : places_(kFirstPlaces) {
    while (largest_ * 2 * sizeof(Hash) <= bytes) largest_ *= 2;
  }

  enum class Answer { added, known, full };
  /// Full: the hash is not in the set and finds no room, now and ever after.
  Answer insert(Hash hash) {
    if (hash.first == 0) hash.first = 1;  // 0 marks a free place
    std::size_t i = place(hash);
    if (places_[i].first != 0) return Answer::known;
    if (size_ * 5 >= places_.size() * 4) {
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

  std::size_t place(Hash hash) const noexcept {
    std::size_t i = static_cast<std::size_t>(hash.first) & (places_.size() - 1);
    while (places_[i].first != 0 && !(places_[i] == hash)) i = (i + 1) & (places_.size() - 1);
    return i;
  }

  void grow() {
    std::vector<Hash> old(places_.size() * 2);
    old.swap(places_);
    for (const Hash& hash : old) {
      if (hash.first != 0) places_[place(hash)] = hash;
    }
  }

  std::size_t largest_ = kFirstPlaces;
  std::size_t size_ = 0;
  std::vector<Hash> places_;  // open addressing; a power of two, at most 4/5 full
};

}  // namespace persona
