// Which items are bought together often enough: all frequent itemsets with their counts, as a prefix tree.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/recommend/interactions.h"
#include "core/recommend/paced_poll.h"

namespace persona {

/// A node stands for the set of the items on the way to it from the root, which is node 0, the empty set. On
/// the way item numbers fall: from the rarest item to the most popular, where items are numbered so. Siblings
/// stand side by side, their numbers rising.
class ItemsetTree {
 public:
  struct Node {
    std::int32_t item = -1;
    std::uint32_t count = 0;  ///< baskets that have all items of the set
    std::uint32_t first_child = 0;
    std::uint32_t children = 0;
  };

  const Node& operator[](std::uint32_t node) const noexcept { return nodes_[node]; }
  std::size_t size() const noexcept { return nodes_.size(); }
  /// The child with that item, 0 where there is none.
  std::uint32_t child(std::uint32_t node, std::int32_t item) const noexcept;

  void set_root_count(std::uint32_t baskets) noexcept { nodes_[0].count = baskets; }
  /// All children of a node are added before those of another, by rising item.
  void add_child(std::uint32_t node, std::int32_t item, std::uint32_t count);

 private:
  std::vector<Node> nodes_ = std::vector<Node>(1);
};

struct ItemsetLimits {
  std::uint32_t min_count = 1;
  int max_length = 10;  ///< items in a set
  std::size_t max_itemsets = 10'000'000;
};

/// Every set of up to max_length items that at least min_count baskets have. `baskets`: a row each, its items
/// ascending and below `items`, weights not used. Any numbering is right, and one by falling popularity fast.
/// Throws 54000 where there are more sets than max_itemsets, before they take memory.
ItemsetTree find_itemsets(const SparseRows& baskets, std::int32_t items, const ItemsetLimits& limits,
                          PacedPoll& poll);

}  // namespace persona
