// The design of a regression: which columns of the source are features, and which terms they become. A number
// column is one term. A label column is one 0/1 term for each level but the reference, the first level in
// byte order; its levels are discovered while rows stream by, so its design columns appear as rows demand
// them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/model/kind.h"

namespace persona {

/// A feature as seen so far. Levels are numbered in order of first appearance in a complete row.
struct DesignFeature {
  std::string name;
  bool is_label = false;
  int column = -1;                          ///< design column of a number
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

  /// What to stream: the features in source order, then the target.
  const std::vector<StreamColumn>& stream() const noexcept { return stream_; }
  const std::vector<DesignFeature>& features() const noexcept { return features_; }
  int target_stream() const noexcept { return static_cast<int>(features_.size()); }
  const std::string& target() const noexcept { return target_; }
  bool target_is_label() const noexcept { return stream_.back().encoding == Encoding::label; }
  bool intercept() const noexcept { return intercept_; }
  /// Dates and timestamps, which are no features unless one is named as such (and refused).
  const std::vector<std::string>& left_out() const noexcept { return left_out_; }
  /// Design columns so far: the number features in order, then levels in order of discovery.
  int columns() const noexcept { return columns_; }

  /// Notes the levels in the block and counts them. Throws 54000 for too many.
  void observe(const RowBlock& block);
  /// Level numbers of the rows of the observed block, for a label feature.
  const std::int32_t* levels(int feature) const {
    return &levels_[static_cast<std::size_t>(feature) * RowBlock::kMaxRows];
  }
  /// Points at the design columns of the observed block, in order; valid until the next call.
  const std::vector<const double*>& expand(const RowBlock& block);

  /// All terms but the intercept, in source order, levels sorted within a feature. Throws 22023 when two
  /// would have the same name.
  std::vector<Term> terms() const;

 private:
  void observe_label(std::size_t feature, const RowBlock& block);

  std::vector<StreamColumn> stream_;
  std::vector<DesignFeature> features_;
  std::vector<std::string> left_out_;
  std::string target_;
  bool intercept_ = true;
  std::size_t max_levels_ = 0;
  int columns_ = 0;
  std::vector<std::int32_t> levels_;
  std::vector<double> dummies_;
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
