#include "core/regression/design.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "core/base/error.h"
#include "core/model/feature_columns.h"
#include "core/regression/interaction_terms.h"
#include "core/regression/spline_basis.h"

namespace persona {
namespace {

// Throws 22023 and 42804; answers how to stream the target.
StreamColumn target_column(const FitRequest& request, const char* kind, bool label_target) {
  if (request.target.empty()) {
    throw Error(sqlstate::kInvalidParameter, "kind " + quoted(kind) + " needs a target", "",
                "Name the column to predict in the argument \"target\".");
  }
  require_column(request, request.target, "target");
  StreamColumn target;
  while (request.columns[static_cast<std::size_t>(target.source)].name != request.target) ++target.source;
  const SourceColumn& column = request.columns[static_cast<std::size_t>(target.source)];
  const bool label = column.family == SourceColumn::Family::label;
  if ((column.family != SourceColumn::Family::number && !label) || (label && !label_target)) {
    throw Error(sqlstate::kDatatypeMismatch,
                "target column " + quoted(column.name) + " has type " + column.type_name, "",
                label ? "Use the kind logistic_regression to predict a label or a boolean."
                      : "The target must be a number" + std::string(label_target ? " or a label." : "."));
  }
  target.encoding = label ? Encoding::label : Encoding::number;
  return target;
}

// The text of a time depends on settings, so that a row that is scored might not find its group.
void check_group(const FitRequest& request, StreamColumn& column) {
  column.group = true;
  const SourceColumn& source = request.columns[static_cast<std::size_t>(column.source)];
  if (source.family != SourceColumn::Family::time) return;
  throw Error(sqlstate::kDatatypeMismatch,
              "group_by column " + quoted(source.name) + " has type " + source.type_name, "",
              "It must be a number or a label: turn it into one in the source.");
}

Missing missing_policy(const Options& options) {
  const std::string nulls = options.declares("nulls") ? options.text("nulls") : "omit";
  if (nulls == "impute") return Missing::pass;
  return nulls == "error" ? Missing::fail : Missing::omit;
}

// The place of each level in its own order, for levels that have one.
std::vector<int> ranks(const DesignFeature& feature) {
  std::vector<int> result(feature.levels.size());
  const std::vector<std::string>& labels = date_part_labels(feature.plan.stream.part);
  for (std::size_t k = 0; k < feature.levels.size(); ++k) {
    const auto label = std::find(labels.begin(), labels.end(), feature.levels[k]);
    result[k] = static_cast<int>(label - labels.begin());
  }
  for (std::size_t bin = 0; feature.plan.basis == Basis::bins && bin < feature.level_of_code.size(); ++bin) {
    const std::int32_t level = feature.level_of_code[bin];
    if (level >= 0) result[static_cast<std::size_t>(level)] = static_cast<int>(bin);
  }
  return result;
}

Factor level_factor(int label, int level) {
  Factor factor;
  factor.label = label;
  factor.level = level;
  return factor;
}

Factor number_factor(int number) {
  Factor factor;
  factor.number = number;
  return factor;
}

}  // namespace

std::vector<int> DesignFeature::sorted_levels() const {
  std::vector<int> order(levels.size());
  std::iota(order.begin(), order.end(), 0);
  const std::vector<int> rank = ranks(*this);
  std::sort(order.begin(), order.end(), [&](int a, int b) {
    const auto i = static_cast<std::size_t>(a);
    const auto j = static_cast<std::size_t>(b);
    if (a == missing_level || b == missing_level) return b == missing_level && a != missing_level;
    return rank[i] != rank[j] ? rank[i] < rank[j] : levels[i] < levels[j];
  });
  return order;
}

Design::Design(const FitRequest& request, const char* kind, bool label_target)
    : target_(request.target),
      intercept_(request.options.boolean("intercept")),
      max_levels_(static_cast<std::size_t>(request.options.integer("max_levels"))) {
  check_distinct_columns(request);
  const StreamColumn target = target_column(request, kind, label_target);
  check_feature_options(request);
  check_basis_options(request);
  const Missing missing = missing_policy(request.options);
  for (std::size_t i = 0; i < request.columns.size(); ++i) {
    const SourceColumn& column = request.columns[i];
    if (!is_feature(request, column.name)) continue;
    std::vector<FeaturePlan> plans = plan_features(request, static_cast<int>(i));
    if (plans.empty() && column.family == SourceColumn::Family::time) left_out_.push_back(column.name);
    for (FeaturePlan& plan : plans) {
      plan.stream.missing = missing;
      add_feature(std::move(plan));
    }
  }
  stream_.push_back(target);
  weight_stream_ = add_role(request, "weight", Encoding::number);
  if (weight_stream_ >= 0) stream_.back().weight = true;
  offset_stream_ = add_role(request, "offset", Encoding::number);
  cluster_stream_ = add_role(request, "cluster", Encoding::label);
  group_stream_ = add_role(request, "group_by", Encoding::label);
  if (group_stream_ >= 0) check_group(request, stream_.back());
  for (std::size_t c = features_.size(); c < stream_.size() && missing == Missing::fail; ++c) {
    stream_[c].missing = missing;
  }
  if (features_.empty() && !intercept_) {
    throw Error(sqlstate::kInvalidParameter, "the source has no features", "",
                "Add a column beside the target and the key, or leave the intercept in.");
  }
  levels_.resize(features_.size() * kBlockRows);
  splines_.resize(base_numbers_.size() * kBlockRows);
  sample_width_ = target_stream() + 1;
  if (offset_stream_ >= 0) sampled_offset_ = sample_width_++;
  for (std::size_t f = 0; f < features_.size(); ++f) {
    DesignFeature& feature = features_[f];
    if (feature.has_levels()) {
      base_labels_[static_cast<std::size_t>(feature.base)] = levels(static_cast<int>(f));
      const bool sampled = feature.plan.basis == Basis::label;
      sampled_labels_.push_back(sampled ? static_cast<int>(f) : sample_width_++);
    }
    for (int i = 0; i < feature.numbers; ++i) {
      append_term(f, number_factor(feature.base + i));
      sampled_numbers_.push_back(i == 0 ? static_cast<int>(f) : sample_width_++);
    }
  }
  std::vector<std::string> given;
  if (request.options.declares("interactions")) given = request.options.text_list("interactions");
  std::vector<std::string> names;
  for (const DesignFeature& feature : features_) names.push_back(feature.name());
  for (const auto& [first, second] : interaction_pairs(given, names)) {
    const std::vector<int>& left = features_[static_cast<std::size_t>(first)].columns;
    const std::vector<int>& right = features_[static_cast<std::size_t>(second)].columns;
    Interaction interaction = {first, second, {}};
    for (const int a : left) {
      interaction.columns.emplace_back();
      for (const int b : right) interaction.columns.back().push_back(append_product(a, b));
    }
    interactions_.push_back(std::move(interaction));
  }
}

void Design::add_feature(FeaturePlan plan) {
  DesignFeature feature;
  if (plan.has_levels()) {
    feature.base = static_cast<int>(base_labels_.size());
    base_labels_.push_back(nullptr);
    if (plan.basis == Basis::bins) {
      feature.level_of_code.resize(plan.knots.size() + 1, -1);
      feature.moments = static_cast<int>(bin_moments_.size());
      bin_moments_.emplace_back(1);
    }
  } else {
    feature.base = static_cast<int>(base_numbers_.size());
    feature.numbers = plan.basis == Basis::spline ? static_cast<int>(plan.knots.size()) - 1 : 1;
    base_numbers_.resize(base_numbers_.size() + static_cast<std::size_t>(feature.numbers));
  }
  stream_.push_back(plan.stream);
  feature.plan = std::move(plan);
  features_.push_back(std::move(feature));
}

// The stream column for the column that an option names; -1 when it is not given.
int Design::add_role(const FitRequest& request, const char* role, Encoding encoding) {
  const std::string name = role_column(request.options, role);
  if (name.empty()) return -1;
  const auto found = std::find_if(request.columns.begin(), request.columns.end(),
                                  [&name](const SourceColumn& column) { return column.name == name; });
  const bool number = found->family == SourceColumn::Family::number;
  const bool identifies =
      number || found->family == SourceColumn::Family::label || found->family == SourceColumn::Family::time;
  if (encoding == Encoding::number ? !number : !identifies) {
    throw Error(
        sqlstate::kDatatypeMismatch,
        std::string(role) + " column " + quoted(name) + " has type " + found->type_name, "",
        encoding == Encoding::number ? "It must be a number." : "It must be a number, a label or a time.");
  }
  StreamColumn column;
  column.source = static_cast<int>(found - request.columns.begin());
  column.encoding = encoding;
  stream_.push_back(column);
  return static_cast<int>(stream_.size()) - 1;
}

int Design::append_column(const Recipe& recipe, std::pair<int, int> factors) {
  if (columns() == kMaxColumns) {
    throw Error(sqlstate::kProgramLimit, "too many terms",
                "The features, their labels and interactions need more than " + std::to_string(kMaxColumns) +
                    " columns.",
                "Name a column with many labels in the option \"ignore\".");
  }
  recipes_.push_back(recipe);
  factors_.push_back(factors);
  return columns() - 1;
}

int Design::append_product(int a, int b) {
  return append_column(
      {recipes_[static_cast<std::size_t>(a)].first, recipes_[static_cast<std::size_t>(b)].first}, {a, b});
}

// A new term of a feature, and its products with the terms of features it interacts with.
void Design::append_term(std::size_t index, const Factor& factor) {
  const int column = append_column({factor, {}}, {-1, -1});
  for (Interaction& interaction : interactions_) {
    if (interaction.first == static_cast<int>(index)) {
      interaction.columns.emplace_back();
      for (const int other : features_[static_cast<std::size_t>(interaction.second)].columns) {
        interaction.columns.back().push_back(append_product(column, other));
      }
    } else if (interaction.second == static_cast<int>(index)) {
      const std::vector<int>& others = features_[static_cast<std::size_t>(interaction.first)].columns;
      for (std::size_t i = 0; i < others.size(); ++i) {
        interaction.columns[i].push_back(append_product(others[i], column));
      }
    }
  }
  features_[index].columns.push_back(column);
}

std::int32_t Design::append_level(std::size_t index, const std::string& level) {
  DesignFeature& feature = features_[index];
  if (feature.levels.size() == max_levels_ && feature.plan.basis == Basis::label) {
    throw Error(sqlstate::kProgramLimit,
                "column " + quoted(feature.name()) + " has more than " + std::to_string(max_levels_) +
                    " distinct labels",
                "Each label would become a term of the model.",
                "Name the column in the option \"ignore\", or raise \"max_levels\".");
  }
  const auto number = static_cast<std::int32_t>(feature.levels.size());
  append_term(index, level_factor(feature.base, number));
  feature.levels.push_back(level);
  feature.counts.push_back(0);
  return number;
}

void Design::observe_label(std::size_t index, const RowBlock& block) {
  const Dictionary& dictionary = block.dictionary(static_cast<int>(index));
  features_[index].level_of_code.resize(static_cast<std::size_t>(dictionary.size()), -1);
  const std::int32_t* codes = block.labels(static_cast<int>(index));
  std::int32_t* levels = &levels_[index * kBlockRows];
  DesignFeature& feature = features_[index];
  for (int r = 0; r < block.rows(); ++r) {
    const bool missing = codes[r] == kMissingLabel;
    std::int32_t& level =
        missing ? feature.missing_level : feature.level_of_code[static_cast<std::size_t>(codes[r])];
    if (level < 0) level = append_level(index, missing ? kMissingLevelName : dictionary.label(codes[r]));
    ++feature.counts[static_cast<std::size_t>(level)];
    levels[r] = level;
  }
}

void Design::observe_bins(std::size_t index, const RowBlock& block) {
  DesignFeature& feature = features_[index];
  const double* x = block.numbers(static_cast<int>(index));
  std::int32_t* levels = &levels_[index * kBlockRows];
  double values[kBlockRows];
  int there = 0;
  for (int r = 0; r < block.rows(); ++r) {
    const bool missing = std::isnan(x[r]);
    const auto bin = static_cast<std::size_t>(missing ? 0 : bin_of(feature.plan.knots, x[r]));
    std::int32_t& level = missing ? feature.missing_level : feature.level_of_code[bin];
    if (level < 0)
      level = append_level(index, missing ? kMissingLevelName : bin_names(feature.plan.knots)[bin]);
    ++feature.counts[static_cast<std::size_t>(level)];
    levels[r] = level;
    if (!missing) values[there++] = x[r];
  }
  const double* column = values;
  if (there > 0) bin_moments_[static_cast<std::size_t>(feature.moments)].consume(&column, there);
}

void Design::observe(const RowBlock& block) {
  for (std::size_t f = 0; f < features_.size(); ++f) {
    if (features_[f].plan.basis == Basis::label) {
      observe_label(f, block);
    } else if (features_[f].plan.basis == Basis::bins) {
      observe_bins(f, block);
    } else {
      observe_number(f, block);
    }
  }
  if (weight_stream_ >= 0) weights_ = block.numbers(weight_stream_);
  if (offset_stream_ >= 0) offsets_ = block.numbers(offset_stream_);
  if (cluster_stream_ >= 0) cluster_codes_ = block.labels(cluster_stream_);
  if (group_stream_ >= 0) group_codes_ = block.labels(group_stream_);
}

std::vector<OptionSpec> regression_options() {
  return {
      {"features", OptionType::text_list, "null",
       "Columns to use as features; by default all but target and key."},
      {"ignore", OptionType::text_list, "null", "Columns to leave out."},
      {"nulls",
       OptionType::text,
       "\"omit\"",
       "What happens to a row with a NULL, NaN or infinity in a feature: omit leaves it out, impute fits the "
       "training mean and a term for what is missing, error refuses it.",
       -1e300,
       1e300,
       {"omit", "impute", "error"}},
      {"bins", OptionType::number_map, "null",
       "Numbers that become intervals: their edges, or how many of equal frequency, as in {\"age\": [18, "
       "40]} or "
       "{\"age\": 5}."},
      {"splines", OptionType::number_map, "null",
       "Numbers with a natural cubic spline: its knots, or how many at quantiles, as in {\"age\": 4}."},
      {"date_parts", OptionType::text_list_map, "null",
       "Parts of dates and timestamps that are features: year, quarter, month, day, weekday, hour, as in "
       "{\"ordered_at\": [\"month\", \"weekday\"]}."},
      {"interactions", OptionType::text_list, "null",
       "Pairs of features whose terms are multiplied, as in [\"age:country\"]."},
      {"intercept", OptionType::boolean, "true", "Whether the model has a constant term."},
      {"max_levels", OptionType::integer, "100",
       "Most distinct labels a column may have to become terms of the model.", 1},
      {"unseen",
       OptionType::text,
       "\"reference\"",
       "What a label unseen in training means at scoring: the reference level, or an error.",
       -1e300,
       1e300,
       {"reference", "error"}},
      {"group_by", OptionType::text, "null",
       "Column whose values get a model each; rows without one, and new values, use the model of all rows."},
      {"seed", OptionType::integer, "1", "Seed of the sample behind the quantiles.", 0},
      {"confidence", OptionType::number, "0.95", "Coverage of the confidence limits.", 0.01, 0.9999},
  };
}

void add_left_out_notice(const std::vector<std::string>& left_out, std::vector<std::string>& notices) {
  if (left_out.empty()) return;
  notices.push_back((left_out.size() == 1 ? "column " : "columns ") + quoted_list(left_out) +
                    (left_out.size() == 1 ? " is a time" : " are times") + " and no " +
                    (left_out.size() == 1 ? "feature" : "features"));
}

void add_alias_notice(const std::vector<std::string>& aliased, std::vector<std::string>& notices) {
  if (aliased.empty()) return;
  const std::string names = quoted_list(aliased);
  notices.push_back(aliased.size() == 1
                        ? "term " + names + " is collinear with earlier terms and has no estimate"
                        : "terms " + names + " are collinear with earlier terms and have no estimate");
}

void throw_out_of_range(const std::string& what) {
  throw Error(sqlstate::kNumericOutOfRange, what + " is out of range", "",
              "Divide the column by a power of ten in the source.");
}

void throw_no_rows(std::int64_t skipped) {
  throw Error(sqlstate::kNotInPrerequisiteState, "no usable rows to fit the model",
              skipped == 0 ? "The source gave no rows."
                           : "The source gave " + std::to_string(skipped) +
                                 " rows; each has a NULL, NaN or infinite value in a column the model uses.",
              "Name columns that are often missing in the option \"ignore\", or fill them in the source.");
}

}  // namespace persona
