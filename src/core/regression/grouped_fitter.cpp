#include "core/regression/grouped_fitter.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iterator>
#include <optional>
#include <utility>

#include "core/base/error.h"
#include "core/model/feature_columns.h"
#include "core/model/serving.h"
#include "core/regression/grouped_scorer.h"
#include "core/regression/reservoir.h"
#include "core/regression/score_summary.h"

namespace persona {
namespace {

constexpr const char* kGroupOption = "group_by";

// Rows of one group that wait for its fitter: enough that a fitter's work on a block pays, few enough that
// the buffers of a thousand groups stay in the cache's reach.
constexpr int kBufferedRows = 128;
constexpr int kAhead = 12;             // rows whose places are fetched before they are written
constexpr std::size_t kCacheLine = 8;  // doubles

struct Group {
  std::unique_ptr<Fitter> fitter;
  std::vector<double> rows;  // row after row; a label as its code
  int buffered = 0;
  std::int64_t total = 0;
};

class GroupedFitter final : public Fitter {
 public:
  GroupedFitter(const Kind& kind, const FitRequest& request)
      : kind_(kind),
        request_(request),
        pooled_(kind.make_fitter(request)),
        sample_(static_cast<int>(columns().size()),
                static_cast<std::uint64_t>(request.options.integer("seed"))) {
    request_.of_group = true;
    const auto is_group = [](const StreamColumn& column) { return column.group; };
    group_stream_ =
        static_cast<int>(std::find_if(columns().begin(), columns().end(), is_group) - columns().begin());
  }

  const std::vector<StreamColumn>& columns() const noexcept override { return pooled_->columns(); }

  void consume(const RowBlock& block, Poll& poll) override {
    if (block.rows() == 0) return;
    pooled_->consume(block, poll);
    const std::int32_t* codes = block.labels(group_stream_);
    find_columns(block);
    for (int r = 0; r < block.rows(); ++r) {
      if (r + kAhead < block.rows()) fetch_place(codes[r + kAhead]);
      Group& group = group_of(codes[r], block);
      copy_row(r, &group.rows[static_cast<std::size_t>(group.buffered) * columns().size()]);
      ++group.buffered;
      ++group.total;
      if (double* place = sample_.next_row()) copy_row(r, place);
      if (group.buffered == kBufferedRows) flush(group, block, poll);
    }
  }

