#include "core/recommend/ease.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/top_k.h"
#include "core/linalg/symmetric_matrix.h"
#include "core/recommend/event_fitter.h"
#include "core/recommend/neighbor_rows.h"
#include "core/recommend/paced_poll.h"
#include "core/recommend/pair_recommender.h"

namespace persona {
namespace {

constexpr std::int32_t kMaxItems = 20'000;  // a matrix of 3.2 GB

std::vector<OptionSpec> option_specs() {
  std::vector<OptionSpec> specs = event_options();
  for (OptionSpec& each : neighbor_options("0")) specs.push_back(each);
  specs.push_back({"user_normalization", OptionType::number, "0.5",
                   "Each user counts 1 / (his number of items) ^ this, relative to a user of average size.",
                   0, 2});
  specs.push_back({"lambda", OptionType::number, "300",
                   "Weight of the sum of squares of all item weights; larger where there is less data.", 0,
                   1e300});
  specs.push_back(
      {"drop", OptionType::number, "0.5",
       "Share of a user's items, below 1, that the model learns to do without: dropout. More of it "
       "holds popular items back less than lambda does.",
       0, 0.999999});
  specs.push_back(decay_option("1"));
  return specs;
}

// The upper triangle of Y'Y, row by row: the items of each user stand in ascending order, so that a place in
// his list, moved on whenever one of his items has had its row, is where the items from that one on begin.
void add_gram(const Interactions& interactions, double user_normalization, SymmetricMatrix& gram,
              PacedPoll& poll) {
  const SparseRows& by_user = interactions.by_user;
  const SparseRows& by_item = interactions.by_item;
  const auto items = static_cast<std::int32_t>(gram.size());
  std::vector<std::size_t> place(by_user.begin.begin(), by_user.begin.end() - 1);
  std::vector<std::size_t> last(by_user.rows());
  std::size_t pairs = 0;
  std::size_t users = 0;
  for (std::size_t user = 0; user < by_user.rows(); ++user) {
    const auto begin = by_user.index.begin();
    const auto end = std::lower_bound(begin + static_cast<std::ptrdiff_t>(by_user.begin[user]),
                                      begin + static_cast<std::ptrdiff_t>(by_user.begin[user + 1]), items);
    last[user] = static_cast<std::size_t>(end - begin);
    pairs += last[user] - by_user.begin[user];
    users += last[user] > by_user.begin[user] ? 1 : 0;
    poll.add(16);
  }
  const double mean = static_cast<double>(pairs) / static_cast<double>(std::max(users, std::size_t{1}));
  std::vector<double> counts(by_user.rows());  // what a user counts
  for (std::size_t user = 0; user < by_user.rows(); ++user) {
    const auto size = static_cast<double>(last[user] - by_user.begin[user]);
    counts[user] = size > 0 ? std::pow(mean / size, user_normalization) : 0;
    poll.add(16);
  }
  for (std::int32_t item = 0; item < items; ++item) {
    double* row = gram.row(item);
    const auto number = static_cast<std::size_t>(item);
    for (std::size_t e = by_item.begin[number]; e < by_item.begin[number + 1]; ++e) {
      const auto user = static_cast<std::size_t>(by_item.index[e]);
      const double own = counts[user] * (by_item.weight.empty() ? 1 : by_item.weight[e]);
      const std::size_t first = place[user]++;
      poll.add(last[user] - first + 8);
      if (by_user.weight.empty()) {
        for (std::size_t other = first; other < last[user]; ++other) row[by_user.index[other]] += own;
      } else {
        for (std::size_t other = first; other < last[user]; ++other) {
          row[by_user.index[other]] += own * by_user.weight[other];
        }
      }
    }
  }
}

struct LargerNeighbor {
  bool operator()(const Neighbor& a, const Neighbor& b) const noexcept {
    const float x = std::fabs(a.score);
    const float y = std::fabs(b.score);
    return x != y ? x > y : a.item < b.item;
  }
};

// The rows of B, from the inverse, one at a time.
class EaseRows {
 public:
  EaseRows(SymmetricMatrix inverse, std::size_t most) : inverse_(std::move(inverse)), most_(most) {
    for (std::int32_t item = 0; item < items(); ++item) divisors_.push_back(-inverse_.row(item)[item]);
  }

