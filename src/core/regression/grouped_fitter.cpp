#include "core/regression/grouped_fitter.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/base/error.h"
#include "core/model/feature_columns.h"

namespace persona {
namespace {

constexpr const char* kGroupOption = "group_by";

// Rows of one group that wait for its fitter: enough that a fitter's work on a block pays, few enough that
// the buffers of a thousand groups stay in the cache's reach.
constexpr int kBufferedRows = 64;

struct Group {
  std::unique_ptr<Fitter> fitter;
  std::vector<double> rows;  // row after row; a label as its code
  int buffered = 0;
  std::int64_t total = 0;
};

class GroupedFitter final : public Fitter {
 public:
  GroupedFitter(const Kind& kind, const FitRequest& request)
      : kind_(kind), request_(request), pooled_(kind.make_fitter(request)) {
    request_.of_group = true;
    const std::string column = request.options.text(kGroupOption);
    const std::vector<StreamColumn>& stream = pooled_->columns();
    for (std::size_t c = 0; c < stream.size(); ++c) {
      if (request.columns[static_cast<std::size_t>(stream[c].source)].name == column) {
        group_stream_ = static_cast<int>(c);
      }
    }
  }

  const std::vector<StreamColumn>& columns() const noexcept override { return pooled_->columns(); }

  void consume(const RowBlock& block, Poll& poll) override {
    if (block.rows() == 0) return;
    pooled_->consume(block, poll);
    const std::int32_t* codes = block.labels(group_stream_);
    for (int r = 0; r < block.rows(); ++r) {
      Group& group = group_of(codes[r], block);
      append(group, block, r);
      if (group.buffered == kBufferedRows) flush(group, block, poll);
    }
  }

  FittedModel finish(const RowBlock& last, std::int64_t skipped, Poll& poll) override {
    FittedModel model = pooled_->finish(last, skipped, poll);
    std::vector<std::string> failed;
    for (const std::int32_t code : sorted_groups(last)) {
      poll.check();
      Group& group = groups_[static_cast<std::size_t>(code)];
      const std::string& name = last.dictionary(group_stream_).label(code);
      flush(group, last, poll);
      if (!add_group(group, name, last, model, poll)) failed.push_back(name);
      group = {};  // its sums are no longer needed
    }
    add_group_feature(last, model);
    if (!failed.empty()) {
      model.notices.push_back(
          (failed.size() == 1 ? "group " : "groups ") + quoted_list(failed) +
          (failed.size() == 1 ? " has" : " have") +
          " too few rows, one class or no finite estimates: the model of all rows stands in");
    }
    return model;
  }

 private:
  Group& group_of(std::int32_t code, const RowBlock& block) {
    const auto index = static_cast<std::size_t>(code);
    if (index >= groups_.size()) groups_.resize(index + 1);
    Group& group = groups_[index];
    if (group.fitter == nullptr) {
      if (block.dictionary(group_stream_).label(code).empty()) {
        throw Error(sqlstate::kInvalidParameter,
                    "a group of column " + quoted(request_.options.text(kGroupOption)) + " has no name",
                    "The empty text stands for the model of all rows.",
                    "Give the group a name in the source, or NULL to leave its rows out.");
      }
      if (++count_ > kMostGroups) {
        throw Error(sqlstate::kProgramLimit,
                    "column " + quoted(request_.options.text(kGroupOption)) + " has more than " +
                        std::to_string(kMostGroups) + " groups",
                    "Each is a model of its own.", "Group by a coarser column.");
      }
      group.fitter = kind_.make_fitter(request_);
      group.rows.resize(columns().size() * kBufferedRows);
    }
    return group;
  }

  void append(Group& group, const RowBlock& block, int row) {
    const std::vector<StreamColumn>& stream = columns();
    double* values = &group.rows[static_cast<std::size_t>(group.buffered) * stream.size()];
    for (std::size_t c = 0; c < stream.size(); ++c) {
      const int column = static_cast<int>(c);
      values[c] = stream[c].encoding == Encoding::number ? block.numbers(column)[row]
                                                         : static_cast<double>(block.labels(column)[row]);
    }
    ++group.buffered;
    ++group.total;
  }

