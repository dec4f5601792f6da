// Which user has which item: the sparse user-by-item matrix behind every recommender, made in linear time
// from the rows of the source, with duplicate rows merged and items numbered by popularity.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "core/base/poll.h"
#include "core/model/row_block.h"

namespace persona {

/// The rows as they were read: one entry each, codes into the source columns' dictionaries. Deques, because
/// they grow without ever copying what they hold.
struct Events {
  std::deque<std::int32_t> users;
  std::deque<std::int32_t> items;
  std::deque<double> weights;           ///< empty when the source has no weight
  std::deque<double> times;             ///< empty without option time: microseconds, or the number itself
  std::deque<std::int32_t> baskets;     ///< empty without option basket
  std::deque<std::int32_t> segments;    ///< empty without option segment; kMissingLabel for none
  std::deque<std::int32_t> attributes;  ///< of the items, empty without option diversity_key; as above
};

/// A sparse matrix by rows (CSR): row r holds the entries begin[r] to begin[r + 1], ascending by index.
struct SparseRows {
  std::vector<std::size_t> begin;   ///< one more than there are rows
  std::vector<std::int32_t> index;  ///< the column of each entry
  std::vector<double> weight;       ///< its value, positive; empty when all are 1

  std::size_t rows() const noexcept { return begin.size() - 1; }
  std::size_t size(std::size_t row) const noexcept { return begin[row + 1] - begin[row]; }
};

struct Interactions {
  SparseRows by_user;                   ///< row: user code; index: item number
  SparseRows by_item;                   ///< its transpose; row: item number; index: user code
  std::vector<std::int32_t> item_code;  ///< by item number: code in the item dictionary
  std::vector<double> popularity;       ///< by item number: in how many baskets it is (see sequences.h)
  std::int64_t users = 0;               ///< users with at least one item
  std::int64_t dropped = 0;             ///< user-item pairs left out: their weights do not add to more than 0
};

/// Items are numbered from 0 by falling popularity, ties by id in byte order (numbers compare as text).
/// `popularity`, by item code: empty for the support, the number of distinct users. Rows of the same user and
/// item are one pair: without weights it counts 1, with weights these are added (NetWeight), and a pair whose
/// total is not positive is no pair. An item without any pair has no number. Throws 22003 where a total
/// weight is not finite.
Interactions make_interactions(Events events, const Dictionary& items, const std::vector<double>& popularity,
                               Poll& poll);

}  // namespace persona
