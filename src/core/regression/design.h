// The design of a regression: which columns of the source are features, and which terms they become. A number
// is one term, or several of a spline; a label, or a number in bins, is one 0/1 term for each level but the
// reference. Where missing values are imputed, a number that lacks some has the term "x=NULL" besides. An
// interaction is the product of each term of one feature with each of another. Levels and missing values are
// discovered while rows stream by, so design columns appear as rows demand them.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "core/model/kind.h"
#include "core/regression/basis.h"
#include "core/regression/cross_products_accumulator.h"
#include "core/regression/recipe.h"

namespace persona {

/// A feature as seen so far. Levels are numbered in order of first appearance.
struct DesignFeature {
  FeaturePlan plan;
  int base = -1;    ///< the first of its base numbers, or its base label
  int numbers = 0;  ///< how many base numbers it has: none with levels, several of a spline
  /// Design columns of its terms: of its numbers, and then of "missing" once seen; or of each level, the
  /// reference's included.
  std::vector<int> columns;
  std::vector<std::string> levels;
  std::vector<std::int64_t> counts;  ///< rows of each level
  std::vector<std::int32_t>
      level_of_code;         ///< by code of the stream's dictionary or by bin; -1: not yet seen
  int moments = -1;          ///< of bins: see Design::bin_moments
  int missing_level = -1;    ///< of a label or bin, once seen
  std::int64_t missing = 0;  ///< rows fitted without the value
  double minimum = std::numeric_limits<double>::infinity();   ///< of the values of a number that are there,
  double maximum = -std::numeric_limits<double>::infinity();  ///< where they may be missing

  /// Of each number, where values may be missing: what expand() puts in their place.
  std::vector<double> placeholders;

  const std::string& name() const noexcept { return plan.name; }
  bool has_levels() const noexcept { return plan.has_levels(); }
  /// The design column of "missing"; -1 before such a row is seen, and with levels.
  int missing_column() const noexcept {
    return !has_levels() && columns.size() > static_cast<std::size_t>(numbers) ? columns.back() : -1;
  }
  /// Level numbers with the reference first: in byte order, of a bin or part of a date in its own order, and
  /// missing last.
  std::vector<int> sorted_levels() const;
};

/// All products of the terms of two features.
struct Interaction {
  int first = 0;  ///< places in features()
  int second = 0;
  std::vector<std::vector<int>> columns;  ///< design columns, by place in the columns of the first and second
};

struct Term {
  std::string name;  ///< "recency_days", "country=GB"
  int column = 0;    ///< design column
};

/// Values of one column of a block.
inline constexpr std::size_t kBlockRows = RowBlock::kMaxRows;

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
  const std::vector<Interaction>& interactions() const noexcept { return interactions_; }
  int target_stream() const noexcept { return static_cast<int>(features_.size()); }
  const std::string& target() const noexcept { return target_; }
  bool target_is_label() const noexcept {
    return stream_[static_cast<std::size_t>(target_stream())].encoding == Encoding::label;
  }
  bool intercept() const noexcept { return intercept_; }
  /// Dates and timestamps none of whose parts is a feature.
  const std::vector<std::string>& left_out() const noexcept { return left_out_; }
  /// Design columns so far: the base numbers and their products, then the others in order of discovery.
  int columns() const noexcept { return static_cast<int>(recipes_.size()); }
  /// How each design column comes from base columns.
  const std::vector<Recipe>& recipes() const noexcept { return recipes_; }

  /// Notes what is in the block: levels, missing values. Throws 54000 for too many terms, 22003 for a spline
  /// or product past a double's range.
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
  /// Points at the design columns, in order, with a fixed value in place of missing ones; valid until the
  /// next call.
  const std::vector<const double*>& expand(const RowBlock& block);

  /// The moments of the values of a feature in bins, which are no design column.
  const CrossProductsAccumulator& bin_moments(const DesignFeature& feature) const {
    return bin_moments_[static_cast<std::size_t>(feature.moments)];
  }

  /// To be called once all rows are seen, with their cross products, in which design column c is column
  /// `offset` + c: puts the mean of a number's values in place of the missing ones, in the products by a
  /// change of columns, and in recipes() as Factor::fill.
  void impute(CrossProducts& products, int offset);
  /// The same for the products of some of the rows, with the means that impute() found.
  void fill_in(CrossProducts& products, int offset) const;

  /// How a row is sampled for summaries (sample_rows()): features and target as they are streamed, a label as
  /// its level number, the offset if there is one, then the base columns that are not among these. Where in
  /// it base columns are.
  int sample_width() const noexcept { return sample_width_; }
  int sampled_number(std::size_t base) const { return sampled_numbers_[base]; }
  int sampled_label(std::size_t base) const { return sampled_labels_[base]; }
  /// -1 without an offset.
  int sampled_offset() const noexcept { return sampled_offset_; }

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
  void add_feature(FeaturePlan plan);
  int add_role(const FitRequest& request, const char* role, Encoding encoding);
  int append_column(const Recipe& recipe, std::pair<int, int> factors);
  int append_product(int a, int b);
  void append_term(std::size_t feature, const Factor& factor);
  std::int32_t append_level(std::size_t feature, const std::string& level);
  void observe_label(std::size_t feature, const RowBlock& block);
  void observe_bins(std::size_t feature, const RowBlock& block);
  void observe_number(std::size_t feature, const RowBlock& block);
  void expand_levels(std::size_t feature, int rows);
  void expand_numbers(std::size_t feature, int rows);
  void expand_product(std::size_t column, int rows);
  double* computed(int column) { return &computed_[static_cast<std::size_t>(column) * RowBlock::kMaxRows]; }

  std::vector<StreamColumn> stream_;
  std::vector<DesignFeature> features_;
  std::vector<std::string> left_out_;
  std::string target_;
  bool intercept_ = true;
  std::size_t max_levels_ = 0;
  std::vector<Interaction> interactions_;
  std::vector<Recipe> recipes_;
  std::vector<CrossProductsAccumulator> bin_moments_;
  std::vector<std::pair<int, int>> factors_;  // the columns that a product multiplies; -1, -1 for no product
  int sample_width_ = 0;
  int sampled_offset_ = -1;
  std::vector<int> sampled_numbers_;
  std::vector<int> sampled_labels_;
  int weight_stream_ = -1;
  int offset_stream_ = -1;
  int cluster_stream_ = -1;
  int group_stream_ = -1;
  // Of the observed block:
  std::vector<std::int32_t> levels_;
  std::vector<double> splines_;  // base numbers that are no column of the block
  std::vector<const double*> base_numbers_;
  std::vector<const std::int32_t*> base_labels_;
  const double* weights_ = nullptr;
  const double* offsets_ = nullptr;
  const std::int32_t* cluster_codes_ = nullptr;
  const std::int32_t* group_codes_ = nullptr;
  std::vector<double> computed_;  // by design column, where it is no column of the block
  std::vector<const double*> pointers_;
};

inline constexpr const char* kInterceptTerm = "(intercept)";

/// The options every regression takes.
std::vector<OptionSpec> regression_options();

/// The NOTICE that names the columns of Design::left_out(), when there are any.
void add_left_out_notice(const std::vector<std::string>& left_out, std::vector<std::string>& notices);

/// The NOTICE that names terms without an estimate, when there are any.
void add_alias_notice(const std::vector<std::string>& aliased, std::vector<std::string>& notices);

/// 22003: `what` is out of range.
[[noreturn]] void throw_out_of_range(const std::string& what);

/// The error for a fit without rows; SQLSTATE 55000.
[[noreturn]] void throw_no_rows(std::int64_t skipped);

}  // namespace persona