  std::int32_t items() const noexcept { return static_cast<std::int32_t>(inverse_.size()); }

  void make(std::int32_t item, NeighborRow& row) const {
    const auto size = static_cast<std::size_t>(items());
    NeighborCollector collector(0, items());
    TopK<Neighbor, LargerNeighbor> largest(most_ > 0 ? most_ : size);
    const double* inverse = inverse_.row(item);
    for (std::int32_t other = 0; other < items(); ++other) {
      if (other == item) continue;
      const double score = inverse[other] / divisors_[static_cast<std::size_t>(other)];
      if (most_ == 0 || most_ >= size) {
        collector.add(other, score);
      } else {
        largest.push({other, static_cast<float>(score)});
      }
    }
    for (const Neighbor& each : largest.sorted()) collector.add(each.item, static_cast<double>(each.score));
    collector.finish(row);
  }

 private:
  SymmetricMatrix inverse_;       // both triangles
  std::vector<double> divisors_;  // its diagonal, negative
  std::size_t most_;
};

class EaseFitter final : public EventFitter {
 public:
  explicit EaseFitter(const FitRequest& request) : EventFitter(request, "ease"), options_(request.options) {}

 private:
  void complete(Training& training, FittedModel& model, Poll& poll) override {
    const auto min_support = static_cast<double>(options_.integer("min_support"));
    const std::int32_t supported = supported_items(training.interactions, min_support);
    const auto neighbors = static_cast<std::size_t>(options_.integer("neighbors"));
    note_unsupported(supported, min_support, model);
    if (supported > kMaxItems) {
      throw Error(sqlstate::kProgramLimit,
                  "kind ease takes at most " + std::to_string(kMaxItems) + " items, and there are " +
                      std::to_string(supported),
                  "It needs a matrix of all items by all items.",
                  "Raise option min_support to leave out rare items, or use kind item_knn or als.");
    }
    check_neighbor_count(neighbors, supported);
    SymmetricMatrix matrix(supported, poll);
    PacedPoll paced(poll);
    add_gram(training.interactions, options_.number("user_normalization"), matrix, paced);
    regularize(matrix);
    // What rounding may leave of a pivot that is 0 is of the order of items 2^-53 times the diagonal entry.
    const std::ptrdiff_t singular = invert(matrix, 4 * supported * 0x1p-52, poll);
    if (singular >= 0) {
      throw Error(
          sqlstate::kNotInPrerequisiteState, "the items' matrix is singular",
          "The users of item \"" + model.neighbors[static_cast<std::size_t>(singular)].item +
              "\" are given by those of more popular items, and lambda is too small to tell them apart.",
          "Raise option lambda, or drop.");
    }
    matrix.mirror(poll);
    const auto rows = std::make_shared<const EaseRows>(std::move(matrix), neighbors);
    model.make_neighbors = [rows](std::int32_t item, NeighborRow& row) {
      if (item < rows->items()) rows->make(item, row);
    };
  }

  void regularize(SymmetricMatrix& matrix) const {
    const double drop = options_.number("drop");
    const double lambda = options_.number("lambda");
    for (std::ptrdiff_t item = 0; item < matrix.size(); ++item) {
      double& diagonal = matrix.row(item)[item];
      diagonal += lambda + drop / (1 - drop) * diagonal;
      if (!std::isfinite(diagonal)) {
        throw Error(sqlstate::kNumericOutOfRange, "the sum of squares of an item's weights is out of range",
                    "The weights of its users are too large.", "Divide the weight by a constant.");
      }
    }
  }

  Options options_;
};

std::unique_ptr<Fitter> make_fitter(const FitRequest& request) {
  return std::make_unique<EaseFitter>(request);
}

std::unique_ptr<Recommender> load_recommender(const RecommenderFacts& facts, const Options& options) {
  return std::make_unique<PairRecommender>(facts, "goes with", weigh_by_options(options));
}

}  // namespace

const Kind& ease() {
  static const Kind kind = {
      "ease",
      Task::recommendation,
      "Recommends by the linear model that best gives each user's items from his others.",
      option_specs(),
      make_fitter,
      nullptr,
      nullptr,
      Distribution::normal,
      load_recommender};
  return kind;
}

}  // namespace persona