  void flush(Group& group, const RowBlock& block, Poll& poll) {
    if (group.buffered == 0) return;
    if (part_ == nullptr) part_ = std::make_unique<RowBlock>(block.sharing_dictionaries());
    const std::vector<StreamColumn>& stream = columns();
    for (std::size_t c = 0; c < stream.size(); ++c) {
      const int column = static_cast<int>(c);
      const double* values = &group.rows[c];
      if (stream[c].encoding == Encoding::number) {
        double* numbers = part_->numbers(column);
        for (int r = 0; r < group.buffered; ++r)
          numbers[r] = values[static_cast<std::size_t>(r) * stream.size()];
      } else {
        std::int32_t* labels = part_->labels(column);
        for (int r = 0; r < group.buffered; ++r)
          labels[r] = static_cast<std::int32_t>(values[static_cast<std::size_t>(r) * stream.size()]);
      }
    }
    part_->set_rows(group.buffered);
    group.fitter->consume(*part_, poll);
    group.buffered = 0;
  }

  std::vector<std::int32_t> sorted_groups(const RowBlock& last) const {
    std::vector<std::int32_t> codes;
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      if (groups_[g].fitter != nullptr) codes.push_back(static_cast<std::int32_t>(g));
    }
    const Dictionary& names = last.dictionary(group_stream_);
    std::sort(codes.begin(), codes.end(),
              [&names](std::int32_t a, std::int32_t b) { return names.label(a) < names.label(b); });
    return codes;
  }

  bool add_group(Group& group, const std::string& name, const RowBlock& last, FittedModel& model,
                 Poll& poll) {
    FittedModel own;
    try {
      own = group.fitter->finish(last, 0, poll);
    } catch (const Error& error) {
      // One class, or an estimate out of range; all else, such as a lack of memory, ends the fit.
      if (std::strcmp(error.sqlstate(), sqlstate::kNotInPrerequisiteState) != 0 &&
          std::strcmp(error.sqlstate(), sqlstate::kNumericOutOfRange) != 0)
        throw;
      return false;
    }
    std::int64_t estimates = 0;
    for (const Coefficient& coefficient : own.coefficients)
      estimates += coefficient.estimate.has_value() ? 1 : 0;
    bool usable = group.total > estimates;
    for (const Metric& metric : own.metrics)
      usable = usable && !(metric.name == "converged" && metric.value == 0);
    if (!usable) return false;
    for (Coefficient& coefficient : own.coefficients) {
      coefficient.group_key = name;
      model.coefficients.push_back(std::move(coefficient));
    }
    for (Metric& metric : own.metrics) {
      metric.group_key = name;
      model.metrics.push_back(std::move(metric));
    }
    groups_with_model_.push_back({name, group.total});
    return true;
  }

  void add_group_feature(const RowBlock& /*last*/, FittedModel& model) const {
    Feature feature;
    feature.name = request_.options.text(kGroupOption);
    feature.role = "group";
    feature.is_label = true;
    double rows = 0;
    for (const auto& [name, total] : groups_with_model_) rows += static_cast<double>(total);
    for (const auto& [name, total] : groups_with_model_) {
      feature.levels.push_back(name);
      feature.shares.push_back(static_cast<double>(total) / rows);
    }
    model.features.push_back(std::move(feature));
  }

  const Kind& kind_;
  FitRequest request_;  // of a group
  std::unique_ptr<Fitter> pooled_;
  int group_stream_ = -1;
  std::size_t count_ = 0;
  std::vector<Group> groups_;       // by code of the group's label
  std::unique_ptr<RowBlock> part_;  // a group's rows on their way to its fitter
  std::vector<std::pair<std::string, std::int64_t>> groups_with_model_;
};

}  // namespace

std::unique_ptr<Fitter> make_fitter(const Kind& kind, const FitRequest& request) {
  if (request.options.declares(kGroupOption) && request.options.has(kGroupOption))
    return std::make_unique<GroupedFitter>(kind, request);
  return kind.make_fitter(request);
}

}  // namespace persona
