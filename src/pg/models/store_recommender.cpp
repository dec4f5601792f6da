// Row by row, since a row may be large; what one row allocates is freed before the next. Only sessions, short
// and many, go together.
#include "pg/models/store_recommender.h"

#include <algorithm>

#include "pg/server/row_stream.h"

#include "core/recommend/factor_order.h"

namespace persona::pg {
namespace {

// An entry of an index has room for about 2,700 bytes, its other columns among them.
constexpr std::size_t kLongestId = 2500;

// Runs a statement for each of many rows; `fill(row, params)` gives its parameters.
template <class Fill>
void insert_rows(Statement* statement, std::size_t count, Fill fill) {
  ScratchContext scratch("persona rows");
  ServerPoll poll;
  for (std::size_t row = 0; row < count; row++) {
    Params params;
    scratch.enter();
    fill(row, &params);
    scratch.leave();
    statement->run(params, false);
    scratch.reset();
    poll.check();
  }
}

std::optional<std::string> unless_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional<std::string>(text);
}

void insert_neighbors(std::int64_t model_id, const FittedModel& fitted) {
  static Statement statement(
      "INSERT INTO persona.neighbor (model_id, item_no, item, support, attribute, neighbors, scores) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7)");
  insert_rows(&statement, fitted.neighbors.size(), [&](std::size_t row, Params* params) {
    const NeighborRow& item = fitted.neighbors[row];
    const int number = static_cast<int>(row);
    check_id_length(item.item, "item");
    params->int8(model_id).int4(number).text(item.item).int8(item.support).text(unless_empty(item.attribute));
    if (!fitted.make_neighbors) {
      params->int4_array(item.neighbors).float4_array(item.scores);
      return;
    }
    NeighborRow made;
    fitted.make_neighbors(number, made);
    params->int4_array(made.neighbors).float4_array(made.scores);
  });
}

void insert_popularity(std::int64_t model_id, const std::vector<PopularityRow>& rows) {
  static Statement statement(
      "INSERT INTO persona.popularity (model_id, segment_no, segment, items, scores) "
      "VALUES ($1, $2, $3, $4, $5)");
  insert_rows(&statement, rows.size(), [&](std::size_t row, Params* params) {
    check_id_length(rows[row].segment, "segment");
    params->int8(model_id).int4(static_cast<int>(row));
    params->text(row == 0 ? std::nullopt : std::optional<std::string>(rows[row].segment));
    params->int4_array(rows[row].items).float4_array(rows[row].scores);
  });
}

void insert_factors(std::int64_t model_id, const FittedModel& fitted) {
  static Statement statement(
      "INSERT INTO persona.factor (model_id, role, id, item_no, norm, factors) "
      "VALUES ($1, $2, $3, $4, $5::float4, $6)");
  insert_rows(&statement, fitted.factors.size(), [&](std::size_t row, Params* params) {
    const FactorRow& factor = fitted.factors[row];
    const bool of_item = factor.item >= 0;
    params->int8(model_id).text(std::string(of_item ? "item" : "user"));
    params->text(of_item ? fitted.neighbors[static_cast<std::size_t>(factor.item)].item : factor.id);
    of_item ? params->int4(factor.item) : params->null(INT4OID);
    params->float8(length_of(factor.factors)).float4_array(factor.factors);
  });
}

// The items' vectors together, the longest first.
void insert_factor_blocks(std::int64_t model_id, const std::vector<FactorRow>& factors) {
  constexpr std::size_t kItemsInBlock = 1000;
  static Statement statement(
      "INSERT INTO persona.factor_block (model_id, block_no, items, factors) VALUES ($1, $2, $3, $4)");
  const std::vector<const FactorRow*> order = longest_items_first(factors);
  const std::size_t blocks = (order.size() + kItemsInBlock - 1) / kItemsInBlock;
  insert_rows(&statement, blocks, [&](std::size_t block, Params* params) {
    std::vector<std::int32_t> items;
    std::vector<float> values;
    for (std::size_t i = block * kItemsInBlock; i < std::min(order.size(), (block + 1) * kItemsInBlock);
         i++) {
      const FactorRow& factor = *order[i];
      items.push_back(factor.item);
      values.insert(values.end(), factor.factors.begin(), factor.factors.end());
    }
    params->int8(model_id).int4(static_cast<int>(block)).int4_array(items).float4_array(values);
  });
}

void insert_rules(std::int64_t model_id, const FittedModel& fitted) {
  static Statement statement(
      "INSERT INTO persona.rule (model_id, rule_no, antecedent, consequent, support, confidence, lift, "
      "leverage, conviction, count, antecedent_no, consequent_no) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)");
  const auto name = [&](std::int32_t item) { return fitted.neighbors[static_cast<std::size_t>(item)].item; };
  insert_rows(&statement, fitted.rules.size(), [&](std::size_t row, Params* params) {
    const RuleRow& rule = fitted.rules[row];
    std::vector<std::string> antecedent;
    for (const std::int32_t item : rule.antecedent) antecedent.push_back(name(item));
    params->int8(model_id).int4(static_cast<int>(row) + 1).text_array(antecedent).text(name(rule.consequent));
    params->float8(rule.support).float8(rule.confidence).float8(rule.lift).float8(rule.leverage);
    params->float8(rule.conviction).int8(rule.count).int4_array(rule.antecedent).int4(rule.consequent);
  });
}

// Numbers 0, 1, ... each with its list.
void insert_lists(Statement* statement, std::int64_t model_id,
                  const std::vector<std::vector<std::int32_t>>& lists) {
  std::size_t next = 0;
  ScratchContext scratch("persona rows");
  ServerPoll poll;
  while (next < lists.size()) {
    const auto number = static_cast<int>(next);
    ArraySlices slices;
    std::vector<std::int32_t> values;
    for (; next < lists.size() && !slices.full(); next++) {
      slices.add(lists[next].size());
      values.insert(values.end(), lists[next].begin(), lists[next].end());
    }
    Params params;
    scratch.enter();
    params.int8(model_id).int4(number).int4_array(values).int4_array(slices.first).int4_array(slices.last);
    scratch.leave();
    statement->run(params, false);
    scratch.reset();
    poll.check();
  }
}

void insert_sessions(std::int64_t model_id, const SessionRows& sessions) {
  static Statement session(
      "INSERT INTO persona.session (model_id, session_no, items) SELECT $1, $2 + row - 1, ($3)[first:last] "
      "FROM ROWS FROM (unnest($4), unnest($5)) WITH ORDINALITY AS x(first, last, row)");
  insert_lists(&session, model_id, sessions.items);
  static Statement item_session(
      "INSERT INTO persona.item_session (model_id, item_no, sessions) SELECT $1, $2 + row - 1, "
      "($3)[first:last] FROM ROWS FROM (unnest($4), unnest($5)) WITH ORDINALITY AS x(first, last, row)");
  insert_lists(&item_session, model_id, sessions.sessions);
}

}  // namespace

void check_id_length(const std::string& id, const char* what) {
  if (id.size() <= kLongestId) return;
  throw Error(sqlstate::kProgramLimit,
              "the id of " + std::string(what[0] == 'i' ? "an " : "a ") + what + " has " +
                  std::to_string(id.size()) + " bytes",
              "Ids of up to " + std::to_string(kLongestId) + " bytes are stored.",
              "Name a shorter column in its place, such as md5() of this one.");
}

void store_recommender(std::int64_t model_id, const FittedModel& fitted) {
  insert_neighbors(model_id, fitted);
  insert_popularity(model_id, fitted.popularity);
  insert_factors(model_id, fitted);
  insert_factor_blocks(model_id, fitted.factors);
  insert_rules(model_id, fitted);
  insert_sessions(model_id, fitted.sessions);
}

}  // namespace persona::pg
