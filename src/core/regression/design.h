// The design of a regression: which columns of the source are features, and which terms they become. A number
// column is one term. A label column is one 0/1 term for each level but the reference, the first level in
// byte order; its levels are discovered while rows stream by, so its design columns appear as rows demand
// them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/model/kind.h"
#include "core/regression/recipe.h"

namespace persona {

/// A feature as seen so far. Levels are numbered in order of first appearance in a complete row.
struct DesignFeature {
  std::string name;
  bool is_label = false;
  int column = -1;                          ///< design column of a number
  int base = -1;                            ///< which base number, or which base label
  std::vector<std::string> levels;          ///< of a label
  std::vector<std::int64_t> counts;         ///< rows of each level
  std::vector<int> columns;                 ///< design column of each level, the reference's included
  std::vector<std::int32_t> level_of_code;  ///< by code of the stream's dictionary; -1 when not yet seen
  /// Level numbers in byte order of the levels: the first is the reference.
  std::vector<int> sorted_levels() const;
};

struct Term {
  std::string name;  ///< "recency_days", "country=GB"
  int column = 0;    ///< design column
};

class Design {
 public:
  /// More design columns than this are an error: the work grows with their square.
  static constexpr int kMaxColumns = 1000;

  /// Throws 42703 for a column the source lacks, 42804 for a feature or target of an unusable type, 22023 for
  /// a missing target or for no features without an intercept. `label_target`: the target may be a label.
  Design(const FitRequest& request, const char* kind, bool label_target);

  /// What to stream: the features in source order, then the target, then columns of other roles.
  const std::vector<StreamColumn>& stream() const noexcept { return stream_; }
  const std::vector<DesignFeature>& features() const noexcept { return features_; }
  int target_stream() const noexcept { return static_cast<int>(features_.size()); }
  const std::string& target() const noexcept { return target_; }
  bool target_is_label() const noexcept {
    return stream_[static_cast<std::size_t>(target_stream())].encoding == Encoding::label;
  }
  bool intercept() const noexcept { return intercept_; }
  /// Dates and timestamps, which are no features unless one is named as such (and refused).
  const std::vector<std::string>& left_out() const noexcept { return left_out_; }
  /// Design columns so far: the number features in order, then levels in order of discovery.
  int columns() const noexcept { return static_cast<int>(recipes_.size()); }
  /// How each design column comes from base columns.
  const std::vector<Recipe>& recipes() const noexcept { return recipes_; }

  /// Notes the levels in the block and counts them. Throws 54000 for too many.
  void observe(const RowBlock& block);

  // The observed block, valid as long as the block itself.

  /// Base columns: numbers as doubles, NaN where missing, and labels as level numbers of their feature. How
  /// many there are never changes.
  const std::vector<const double*>& base_numbers() const noexcept { return base_numbers_; }
  const std::vector<const std::int32_t*>& base_labels() const noexcept { return base_labels_; }
  /// The columns of the options weight (all > 0) and offset; null where the option is not given.
  const double* weights() const noexcept { return weights_; }
  const double* offsets() const noexcept { return offsets_; }
  /// The columns of the options cluster and group_by: codes of the block's dictionary of that stream column.
  const std::int32_t* cluster_codes() const noexcept { return cluster_codes_; }
  const std::int32_t* group_codes() const noexcept { return group_codes_; }
  /// Level numbers of the rows of the observed block, for a label feature.
  const std::int32_t* levels(int feature) const {
    return &levels_[static_cast<std::size_t>(feature) * RowBlock::kMaxRows];
  }
  /// Points at the design columns, in order; valid until the next call.
  const std::vector<const double*>& expand(const RowBlock& block);

  /// How a row is sampled for summaries (sample_rows()): features and target as they are streamed, a label as
  /// its level number. Where in it base columns are.
  int sample_width() const noexcept { return target_stream() + 1; }
  int sampled_number(std::size_t base) const { return sampled_numbers_[base]; }
  int sampled_label(std::size_t base) const { return sampled_labels_[base]; }

  /// The stream columns of these options; -1 where the option is not given. Their labels, once all rows are
  /// seen, are in the dictionary of the last block: dictionary(cluster_stream()).label(code).
  int weight_stream() const noexcept { return weight_stream_; }
  int offset_stream() const noexcept { return offset_stream_; }
  int cluster_stream() const noexcept { return cluster_stream_; }
  int group_stream() const noexcept { return group_stream_; }

  /// All terms but the intercept, in source order, levels sorted within a feature. Throws 22023 when two
  /// would have the same name.
  std::vector<Term> terms() const;

 private:
  int add_role(const FitRequest& request, const char* role, Encoding encoding);
  int append_column(const Recipe& recipe);
  void observe_label(std::size_t feature, const RowBlock& block);

  std::vector<StreamColumn> stream_;
  std::vector<DesignFeature> features_;
  std::vector<std::string> left_out_;
  std::string target_;
  bool intercept_ = true;
  std::size_t max_levels_ = 0;
  std::vector<Recipe> recipes_;
  std::vector<int> sampled_numbers_;
  std::vector<int> sampled_labels_;
  int weight_stream_ = -1;
  int offset_stream_ = -1;
  int cluster_stream_ = -1;
  int group_stream_ = -1;
  // Of the observed block:
  std::vector<std::int32_t> levels_;
  std::vector<const double*> base_numbers_;
  std::vector<const std::int32_t*> base_labels_;
  const double* weights_ = nullptr;
  const double* offsets_ = nullptr;
  const std::int32_t* cluster_codes_ = nullptr;
  const std::int32_t* group_codes_ = nullptr;
  std::vector<double> computed_;  // design columns that are no column of the block
  std::vector<const double*> pointers_;
};

inline constexpr const char* kInterceptTerm = "(intercept)";

/// The options every regression takes.
std::vector<OptionSpec> regression_options();

/// The NOTICE that names the columns of Design::left_out(), when there are any.
void add_left_out_notice(const std::vector<std::string>& left_out, std::vector<std::string>& notices);

/// The NOTICE that names terms without an estimate, when there are any.
void add_alias_notice(const std::vector<std::string>& aliased, std::vector<std::string>& notices);

/// The error for a fit without rows; SQLSTATE 55000.
[[noreturn]] void throw_no_rows(std::int64_t skipped);

}  // namespace persona
