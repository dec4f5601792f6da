// Names are resolved here, once, with errors that tell what the source has.
#include "core/recommend/interaction_columns.h"

#include <cstddef>

#include "core/base/error.h"

namespace persona {
namespace {

std::string column_list(const FitRequest& request) {
  std::string list;
  for (const SourceColumn& column : request.columns) {
    list += (list.empty() ? "\"" : ", \"") + column.name + "\"";
  }
  return list;
}

int find_column(const FitRequest& request, const char* option, const std::string& kind) {
  const std::string name = request.options.text(option);
  if (name.empty()) {
    throw Error(sqlstate::kInvalidParameter, "kind \"" + kind + "\" needs option \"" + option + "\"",
                "It names the source's column of the " + std::string(option) + ".",
                "Columns of the source are: " + column_list(request) + ".");
  }
  int found = -1;
  for (std::size_t c = 0; c < request.columns.size(); ++c) {
    if (request.columns[c].name != name) continue;
    if (found >= 0) {
      throw Error(sqlstate::kInvalidParameter, "the source has two columns named \"" + name + "\"", "",
                  "Give one of them another name in the source.");
    }
    found = static_cast<int>(c);
  }
  if (found >= 0) return found;
  throw Error(sqlstate::kUndefinedColumn, "column \"" + name + "\" does not exist in the source",
              "It is named by option \"" + std::string(option) + "\".",
              "Columns of the source are: " + column_list(request) + ".");
}

void check_distinct(const FitRequest& request, const StreamColumn& a, const char* option_a,
                    const StreamColumn& b, const char* option_b) {
  if (a.source != b.source) return;
  throw Error(sqlstate::kInvalidParameter,
              "options \"" + std::string(option_a) + "\" and \"" + option_b + "\" name the same column",
              "Both name column \"" + request.columns[static_cast<std::size_t>(a.source)].name + "\".");
}

}  // namespace

std::vector<OptionSpec> interaction_options() {
  return {
      {"user", OptionType::text, "null", "Column that says who; required."},
      {"item", OptionType::text, "null", "Column that says what the user bought, saw or liked; required."},
      {"weight", OptionType::text, "null",
       "Numeric column that says how much, added over the rows of a user and item; by default a pair counts "
       "1 "
       "however many rows it has."}};
}

std::vector<StreamColumn> interaction_columns(const FitRequest& request, const std::string& kind) {
  if (!request.target.empty()) {
    throw Error(sqlstate::kInvalidParameter, "kind \"" + kind + "\" takes no target", "",
                "Leave the target out and name the columns by options user, item and weight.");
  }
  std::vector<StreamColumn> columns = {{find_column(request, "user", kind), Encoding::label},
                                       {find_column(request, "item", kind), Encoding::label}};
  check_distinct(request, columns[kUserColumn], "user", columns[kItemColumn], "item");
  if (!request.options.has("weight")) return columns;

  columns.push_back({find_column(request, "weight", kind), Encoding::number});
  check_distinct(request, columns[kUserColumn], "user", columns[kWeightColumn], "weight");
  check_distinct(request, columns[kItemColumn], "item", columns[kWeightColumn], "weight");
  const SourceColumn& weight = request.columns[static_cast<std::size_t>(columns[kWeightColumn].source)];
  if (weight.family != SourceColumn::Family::number) {
    throw Error(sqlstate::kDatatypeMismatch,
                "weight column \"" + weight.name + "\" is of type " + weight.type_name + ", not numeric", "",
                "Cast the column to double precision in the source, or leave option weight out.");
  }
  return columns;
}

void append_events(const RowBlock& block, bool weighted, Events& events) {
  const int rows = block.rows();
  events.users.insert(events.users.end(), block.labels(kUserColumn), block.labels(kUserColumn) + rows);
  events.items.insert(events.items.end(), block.labels(kItemColumn), block.labels(kItemColumn) + rows);
  if (!weighted) return;
  events.weights.insert(events.weights.end(), block.numbers(kWeightColumn),
                        block.numbers(kWeightColumn) + rows);
}

}  // namespace persona