  FittedModel finish(const RowBlock& last, std::int64_t skipped, Poll& poll) override {
    FittedModel model = pooled_->finish(last, skipped, poll);
    std::vector<std::string> failed;
    std::vector<Feature> differences;  // of groups from all rows
    for (const std::int32_t code : sorted_groups(last)) {
      poll.check();
      Group& group = groups_[static_cast<std::size_t>(code)];
      const std::string& name = last.dictionary(group_stream_).label(code);
      flush(group, last, poll);
      rows_ += group.total;
      if (!add_group(group, name, last, model, differences, poll)) failed.push_back(name);
      group = {};  // its sums are no longer needed
    }
    add_group_feature(model);
    std::move(differences.begin(), differences.end(), std::back_inserter(model.features));
    replace_scores(last, model, poll);
    if (!failed.empty()) {
      model.notices.push_back(
          (failed.size() == 1 ? "group " : "groups ") + quoted_list(failed) +
          (failed.size() == 1 ? " has" : " have") +
          " too few rows, too few classes or no finite estimates: the model of all rows stands in");
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

  void find_columns(const RowBlock& block) {
    numbers_.clear();
    labels_.clear();
    const std::vector<StreamColumn>& stream = columns();
    for (std::size_t c = 0; c < stream.size(); ++c) {
      const int column = static_cast<int>(c);
      if (stream[c].encoding == Encoding::number) {
        numbers_.emplace_back(c, block.numbers(column));
      } else {
        labels_.emplace_back(c, block.labels(column));
      }
    }
  }

  // A label as its code.
  void copy_row(int row, double* values) const {
    for (const auto& [c, column] : numbers_) values[c] = column[row];
    for (const auto& [c, column] : labels_) values[c] = static_cast<double>(column[row]);
  }

  // The rows of many groups come in turn, so that each goes to a place that no cache holds.
  void fetch_place(std::int32_t code) const {
    const auto index = static_cast<std::size_t>(code);
    if (index >= groups_.size() || groups_[index].fitter == nullptr) return;
    const std::size_t width = columns().size();
    const double* place = &groups_[index].rows[static_cast<std::size_t>(groups_[index].buffered) * width];
    for (std::size_t c = 0; c < width; c += kCacheLine) __builtin_prefetch(place + c, 1);
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
                 std::vector<Feature>& differences, Poll& poll) {
    FittedModel own;
    try {
      own = group.fitter->finish(last, 0, poll);
    } catch (const Error& error) {
      // One class, one fold, or an estimate out of range; all else, such as a lack of memory, ends the fit.
      if (std::strcmp(error.sqlstate(), sqlstate::kNotInPrerequisiteState) != 0 &&
          std::strcmp(error.sqlstate(), sqlstate::kNumericOutOfRange) != 0)
        throw;
      return false;
    }
    if (!is_usable(own, group.total) || lacks_classes(own, model)) return false;
    add_differences(own, name, model, differences);
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

  // More rows than estimates, and these converged. Of a path of penalties, those that serve.
  static bool is_usable(const FittedModel& own, std::int64_t rows) {
    const ServingLambdas lambdas(own);
    std::int64_t estimates = 0;
    for (const Coefficient& coefficient : own.coefficients)
      estimates += coefficient.estimate.has_value() && lambdas.serves(coefficient) ? 1 : 0;
    bool usable = rows > estimates;
    for (const Metric& metric : own.metrics)
      usable = usable && !(metric.name == "converged" && metric.value == 0);
    return usable;
  }

  // A class that occurs elsewhere only would be impossible in the group: the model of all rows knows better.
  static bool lacks_classes(const FittedModel& own, const FittedModel& pooled) {
    const auto classes = [](const FittedModel& model) {
      for (const Feature& feature : model.features) {
        if (feature.role == "target") return feature.levels.size();
      }
      return std::size_t{0};
    };
    return classes(own) > 0 && classes(own) < classes(pooled);
  }

  // What a scorer needs to know of the group beside its coefficients: its levels, where it has not seen all,
  // and the means of numbers that are no term.
  static void add_differences(const FittedModel& own, const std::string& name, const FittedModel& pooled,
                              std::vector<Feature>& differences) {
    for (const Feature& feature : own.features) {
      if (feature.role == "target") continue;
      const auto same = [&feature](const Feature& other) { return other.name == feature.name; };
      const auto found = std::find_if(pooled.features.begin(), pooled.features.end(), same);
      const bool same_levels =
          found->levels == feature.levels && found->missing_level == feature.missing_level;
      if (same_levels && !feature.mean.has_value()) continue;
      Feature difference;
      difference.name = feature.name;
      difference.role = feature.role;
      difference.group_key = name;
      difference.is_label = feature.is_label;
      difference.mean = feature.mean;
      difference.levels = feature.levels;
      difference.missing_level = feature.missing_level;
      difference.shares = feature.shares;
      differences.push_back(std::move(difference));
    }
  }

  void add_group_feature(FittedModel& model) const {
    Feature feature;
    feature.name = request_.options.text(kGroupOption);
    feature.role = "group";
    feature.is_label = true;
    feature.basis = "label";
    feature.stream = group_stream_;
    for (const auto& [name, total] : groups_with_model_) {
      feature.levels.push_back(name);
      feature.shares.push_back(static_cast<double>(total) / static_cast<double>(rows_));
    }
    model.features.push_back(std::move(feature));
  }

  // The summary of the scores that the model of all rows gives becomes that of the scores that rows get.
  void replace_scores(const RowBlock& last, FittedModel& model, Poll& poll) const {
    const auto is_score = [](const Feature& feature) { return feature.role == kScoreRole; };
    const auto place = std::find_if(model.features.begin(), model.features.end(), is_score);
    if (place == model.features.end()) return;
    const std::unique_ptr<Scorer> scorer = load_scorer(kind_, serving_model(model, ""), request_.options);
    std::optional<Feature> summary = summarize_scores(sample_scores(*scorer, last, poll));
    if (summary) {
      *place = std::move(*summary);
    } else {
      model.features.erase(place);
    }
  }

  int stream_of(const ScorerInput& input) const {
    const auto is_input = [&](const StreamColumn& column) {
      const std::string& name = request_.columns[static_cast<std::size_t>(column.source)].name;
      return column.group == input.group && name == input.column() && column.part == input.part &&
             column.element == input.element;
    };
    return static_cast<int>(std::find_if(columns().begin(), columns().end(), is_input) - columns().begin());
  }

  std::vector<double> sample_scores(const Scorer& scorer, const RowBlock& last, Poll& poll) const {
    const std::size_t inputs = scorer.inputs().size();
    std::vector<int> places;
    for (const ScorerInput& input : scorer.inputs()) places.push_back(stream_of(input));
    std::vector<std::vector<double>> levels(inputs);  // by code; NaN: not asked yet
    std::vector<double> x(inputs);
    std::vector<double> scores(sample_.rows());
    for (std::size_t r = 0; r < scores.size(); ++r) {
      if (r % RowBlock::kMaxRows == 0) poll.check();
      for (std::size_t i = 0; i < inputs; ++i) {
        const int input = static_cast<int>(i);
        x[i] = sample_.value(r, places[i]);
        if (scorer.inputs()[i].encoding == Encoding::number) continue;
        const auto code = static_cast<std::int32_t>(x[i]);
        if (code == kMissingLabel) {
          x[i] = scorer.missing(input);
          continue;
        }
        const Dictionary& labels = last.dictionary(places[i]);
        levels[i].resize(static_cast<std::size_t>(labels.size()), std::nan(""));
        double& level = levels[i][static_cast<std::size_t>(code)];
        if (std::isnan(level)) level = scorer.level(input, labels.label(code));
        x[i] = level;
      }
      scores[r] = scorer.predict(x.data());
    }
    return scores;
  }

  const Kind& kind_;
  FitRequest request_;  // of a group
  std::unique_ptr<Fitter> pooled_;
  int group_stream_ = -1;
  Reservoir sample_;  // rows as they are streamed; the same that the pooled fitter samples
  std::size_t count_ = 0;
  std::int64_t rows_ = 0;
  // The block's columns, with their places in a row.
  std::vector<std::pair<std::size_t, const double*>> numbers_;
  std::vector<std::pair<std::size_t, const std::int32_t*>> labels_;
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
