#include "core/regression/basis.h"

#include <algorithm>
#include <cmath>

#include "core/base/error.h"
#include "core/base/number_text.h"
#include "core/model/feature_columns.h"
#include "core/regression/spline_basis.h"

namespace persona {
namespace {

constexpr int kMostBins = 100;

NumberMap number_map(const Options& options, const char* name) {
  return options.declares(name) ? options.number_map(name) : NumberMap{};
}

TextListMap date_parts(const Options& options) {
  return options.declares("date_parts") ? options.text_list_map("date_parts") : TextListMap{};
}

[[noreturn]] void throw_option(const char* option, const std::string& column, const std::string& what,
                               const std::string& hint) {
  throw Error(sqlstate::kInvalidParameter,
              "option " + quoted(option) + " for column " + quoted(column) + " " + what, "", hint);
}

const SourceColumn& named_column(const FitRequest& request, const std::string& name) {
  return *std::find_if(request.columns.begin(), request.columns.end(),
                       [&name](const SourceColumn& column) { return column.name == name; });
}

// The column exists, is a feature and of this family.
void check_column(const FitRequest& request, const char* option, const std::string& name,
                  SourceColumn::Family family) {
  require_column(request, name, option);
  if (!is_feature(request, name)) {
    throw Error(sqlstate::kInvalidParameter,
                "option " + quoted(option) + " names column " + quoted(name) + ", which is no feature");
  }
  const SourceColumn& column = named_column(request, name);
  if (column.family == family) return;
  throw Error(
      sqlstate::kDatatypeMismatch,
      "option " + quoted(option) + " names column " + quoted(name) + ", which has type " + column.type_name,
      "",
      family == SourceColumn::Family::number ? "It must be a number." : "It must be a date or a timestamp.");
}

// Finite by the option's type; so is their range here.
void check_increasing(const char* option, const std::string& column, const std::vector<double>& values) {
  for (std::size_t i = 1; i < values.size(); ++i) {
    if (!(values[i - 1] < values[i])) throw_option(option, column, "must be in increasing order", "");
  }
  if (!values.empty() && !std::isfinite(values.back() - values.front())) {
    throw_option(option, column, "spans too wide a range",
                 "Divide the column by a power of ten in the source.");
  }
}

void check_count(const char* option, const std::string& column, double count, int least, int most) {
  if (count == std::floor(count) && count >= least && count <= most) return;
  throw_option(option, column,
               "must be a list, or a number from " + std::to_string(least) + " to " + std::to_string(most),
               std::string(option) == "bins" ? "As in [18, 25, 40], or 5 for five bins of equal frequency."
                                             : "As in [20, 40, 60], or 4 for four knots at quantiles.");
}

void check_numbers(const char* option, const std::string& column, const NumberOrList& value) {
  const bool bins = std::string(option) == "bins";
  if (!value.is_list) {
    check_count(option, column, value.numbers[0], bins ? 2 : kLeastKnots, bins ? kMostBins : kMostKnots);
    return;
  }
  const std::size_t least = bins ? 1 : kLeastKnots;
  const std::size_t most = bins ? kMostBins - 1 : kMostKnots;
  if (value.numbers.size() < least || value.numbers.size() > most) {
    throw_option(
        option, column,
        "must list " + std::to_string(least) + " to " + std::to_string(most) + (bins ? " edges" : " knots"),
        "");
  }
  check_increasing(option, column, value.numbers);
}

// Edges or knots as given, or the distinct ones of the quantiles that the server was asked for.
std::vector<double> resolve(const FitRequest& request, const char* option, const std::string& column,
                            const NumberOrList& value) {
  if (value.is_list) return value.numbers;
  const auto found = request.quantiles.find(column);
  if (found == request.quantiles.end() || found->second.empty()) {
    throw Error(sqlstate::kNotInPrerequisiteState,
                "column " + quoted(column) + " has no value from which " + option + " could be chosen");
  }
  std::vector<double> values = found->second;
  values.erase(std::unique(values.begin(), values.end()), values.end());
  check_increasing(option, column, values);
  if (std::string(option) == "splines" && values.size() < kLeastKnots) {
    throw_option(option, column, "finds fewer than " + std::to_string(kLeastKnots) + " distinct quantiles",
                 "Use bins, or list the knots.");
  }
  return values;
}

FeaturePlan plan_of(const SourceColumn& column, int source, Encoding encoding) {
  FeaturePlan plan;
  plan.name = plan.source = column.name;
  plan.basis = encoding == Encoding::label ? Basis::label : Basis::linear;
  plan.stream.source = source;
  plan.stream.encoding = encoding;
  return plan;
}

std::vector<FeaturePlan> plan_number(const FitRequest& request, int source) {
  const SourceColumn& column = request.columns[static_cast<std::size_t>(source)];
  FeaturePlan plan = plan_of(column, source, Encoding::number);
  const NumberMap bins = number_map(request.options, "bins");
  const NumberMap splines = number_map(request.options, "splines");
  const auto binned = bins.find(column.name);
  const auto splined = splines.find(column.name);
  if (binned != bins.end()) {
    plan.basis = Basis::bins;
    plan.knots = resolve(request, "bins", column.name, binned->second);
  } else if (splined != splines.end()) {
    plan.basis = Basis::spline;
    plan.knots = resolve(request, "splines", column.name, splined->second);
  }
  return {plan};
}

std::vector<FeaturePlan> plan_time(const FitRequest& request, int source) {
  const SourceColumn& column = request.columns[static_cast<std::size_t>(source)];
  const TextListMap parts = date_parts(request.options);
  const auto named = parts.find(column.name);
  std::vector<FeaturePlan> plans;
  if (named == parts.end()) return plans;
  for (const std::string& name : named->second) {
    const DatePart part = find_date_part(name).value();
    FeaturePlan plan = plan_of(column, source, is_label(part) ? Encoding::label : Encoding::number);
    plan.name += "." + name;
    plan.stream.part = part;
    plans.push_back(std::move(plan));
  }
  return plans;
}

std::vector<FeaturePlan> plan_array(const FitRequest& request, int source) {
  const SourceColumn& column = request.columns[static_cast<std::size_t>(source)];
  std::vector<FeaturePlan> plans;
  for (int element = 1; element <= column.length; ++element) {
    FeaturePlan plan = plan_of(column, source, Encoding::number);
    plan.name = element_name(column.name, element);
    plan.stream.element = element;
    plan.stream.length = column.length;
    plans.push_back(std::move(plan));
  }
  return plans;
}

}  // namespace

std::vector<FeaturePlan> plan_features(const FitRequest& request, int source) {
  const SourceColumn& column = request.columns[static_cast<std::size_t>(source)];
  switch (column.family) {
    case SourceColumn::Family::number:
      return plan_number(request, source);
    case SourceColumn::Family::label:
      return {plan_of(column, source, Encoding::label)};
    case SourceColumn::Family::array:
      return plan_array(request, source);
    case SourceColumn::Family::time: {
      std::vector<FeaturePlan> plans = plan_time(request, source);
      if (!plans.empty() || !request.options.has("features")) return plans;
      break;
    }
    case SourceColumn::Family::other:
      break;
  }
  throw Error(sqlstate::kDatatypeMismatch,
              "column " + quoted(column.name) + " has type " + column.type_name + " and cannot be a feature",
              "",
              column.family == SourceColumn::Family::time
                  ? "Name the parts of it that matter in the option \"date_parts\"."
                  : "Leave it out of the source, or name it in the option \"ignore\".");
}

void check_basis_options(const FitRequest& request) {
  const NumberMap bins = number_map(request.options, "bins");
  for (const auto& [column, value] : bins) {
    check_column(request, "bins", column, SourceColumn::Family::number);
    check_numbers("bins", column, value);
  }
  for (const auto& [column, value] : number_map(request.options, "splines")) {
    check_column(request, "splines", column, SourceColumn::Family::number);
    check_numbers("splines", column, value);
    if (bins.count(column) > 0) throw_option("splines", column, "cannot stand beside \"bins\"", "");
  }
  for (const auto& [column, names] : date_parts(request.options)) {
    check_column(request, "date_parts", column, SourceColumn::Family::time);
    if (names.empty())
      throw_option("date_parts", column, "names no part", "Parts are: " + date_part_names() + ".");
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (!find_date_part(names[i]).has_value()) {
        throw_option("date_parts", column, "cannot be " + quoted(names[i]),
                     "Parts are: " + date_part_names() + ".");
      }
      if (std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i), names[i]) !=
          names.begin() + static_cast<std::ptrdiff_t>(i)) {
        throw_option("date_parts", column, "names " + quoted(names[i]) + " twice", "");
      }
    }
  }
}

