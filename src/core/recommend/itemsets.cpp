// Depth first from the rarest item to the most popular. The sets that end in item i are found in the baskets
// that have i, cut down to what is more popular than i and still frequent among them: the conditional pattern
// base of FP-growth (Han, Pei and Yin, "Mining frequent patterns without candidate generation", SIGMOD 2000),
// kept in arrays and counted by visiting the occurrences of an item, as LCM does (Uno, Kiyomi and Arimura,
// "LCM ver. 2: efficient mining algorithms for frequent/closed/maximal itemsets", FIMI 2004). As soon as no
// more than 64 items are left, which is almost at once, a basket is one word, and equal ones are merged. What
// a level costs is the size of the baskets that are left, never the number of pairs of items.
#include "core/recommend/itemsets.h"

#include <algorithm>
#include <string>

#include "core/base/at.h"
#include "core/base/error.h"

namespace persona {
namespace {

// Baskets over local item numbers, ascending in each: item j is that of child j of a node.
struct Lists {
  std::vector<std::size_t> begin = std::vector<std::size_t>(1, 0);
  std::vector<std::int32_t> items;

  std::size_t baskets() const noexcept { return begin.size() - 1; }
  // Leaves out a basket of fewer than two items, which says no more than the counts of single items do.
  void finish_basket() {
    if (items.size() - begin.back() < 2) {
      items.resize(begin.back());
    } else {
      begin.push_back(items.size());
    }
  }
};

// Equal baskets over at most 64 items, a bit each.
struct Word {
  std::uint64_t items;
  std::uint32_t count;
};

constexpr std::size_t kWordItems = 64;

std::size_t lowest(std::uint64_t bits) { return static_cast<std::size_t>(__builtin_ctzll(bits)); }
std::uint64_t below(std::size_t bit) { return (std::uint64_t{1} << bit) - 1; }
bool has_two(std::uint64_t bits) { return (bits & (bits - 1)) != 0; }
std::uint32_t size_of(std::uint64_t bits) { return static_cast<std::uint32_t>(__builtin_popcountll(bits)); }

void merge_equal(std::vector<Word>& words, PacedPoll& poll) {
  std::sort(words.begin(), words.end(), [&](const Word& a, const Word& b) {
    poll.add(1);
    return a.items < b.items;
  });
  std::size_t kept = 0;
  for (const Word& word : words) {
    if (kept > 0 && words[kept - 1].items == word.items) {
      words[kept - 1].count += word.count;
    } else {
      words[kept++] = word;
    }
  }
  words.resize(kept);
}

class Miner {
 public:
  Miner(const ItemsetLimits& limits, PacedPoll& poll) : limits_(limits), poll_(poll) {}

  ItemsetTree mine(const SparseRows& baskets, std::int32_t items) {
    tree_.set_root_count(static_cast<std::uint32_t>(baskets.rows()));
    std::vector<std::uint32_t> counts(at(items), 0);
    for (const std::int32_t item : baskets.index) ++counts[at(item)];
    poll_.add(baskets.index.size());
    std::vector<std::int32_t> local(at(items), -1);
    for (std::int32_t item = 0; item < items; ++item) {
      if (!is_frequent(counts[at(item)])) continue;
      local[at(item)] = static_cast<std::int32_t>(tree_[0].children);
      add_child(0, item, counts[at(item)]);
    }
    if (limits_.max_length < 2 || tree_[0].children < 2) return std::move(tree_);
    Lists lists;
    for (std::size_t basket = 0; basket < baskets.rows(); ++basket) {
      for (std::size_t e = baskets.begin[basket]; e < baskets.begin[basket + 1]; ++e) {
        const std::int32_t item = local[at(baskets.index[e])];
        if (item >= 0) lists.items.push_back(item);
      }
      lists.finish_basket();
      poll_.add(4 * baskets.size(basket) + 1);
    }
    mine_lists(lists, 0, 1);
    return std::move(tree_);
  }

 private:
  // A basket up to, and without, the item that occurs in it.
  struct Occurrence {
    std::size_t begin;
    std::size_t end;
  };
  using Occurrences = std::vector<Occurrence>;

