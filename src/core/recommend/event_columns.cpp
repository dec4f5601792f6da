// Names are resolved here, once, with errors that tell what the source has.
#include "core/recommend/event_columns.h"

#include <algorithm>
#include <cstddef>
#include <utility>

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

[[noreturn]] void throw_missing(const FitRequest& request, const char* option, const std::string& kind) {
  throw Error(sqlstate::kInvalidParameter, "kind \"" + kind + "\" needs option \"" + option + "\"",
              "It names the source's column of the " + std::string(option) + ".",
              "Columns of the source are: " + column_list(request) + ".");
}

int find_column(const FitRequest& request, const char* option) {
  const std::string name = request.options.text(option);
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

// Adds a column that an option names; answers its place in the stream, -1 where the option is not given.
class Collector {
 public:
  explicit Collector(const FitRequest& request) : request_(request) {}

  int add(const char* option, StreamColumn column) {
    if (!request_.options.has(option)) return -1;
    column.source = find_column(request_, option);
    stream_.push_back(column);
    options_.emplace_back(option);
    return static_cast<int>(stream_.size()) - 1;
  }

  // The item, the weight and the time are columns of their own; others may well be one.
  std::vector<StreamColumn> finish(const EventColumns& places) {
    for (const int place : {places.item, places.weight, places.time}) {
      for (std::size_t other = 0; place >= 0 && other < stream_.size(); ++other) {
        const std::size_t own = static_cast<std::size_t>(place);
        if (other != own && stream_[own].source == stream_[other].source) throw_same(own, other);
      }
    }
    return std::move(stream_);
  }

 private:
  [[noreturn]] void throw_same(std::size_t one, std::size_t other) const {
    const std::size_t source = static_cast<std::size_t>(stream_[one].source);
    throw Error(sqlstate::kInvalidParameter,
                "options \"" + options_[std::min(one, other)] + "\" and \"" + options_[std::max(one, other)] +
                    "\" name the same column",
                "Both name column \"" + request_.columns[source].name + "\".");
  }

  const FitRequest& request_;
  std::vector<StreamColumn> stream_;
  std::vector<std::string> options_;
};

void check_weight(const SourceColumn& weight) {
  if (weight.family == SourceColumn::Family::number) return;
  throw Error(sqlstate::kDatatypeMismatch,
              "weight column \"" + weight.name + "\" is of type " + weight.type_name + ", not numeric", "",
              "Cast the column to double precision in the source, or leave option weight out.");
}

void check_time(const SourceColumn& time) {
  if (time.family == SourceColumn::Family::number || time.family == SourceColumn::Family::time) return;
  throw Error(sqlstate::kDatatypeMismatch,
              "time column \"" + time.name + "\" is of type " + time.type_name +
                  ", not a date, a timestamp or a number",
              "", "Cast the column to timestamptz in the source, or leave option time out.");
}

}  // namespace

std::vector<OptionSpec> event_options() {
  return {
      {"user", OptionType::text, "null", "Column that says who; required by most kinds."},
      {"item", OptionType::text, "null", "Column that says what the user bought, saw or liked; required."},
      {"weight", OptionType::text, "null",
       "Numeric column that says how much, added over the rows of a user and item; by default a pair counts "
       "1 "
       "however many rows it has."},
      {"time", OptionType::text, "null",
       "Column that says when: a date, a timestamp or a number; it puts a user's baskets in order."},
      {"basket", OptionType::text, "null",
       "Column that says what was bought or seen together: an order or a session; by default rows of one "
       "user "
       "and time are one."},
      {"segment", OptionType::text, "null",
       "Column by which popularity is counted too, such as the country: what a user without a usable history "
       "is recommended."},
      {"diversity_key", OptionType::text, "null",
       "Column that says which items are alike, such as the category, for recommend's option diversity."}};
}

EventColumns event_columns(const FitRequest& request, const std::string& kind, EventNeeds needs) {
  if (!request.target.empty()) {
    throw Error(sqlstate::kInvalidParameter, "kind \"" + kind + "\" takes no target", "",
                "Leave the target out and name the columns by options such as user and item.");
  }
  const Options& options = request.options;
  if (needs.user && !options.has("user")) throw_missing(request, "user", kind);
  if (!options.has("item")) throw_missing(request, "item", kind);
  if (needs.time && !options.has("time")) throw_missing(request, "time", kind);
  if (needs.basket && !options.has("basket")) throw_missing(request, "basket", kind);
  if (!options.has("user") && !options.has("basket")) throw_missing(request, "user", kind);

  StreamColumn label;
  label.encoding = Encoding::label;
  StreamColumn optional_label = label;
  optional_label.missing = Missing::pass;
  StreamColumn instant;
  instant.instant = true;

  Collector collector(request);
  EventColumns columns;
  const bool by_basket = !options.has("user") || (needs.session && options.has("basket"));
  if (by_basket && options.has("user")) find_column(request, "user");  // for its error
  columns.user = collector.add(by_basket ? "basket" : "user", label);
  columns.item = collector.add("item", label);
  columns.weight = collector.add("weight", StreamColumn());
  columns.time = collector.add("time", instant);
  if (!needs.session) columns.basket = by_basket ? columns.user : collector.add("basket", label);
  columns.segment = collector.add("segment", optional_label);
  columns.attribute = collector.add("diversity_key", optional_label);
  columns.stream = collector.finish(columns);
  const auto source = [&](int place) -> const SourceColumn& {
    return request.columns[static_cast<std::size_t>(columns.stream[static_cast<std::size_t>(place)].source)];
  };
  if (columns.weight >= 0) check_weight(source(columns.weight));
  if (columns.time >= 0) check_time(source(columns.time));
  return columns;
}

void append_events(const RowBlock& block, const EventColumns& columns, Events& events) {
  const auto append = [&](auto& to, int place, auto values) {
    if (place >= 0) to.insert(to.end(), values(place), values(place) + block.rows());
  };
  const auto labels = [&](int place) { return block.labels(place); };
  const auto numbers = [&](int place) { return block.numbers(place); };
  append(events.users, columns.user, labels);
  append(events.items, columns.item, labels);
  append(events.weights, columns.weight, numbers);
  append(events.times, columns.time, numbers);
  append(events.baskets, columns.basket, labels);
  append(events.segments, columns.segment, labels);
  append(events.attributes, columns.attribute, labels);
}

}  // namespace persona
