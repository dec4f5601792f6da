// What an affinity state answers; formulas and sources are in affinity.h.
#include <algorithm>
#include <cmath>

#include "core/summaries/affinity.h"
#include "core/summaries/amount_sums.h"

namespace persona {
namespace {

// -p ln p for p = part / whole. Near 1 the logarithm is taken of what is missing, which p has rounded off.
double surprise(DoubleDouble part, DoubleDouble whole) noexcept {
  const double p = (part / whole).value();
  if (!(p > 0)) return 0;
  if (p <= 0.5) return -p * std::log(p);
  const DoubleDouble missing = whole - part;
  return missing.hi > 0 ? -p * std::log1p(-(missing / whole).value()) : 0;
}

double share_of(DoubleDouble weight, DoubleDouble total) noexcept { return (weight / total).value(); }

}  // namespace

DoubleDouble AffinityView::total() const noexcept {
  if (form_.bounded) return load_pair(state_ + kTotal);
  DoubleDouble sum;
  for (int i = 0; i < count_; ++i) sum += upper(i);
  return sum;
}

std::optional<double> AffinityView::share(const AffinityKey& key) const noexcept {
  const DoubleDouble whole = total();
  if (!(whole.hi > 0)) return std::nullopt;
  const Place place = find(key);
  return place.found ? share_of(weight(place.index), whole) : 0;
}

std::optional<double> AffinityView::entropy() const noexcept {
  const DoubleDouble whole = total();
  if (!(whole.hi > 0)) return std::nullopt;
  DoubleDouble kept;
  DoubleDouble sum;
  for (int i = 0; i < count_; ++i) {
    const DoubleDouble part = weight(i);
    kept += part;
    sum = plus(sum, surprise(part, whole));
  }
  const DoubleDouble rest = whole - kept;
  const DoubleDouble bound = error();
  if (bound.hi > 0 && rest.hi > 0) sum = plus(sum, -share_of(rest, whole) * std::log(share_of(bound, whole)));
  return sum.value();
}

int AffinityView::heaviest(int k, std::uint16_t* order) const noexcept {
  double weights[kAffinityMaxKeys];
  for (int i = 0; i < count_; ++i) {
    weights[i] = weight(i).value();
    order[i] = static_cast<std::uint16_t>(i);
  }
  const int answers = std::min(k, count_);
  std::partial_sort(order, order + answers, order + count_, [&weights](std::uint16_t a, std::uint16_t b) {
    return weights[a] == weights[b] ? a < b : weights[a] > weights[b];
  });
  return answers;
}

std::optional<double> affinity_similarity(const AffinityView& a, const AffinityView& b) noexcept {
  // Shares, whose squares neither overflow nor vanish, do as well as weights.
  const DoubleDouble total_a = a.total();
  const DoubleDouble total_b = b.total();
  if (!(total_a.hi > 0) || !(total_b.hi > 0)) return std::nullopt;
  DoubleDouble squares_a;
  DoubleDouble squares_b;
  DoubleDouble products;
  int i = 0;
  int j = 0;
  while (i < a.count() || j < b.count()) {
    const int order = j == b.count() ? -1 : i == a.count() ? 1 : compare_keys(a.key(i), b.key(j));
    const double x = order <= 0 ? share_of(a.weight(i), total_a) : 0;
    const double y = order >= 0 ? share_of(b.weight(j), total_b) : 0;
    squares_a = plus(squares_a, x * x);
    squares_b = plus(squares_b, y * y);
    products = plus(products, x * y);
    if (order <= 0) ++i;
    if (order >= 0) ++j;
  }
  if (!(squares_a.hi > 0) || !(squares_b.hi > 0)) return std::nullopt;
  return std::min(1.0, products.value() / std::sqrt(squares_a.value() * squares_b.value()));
}

}  // namespace persona
