// From every occurrence of the item its user's sequence is walked forward and backward, as far as a pair
// counts.
#include "core/recommend/ordered_pairs.h"

#include <cmath>
#include <utility>

#include "core/base/at.h"

namespace persona {
OrderedPairs::OrderedPairs(const Sequences& sequences, std::int32_t items, std::vector<double> forward,
                           std::vector<double> backward, PacedPoll& poll)
    : sequences_(sequences),
      items_(items),
      forward_(std::move(forward)),
      backward_(std::move(backward)),
      poll_(poll) {
  grow(sums_, at(items), poll_);
  grow(begin_, at(items) + 1, poll_);
  for (const std::int32_t item : sequences_.item) {
    if (item < items_) ++begin_[at(item) + 1];
    poll_.add(4);
  }
  for (std::size_t item = 0; item + 1 < begin_.size(); ++item) begin_[item + 1] += begin_[item];
  std::vector<std::size_t> next(begin_.begin(), begin_.end() - 1);
  grow(entry_, begin_.back(), poll_);
  grow(first_, sequences_.item.size(), poll_);
  grow(last_, sequences_.item.size(), poll_);
  for (std::size_t user = 0; user < sequences_.users(); ++user) {
    for (std::size_t e = sequences_.begin[user]; e < sequences_.begin[user + 1]; ++e) {
      first_[e] = sequences_.begin[user];
      last_[e] = sequences_.begin[user + 1];
      if (sequences_.item[e] < items_) entry_[next[at(sequences_.item[e])]++] = e;
      poll_.add(4);
    }
  }
}

const std::vector<PairCount>& OrderedPairs::row(std::int32_t item) {
  row_.clear();
  touched_.clear();
  const auto add = [&](std::size_t e, double value) {
    const std::int32_t other = sequences_.item[e];
    if (other >= items_ || value == 0) return;
    if (sums_[at(other)] == 0) touched_.push_back(other);
    sums_[at(other)] += value;
  };
  for (std::size_t occurrence = begin_[at(item)]; occurrence < begin_[at(item) + 1]; ++occurrence) {
    const std::size_t own = entry_[occurrence];
    const std::int32_t basket = sequences_.basket[own];
    for (std::size_t e = own + 1; e < last_[own]; ++e) {
      const auto gap = at(sequences_.basket[e] - basket);
      if (gap > forward_.size()) break;
      if (gap > 0) add(e, forward_[gap - 1]);
      poll_.add(2);
    }
    if (backward_.empty()) continue;
    for (std::size_t e = own; e > first_[own]; --e) {
      const auto gap = at(basket - sequences_.basket[e - 1]);
      if (gap > backward_.size()) break;
      if (gap > 0) add(e - 1, backward_[gap - 1]);
      poll_.add(2);
    }
  }
  for (const std::int32_t other : touched_) {
    row_.push_back({other, sums_[at(other)]});
    sums_[at(other)] = 0;
  }
  return row_;
}

std::vector<double> power_fade(std::size_t most, double exponent) {
  std::vector<double> values(most);
  for (std::size_t g = 0; g < most; ++g) values[g] = std::pow(static_cast<double>(g + 1), -exponent);
  return values;
}

}  // namespace persona