std::vector<QuantileRequest> quantile_requests(const FitRequest& request) {
  std::vector<QuantileRequest> result;
  for (const char* option : {"bins", "splines"}) {
    for (const auto& [column, value] : number_map(request.options, option)) {
      if (value.is_list) continue;
      check_column(request, option, column, SourceColumn::Family::number);
      check_numbers(option, column, value);
      const int count = static_cast<int>(value.numbers[0]);
      QuantileRequest each;
      each.column = column;
      if (std::string(option) == "splines") each.probabilities = knot_probabilities(count);
      for (int k = 1; std::string(option) == "bins" && k < count; ++k) {
        each.probabilities.push_back(static_cast<double>(k) / count);
      }
      result.push_back(std::move(each));
    }
  }
  return result;
}

std::string basis_name(const FeaturePlan& plan) {
  if (plan.stream.part != DatePart::none) return date_part_name(plan.stream.part);
  switch (plan.basis) {
    case Basis::linear:
      return "linear";
    case Basis::label:
      return "label";
    case Basis::bins:
      return "bins";
    case Basis::spline:
      return "spline";
  }
  return "";
}

std::vector<std::string> bin_names(const std::vector<double>& edges) {
  std::vector<std::string> names;
  for (std::size_t k = 0; k <= edges.size(); ++k) {
    std::string name = k == 0 ? "(" : "[" + number_text(edges[k - 1]);
    name += "," + (k == edges.size() ? "" : number_text(edges[k])) + ")";
    names.push_back(std::move(name));
  }
  return names;
}

int bin_of(const std::vector<double>& edges, double x) noexcept {
  return static_cast<int>(std::upper_bound(edges.begin(), edges.end(), x) - edges.begin());
}

std::string level_term(const std::string& feature, const std::string& level) { return feature + "=" + level; }
std::string spline_term(const std::string& feature, int k) {
  return "spline(" + feature + "," + std::to_string(k + 1) + ")";
}
std::string missing_term(const std::string& feature) { return level_term(feature, kMissingLevelName); }
std::string product_term(const std::string& a, const std::string& b) { return a + ":" + b; }
std::string element_name(const std::string& column, int element) {
  return column + "[" + std::to_string(element) + "]";
}

}  // namespace persona
