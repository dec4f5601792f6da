// The inner loop of every pair recommender. A row that fills much of the catalogue adds without asking and is
// then collected by one sweep; a row that fills little of it remembers the cells it filled.
#include "core/recommend/pair_counts.h"

#include <algorithm>
#include <type_traits>

#include "core/base/at.h"

namespace persona {
PairCounts::PairCounts(const Interactions& interactions, std::int32_t items, PacedPoll& poll)
    : interactions_(interactions), poll_(poll), items_(items) {
  const SparseRows& by_user = interactions.by_user;
  grow(user_end_, by_user.rows(), poll_);
  for (std::size_t user = 0; user < by_user.rows(); ++user) {
    const auto first = by_user.index.begin();
    const auto from = first + static_cast<std::ptrdiff_t>(by_user.begin[user]);
    const auto to = first + static_cast<std::ptrdiff_t>(by_user.begin[user + 1]);
    user_end_[user] = static_cast<std::size_t>(std::lower_bound(from, to, items) - first);
    poll_.add(8);
  }
  if (by_user.weight.empty()) {
    grow(counts_, at(items), poll_);
  } else {
    grow(sums_, at(items), poll_);
  }
}

const std::vector<PairCount>& PairCounts::row(std::int32_t item) {
  row_.clear();
  if (interactions_.by_user.weight.empty()) {
    form_row(counts_, item);
  } else {
    form_row(sums_, item);
  }
  return row_;
}

template <typename Cell>
void PairCounts::form_row(std::vector<Cell>& cells, std::int32_t item) {
  constexpr bool kWeighted = std::is_floating_point_v<Cell>;
  const SparseRows& by_item = interactions_.by_item;
  const SparseRows& by_user = interactions_.by_user;
  const std::size_t users_begin = by_item.begin[at(item)];
  const std::size_t users_end = by_item.begin[at(item) + 1];

  std::size_t work = 0;
  for (std::size_t entry = users_begin; entry < users_end; ++entry) {
    const std::size_t user = at(by_item.index[entry]);
    work += user_end_[user] - by_user.begin[user];
  }
  const bool sweep = work >= at(items_) / 4;

  touched_.clear();
  Cell* const cell = cells.data();
  const std::int32_t* const index = by_user.index.data();
  const double* const weight = by_user.weight.data();
  for (std::size_t entry = users_begin; entry < users_end; ++entry) {
    const std::size_t user = at(by_item.index[entry]);
    const double own = kWeighted ? by_item.weight[entry] : 1;
    const auto value = [=](std::size_t p) -> Cell {
      if constexpr (kWeighted) return own * weight[p];
      return 1;
    };
    for (std::size_t p = by_user.begin[user]; p < user_end_[user];) {
      const std::size_t stop = std::min(user_end_[user], p + PacedPoll::kChunk);
      poll_.add(stop - p);
      if (sweep) {
        for (; p < stop; ++p) cell[index[p]] += value(p);
      } else {
        for (; p < stop; ++p) {
          if (cell[index[p]] == 0) touched_.push_back(index[p]);
          cell[index[p]] += value(p);
        }
      }
    }
  }

  // A product of tiny weights may vanish; a cell touched twice for that is 0 when met again.
  const auto collect = [&](std::int32_t other) {
    const Cell count = cell[other];
    cell[other] = 0;
    if (count > 0 && other != item) row_.push_back(PairCount{other, static_cast<double>(count)});
  };
  if (sweep) {
    for (std::int32_t other = 0; other < items_; ++other) collect(other);
    poll_.add(at(items_));
  } else {
    for (const std::int32_t other : touched_) collect(other);
    poll_.add(touched_.size());
  }
}

}  // namespace persona
