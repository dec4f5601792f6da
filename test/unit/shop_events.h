// Fits recommenders on rows written in a test: the source's columns are customer, sku, quantity, sold_at (a
// number), order_id, country and category, and options name them as a user would.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/model/kind.h"
#include "core/recommend/recommender.h"
#include "stopping_poll.h"

namespace persona {

struct EventRow {
  std::string user, item;
  double time = 0;
  double weight = 1;
  std::string basket = "b";
  std::string segment = {};    ///< "" for NULL
  std::string attribute = {};  ///< "" for NULL
};

using Given = std::map<std::string, OptionValue>;

/// The options user and item are given; a null user is none.
inline FitRequest event_request(const Kind& kind, Given given,
                                SourceColumn::Family time = SourceColumn::Family::number) {
  FitRequest result;
  result.columns = {{"customer", "bigint", SourceColumn::Family::number},
                    {"sku", "text", SourceColumn::Family::label},
                    {"sold_at", "double precision", time},
                    {"quantity", "integer", SourceColumn::Family::number},
                    {"order_id", "text", SourceColumn::Family::label},
                    {"country", "text", SourceColumn::Family::label},
                    {"category", "text", SourceColumn::Family::label}};
  given.emplace("user", std::string("customer"));
  given.emplace("item", std::string("sku"));
  result.options = Options(kind.options, std::move(given), kind.name);
  return result;
}

inline FittedModel fit_request(const Kind& kind, const FitRequest& request, const std::vector<EventRow>& rows,
                               Poll& poll) {
  const std::unique_ptr<Fitter> fitter = kind.make_fitter(request);
  std::vector<Encoding> encodings;
  for (const StreamColumn& column : fitter->columns()) encodings.push_back(column.encoding);
  RowBlock block(encodings);
  for (std::size_t r = 0; r < rows.size();) {
    int n = 0;
    for (; n < RowBlock::kMaxRows && r < rows.size(); ++n, ++r) {
      const EventRow& row = rows[r];
      const std::string* const labels[] = {&row.user,   &row.item,    nullptr,       nullptr,
                                           &row.basket, &row.segment, &row.attribute};
      for (std::size_t c = 0; c < encodings.size(); ++c) {
        const auto column = static_cast<int>(c);
        const auto source = static_cast<std::size_t>(fitter->columns()[c].source);
        if (labels[source] == nullptr) {
          block.numbers(column)[n] = source == 2 ? row.time : row.weight;
        } else if (labels[source]->empty() && fitter->columns()[c].missing == Missing::pass) {
          block.labels(column)[n] = kMissingLabel;
        } else {
          block.labels(column)[n] = block.dictionary(column).intern(std::string_view(*labels[source]));
        }
      }
    }
    block.set_rows(n);
    fitter->consume(block, poll);
  }
  return fitter->finish(block, 0, poll);
}

inline FittedModel fit_events(const Kind& kind, const std::vector<EventRow>& rows, Given given = {}) {
  NoPoll poll;
  return fit_request(kind, event_request(kind, std::move(given)), rows, poll);
}

/// The number of an item; fails the caller's lookup with -1.
inline std::int32_t number_of(const FittedModel& model, const std::string& item) {
  for (std::size_t n = 0; n < model.neighbors.size(); ++n) {
    if (model.neighbors[n].item == item) return static_cast<std::int32_t>(n);
  }
  return -1;
}

/// What is stored for a neighbor of an item; 0 for none.
inline double stored_score(const FittedModel& model, const std::string& item, const std::string& neighbor) {
  const NeighborRow& row = model.neighbors.at(static_cast<std::size_t>(number_of(model, item)));
  for (std::size_t n = 0; n < row.neighbors.size(); ++n) {
    if (row.neighbors[n] == number_of(model, neighbor)) return static_cast<double>(row.scores[n]);
  }
  return 0;
}

inline double metric_of(const FittedModel& model, const std::string& name) {
  for (const Metric& each : model.metrics) {
    if (each.name == name) return each.value;
  }
  return -1;
}

template <typename Call>
std::string sqlstate_of(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.sqlstate();
  }
  return "none";
}

}  // namespace persona
