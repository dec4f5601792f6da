// Fits a recommender on rows given as texts and numbers, as the server streams them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/model/kind.h"
#include "core/recommend/recommender.h"

namespace persona::test {

struct EventRow {
  std::string user, item;
  double time = 0;
  std::string basket = {};
  double weight = 1;
};

using EventOptions = std::map<std::string, OptionValue>;

/// Options that name columns: of "user_id", "item_id", "at", "basket_id", "weight".
inline FitRequest event_request(const Kind& kind, EventOptions given) {
  FitRequest request;
  request.columns = {{"user_id", "text", SourceColumn::Family::label},
                     {"item_id", "text", SourceColumn::Family::label},
                     {"at", "double precision", SourceColumn::Family::number},
                     {"basket_id", "text", SourceColumn::Family::label},
                     {"weight", "double precision", SourceColumn::Family::number}};
  given.emplace("item", std::string("item_id"));
  request.options = Options(kind.options, std::move(given), kind.name);
  return request;
}

inline FittedModel fit_events(const Kind& kind, const std::vector<EventRow>& rows, EventOptions given,
                              Poll& poll) {
  const std::unique_ptr<Fitter> fitter = kind.make_fitter(event_request(kind, std::move(given)));
  const std::vector<StreamColumn>& columns = fitter->columns();
  std::vector<Encoding> encodings;
  for (const StreamColumn& column : columns) encodings.push_back(column.encoding);
  RowBlock block(encodings);
  for (std::size_t r = 0; r < rows.size();) {
    int n = 0;
    for (; n < RowBlock::kMaxRows && r < rows.size(); ++n, ++r) {
      const std::string_view labels[] = {rows[r].user, rows[r].item, "", rows[r].basket};
      const double numbers[] = {0, 0, rows[r].time, 0, rows[r].weight};
      for (std::size_t c = 0; c < columns.size(); ++c) {
        const int place = static_cast<int>(c);
        if (encodings[c] == Encoding::label) {
          block.labels(place)[n] = block.dictionary(place).intern(labels[columns[c].source]);
        } else {
          block.numbers(place)[n] = numbers[columns[c].source];
        }
      }
    }
    block.set_rows(n);
    fitter->consume(block, poll);
  }
  return fitter->finish(block, 0, poll);
}

inline FittedModel fit_events(const Kind& kind, const std::vector<EventRow>& rows, EventOptions given) {
  NoPoll poll;
  return fit_events(kind, rows, std::move(given), poll);
}

/// -1 where there is none.
inline double metric_of(const FittedModel& model, const std::string& name) {
  for (const Metric& each : model.metrics) {
    if (each.name == name) return each.value;
  }
  return -1;
}

/// The number of the item with that id, -1 without one.
inline std::int32_t number_of(const FittedModel& model, const std::string& item) {
  for (std::size_t n = 0; n < model.neighbors.size(); ++n) {
    if (model.neighbors[n].item == item) return static_cast<std::int32_t>(n);
  }
  return -1;
}

/// Counts the checks, and stops the work at one of them.
class StoppingPoll final : public Poll {
 public:
  struct Stop {};
  explicit StoppingPoll(long stop_at) : stop_at_(stop_at) {}
  void check() override {
    if (++checks_ == stop_at_) throw Stop();
  }
  void progress(const std::string& /*message*/) override {}
  long checks() const { return checks_; }

 private:
  long stop_at_;
  long checks_ = 0;
};

}  // namespace persona::test
