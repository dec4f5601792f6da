#include "core/scaling/row_scaler.h"

#include <cmath>
#include <cstddef>
#include <map>
#include <optional>
#include <utility>

#include "core/model/damaged.h"

namespace persona {
namespace {

constexpr const char* kCenter = "center";
constexpr const char* kScale = "scale";
constexpr const char* kLower = "lower";
constexpr const char* kUpper = "upper";

// The rows of one column.
struct Parameters {
  std::string method;
  std::map<std::string, double> values;  // by name
};

std::map<std::string, Parameters> parameters_by_column(const StoredModel& stored) {
  std::map<std::string, Parameters> columns;
  for (const Coefficient& row : stored.coefficients) {
    if (!row.estimate.has_value() || !std::isfinite(*row.estimate)) {
      throw_damaged(stored.name, "A parameter of column \"" + row.term + "\" is not finite.");
    }
    Parameters& column = columns[row.term];
    if (!column.values.empty() && column.method != row.group_key) {
      throw_damaged(stored.name, "The column \"" + row.term + "\" has two methods.");
    }
    column.method = row.group_key;
    if (!column.values.emplace(row.outcome, *row.estimate).second) {
      throw_damaged(stored.name, "The " + row.outcome + " of column \"" + row.term + "\" is there twice.");
    }
  }
  return columns;
}

ColumnScale column_scale(const StoredModel& stored, const std::string& column, Parameters& parameters) {
  const auto take = [&parameters](const char* name) {
    std::optional<double> value;
    const auto found = parameters.values.find(name);
    if (found == parameters.values.end()) return value;
    value = found->second;
    parameters.values.erase(found);
    return value;
  };
  const std::optional<ScalingMethod> method = find_scaling_method(parameters.method);
  if (!method.has_value()) {
    throw_damaged(stored.name,
                  "The column \"" + column + "\" has the unknown method \"" + parameters.method + "\".");
  }
  const std::optional<double> center = take(kCenter);
  const std::optional<double> scale = take(kScale);
  const std::optional<double> lower = take(kLower);
  const std::optional<double> upper = take(kUpper);
  if (!center.has_value() || !scale.has_value() || !(*scale > 0)) {
    throw_damaged(stored.name, "The column \"" + column + "\" lacks a center, or a scale above 0.");
  }
  if (lower.has_value() != upper.has_value() || (lower.has_value() && *lower > *upper)) {
    throw_damaged(stored.name, "The bounds of column \"" + column + "\" are not a pair in order.");
  }
  if (!parameters.values.empty()) {
    throw_damaged(stored.name, "The column \"" + column + "\" has the unknown parameter \"" +
                                   parameters.values.begin()->first + "\".");
  }
  ColumnScale result;
  result.method = *method;
  result.center = *center;
  result.scale = *scale;
  if (lower.has_value()) result.clip = std::make_pair(*lower, *upper);
  return result;
}

}  // namespace

void add_scale_rows(const std::string& column, const ColumnScale& scale,
                    std::vector<Coefficient>& coefficients) {
  const auto add = [&](const char* name, double value) {
    Coefficient row;
    row.term = column;
    row.outcome = name;
    row.group_key = scaling_method_name(scale.method);
    row.estimate = value;
    coefficients.push_back(std::move(row));
  };
  add(kCenter, scale.center);
  add(kScale, scale.scale);
  if (!scale.clip.has_value()) return;
  add(kLower, scale.clip->first);
  add(kUpper, scale.clip->second);
}

RowScaler::RowScaler(const StoredModel& stored) {
  std::map<std::string, Parameters> columns = parameters_by_column(stored);
  for (const Feature& feature : stored.features) {
    const auto found = columns.find(feature.name);
    if (found == columns.end() || feature.is_label || feature.role != "feature") {
      throw_damaged(stored.name, "The feature \"" + feature.name + "\" is not a number with parameters.");
    }
    scales_.push_back(column_scale(stored, feature.name, found->second));
    inputs_.push_back({feature.name, Encoding::number});
    columns.erase(found);
  }
  if (!columns.empty()) {
    throw_damaged(stored.name, "The column \"" + columns.begin()->first + "\" is no feature.");
  }
}

void RowScaler::transform(const double* x, double* y) const noexcept {
  for (std::size_t i = 0; i < scales_.size(); ++i) y[i] = scales_[i](x[i]);
}

}  // namespace persona
