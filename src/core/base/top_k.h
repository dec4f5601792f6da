// The k best of a stream under a strict order, in O(k) memory and O(1) a push on average: up to 2k elements
// are gathered, then the better half is kept by a linear-time selection and its worst turns away most of what
// follows by one comparison. Against a binary heap the selection saves the logarithm.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace persona {

/// `Before(a, b)`: a is better than b; a strict weak order. Where it orders any two elements, the result does
/// not depend on the order of the pushes.
template <typename T, typename Before>
class TopK {
 public:
  explicit TopK(std::size_t k, Before before = Before()) : k_(k), before_(std::move(before)) {}

  void push(const T& element) {
    if (full_ && (k_ == 0 || !before_(element, kept_[k_ - 1]))) return;
    kept_.push_back(element);
    if (kept_.size() >= k_ && kept_.size() - k_ >= k_) select();
  }

  /// The elements kept, best first, at most k. Valid until the next clear() or push().
  const std::vector<T>& sorted() {
    if (kept_.size() > k_) select();
    std::sort(kept_.begin(), kept_.end(), before_);
    return kept_;
  }

  /// Forgets what was pushed and keeps the memory.
  void clear() noexcept {
    kept_.clear();
    full_ = false;
  }

 private:
  // Leaves the k best, the worst of them last.
  void select() {
    full_ = true;
    if (k_ > 0 && kept_.size() > k_) {
      const auto worst = kept_.begin() + static_cast<std::ptrdiff_t>(k_ - 1);
      std::nth_element(kept_.begin(), worst, kept_.end(), before_);
    }
    kept_.erase(kept_.begin() + static_cast<std::ptrdiff_t>(std::min(k_, kept_.size())), kept_.end());
  }

  std::size_t k_;
  Before before_;
  std::vector<T> kept_;
  bool full_ = false;  // kept_[k - 1] is the worst of the k best so far
};

}  // namespace persona
