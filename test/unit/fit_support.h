// Drives a Fitter as the server does: streams columns given as vectors through row blocks.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/model/kind.h"
#include "core/model/serving.h"
#include "core/regression/grouped_fitter.h"
#include "core/regression/grouped_scorer.h"

namespace persona::test {

/// A column of a source: numbers, or labels when `labels` is not empty. NaN and kMissingText are missing.
struct TestColumn {
  std::string name;
  std::vector<double> numbers;
  std::vector<std::string> labels;
  int length = 0;  ///< of arrays: how many of `numbers` each row has, one row after the other
};

inline constexpr const char* kMissingText = "(missing)";

inline TestColumn number_column(std::string name, std::vector<double> values) {
  return {std::move(name), std::move(values), {}, 0};
}

inline TestColumn label_column(std::string name, std::vector<std::string> values) {
  return {std::move(name), {}, std::move(values), 0};
}

inline TestColumn array_column(std::string name, int length, std::vector<double> values) {
  return {std::move(name), std::move(values), {}, length};
}

using GivenOptions = std::map<std::string, OptionValue>;

inline FitRequest request_for(const Kind& kind, const std::vector<TestColumn>& columns,
                              const std::string& target, const GivenOptions& given = {}) {
  FitRequest request;
  for (const TestColumn& column : columns) {
    const bool label = !column.labels.empty();
    const auto family = column.length > 0 ? SourceColumn::Family::array
                        : label           ? SourceColumn::Family::label
                                          : SourceColumn::Family::number;
    request.columns.push_back({column.name, label ? "text" : "double precision", family, column.length});
  }
  request.target = target;
  request.options = Options(kind.options, given, kind.name);
  return request;
}

/// Streams all rows, `block_rows` at a time, and finishes.
inline FittedModel fit_request(const Kind& kind, const FitRequest& request,
                               const std::vector<TestColumn>& columns, Poll& poll,
                               int block_rows = RowBlock::kMaxRows) {
  const std::unique_ptr<Fitter> fitter = make_fitter(kind, request);
  std::vector<Encoding> encodings;
  for (const StreamColumn& column : fitter->columns()) encodings.push_back(column.encoding);
  RowBlock block(encodings);
  const auto length = static_cast<std::size_t>(std::max(columns.front().length, 1));
  const std::size_t rows = std::max(columns.front().numbers.size() / length, columns.front().labels.size());
  for (std::size_t first = 0; first < rows; first += static_cast<std::size_t>(block_rows)) {
    const std::size_t count = std::min(rows - first, static_cast<std::size_t>(block_rows));
    block.set_rows(static_cast<int>(count));
    for (std::size_t c = 0; c < encodings.size(); ++c) {
      const int place = static_cast<int>(c);
      const StreamColumn& wanted = fitter->columns()[c];
      const TestColumn& source = columns[static_cast<std::size_t>(wanted.source)];
      for (std::size_t r = 0; r < count; ++r) {
        if (encodings[c] == Encoding::number) {
          const std::size_t at = wanted.element == 0 ? first + r
                                                     : (first + r) * static_cast<std::size_t>(wanted.length) +
                                                           static_cast<std::size_t>(wanted.element) - 1;
          block.numbers(place)[r] = source.numbers[at];
        } else if (source.labels[first + r] == kMissingText) {
          block.labels(place)[r] = kMissingLabel;
        } else {
          block.labels(place)[r] = block.dictionary(place).intern(source.labels[first + r]);
        }
      }
    }
    fitter->consume(block, poll);
  }
  return fitter->finish(block, 0, poll);
}

/// The row of persona.feature that describes the target.
inline const Feature& target_of(const FittedModel& model) {
  for (const Feature& feature : model.features) {
    if (feature.role == "target") return feature;
  }
  throw std::runtime_error("no target");
}

inline FittedModel fit_columns(const Kind& kind, const std::vector<TestColumn>& columns,
                               const std::string& target, const GivenOptions& given = {},
                               int block_rows = RowBlock::kMaxRows) {
  NoPoll poll;
  return fit_request(kind, request_for(kind, columns, target, given), columns, poll, block_rows);
}

/// The scorer a server would load from the stored rows of the model.
inline std::unique_ptr<Scorer> load_scorer(const Kind& kind, const FittedModel& model,
                                           const GivenOptions& given = {}) {
  return persona::load_scorer(kind, serving_model(model, "model@1"), Options(kind.options, given, kind.name));
}

inline const Coefficient& find_term(const FittedModel& model, const std::string& term) {
  for (const Coefficient& coefficient : model.coefficients) {
    if (coefficient.term == term) return coefficient;
  }
  throw std::out_of_range("no term " + term);
}

inline std::optional<double> find_metric(const FittedModel& model, const std::string& name) {
  for (const Metric& metric : model.metrics) {
    if (metric.name == name) return metric.value;
  }
  return std::nullopt;
}

/// The relative error of a value.
inline double relative(double value, double expected) {
  return std::fabs(value - expected) / std::fabs(expected);
}

/// The SQLSTATE that `action` throws, or "" when it throws none.
template <typename Action>
std::string sqlstate_of(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.sqlstate();
  }
  return "";
}

}  // namespace persona::test
