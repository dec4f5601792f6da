#include "core/scaling/scaled_columns.h"

#include <algorithm>
#include <map>

#include "core/base/error.h"
#include "core/model/feature_columns.h"

namespace persona {
namespace {

ScalingMethod method_of(const std::string& column, const std::string& name) {
  const std::optional<ScalingMethod> method = find_scaling_method(name);
  if (method.has_value()) return *method;
  std::string list;
  for (const ScalingMethod each : kScalingMethods) {
    list.append(list.empty() ? "" : ", ").append(scaling_method_name(each));
  }
  throw Error(sqlstate::kInvalidParameter,
              "option \"methods\" cannot set column " + quoted(column) + " to " + quoted(name), "",
              "Valid values are: " + list + ".");
}

}  // namespace

std::vector<OptionSpec> scaler_options() {
  return {
      {"method",
       OptionType::text,
       "\"standard\"",
       "How columns are normalized: standard (mean 0, deviation 1), minmax (0 to 1), robust (median 0, "
       "interquartile range 1) or log (standard after a logarithm).",
       -1e300,
       1e300,
       {"standard", "minmax", "robust", "log"}},
      {"methods", OptionType::text_map, "null",
       "Columns with a method of their own, as in {\"spend\": \"log\"}."},
      {"clip", OptionType::number_list, "null",
       "Two probabilities: values are held between the training rows' quantiles there; one number q stands "
       "for "
       "q and 1 - q.",
       0, 1},
      {"features", OptionType::text_list, "null",
       "Columns to normalize; by default all numbers but the key."},
      {"ignore", OptionType::text_list, "null", "Columns to leave out."},
      {"seed", OptionType::integer, "1", "Seed of the sample behind the quantiles.", 0},
  };
}

ScaledColumns scaled_columns(const FitRequest& request) {
  if (!request.target.empty()) {
    throw Error(sqlstate::kInvalidParameter, "kind \"scaler\" takes no target", "",
                "Leave the target out; name a column that is not to be normalized in the option \"ignore\".");
  }
  check_distinct_columns(request);
  check_feature_options(request);
  const std::map<std::string, std::string> methods = request.options.text_map("methods");
  const ScalingMethod usual = find_scaling_method(request.options.text("method")).value();
  ScaledColumns result;
  for (std::size_t i = 0; i < request.columns.size(); ++i) {
    const SourceColumn& column = request.columns[i];
    if (!is_feature(request, column.name)) continue;
    if (column.family != SourceColumn::Family::number) {
      if (request.options.has("features")) {
        throw Error(
            sqlstate::kDatatypeMismatch,
            "column " + quoted(column.name) + " has type " + column.type_name + " and cannot be normalized",
            "", "Only numbers can; leave it out of the option \"features\".");
      }
      result.left_out.push_back(column.name);
      continue;
    }
    const auto own = methods.find(column.name);
    result.stream.push_back({static_cast<int>(i), Encoding::number});
    result.names.push_back(column.name);
    result.methods.push_back(own == methods.end() ? usual : method_of(column.name, own->second));
  }
  for (const auto& [name, method] : methods) {
    require_column(request, name, "methods");
    if (std::find(result.names.begin(), result.names.end(), name) != result.names.end()) continue;
    throw Error(sqlstate::kInvalidParameter,
                "option \"methods\" names column " + quoted(name) + ", which is not normalized", "",
                result.names.empty() ? "The source has no number beside the key."
                                     : "Normalized are " + quoted_list(result.names) + ".");
  }
  if (result.names.empty()) {
    throw Error(sqlstate::kInvalidParameter, "the source has no column to normalize", "",
                "Add a number beside the key and the ignored columns.");
  }
  return result;
}

std::optional<std::pair<double, double>> clip_probabilities(const Options& options) {
  std::vector<double> clip = options.number_list("clip");
  if (clip.empty()) return std::nullopt;
  if (clip.size() == 1) clip.push_back(1 - clip[0]);
  if (clip.size() == 2 && clip[0] < clip[1]) return std::make_pair(clip[0], clip[1]);
  throw Error(sqlstate::kInvalidParameter, "option \"clip\" must be two probabilities in order", "",
              "As in [0.01, 0.99], for which 0.01 may be written.");
}

}  // namespace persona
