// One sweep over the scores, and one over the popular items where scores do not suffice.
#include "core/recommend/ranking.h"

#include <cmath>
#include <cstddef>

#include "core/base/error.h"
#include "core/base/top_k.h"
#include "core/model/damaged.h"
#include "core/recommend/paced_poll.h"

namespace persona {
namespace {

struct Scored {
  std::int32_t item;
  double score;
};

struct Better {
  bool operator()(const Scored& a, const Scored& b) const noexcept {
    return a.score != b.score ? a.score > b.score : a.item < b.item;
  }
};

class Ranking {
 public:
  Ranking(const ItemScores& scores, const RankingRequest& request, Poll& poll)
      : scores_(scores),
        request_(request),
        poll_(poll),
        wanted_(request.k > 0 ? static_cast<std::size_t>(request.k) : 0),
        taken_(scores.items()) {}

  std::vector<RankedItem> rank() {
    if (wanted_ == 0) return {};
    TopK<Scored, Better> positive(wanted_);
    TopK<Scored, Better> negative(wanted_);
    for_each_allowed([&](std::int32_t item) {
      const double score = scores_[item];
      if (!std::isfinite(score)) {
        throw Error(sqlstate::kNumericOutOfRange, "score of a recommendation is out of range",
                    "The weights of the history are too large to be added.");
      }
      if (score > 0) positive.push({item, score});
      if (score < 0) negative.push({item, score});
      return true;
    });
    take(positive);
    if (!full()) take_segment();
    if (!full()) {
      for_each_allowed([&](std::int32_t item) {
        if (scores_[item] == 0) take({item, 0, source_of(item)});
        return !full();
      });
    }
    if (!full()) take(negative);
    return std::move(ranked_);
  }

 private:
  bool full() const noexcept { return ranked_.size() >= wanted_; }

  RankedItem::Source source_of(std::int32_t item) const noexcept {
    return scores_.scored().contains(item) ? RankedItem::Source::score : RankedItem::Source::overall;
  }

  // In the order of their numbers, until `use` answers false.
  template <typename Use>
  void for_each_allowed(Use use) {
    const auto items = static_cast<std::size_t>(scores_.items());
    poll_.add(items);
    for (std::size_t word = 0; word * 64 < items; ++word) {
      std::uint64_t bits = ~taken_.bits(word);
      if (request_.excluded != nullptr) bits &= ~request_.excluded->bits(word);
      if (request_.candidates != nullptr) bits &= request_.candidates->bits(word);
      for (; bits != 0; bits &= bits - 1) {
        const std::size_t item = word * 64 + static_cast<std::size_t>(__builtin_ctzll(bits));
        if (item >= items || !use(static_cast<std::int32_t>(item))) return;
      }
    }
  }

  void take(const RankedItem& item) {
    ranked_.push_back(item);
    taken_.insert(item.item);
  }

  void take(TopK<Scored, Better>& best) {
    for (const Scored& each : best.sorted()) {
      if (full()) return;
      take({each.item, each.score, RankedItem::Source::score});
    }
  }

  void take_segment() {
    const PopularityView& segment = request_.segment;
    for (std::size_t place = 0; place < segment.item_count && !full(); ++place) {
      const std::int32_t item = segment.items[place];
      if (item < 0 || item >= scores_.items()) {
        throw Error(sqlstate::kDataException, "the stored popularity of a segment is corrupt",
                    "It has item number " + std::to_string(item) + ", and the model has " +
                        std::to_string(scores_.items()) + " items.",
                    "Fit the model again.");
      }
      if (taken_.contains(item) || scores_[item] != 0 || !request_.allows(item)) continue;
      take({item, 0,
            scores_.scored().contains(item) ? RankedItem::Source::score : RankedItem::Source::segment});
    }
  }

  const ItemScores& scores_;
  const RankingRequest& request_;
  PacedPoll poll_;
  std::size_t wanted_;
  ItemSet taken_;
  std::vector<RankedItem> ranked_;
};

}  // namespace

std::vector<RankedItem> rank_items(const ItemScores& scores, const RankingRequest& request, Poll& poll) {
  return Ranking(scores, request, poll).rank();
}

}  // namespace persona
