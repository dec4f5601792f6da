#include "core/recommend/als_recommender.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>

#include "core/model/damaged.h"
#include "core/recommend/contributions.h"
#include "core/recommend/paced_poll.h"
#include "core/recommend/stored_rows.h"

namespace persona {
namespace {

// Items that are scored between two checks; their scores stay in the first-level cache.
constexpr std::size_t kBlock = 1024;

double dot(const std::vector<double>& x, const float* y) {
  double sum = 0;
  for (std::size_t f = 0; f < x.size(); ++f) sum += x[f] * static_cast<double>(y[f]);
  return sum;
}

float length(const float* vector, std::ptrdiff_t size) {
  float square = 0;
  dense_kernel().products(vector, 1, size, vector, &square);
  return std::sqrt(square);
}

// The k-th largest of the wanted products so far, 0 before there are as many: what a further one has to
// reach.
class Threshold {
 public:
  explicit Threshold(const WantedItems& wanted) : wanted_(wanted) {}

  void add(std::int32_t item, float product) {
    if (wanted_.k <= 0 || !(product > value()) || !wanted_.allows(item)) return;
    largest_.push_back(product);
    std::push_heap(largest_.begin(), largest_.end(), std::greater<>());
    if (largest_.size() <= static_cast<std::size_t>(wanted_.k)) return;
    std::pop_heap(largest_.begin(), largest_.end(), std::greater<>());
    largest_.pop_back();
  }
  float value() const noexcept {
    return largest_.size() < static_cast<std::size_t>(wanted_.k) || largest_.empty() ? 0 : largest_.front();
  }

