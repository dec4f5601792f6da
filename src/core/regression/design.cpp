#include "core/regression/design.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "core/base/error.h"
#include "core/model/feature_columns.h"

namespace persona {
namespace {

void check_target(const FitRequest& request, const char* kind) {
  if (request.target.empty()) {
    throw Error(sqlstate::kInvalidParameter, "kind " + quoted(kind) + " needs a target", "",
                "Name the column to predict in the argument \"target\".");
  }
  require_column(request, request.target, "target");
}

}  // namespace

std::vector<int> DesignFeature::sorted_levels() const {
  std::vector<int> order(levels.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [this](int a, int b) {
    return levels[static_cast<std::size_t>(a)] < levels[static_cast<std::size_t>(b)];
  });
  return order;
}

Design::Design(const FitRequest& request, const char* kind, bool label_target)
    : target_(request.target),
      intercept_(request.options.boolean("intercept")),
      max_levels_(static_cast<std::size_t>(request.options.integer("max_levels"))) {
  check_distinct_columns(request);
  check_target(request, kind);
  check_feature_options(request);
  StreamColumn target;
  for (std::size_t i = 0; i < request.columns.size(); ++i) {
    const SourceColumn& column = request.columns[i];
    const bool label = column.family == SourceColumn::Family::label;
    if (column.name == request.target) {
      if ((column.family != SourceColumn::Family::number && !label) || (label && !label_target)) {
        throw Error(sqlstate::kDatatypeMismatch,
                    "target column " + quoted(column.name) + " has type " + column.type_name, "",
                    label ? "Use the kind logistic_regression to predict a label or a boolean."
                          : "The target must be a number" + std::string(label_target ? " or a label." : "."));
      }
      target = {static_cast<int>(i), label ? Encoding::label : Encoding::number};
    }
    if (!is_feature(request, column.name)) continue;
    if (column.family == SourceColumn::Family::time && !request.options.has("features")) {
      left_out_.push_back(column.name);
      continue;
    }
    if (column.family != SourceColumn::Family::number && !label) {
      throw Error(
          sqlstate::kDatatypeMismatch,
          "column " + quoted(column.name) + " has type " + column.type_name + " and cannot be a feature", "",
          "Leave it out of the source, or name it in the option \"ignore\".");
    }
    DesignFeature feature;
    feature.name = column.name;
    feature.is_label = label;
    if (label) {
      feature.base = static_cast<int>(base_labels_.size());
      base_labels_.push_back(nullptr);
      sampled_labels_.push_back(static_cast<int>(features_.size()));
    } else {
      feature.base = static_cast<int>(base_numbers_.size());
      base_numbers_.push_back(nullptr);
      sampled_numbers_.push_back(static_cast<int>(features_.size()));
      Recipe recipe;
      recipe.first.number = feature.base;
      feature.column = append_column(recipe);
    }
    features_.push_back(std::move(feature));
    stream_.push_back({static_cast<int>(i), label ? Encoding::label : Encoding::number});
  }
  stream_.push_back(target);
  weight_stream_ = add_role(request, "weight", Encoding::number);
  offset_stream_ = add_role(request, "offset", Encoding::number);
  cluster_stream_ = add_role(request, "cluster", Encoding::label);
  group_stream_ = add_role(request, "group_by", Encoding::label);
  if (weight_stream_ >= 0) stream_[static_cast<std::size_t>(weight_stream_)].weight = true;
  if (features_.empty() && !intercept_) {
    throw Error(sqlstate::kInvalidParameter, "the source has no features", "",
                "Add a column beside the target and the key, or leave the intercept in.");
  }
  if (columns() > kMaxColumns) {
    throw Error(sqlstate::kProgramLimit, "too many features",
                "The source has " + std::to_string(columns()) + " number columns; the limit is " +
                    std::to_string(kMaxColumns) + ".");
  }
  levels_.resize(features_.size() * RowBlock::kMaxRows);
  for (std::size_t f = 0; f < features_.size(); ++f) {
    if (features_[f].is_label) {
      base_labels_[static_cast<std::size_t>(features_[f].base)] = levels(static_cast<int>(f));
    }
  }
}

// The stream column for the column that an option names; -1 when it is not given.
int Design::add_role(const FitRequest& request, const char* role, Encoding encoding) {
  const std::string name = role_column(request.options, role);
  if (name.empty()) return -1;
  const auto found = std::find_if(request.columns.begin(), request.columns.end(),
                                  [&name](const SourceColumn& column) { return column.name == name; });
  const bool usable = encoding == Encoding::number ? found->family == SourceColumn::Family::number
                                                   : found->family != SourceColumn::Family::array &&
                                                         found->family != SourceColumn::Family::other;
  if (!usable) {
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

int Design::append_column(const Recipe& recipe) {
  recipes_.push_back(recipe);
  return columns() - 1;
}

void Design::observe_label(std::size_t index, const RowBlock& block) {
  DesignFeature& feature = features_[index];
  const Dictionary& dictionary = block.dictionary(static_cast<int>(index));
  feature.level_of_code.resize(static_cast<std::size_t>(dictionary.size()), -1);
  const std::int32_t* codes = block.labels(static_cast<int>(index));
  std::int32_t* levels = &levels_[index * RowBlock::kMaxRows];
  for (int r = 0; r < block.rows(); ++r) {
    std::int32_t& level = feature.level_of_code[static_cast<std::size_t>(codes[r])];
    if (level < 0) {
      if (feature.levels.size() == max_levels_) {
        throw Error(sqlstate::kProgramLimit,
                    "column " + quoted(feature.name) + " has more than " + std::to_string(max_levels_) +
                        " distinct labels",
                    "Each label would become a term of the model.",
                    "Name the column in the option \"ignore\", or raise \"max_levels\".");
      }
      if (columns() == kMaxColumns) {
        throw Error(sqlstate::kProgramLimit, "too many terms",
                    "The features and their labels need more than " + std::to_string(kMaxColumns) +
                        " columns; the last label seen is in column " + quoted(feature.name) + ".",
                    "Name a column with many labels in the option \"ignore\".");
      }
      level = static_cast<std::int32_t>(feature.levels.size());
      feature.levels.push_back(dictionary.label(codes[r]));
      feature.counts.push_back(0);
      Recipe recipe;
      recipe.first.label = feature.base;
      recipe.first.level = level;
      feature.columns.push_back(append_column(recipe));
    }
    ++feature.counts[static_cast<std::size_t>(level)];
    levels[r] = level;
  }
}

void Design::observe(const RowBlock& block) {
  for (std::size_t f = 0; f < features_.size(); ++f) {
    if (features_[f].is_label) {
      observe_label(f, block);
    } else {
      base_numbers_[static_cast<std::size_t>(features_[f].base)] = block.numbers(static_cast<int>(f));
    }
  }
  if (weight_stream_ >= 0) weights_ = block.numbers(weight_stream_);
  if (offset_stream_ >= 0) offsets_ = block.numbers(offset_stream_);
  if (cluster_stream_ >= 0) cluster_codes_ = block.labels(cluster_stream_);
  if (group_stream_ >= 0) group_codes_ = block.labels(group_stream_);
}

const std::vector<const double*>& Design::expand(const RowBlock& block) {
  const std::size_t plain = base_numbers_.size();
  pointers_.assign(base_numbers_.begin(), base_numbers_.end());
  pointers_.resize(recipes_.size());
  computed_.assign((recipes_.size() - plain) * RowBlock::kMaxRows, 0.0);
  for (std::size_t c = plain; c < recipes_.size(); ++c) {
    pointers_[c] = &computed_[(c - plain) * RowBlock::kMaxRows];
  }
  for (std::size_t f = 0; f < features_.size(); ++f) {
    const DesignFeature& feature = features_[f];
    if (!feature.is_label) continue;
    const std::int32_t* levels = this->levels(static_cast<int>(f));
    for (int r = 0; r < block.rows(); ++r) {
      const auto column = static_cast<std::size_t>(feature.columns[static_cast<std::size_t>(levels[r])]);
      computed_[(column - plain) * RowBlock::kMaxRows + static_cast<std::size_t>(r)] = 1.0;
    }
  }
  return pointers_;
}

std::vector<Term> Design::terms() const {
  std::vector<Term> terms;
  for (const DesignFeature& feature : features_) {
    if (!feature.is_label) {
      terms.push_back({feature.name, feature.column});
      continue;
    }
    const std::vector<int> order = feature.sorted_levels();
    for (std::size_t k = 1; k < order.size(); ++k) {
      const auto level = static_cast<std::size_t>(order[k]);
      terms.push_back({feature.name + "=" + feature.levels[level], feature.columns[level]});
    }
  }
  std::set<std::string> names = {kInterceptTerm};
  for (const Term& term : terms) {
    if (names.insert(term.name).second) continue;
    throw Error(sqlstate::kInvalidParameter, "two terms would be named " + quoted(term.name), "",
                "Rename a column in the source.");
  }
  return terms;
}

std::vector<OptionSpec> regression_options() {
  return {
      {"features", OptionType::text_list, "null",
       "Columns to use as features; by default all but target and key."},
      {"ignore", OptionType::text_list, "null", "Columns to leave out."},
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

void throw_no_rows(std::int64_t skipped) {
  throw Error(sqlstate::kNotInPrerequisiteState, "no usable rows to fit the model",
              skipped == 0 ? "The source gave no rows."
                           : "The source gave " + std::to_string(skipped) +
                                 " rows; each has a NULL, NaN or infinite value in a column the model uses.",
              "Name columns that are often missing in the option \"ignore\", or fill them in the source.");
}

}  // namespace persona
