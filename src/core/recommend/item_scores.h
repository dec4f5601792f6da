// What a recommender says of the items of its catalogue: one number an item, and which items it says anything
// of. Dense, since ranking compares all of them anyway; kept by whoever ranks many users, and cleared
// between.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/recommend/item_set.h"

namespace persona {

/// What will be asked of the scores: the k best of these items. A recommender that scores the whole catalogue
/// may leave out what cannot be among them.
struct WantedItems {
  const ItemSet* candidates = nullptr;  ///< null: all
  const ItemSet* excluded = nullptr;    ///< null: none
  std::int32_t k = 0;                   ///< 0: all scores are wanted

  bool allows(std::int32_t item) const noexcept {
    return (candidates == nullptr || candidates->contains(item)) &&
           (excluded == nullptr || !excluded->contains(item));
  }
};

class ItemScores {
 public:
  /// `items`: size of the catalogue. Nothing is scored yet.
  explicit ItemScores(std::int32_t items)
      : scores_(static_cast<std::size_t>(std::max(items, 0)), 0), scored_(items) {}

  std::int32_t items() const noexcept { return static_cast<std::int32_t>(scores_.size()); }
  /// `item` must be in the catalogue.
  void add(std::int32_t item, double score) noexcept {
    scores_[static_cast<std::size_t>(item)] += score;
    scored_.insert(item);
  }
  /// 0 for an item that is not scored.
  double operator[](std::int32_t item) const noexcept { return scores_[static_cast<std::size_t>(item)]; }
  const ItemSet& scored() const noexcept { return scored_; }

  /// The largest score, 0 without any or where all are negative.
  double largest() const noexcept {
    double most = 0;
    for (const double score : scores_) most = std::max(most, score);
    return most;
  }
  /// Adds weight times these scores to `other`, of the same catalogue.
  void add_to(ItemScores& other, double weight) const {
    for (std::size_t word = 0; word * 64 < scores_.size(); ++word) {
      for (std::uint64_t bits = scored_.bits(word); bits != 0; bits &= bits - 1) {
        const auto item =
            static_cast<std::int32_t>(word * 64 + static_cast<std::size_t>(__builtin_ctzll(bits)));
        other.add(item, weight * (*this)[item]);
      }
    }
  }
  /// The same of shares of the largest score; nothing where none is positive.
  void add_shares_to(ItemScores& other, double weight) const {
    const double most = largest();
    if (most > 0) add_to(other, weight / most);
  }
  void want(const WantedItems& wanted) noexcept { wanted_ = wanted; }
  const WantedItems& wanted() const noexcept { return wanted_; }
  /// Forgets the scores, not what is wanted.
  void clear() {
    std::fill(scores_.begin(), scores_.end(), 0);
    scored_.clear();
  }

 private:
  std::vector<double> scores_;
  ItemSet scored_;
  WantedItems wanted_;
};

}  // namespace persona
