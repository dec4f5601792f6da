#include "pg/models/stored_reader.h"

#include <algorithm>

#include "pg/models/stored_factors.h"

namespace persona::pg {
namespace {

// What is kept of one kind of rows; past it reading starts over.
constexpr std::size_t kMostBytesKept = std::size_t{256} << 20;

}  // namespace

template <class View, class Row, class Read>
std::vector<View> StoredReader::find(Kept<Row>* kept, const Stored& stored,
                                     const std::vector<std::int32_t>& numbers, Read read) {
  if (kept->bytes > kMostBytesKept) *kept = {};
  const auto missing = [&](std::int32_t number) { return kept->rows.count(number) == 0; };
  if (std::any_of(numbers.begin(), numbers.end(), missing)) {
    with_lookup(stored.table, stored.key, stored.columns, [&](KeyLookup& found) {
      for (const std::int32_t number : numbers) {
        if (!missing(number) || !found.find(model_.model_id, number)) continue;
        Row& row = kept->rows[number];
        read(found, &row);
        kept->bytes += row.bytes();
      }
    });
  }
  std::vector<View> views;
  views.reserve(numbers.size());
  for (const std::int32_t number : numbers) {
    const auto found = kept->rows.find(number);
    views.push_back(found == kept->rows.end() ? View{} : found->second.view());
  }
  return views;
}

std::vector<NeighborView> StoredReader::neighbors(const std::vector<std::int32_t>& items) {
  return find<NeighborView>(&neighbors_, {"neighbor", "item_no", {"neighbors", "scores"}}, items,
                            [](const KeyLookup& found, Scores* row) {
                              row->items = found.int4_array(1);
                              row->scores = found.float4_array(2);
                            });
}

PopularityView StoredReader::popularity() {
  static Statement statement(
      "SELECT items, scores FROM persona.popularity WHERE model_id = $1 AND segment_no = 0");
  const auto [found, is_new] = segments_.try_emplace("");
  if (is_new) {
    as_owner([&] {
      Params params;
      params.int8(model_.model_id);
      Rows rows = statement.run(params, true);
      if (!rows.empty()) found->second = {rows.int4_array(0, 1), rows.float4_array(0, 2)};
      rows.free();
    });
  }
  return found->second.view();
}

PopularityView StoredReader::segment_popularity(const std::string& segment) {
  static Statement statement(
      "SELECT items, scores FROM persona.popularity WHERE model_id = $1 AND segment = $2");
  if (segment.empty() || !model_.options.has("segment")) return {};
  const auto [found, is_new] = segments_.try_emplace(segment);
  if (is_new) {
    as_owner([&] {
      Params params;
      params.int8(model_.model_id).text(segment);
      Rows rows = statement.run(params, true);
      if (!rows.empty()) found->second = {rows.int4_array(0, 1), rows.float4_array(0, 2)};
      rows.free();
    });
  }
  return found->second.view();
}

void StoredReader::scan_factors(const std::function<bool(const FactorBlock&)>& use) {
  scan_item_factors(model_, use);
}

std::vector<FactorBlock> StoredReader::factors(const std::vector<std::int32_t>& items) {
  factor_numbers_ = items;
  factors_.clear();
  std::vector<std::size_t> begin;
  with_lookup("factor", "item_no", {"factors"}, [&](KeyLookup& row) {
    for (const std::int32_t item : items) {
      begin.push_back(factors_.size());
      if (!row.find(model_.model_id, item)) continue;
      const std::vector<float> values = row.float4_array(1);
      factors_.insert(factors_.end(), values.begin(), values.end());
    }
  });
  begin.push_back(factors_.size());
  std::vector<FactorBlock> blocks;
  for (std::size_t i = 0; i < items.size(); i++) {
    const std::size_t size = begin[i + 1] - begin[i];
    blocks.push_back(size == 0 ? FactorBlock{}
                               : FactorBlock{&factor_numbers_[i], 1, factors_.data() + begin[i], size});
  }
  return blocks;
}

std::vector<NumberView> StoredReader::item_sessions(const std::vector<std::int32_t>& items) {
  return find<NumberView>(&item_sessions_, {"item_session", "item_no", {"sessions"}}, items, read_numbers);
}

std::vector<NumberView> StoredReader::sessions(const std::vector<std::int32_t>& numbers) {
  return find<NumberView>(&sessions_, {"session", "session_no", {"items"}}, numbers, read_numbers);
}

std::vector<RuleRow> StoredReader::rules(const std::vector<std::int32_t>& items) {
  static Statement statement(
      "SELECT antecedent_no, consequent_no, count, support, confidence, lift, leverage, conviction "
      "FROM persona.rule WHERE model_id = $1 AND antecedent_no[1] = ANY ($2) ORDER BY rule_no");
  std::vector<RuleRow> rules;
  if (items.empty()) return rules;
  as_owner([&] {
    Params params;
    params.int8(model_.model_id).int4_array(items);
    Rows rows = statement.run(params, true);
    rules.resize(rows.size());
    for (std::uint64_t i = 0; i < rows.size(); i++) {
      RuleRow& rule = rules[i];
      rule.antecedent = rows.int4_array(i, 1);
      rule.consequent = rows.int4(i, 2);
      rule.count = rows.int8(i, 3);
      rule.support = rows.float8(i, 4).value_or(0);
      rule.confidence = rows.float8(i, 5).value_or(0);
      rule.lift = rows.float8(i, 6).value_or(0);
      rule.leverage = rows.float8(i, 7).value_or(0);
      rule.conviction = rows.float8(i, 8).value_or(0);
    }
    rows.free();
  });
  return rules;
}

}  // namespace persona::pg
