#include "core/recommend/factor_order.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace persona {

double length_of(const std::vector<float>& factors) {
  double squares = 0;
  for (const float f : factors) squares += static_cast<double>(f) * static_cast<double>(f);
  return std::sqrt(squares);
}

std::vector<const FactorRow*> longest_items_first(const std::vector<FactorRow>& factors) {
  std::vector<std::pair<double, const FactorRow*>> lengths;
  for (const FactorRow& each : factors) {
    if (each.item >= 0) lengths.emplace_back(length_of(each.factors), &each);
  }
  std::stable_sort(lengths.begin(), lengths.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<const FactorRow*> order;
  order.reserve(lengths.size());
  for (const auto& [length, row] : lengths) order.push_back(row);
  return order;
}

}  // namespace persona