 private:
  const WantedItems& wanted_;
  std::vector<float> largest_;  // the smallest of them at the front
};

// Calls use(item, product of its vector with x, vector) for all items that have one, the longest vectors
// first, until `threshold` answers what none of the vectors left can reach: by Cauchy and Schwarz |x y| <=
// |x| |y|.
template <typename Use, typename LeastWanted>
void for_each_product(const RecommenderFacts& facts, const std::vector<float>& x, ModelReader& reader,
                      PacedPoll& poll, Use use, LeastWanted threshold) {
  // Single precision is off by less than this share of the bound.
  const float reach = 1.0001F * length(x.data(), static_cast<std::ptrdiff_t>(x.size()));
  const auto size = static_cast<std::ptrdiff_t>(x.size());
  std::vector<float> products(kBlock);
  reader.scan_factors([&](const FactorBlock& block) {
    check_factors(facts, block, static_cast<std::int32_t>(size));
    for (std::size_t first = 0; first < block.item_count; first += kBlock) {
      const std::size_t count = std::min(kBlock, block.item_count - first);
      const float* vectors = block.factors + static_cast<std::ptrdiff_t>(first) * size;
      if (reach * length(vectors, size) < threshold()) return false;
      dense_kernel().products(vectors, static_cast<std::ptrdiff_t>(count), size, x.data(), products.data());
      for (std::size_t n = 0; n < count; ++n) {
        use(block.items[first + n], products[n], vectors + static_cast<std::ptrdiff_t>(n) * size);
      }
      poll.add(count * (x.size() / 16 + 4));
    }
    return true;
  });
}

}  // namespace

AlsRecommender::Known AlsRecommender::known_items(const History& history, ModelReader& reader) const {
  const std::vector<WeightedItem> weighed = weigh_(history);
  std::vector<std::int32_t> numbers;
  numbers.reserve(weighed.size());
  for (const WeightedItem& each : weighed) numbers.push_back(each.item);
  const std::vector<FactorBlock> blocks = reader.factors(numbers);
  Known known;
  for (std::size_t h = 0; h < weighed.size(); ++h) {
    const FactorBlock& block = blocks[h];
    check_factors(facts_, block, settings_.factors);
    if (block.item_count == 0) continue;
    known.items.push_back(weighed[h].item);
    known.weights.push_back(weighed[h].weight);
    known.vectors.insert(known.vectors.end(), block.factors, block.factors + settings_.factors);
  }
  return known;
}

void AlsRecommender::prepare(ModelReader& reader, PacedPoll& poll) const {
  if (!gram_.empty()) return;
  NormalEquations equations(settings_.factors);
  equations.clear();
  double items = 0;
  reader.scan_factors([&](const FactorBlock& block) {
    check_factors(facts_, block, settings_.factors);
    equations.add({block.factors, settings_.factors}, nullptr, nullptr, block.item_count, poll);
    items += static_cast<double>(block.item_count);
    return true;
  });
  // One factor that is not finite makes its sum of squares so, which that of finite floats never is.
  for (std::ptrdiff_t f = 0; f < equations.size(); ++f) {
    if (!std::isfinite(equations.diagonal(f)))
      throw_damaged(facts_.model, "A factor is not a finite number.");
  }
  items_ = items;
  gram_ = equations.matrix();
}

NormalEquations AlsRecommender::fold_in(const Known& known, ModelReader& reader, PacedPoll& poll) const {
  prepare(reader, poll);
  double weight = 0;
  for (const double each : known.weights) weight += each;
  NormalEquations equations(settings_.factors);
  equations.start(gram_, settings_.alpha, settings_.ridge(weight, items_));
  equations.add({known.vectors.data(), settings_.factors}, nullptr, known.weights.data(), known.items.size(),
                poll);
  if (!equations.solve(poll)) {
    if (!std::isfinite(weight) || weight > 1e150) {
      throw Error(sqlstate::kNumericOutOfRange, "score of a recommendation is out of range",
                  "The weights of the history are too large.");
    }
    throw Error(sqlstate::kNotInPrerequisiteState, "the vector of the user is not determined",
                "The model has a lambda of about 0, and the history is too short to do without.",
                "Fit the model with a larger lambda.");
  }
  return equations;
}

void AlsRecommender::score(const History& history, ModelReader& reader, ItemScores& scores,
                           Poll& poll) const {
  const Known known = known_items(history, reader);
  if (known.items.empty()) return;
  PacedPoll paced(poll);
  const NormalEquations equations = fold_in(known, reader, paced);
  const std::vector<float> user(equations.solution().begin(), equations.solution().end());
  Threshold threshold(scores.wanted());
  const auto take = [&](std::int32_t item, float product, const float* /*vector*/) {
    scores.add(item, static_cast<double>(product));
    threshold.add(item, product);
  };
  for_each_product(facts_, user, reader, paced, take, [&] { return threshold.value(); });
}

// With A the matrix of the user's system, the score of item i is y_i' A^-1 sum_h w_h y_h: the part of item h
// of the history is w_h y_h . z with z = A^-1 y_i.
std::vector<ItemReason> AlsRecommender::explain(const History& history, ModelReader& reader,
                                                const std::vector<std::int32_t>& items, Poll& poll) const {
  std::vector<ItemReason> reasons(items.size());
  const Known known = known_items(history, reader);
  if (known.items.empty()) return reasons;
  PacedPoll paced(poll);
  const NormalEquations equations = fold_in(known, reader, paced);
  Contributions contributions(facts_.items, items);
  std::vector<std::vector<double>> vectors;
  for (const FactorBlock& block : reader.factors(items)) {
    check_factors(facts_, block, settings_.factors);
    vectors.emplace_back(block.factors, block.factors + block.factor_count);
  }
  const auto size = static_cast<std::size_t>(settings_.factors);
  for (std::size_t place = 0; place < items.size(); ++place) {
    std::vector<double>& z = vectors[place];
    if (z.empty()) continue;
    equations.solve_for(z.data());
    for (std::size_t h = 0; h < known.items.size(); ++h) {
      if (known.items[h] == items[place]) continue;
      contributions.add(items[place], known.items[h], known.weights[h] * dot(z, &known.vectors[h * size]));
    }
    paced.add(size * (size + known.items.size()));
    reasons[place] = {"like", contributions.because(place)};
  }
  return reasons;
}

void AlsRecommender::score_similar(std::int32_t item, ModelReader& reader, ItemScores& scores,
                                   Poll& poll) const {
  const std::vector<FactorBlock> blocks = reader.factors({item});
  check_factors(facts_, blocks.at(0), settings_.factors);
  if (blocks[0].item_count == 0) return;
  PacedPoll paced(poll);
  prepare(reader, paced);  // checks that all factors are finite
  const std::vector<float> own(blocks[0].factors, blocks[0].factors + settings_.factors);
  const float own_length = length(own.data(), settings_.factors);
  const auto take = [&](std::int32_t other, float product, const float* vector) {
    const double lengths =
        static_cast<double>(own_length) * static_cast<double>(length(vector, settings_.factors));
    if (other != item && lengths > 0) scores.add(other, static_cast<double>(product) / lengths);
  };
  for_each_product(facts_, own, reader, paced, take, [] { return 0.0F; });
}

}  // namespace persona
