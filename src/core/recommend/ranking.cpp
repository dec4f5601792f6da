// Two passes over the neighbors: one adds up the scores in a hash table, the other finds, for the k winners
// only, which items of the history contributed.
#include "core/recommend/ranking.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "core/base/error.h"
#include "core/base/top_k.h"
#include "core/recommend/paced_poll.h"

namespace persona {
namespace {

constexpr std::size_t kReasons = 3;

// Open addressing with linear probing and Fibonacci hashing (Knuth, TAOCP vol. 3, 6.4), never more than half
// full. Its size follows what is added, not the catalog.
class ScoreTable {
 public:
  struct Slot {
    std::int32_t item = -1;
    std::int32_t rank = -1;  // place among the winners, -1 for the others
    double score = 0;
  };

  explicit ScoreTable(std::size_t most_items) {
    while ((std::size_t{1} << bits_) < 2 * most_items) ++bits_;
    slots_.resize(std::size_t{1} << bits_);
  }

  // The slot of the item, a fresh one when it has none.
  Slot& operator[](std::int32_t item) {
    std::size_t place =
        (static_cast<std::uint32_t>(item) * std::uint64_t{0x9e3779b97f4a7c15}) >> (64U - bits_);
    while (slots_[place].item != item) {
      if (slots_[place].item < 0) {
        slots_[place].item = item;
        break;
      }
      place = (place + 1) & (slots_.size() - 1);
    }
    return slots_[place];
  }

  const std::vector<Slot>& slots() const noexcept { return slots_; }

 private:
  unsigned bits_ = 4;
  std::vector<Slot> slots_;
};

struct Scored {
  std::int32_t item;
  double score;
};

// Used for recommendations and for contributions alike.
struct Better {
  bool operator()(const Scored& a, const Scored& b) const noexcept {
    return a.score != b.score ? a.score > b.score : a.item < b.item;
  }
};

[[noreturn]] void corrupt(const HistoryRow& row, const std::string& detail) {
  throw Error(sqlstate::kDataException,
              "stored neighbors of item number " + std::to_string(row.item) + " are corrupt", detail,
              "Fit the model again.");
}

void check_row(const HistoryRow& row, std::int32_t items) {
  if (row.item < 0 || row.item >= items) {
    corrupt(row, "The model has " + std::to_string(items) + " items.");
  }
  const NeighborView& view = row.neighbors;
  if (view.item_count != view.score_count) {
    corrupt(row, "There are " + std::to_string(view.item_count) + " neighbors and " +
                     std::to_string(view.score_count) + " scores.");
  }
  for (std::size_t n = 0; n < view.item_count; ++n) {
    if (view.items[n] < 0 || view.items[n] >= items) {
      corrupt(row, "A neighbor has number " + std::to_string(view.items[n]) + ", and the model has " +
                       std::to_string(items) + " items.");
    }
    if (!std::isfinite(view.scores[n])) corrupt(row, "A score is not finite.");
  }
}

double contribution(const HistoryRow& row, std::size_t n) {
  return row.weight * static_cast<double>(row.neighbors.scores[n]);
}

// The history by item number, checked, so that sums do not depend on the order it was read in.
std::vector<const HistoryRow*> ordered_history(const RankingRequest& request, PacedPoll& poll) {
  std::vector<const HistoryRow*> rows;
  rows.reserve(request.history.size());
  for (const HistoryRow& row : request.history) {
    check_row(row, request.items);
    poll.add(row.neighbors.item_count + 1);
    rows.push_back(&row);
  }
  std::sort(rows.begin(), rows.end(),
            [](const HistoryRow* a, const HistoryRow* b) { return a->item < b->item; });
  return rows;
}

double checked_score(double score) {
  if (!std::isfinite(score)) {
    throw Error(sqlstate::kNumericOutOfRange, "score of a recommendation is out of range",
                "The weights of the history are too large to be added.");
  }
  return score;
}

}  // namespace

std::vector<RankedItem> rank_items(const RankingRequest& request, Poll& poll) {
  if (request.k <= 0 || request.history.empty()) return {};
  PacedPoll paced(poll);
  const std::vector<const HistoryRow*> history = ordered_history(request, paced);
  std::size_t total = 0;
  for (const HistoryRow* row : history) total += row->neighbors.item_count;

  ScoreTable table(std::min(total, static_cast<std::size_t>(request.items)));
  for (const HistoryRow* row : history) {
    for (std::size_t n = 0; n < row->neighbors.item_count; ++n) {
      table[row->neighbors.items[n]].score += contribution(*row, n);
    }
    paced.add(row->neighbors.item_count);
  }

  TopK<Scored, Better> best(static_cast<std::size_t>(request.k));
  for (const ScoreTable::Slot& slot : table.slots()) {
    if (slot.item < 0 || slot.score <= 0) continue;
    if (request.excluded != nullptr && request.excluded->contains(slot.item)) continue;
    if (request.candidates != nullptr && !request.candidates->contains(slot.item)) continue;
    best.push(Scored{slot.item, checked_score(slot.score)});
  }
  std::vector<RankedItem> ranked;
  std::vector<TopK<Scored, Better>> reasons;
  for (const Scored& winner : best.sorted()) {
    table[winner.item].rank = static_cast<std::int32_t>(ranked.size());
    ranked.push_back(RankedItem{winner.item, winner.score, {}});
    reasons.emplace_back(kReasons);
  }

  for (const HistoryRow* row : history) {
    for (std::size_t n = 0; n < row->neighbors.item_count; ++n) {
      const std::int32_t rank = table[row->neighbors.items[n]].rank;
      const double part = contribution(*row, n);
      if (rank >= 0 && part > 0) reasons[static_cast<std::size_t>(rank)].push(Scored{row->item, part});
    }
    paced.add(row->neighbors.item_count);
  }
  for (std::size_t rank = 0; rank < ranked.size(); ++rank) {
    for (const Scored& reason : reasons[rank].sorted()) ranked[rank].because.push_back(reason.item);
  }
  return ranked;
}

std::vector<std::int32_t> fill_by_popularity(const RankingRequest& request,
                                             const std::vector<RankedItem>& ranked) {
  std::vector<std::int32_t> fill;
  const std::size_t wanted = request.k > 0 ? static_cast<std::size_t>(request.k) : 0;
  ItemSet taken(request.items);
  for (const RankedItem& each : ranked) taken.insert(each.item);
  for (std::size_t word = 0; word * 64 < static_cast<std::size_t>(request.items); ++word) {
    std::uint64_t free = ~taken.bits(word);
    if (request.excluded != nullptr) free &= ~request.excluded->bits(word);
    if (request.candidates != nullptr) free &= request.candidates->bits(word);
    for (std::uint64_t bit = 0; free != 0 && bit < 64; ++bit) {
      const std::size_t item = word * 64 + bit;
      if (((free >> bit) & 1U) == 0 || item >= static_cast<std::size_t>(request.items)) continue;
      if (ranked.size() + fill.size() >= wanted) return fill;
      fill.push_back(static_cast<std::int32_t>(item));
    }
  }
  return fill;
}

double preference(const RankingRequest& request, std::int32_t item, Poll& poll) {
  PacedPoll paced(poll);
  double score = 0;
  for (const HistoryRow* row : ordered_history(request, paced)) {
    for (std::size_t n = 0; n < row->neighbors.item_count; ++n) {
      if (row->neighbors.items[n] == item) score += contribution(*row, n);
    }
    paced.add(row->neighbors.item_count);
  }
  return checked_score(score);
}

}  // namespace persona