  // What one call of mine_lists counts with, all 0 or -1 between items.
  struct Companions {
    std::vector<std::uint32_t> counts;
    std::vector<std::int32_t> local;  // number among the frequent companions
    std::vector<std::int32_t> items;  // that have a count
  };

  bool is_frequent(std::uint32_t count) const noexcept { return count > 0 && count >= limits_.min_count; }

  void add_child(std::uint32_t node, std::int32_t item, std::uint32_t count) {
    if (tree_.size() > limits_.max_itemsets) {
      throw Error(sqlstate::kProgramLimit,
                  "more than " + std::to_string(limits_.max_itemsets) + " sets of items are frequent",
                  "Each of them is in at least " + std::to_string(limits_.min_count) + " of " +
                      std::to_string(tree_[0].count) + " baskets.",
                  "Use a larger min_support, or a smaller max_length.");
    }
    tree_.add_child(node, item, count);
  }

  // The sets that continue each child of `parent`, which are sets of `length` items.
  void mine_lists(const Lists& lists, std::uint32_t parent, int length) {
    const std::uint32_t first = tree_[parent].first_child;
    const std::size_t items = tree_[parent].children;
    std::vector<std::size_t> begin;
    const Occurrences occurrences = find_occurrences(lists, items, begin);
    Companions companions;
    companions.counts.assign(items, 0);
    companions.local.assign(items, -1);
    for (std::size_t i = 1; i < items; ++i) {
      const auto node = static_cast<std::uint32_t>(first + i);
      const Occurrence* const from = occurrences.data() + begin[i];
      const Occurrence* const to = occurrences.data() + begin[i + 1];
      count_companions(lists, from, to, companions);
      for (const std::int32_t j : companions.items) {
        if (!is_frequent(companions.counts[at(j)])) continue;
        companions.local[at(j)] = static_cast<std::int32_t>(tree_[node].children);
        add_child(node, tree_[first + static_cast<std::uint32_t>(j)].item, companions.counts[at(j)]);
      }
      if (tree_[node].children > 1 && length + 1 < limits_.max_length) {
        if (tree_[node].children > kWordItems) {
          mine_lists(cut_lists(lists, from, to, companions.local), node, length + 1);
        } else {
          const std::uint64_t all = ~std::uint64_t{0} >> (kWordItems - tree_[node].children);
          mine_words(cut_words(lists, from, to, companions.local), all, node, length + 1);
        }
      }
      for (const std::int32_t j : companions.items) {
        companions.counts[at(j)] = 0;
        companions.local[at(j)] = -1;
      }
    }
  }

  // By item: where it occurs with any before it. Those of item i are begin[i] to begin[i + 1].
  Occurrences find_occurrences(const Lists& lists, std::size_t items, std::vector<std::size_t>& begin) {
    std::vector<std::size_t> next(items + 1, 0);
    for (std::size_t b = 0; b < lists.baskets(); ++b) {
      for (std::size_t e = lists.begin[b] + 1; e < lists.begin[b + 1]; ++e) ++next[at(lists.items[e]) + 1];
      poll_.add(2 * (lists.begin[b + 1] - lists.begin[b]));
    }
    for (std::size_t i = 1; i <= items; ++i) next[i] += next[i - 1];
    begin = next;
    Occurrences occurrences;
    grow(occurrences, next[items], poll_);
    for (std::size_t b = 0; b < lists.baskets(); ++b) {
      for (std::size_t e = lists.begin[b] + 1; e < lists.begin[b + 1]; ++e) {
        occurrences[next[at(lists.items[e])]++] = {lists.begin[b], e};
      }
      poll_.add(4 * (lists.begin[b + 1] - lists.begin[b]));
    }
    return occurrences;
  }

  void count_companions(const Lists& lists, const Occurrence* from, const Occurrence* to,
                        Companions& companions) {
    companions.items.clear();
    for (const Occurrence* o = from; o != to; ++o) {
      for (std::size_t e = o->begin; e < o->end; ++e) {
        const std::int32_t j = lists.items[e];
        if (companions.counts[at(j)]++ == 0) companions.items.push_back(j);
      }
      poll_.add(o->end - o->begin + 2);
    }
    std::sort(companions.items.begin(), companions.items.end());
    poll_.add(16 * companions.items.size() + 1);
  }

