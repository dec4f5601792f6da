// A ModelReader over a fit in memory: for choosing options and weights, and for tests.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/model/rows.h"
#include "core/recommend/model_reader.h"

namespace persona {

class FittedReader final : public ModelReader {
 public:
  /// `model` must outlive this object. Neighbors that the model makes when they are wanted are kept.
  explicit FittedReader(const FittedModel& model);

  std::vector<NeighborView> neighbors(const std::vector<std::int32_t>& items) override;
  PopularityView popularity() override;
  PopularityView segment_popularity(const std::string& segment) override;
  void scan_factors(const std::function<bool(const FactorBlock&)>& use) override;
  std::vector<FactorBlock> factors(const std::vector<std::int32_t>& items) override;
  std::vector<NumberView> item_sessions(const std::vector<std::int32_t>& items) override;
  std::vector<NumberView> sessions(const std::vector<std::int32_t>& numbers) override;
  std::vector<RuleRow> rules(const std::vector<std::int32_t>& items) override;

 private:
  const FittedModel& model_;
  std::unordered_map<std::int32_t, NeighborRow> made_;
  std::vector<std::int32_t> factor_items_;    // by falling length of their vectors
  std::vector<float> factors_;                // in that order
  std::vector<const FactorRow*> factor_row_;  // by item number: its row of the model's; null for none
  std::unordered_map<std::int32_t, std::vector<std::size_t>> rules_;  // by the antecedent's smallest item
};

}  // namespace persona
