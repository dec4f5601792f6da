// Reads (user, item, weight), forms one row of X'X after another and keeps the best of each. Scores are
// ranked as the single precision numbers they are stored as, so that equal scores in the table are ties by
// popularity.
#include "core/recommend/item_knn.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/top_k.h"
#include "core/recommend/interaction_columns.h"
#include "core/recommend/interactions.h"
#include "core/recommend/paced_poll.h"
#include "core/recommend/pair_counts.h"

namespace persona {
namespace {

// 8 bytes each: 0.8 GB, what neighbors => 0 takes for 10,000 items that all occur together.
constexpr std::size_t kMaxNeighbors = 100'000'000;

struct Neighbor {
  std::int32_t item;
  float score;
};

struct Closer {
  bool operator()(const Neighbor& a, const Neighbor& b) const noexcept {
    return a.score != b.score ? a.score > b.score : a.item < b.item;
  }
};

std::size_t at(std::int32_t number) { return static_cast<std::size_t>(number); }

std::vector<OptionSpec> option_specs() {
  std::vector<OptionSpec> specs = interaction_options();
  specs.push_back({"neighbors", OptionType::integer, "50",
                   "Neighbors kept for each item, the closest first; 0 keeps all.", 0, 1e6});
  specs.push_back({"min_support", OptionType::integer, "1",
                   "Items of fewer distinct users are kept, but have no neighbors and are nobody's neighbor.",
                   1, 2147483647});
  return specs;
}

// The first items, those with at least min_support users: items are numbered by falling support.
std::int32_t supported_items(const SparseRows& by_item, std::size_t min_support) {
  std::int32_t count = 0;
  while (at(count) < by_item.rows() && by_item.size(at(count)) >= min_support) ++count;
  return count;
}

class ItemKnnFitter final : public Fitter {
 public:
  explicit ItemKnnFitter(const FitRequest& request)
      : columns_(interaction_columns(request, "item_knn")),
        neighbors_(static_cast<std::size_t>(request.options.integer("neighbors"))),
        min_support_(static_cast<std::size_t>(request.options.integer("min_support"))) {}

  const std::vector<StreamColumn>& columns() const noexcept override { return columns_; }

  void consume(const RowBlock& block, Poll& poll) override {
    append_events(block, weighted(), events_);
    rows_since_check_ += block.rows();
    if (rows_since_check_ < 4096) return;
    rows_since_check_ = 0;
    poll.check();
  }

  FittedModel finish(const RowBlock& last, std::int64_t skipped, Poll& poll) override {
    if (events_.users.empty()) {
      throw Error(sqlstate::kNotInPrerequisiteState, "there are no rows to fit",
                  std::to_string(skipped) + " rows were skipped because a value was NULL, NaN or infinite.",
                  "The source must have at least one row with a user and an item.");
    }
    const Dictionary& labels = last.dictionary(kItemColumn);
    Interactions interactions = make_interactions(std::move(events_), labels, poll);
    if (interactions.item_code.empty()) {
      throw Error(sqlstate::kNotInPrerequisiteState, "there are no interactions to fit",
                  "No user and item have weights that add to more than zero.",
                  "Rows with a negative weight cancel rows with a positive one of the same user and item.");
    }
    const auto pairs = static_cast<double>(interactions.by_user.index.size());
    if (weighted()) normalize_items(interactions, poll);

    FittedModel model;
    describe_items(interactions, labels, model, poll);
    const std::int32_t supported = supported_items(interactions.by_item, min_support_);
    const std::size_t kept = find_neighbors(interactions, supported, model.neighbors, poll);

    const auto users = static_cast<double>(interactions.users);
    const auto items = static_cast<double>(model.neighbors.size());
    model.metrics = {{"users", users},
                     {"items", items},
                     {"interactions", pairs},
                     {"density", pairs / (users * items)},
                     {"mean_neighbors", static_cast<double>(kept) / items}};
    if (interactions.dropped > 0) {
      model.notices.push_back(
          std::to_string(interactions.dropped) +
          " pairs of user and item were left out: their weights do not add to more than zero");
    }
    const std::size_t unsupported = model.neighbors.size() - at(supported);
    if (unsupported > 0) {
      model.notices.push_back(std::to_string(unsupported) + " of " + std::to_string(model.neighbors.size()) +
                              " items have fewer than " + std::to_string(min_support_) +
                              " users (min_support) and get no neighbors");
    }
    return model;
  }

 private:
  bool weighted() const noexcept { return columns_.size() > static_cast<std::size_t>(kWeightColumn); }

  static void describe_items(const Interactions& interactions, const Dictionary& labels, FittedModel& model,
                             Poll& poll) {
    PacedPoll paced(poll);
    grow(model.neighbors, interactions.item_code.size(), paced);
    for (std::size_t item = 0; item < model.neighbors.size(); ++item) {
      model.neighbors[item].item = labels.label(interactions.item_code[item]);
      model.neighbors[item].support = static_cast<std::int64_t>(interactions.by_item.size(item));
      paced.add(16);
    }
  }

  // Fills neighbors and scores of the supported items; answers how many were kept in all.
  std::size_t find_neighbors(const Interactions& interactions, std::int32_t supported,
                             std::vector<NeighborRow>& rows, Poll& poll) const {
    const bool counts = interactions.by_user.weight.empty();
    PacedPoll paced(poll);
    PairCounts pairs(interactions, supported, paced);
    TopK<Neighbor, Closer> closest(neighbors_ > 0 ? neighbors_ : at(supported));
    std::size_t kept = 0;
    for (std::int32_t item = 0; item < supported; ++item) {
      closest.clear();
      const auto support = static_cast<double>(rows[at(item)].support);
      for (const PairCount& pair : pairs.row(item)) {
        // With weights the items have length 1 already, and the inner product is the cosine.
        const double norms =
            counts ? std::sqrt(support * static_cast<double>(rows[at(pair.item)].support)) : 1;
        const auto score = static_cast<float>(pair.count / norms);
        if (score > 0) closest.push(Neighbor{pair.item, score});
        paced.add(4);
      }
      const std::vector<Neighbor>& sorted = closest.sorted();
      kept += sorted.size();
      if (kept > kMaxNeighbors) {
        throw Error(sqlstate::kProgramLimit,
                    "more than " + std::to_string(kMaxNeighbors) + " neighbors would be kept",
                    "The catalog has " + std::to_string(rows.size()) + " items.",
                    "Use a smaller number of neighbors, or a larger min_support.");
      }
      NeighborRow& row = rows[at(item)];
      row.neighbors.reserve(sorted.size());
      row.scores.reserve(sorted.size());
      for (const Neighbor& neighbor : sorted) {
        row.neighbors.push_back(neighbor.item);
        row.scores.push_back(neighbor.score);
      }
    }
    return kept;
  }

  std::vector<StreamColumn> columns_;
  std::size_t neighbors_;
  std::size_t min_support_;
  Events events_;
  int rows_since_check_ = 0;
};

std::unique_ptr<Fitter> make_fitter(const FitRequest& request) {
  return std::make_unique<ItemKnnFitter>(request);
}

}  // namespace

const Kind& item_knn() {
  static const Kind kind = {"item_knn",
                            Task::recommendation,
                            "Recommends items that the same users have, by the cosine between items.",
                            option_specs(),
                            make_fitter,
                            nullptr};
  return kind;
}

}  // namespace persona
