// Where a recommender's stored rows come from while it answers: the server's tables, read as they are needed,
// or the memory of a fit that is being evaluated. Stored rows may be forged, so every number read is checked
// by whoever uses it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/model/rows.h"

namespace persona {

/// The stored neighbors of one item: views of two arrays that should have the same length.
struct NeighborView {
  const std::int32_t* items = nullptr;
  std::size_t item_count = 0;
  const float* scores = nullptr;
  std::size_t score_count = 0;
};

/// Items by falling popularity, with how popular they are. Views as above.
using PopularityView = NeighborView;

/// Some items with their factors, `dimensions` floats each, one item after the other.
struct FactorBlock {
  const std::int32_t* items = nullptr;
  std::size_t item_count = 0;
  const float* factors = nullptr;
  std::size_t factor_count = 0;  ///< should be item_count * dimensions
};

/// Sessions or items by number: a view of an array.
struct NumberView {
  const std::int32_t* numbers = nullptr;
  std::size_t count = 0;
};

/// Views are valid until the reader's next call of the same function. A recommender calls only what its kind
/// stores; an empty view stands for a row that is not there.
class ModelReader {
 public:
  virtual ~ModelReader() = default;
  /// Of those items, in that order.
  virtual std::vector<NeighborView> neighbors(const std::vector<std::int32_t>& items) = 0;
  /// Of all users, or of a segment.
  virtual PopularityView popularity() = 0;
  virtual PopularityView segment_popularity(const std::string& segment) = 0;
  /// All items, by falling length of their vectors; `use` answers whether to go on.
  virtual void scan_factors(const std::function<bool(const FactorBlock&)>& use) = 0;
  /// The factors of those items, in that order, one block each; an empty one for an item without.
  virtual std::vector<FactorBlock> factors(const std::vector<std::int32_t>& items) = 0;
  /// The sessions that have each of those items, the newest first: pairs of number and number of items.
  virtual std::vector<NumberView> item_sessions(const std::vector<std::int32_t>& items) = 0;
  /// The items of those sessions, in the order of the session.
  virtual std::vector<NumberView> sessions(const std::vector<std::int32_t>& numbers) = 0;
  /// The rules whose antecedent's smallest item is one of these.
  virtual std::vector<RuleRow> rules(const std::vector<std::int32_t>& items) = 0;
};

}  // namespace persona
