#include "core/recommend/fitted_reader.h"

#include <cstddef>
#include <utility>

#include "core/base/at.h"
#include "core/recommend/factor_order.h"

namespace persona {
namespace {

NeighborView view(const std::vector<std::int32_t>& items, const std::vector<float>& scores) {
  return {items.data(), items.size(), scores.data(), scores.size()};
}

std::vector<NumberView> views(const std::vector<std::vector<std::int32_t>>& rows,
                              const std::vector<std::int32_t>& numbers) {
  std::vector<NumberView> result;
  for (const std::int32_t number : numbers) {
    const bool there = number >= 0 && at(number) < rows.size();
    result.push_back(there ? NumberView{rows[at(number)].data(), rows[at(number)].size()} : NumberView{});
  }
  return result;
}

}  // namespace

FittedReader::FittedReader(const FittedModel& model) : model_(model), factor_row_(model.neighbors.size()) {
  for (const FactorRow* each : longest_items_first(model.factors)) {
    factor_row_[at(each->item)] = each;
    factor_items_.push_back(each->item);
    factors_.insert(factors_.end(), each->factors.begin(), each->factors.end());
  }
  for (std::size_t row = 0; row < model.rules.size(); ++row) {
    if (!model.rules[row].antecedent.empty()) rules_[model.rules[row].antecedent[0]].push_back(row);
  }
}

std::vector<NeighborView> FittedReader::neighbors(const std::vector<std::int32_t>& items) {
  std::vector<NeighborView> result;
  for (const std::int32_t item : items) {
    const NeighborRow* row = &model_.neighbors[at(item)];
    if (model_.make_neighbors) {
      const auto [place, is_new] = made_.try_emplace(item);
      if (is_new) model_.make_neighbors(item, place->second);
      row = &place->second;
    }
    result.push_back(view(row->neighbors, row->scores));
  }
  return result;
}

PopularityView FittedReader::popularity() {
  if (model_.popularity.empty()) return {};
  return view(model_.popularity[0].items, model_.popularity[0].scores);
}

PopularityView FittedReader::segment_popularity(const std::string& segment) {
  for (std::size_t row = 1; row < model_.popularity.size() && !segment.empty(); ++row) {
    const PopularityRow& each = model_.popularity[row];
    if (each.segment == segment) return view(each.items, each.scores);
  }
  return {};
}

void FittedReader::scan_factors(const std::function<bool(const FactorBlock&)>& use) {
  if (factor_items_.empty()) return;
  use({factor_items_.data(), factor_items_.size(), factors_.data(), factors_.size()});
}

std::vector<FactorBlock> FittedReader::factors(const std::vector<std::int32_t>& items) {
  std::vector<FactorBlock> result;
  for (const std::int32_t item : items) {
    FactorBlock block;
    if (const FactorRow* row = factor_row_[at(item)]) {
      block = {&row->item, 1, row->factors.data(), row->factors.size()};
    }
    result.push_back(block);
  }
  return result;
}

std::vector<NumberView> FittedReader::item_sessions(const std::vector<std::int32_t>& items) {
  return views(model_.sessions.sessions, items);
}

std::vector<NumberView> FittedReader::sessions(const std::vector<std::int32_t>& numbers) {
  return views(model_.sessions.items, numbers);
}

std::vector<RuleRow> FittedReader::rules(const std::vector<std::int32_t>& items) {
  std::vector<RuleRow> result;
  for (const std::int32_t item : items) {
    const auto found = rules_.find(item);
    if (found == rules_.end()) continue;
    for (const std::size_t row : found->second) result.push_back(model_.rules[row]);
  }
  return result;
}

}  // namespace persona
