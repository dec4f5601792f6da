// Four counting passes: rows scattered by user, merged within each user, then transposed twice, which leaves
// both directions sorted. Nothing is sorted by comparison but the items themselves.
#include "core/recommend/interactions.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "core/base/at.h"
#include "core/base/error.h"
#include "core/recommend/net_weight.h"
#include "core/recommend/paced_poll.h"

namespace persona {
namespace {

// A write to a place that is not in the cache costs as much as several ordinary steps.
constexpr std::size_t kScatterSteps = 4;

// Row beginnings by counting, without a second array for the places to write next: `row_begin[r + 1]` is the
// next place of row r while the entries are scattered, and its end thereafter.
class RowCounter {
 public:
  RowCounter(std::vector<std::size_t>& row_begin, std::size_t rows, PacedPoll& poll)
      : begin_(row_begin), poll_(poll) {
    begin_.clear();
    grow(begin_, rows + 2, poll_);
  }

  void count(std::size_t row) {
    ++begin_[row + 2];
    poll_.add(kScatterSteps);
  }
  void begin_scatter() {
    for (std::size_t row = 2; row < begin_.size(); ++row) {
      begin_[row] += begin_[row - 1];
      poll_.add(1);
    }
    begin_.pop_back();
  }
  std::size_t next(std::size_t row) {
    poll_.add(kScatterSteps);
    return begin_[row + 1]++;
  }

 private:
  std::vector<std::size_t>& begin_;
  PacedPoll& poll_;
};

// The rows by user code, in the order read, duplicates and all. Releases the events.
SparseRows scatter_by_user(Events events, PacedPoll& poll) {
  SparseRows rows;
  std::int32_t users = 0;
  for (const std::int32_t user : events.users) {
    users = std::max(users, user + 1);
    poll.add(1);
  }
  RowCounter counter(rows.begin, at(users), poll);
  for (const std::int32_t user : events.users) counter.count(at(user));
  counter.begin_scatter();
  grow(rows.index, events.items.size(), poll);
  grow(rows.weight, events.weights.size(), poll);
  auto item = events.items.begin();
  auto weight = events.weights.begin();
  for (const std::int32_t user : events.users) {
    const std::size_t to = counter.next(at(user));
    rows.index[to] = *item++;
    if (!rows.weight.empty()) rows.weight[to] = *weight++;
  }
  return rows;
}

// Makes the rows of one user and item one pair, in place; answers how many pairs were dropped. `slot[item]`
// is where the item stands among the current user's pairs, plus 1 plus the pairs of all users before, so that
// it needs no clearing.
class Merger {
 public:
  Merger(std::int32_t items, PacedPoll& poll) : poll_(poll) { grow(slot_, at(items), poll_); }

  std::int64_t merge(SparseRows& rows, const Dictionary& items) {
    const bool weighted = !rows.weight.empty();
    std::int64_t dropped = 0;
    std::size_t kept = 0;
    std::size_t from = 0;
    for (std::size_t user = 0; user < rows.rows(); ++user) {
      const std::size_t to = rows.begin[user + 1];
      rows.begin[user] = kept;
      pairs_.clear();
      net_.clear();
      for (; from < to; ++from) {
        add(rows.index[from], weighted ? rows.weight[from] : 1);
        poll_.add(kScatterSteps);
      }
      poll_.add(pairs_.size() + 1);
      seen_ += pairs_.size();
      for (std::size_t p = 0; p < pairs_.size(); ++p) {
        const double weight = weighted ? net_[p].value() : 1;
        if (!std::isfinite(weight)) {
          throw Error(sqlstate::kNumericOutOfRange,
                      "total weight of item \"" + items.label(pairs_[p]) + "\" is out of range",
                      "The weights of one user and item are added.");
        }
        if (!(weight > 0)) {
          ++dropped;
          continue;
        }
        rows.index[kept] = pairs_[p];
        if (weighted) rows.weight[kept] = weight;
        ++kept;
      }
    }
    rows.begin.back() = kept;
    rows.index.resize(kept);
    if (weighted) rows.weight.resize(kept);
    return dropped;
  }

 private:
  void add(std::int32_t item, double weight) {
    std::size_t& slot = slot_[at(item)];
    if (slot <= seen_) {
      pairs_.push_back(item);
      net_.emplace_back();
      slot = seen_ + pairs_.size();
    }
    net_[slot - seen_ - 1].add(weight);
  }

  PacedPoll& poll_;
  std::vector<std::size_t> slot_;
  std::size_t seen_ = 0;
  std::vector<std::int32_t> pairs_;
  std::vector<NetWeight> net_;
};

// Codes of the items with support, by falling popularity, ties by id.
std::vector<std::int32_t> order_items(const std::vector<double>& support,
                                      const std::vector<double>& popularity, const Dictionary& items,
                                      PacedPoll& poll) {
  std::vector<std::int32_t> order;
  for (std::int32_t code = 0; code < items.size(); ++code) {
    if (support[at(code)] > 0) order.push_back(code);
  }
  std::sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
    poll.add(16);
    if (popularity[at(a)] != popularity[at(b)]) return popularity[at(a)] > popularity[at(b)];
    return items.label(a) < items.label(b);
  });
  return order;
}

// The transpose, its rows numbered by `number` of the index (or by the index itself when empty).
SparseRows transpose(const SparseRows& rows, std::size_t columns, const std::vector<std::int32_t>& number,
                     PacedPoll& poll) {
  SparseRows result;
  const auto row_of = [&](std::size_t entry) {
    const std::int32_t index = rows.index[entry];
    return at(number.empty() ? index : number[at(index)]);
  };
  RowCounter counter(result.begin, columns, poll);
  for (std::size_t entry = 0; entry < rows.index.size(); ++entry) counter.count(row_of(entry));
  counter.begin_scatter();
  grow(result.index, rows.index.size(), poll);
  grow(result.weight, rows.weight.size(), poll);
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    for (std::size_t entry = rows.begin[row]; entry < rows.begin[row + 1]; ++entry) {
      const std::size_t to = counter.next(row_of(entry));
      result.index[to] = static_cast<std::int32_t>(row);
      if (!rows.weight.empty()) result.weight[to] = rows.weight[entry];
    }
  }
  return result;
}

}  // namespace

Interactions make_interactions(Events events, const Dictionary& items, const std::vector<double>& popularity,
                               Poll& poll) {
  PacedPoll paced(poll);
  Interactions result;
  SparseRows merged = scatter_by_user(std::move(events), paced);
  result.dropped = Merger(items.size(), paced).merge(merged, items);

  std::vector<double> support;
  grow(support, at(items.size()), paced);
  for (const std::int32_t code : merged.index) {
    ++support[at(code)];
    paced.add(kScatterSteps);
  }
  const std::vector<double>& rank_by = popularity.empty() ? support : popularity;
  result.item_code = order_items(support, rank_by, items, paced);
  for (const std::int32_t code : result.item_code) result.popularity.push_back(rank_by[at(code)]);
  std::vector<std::int32_t> number(at(items.size()), -1);
  for (std::size_t n = 0; n < result.item_code.size(); ++n) {
    number[at(result.item_code[n])] = static_cast<std::int32_t>(n);
  }
  for (std::size_t user = 0; user < merged.rows(); ++user) {
    result.users += merged.size(user) > 0 ? 1 : 0;
    paced.add(1);
  }

  const std::size_t users = merged.rows();
  result.by_item = transpose(merged, result.item_code.size(), number, paced);
  merged = SparseRows();
  result.by_user = transpose(result.by_item, users, {}, paced);
  return result;
}

}  // namespace persona