  Lists cut_lists(const Lists& lists, const Occurrence* from, const Occurrence* to,
                  const std::vector<std::int32_t>& local) {
    Lists part;
    for (const Occurrence* o = from; o != to; ++o) {
      for (std::size_t e = o->begin; e < o->end; ++e) {
        const std::int32_t j = local[at(lists.items[e])];
        if (j >= 0) part.items.push_back(j);
      }
      part.finish_basket();
      poll_.add(2 * (o->end - o->begin) + 2);
    }
    return part;
  }

  std::vector<Word> cut_words(const Lists& lists, const Occurrence* from, const Occurrence* to,
                              const std::vector<std::int32_t>& local) {
    std::vector<Word> words;
    for (const Occurrence* o = from; o != to; ++o) {
      std::uint64_t bits = 0;
      for (std::size_t e = o->begin; e < o->end; ++e) {
        const std::int32_t j = local[at(lists.items[e])];
        if (j >= 0) bits |= std::uint64_t{1} << static_cast<unsigned>(j);
      }
      if (has_two(bits)) words.push_back({bits, 1});
      poll_.add(o->end - o->begin + 2);
    }
    merge_equal(words, poll_);
    return words;
  }

  // As mine_lists: the children of `parent` are the bits of `all`, in their order.
  void mine_words(const std::vector<Word>& words, std::uint64_t all, std::uint32_t parent, int length) {
    const std::uint32_t first = tree_[parent].first_child;
    const auto node_of = [&](std::size_t bit) { return first + size_of(all & below(bit)); };
    std::vector<Word> part;
    for (std::uint64_t rest = all & (all - 1); rest != 0; rest &= rest - 1) {
      const std::size_t bit = lowest(rest);
      part.clear();
      std::uint32_t counts[kWordItems] = {};
      for (const Word& word : words) {
        if ((word.items >> bit & 1U) == 0) continue;
        const std::uint64_t items = word.items & below(bit);
        for (std::uint64_t left = items; left != 0; left &= left - 1) counts[lowest(left)] += word.count;
        if (has_two(items)) part.push_back({items, word.count});
        poll_.add(size_of(items));
      }
      poll_.add(words.size() + kWordItems);
      const std::uint32_t node = node_of(bit);
      std::uint64_t frequent = 0;
      for (std::uint64_t left = all & below(bit); left != 0; left &= left - 1) {
        const std::size_t companion = lowest(left);
        if (!is_frequent(counts[companion])) continue;
        frequent |= std::uint64_t{1} << companion;
        add_child(node, tree_[node_of(companion)].item, counts[companion]);
      }
      if (!has_two(frequent) || length + 1 >= limits_.max_length) continue;
      for (Word& word : part) word.items &= frequent;
      part.erase(std::remove_if(part.begin(), part.end(), [](const Word& w) { return !has_two(w.items); }),
                 part.end());
      merge_equal(part, poll_);
      mine_words(part, frequent, node, length + 1);
    }
  }

  ItemsetLimits limits_;
  PacedPoll& poll_;
  ItemsetTree tree_;
};

}  // namespace

std::uint32_t ItemsetTree::child(std::uint32_t node, std::int32_t item) const noexcept {
  const Node* const from = nodes_.data() + nodes_[node].first_child;
  const Node* const to = from + nodes_[node].children;
  const Node* const found = std::lower_bound(
      from, to, item, [](const Node& each, std::int32_t wanted) { return each.item < wanted; });
  return found == to || found->item != item ? 0 : static_cast<std::uint32_t>(found - nodes_.data());
}

void ItemsetTree::add_child(std::uint32_t node, std::int32_t item, std::uint32_t count) {
  Node& parent = nodes_[node];
  if (parent.children == 0) parent.first_child = static_cast<std::uint32_t>(nodes_.size());
  ++parent.children;
  nodes_.push_back({item, count, 0, 0});
}

ItemsetTree find_itemsets(const SparseRows& baskets, std::int32_t items, const ItemsetLimits& limits,
                          PacedPoll& poll) {
  return Miner(limits, poll).mine(baskets, items);
}

}  // namespace persona
