// Every function walks over the matrix by items and by users alike, since both directions are stored.
#include "core/recommend/interaction_weights.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "core/recommend/paced_poll.h"

namespace persona {
namespace {

constexpr double kBm25Saturation = 1.2;
constexpr double kBm25Length = 0.75;

// weight = f(weight, user, item) for all cells.
template <typename F>
void reweigh(Interactions& interactions, PacedPoll& poll, F f) {
  SparseRows& by_user = interactions.by_user;
  SparseRows& by_item = interactions.by_item;
  for (SparseRows* rows : {&by_user, &by_item}) {
    if (rows->weight.empty()) rows->weight.assign(rows->index.size(), 1);
  }
  for (std::size_t user = 0; user < by_user.rows(); ++user) {
    for (std::size_t e = by_user.begin[user]; e < by_user.begin[user + 1]; ++e) {
      by_user.weight[e] = f(by_user.weight[e], user, static_cast<std::size_t>(by_user.index[e]));
      poll.add(4);
    }
  }
  for (std::size_t item = 0; item < by_item.rows(); ++item) {
    for (std::size_t e = by_item.begin[item]; e < by_item.begin[item + 1]; ++e) {
      by_item.weight[e] = f(by_item.weight[e], static_cast<std::size_t>(by_item.index[e]), item);
      poll.add(4);
    }
  }
}

// By user: f(number of the user's items).
template <typename F>
std::vector<double> of_user_sizes(const Interactions& interactions, F f) {
  std::vector<double> values(interactions.by_user.rows());
  for (std::size_t user = 0; user < values.size(); ++user) {
    const auto size = static_cast<double>(interactions.by_user.size(user));
    values[user] = size > 0 ? f(size) : 0;
  }
  return values;
}

double column_norm(const SparseRows& by_item, std::size_t item) {
  const std::size_t begin = by_item.begin[item];
  const std::size_t end = by_item.begin[item + 1];
  if (by_item.weight.empty()) return std::sqrt(static_cast<double>(end - begin));
  double largest = 0;
  for (std::size_t e = begin; e < end; ++e) largest = std::max(largest, by_item.weight[e]);
  if (largest == 0) return 0;
  double squares = 0;
  for (std::size_t e = begin; e < end; ++e) {
    const double scaled = by_item.weight[e] / largest;
    squares += scaled * scaled;
  }
  return largest * std::sqrt(squares);
}

}  // namespace

void scale_users(Interactions& interactions, double exponent, Poll& poll) {
  if (exponent == 0) return;
  PacedPoll paced(poll);
  const std::vector<double> factor =
      of_user_sizes(interactions, [exponent](double size) { return std::pow(size, -exponent); });
  reweigh(interactions, paced,
          [&](double weight, std::size_t user, std::size_t /*item*/) { return weight * factor[user]; });
}

void weigh_tfidf(Interactions& interactions, Poll& poll) {
  PacedPoll paced(poll);
  const auto items = static_cast<double>(interactions.by_item.rows());
  const std::vector<double> idf =
      of_user_sizes(interactions, [items](double size) { return std::log(items / size); });
  reweigh(interactions, paced,
          [&](double weight, std::size_t user, std::size_t /*item*/) { return weight * idf[user]; });
}

void weigh_bm25(Interactions& interactions, Poll& poll) {
  PacedPoll paced(poll);
  const SparseRows& by_item = interactions.by_item;
  const auto items = static_cast<double>(by_item.rows());
  const std::vector<double> idf = of_user_sizes(
      interactions, [items](double size) { return std::log1p((items - size + 0.5) / (size + 0.5)); });
  std::vector<double> length(by_item.rows(), 0);
  double total = 0;
  for (std::size_t item = 0; item < by_item.rows(); ++item) {
    for (std::size_t e = by_item.begin[item]; e < by_item.begin[item + 1]; ++e) {
      length[item] += by_item.weight.empty() ? 1 : by_item.weight[e];
    }
    total += length[item] / items;
  }
  reweigh(interactions, paced, [&](double weight, std::size_t user, std::size_t item) {
    const double long_item = 1 - kBm25Length + kBm25Length * length[item] / total;
    return idf[user] * (kBm25Saturation + 1) / (1 + kBm25Saturation * long_item / weight);
  });
}

std::vector<double> item_norms(const Interactions& interactions, Poll& poll) {
  PacedPoll paced(poll);
  std::vector<double> norms(interactions.by_item.rows());
  for (std::size_t item = 0; item < norms.size(); ++item) {
    norms[item] = column_norm(interactions.by_item, item);
    paced.add(4 * interactions.by_item.size(item) + 1);
  }
  return norms;
}

void divide_by_norms(Interactions& interactions, const std::vector<double>& norms, Poll& poll) {
  PacedPoll paced(poll);
  // A norm that overflows belongs to weights near the largest number: half of each is scale enough.
  const auto& by_item = interactions.by_item;
  std::vector<double> own(norms);
  std::vector<double> scale(norms.size(), 1);
  for (std::size_t item = 0; item < norms.size(); ++item) {
    if (std::isfinite(norms[item])) continue;
    double squares = 0;
    for (std::size_t e = by_item.begin[item]; e < by_item.begin[item + 1]; ++e) {
      const double scaled = by_item.weight[e] * 0x1p-600;
      squares += scaled * scaled;
    }
    scale[item] = 0x1p-600;
    own[item] = std::sqrt(squares);
  }
  reweigh(interactions, paced, [&](double weight, std::size_t /*user*/, std::size_t item) {
    return own[item] > 0 ? weight * scale[item] / own[item] : 0;
  });
}

}  // namespace persona
