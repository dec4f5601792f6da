#include "core/regression/grouped_scorer.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>
#include <utility>

#include "core/base/error.h"
#include "core/model/damaged.h"
#include "core/regression/basis.h"

namespace persona {
namespace {

using Rows = std::map<std::string, std::vector<Feature>>;  // of persona.feature, by group

// The levels of a label for all rows, by the numbers they have in one group.
struct GroupLevels {
  std::size_t input = 0;
  std::vector<std::string> names;  // of all rows
  bool missing_level = false;      // the last of them
  std::vector<double> numbers;     // NaN: the group has not seen it
};

struct ScoredGroup {
  std::string name;
  std::unique_ptr<Scorer> scorer;
  std::vector<GroupLevels> levels;  // of labels of which it has not seen all
};

class GroupedScorer final : public Scorer {
 public:
  GroupedScorer(std::unique_ptr<Scorer> pooled, std::string column, std::vector<ScoredGroup> groups)
      : pooled_(std::move(pooled)), groups_(std::move(groups)) {
    inputs_ = pooled_->inputs();
    ScorerInput group;
    group.name = std::move(column);
    group.encoding = Encoding::label;
    group.group = true;
    inputs_.push_back(std::move(group));
  }

  double level(int input, std::string_view label) const override {
    if (input != group_input()) return pooled_->level(input, label);
    const auto found =
        std::lower_bound(groups_.begin(), groups_.end(), label,
                         [](const ScoredGroup& group, std::string_view name) { return group.name < name; });
    return found != groups_.end() && found->name == label ? static_cast<double>(found - groups_.begin()) : -1;
  }

  bool takes_missing(int input) const noexcept override {
    return input == group_input() || pooled_->takes_missing(input);
  }
  double missing(int input) const override { return input == group_input() ? -1 : pooled_->missing(input); }

  double predict(const double* x) const override {
    const Row row(*this, x);
    return row.scorer->predict(row.x);
  }
  std::vector<Contribution> explain(const double* x) const override {
    const Row row(*this, x);
    return row.scorer->explain(row.x);
  }
  std::size_t outcomes() const noexcept override { return pooled_->outcomes(); }  // of all: see the fitter
  std::vector<Contribution> explain_outcome(const double* x, std::size_t outcome) const override {
    const Row row(*this, x);
    return row.scorer->explain_outcome(row.x, outcome);
  }
  std::vector<ClassProbability> probabilities(const double* x) const override {
    const Row row(*this, x);
    return row.scorer->probabilities(row.x);
  }
  std::string classify(const double* x) const override {
    const Row row(*this, x);
    return row.scorer->classify(row.x);
  }
  double average(int input) const override {
    return input == group_input() ? std::numeric_limits<double>::quiet_NaN() : pooled_->average(input);
  }
  const Scorer& pooled() const noexcept override { return *pooled_; }
  const Scorer& serving(const double* x) const noexcept override {
    const ScoredGroup* group = group_of(x);
    return group == nullptr ? *pooled_ : *group->scorer;
  }

 private:
  // A row as the model that scores it has its levels.
  struct Row {
    Row(const GroupedScorer& all, const double* given) : scorer(all.pooled_.get()), x(given) {
      const ScoredGroup* group = all.group_of(given);
      if (group == nullptr) return;
      scorer = group->scorer.get();
      if (group->levels.empty()) return;
      own.assign(given, given + all.inputs_.size());
      for (const GroupLevels& levels : group->levels) {
        double& level = own[levels.input];
        if (level >= 0 && level < static_cast<double>(levels.names.size()))
          level = number_in(*group, levels, static_cast<std::size_t>(level));
      }
      x = own.data();
    }

    const Scorer* scorer;
    const double* x;
    std::vector<double> own;
  };

  int group_input() const noexcept { return static_cast<int>(inputs_.size()) - 1; }

  const ScoredGroup* group_of(const double* x) const noexcept {
    const double group = x[group_input()];
    const bool known = group >= 0 && group < static_cast<double>(groups_.size());
    return known ? &groups_[static_cast<std::size_t>(group)] : nullptr;
  }

  // -1 for a level that the group has not seen, where that is no error.
  static double number_in(const ScoredGroup& group, const GroupLevels& levels, std::size_t level) {
    if (!std::isnan(levels.numbers[level])) return levels.numbers[level];
    const int input = static_cast<int>(levels.input);
    try {
      const bool missing = levels.missing_level && level + 1 == levels.names.size();
      return missing ? group.scorer->missing(input) : group.scorer->level(input, levels.names[level]);
    } catch (const Error& error) {
      throw Error(error.sqlstate(), std::string(error.what()) + " of group \"" + group.name + "\"",
                  error.detail(), error.hint());
    }
  }

  std::unique_ptr<Scorer> pooled_;
  std::vector<ScoredGroup> groups_;  // sorted by name
};

// The features as the group has them: levels and means where the rows say so, and the means of numbers that
// are terms.
void adapt_features(const std::vector<Feature>& differences, StoredModel& own) {
  for (const Feature& difference : differences) {
    const auto same = [&](const Feature& feature) {
      return feature.name == difference.name && feature.role == difference.role;
    };
    const auto found = std::find_if(own.features.begin(), own.features.end(), same);
    if (found == own.features.end()) {
      throw_damaged(own.name, "Feature \"" + difference.name + "\" of group \"" + difference.group_key +
                                  "\" is none of the model's.");
    }
    found->levels = difference.levels;
    found->shares = difference.shares;
    found->missing_level = difference.missing_level;
    if (difference.mean.has_value()) found->mean = difference.mean;
  }
  std::map<std::string, double> means;
  for (const Coefficient& coefficient : own.coefficients) {
    if (coefficient.mean.has_value()) means[coefficient.term] = *coefficient.mean;
  }
  for (Feature& feature : own.features) {
    if (feature.role != "feature" || feature.is_label) continue;
    const auto mean = means.find(feature.basis == "spline" ? spline_term(feature.name, 0) : feature.name);
    if (mean != means.end()) feature.mean = mean->second;
  }
}

std::vector<GroupLevels> group_levels(const Scorer& scorer, const StoredModel& pooled,
                                      const StoredModel& own) {
  std::vector<GroupLevels> result;
  for (std::size_t i = 0; i < scorer.inputs().size(); ++i) {
    const auto is_input = [&](const Feature& feature) {
      return feature.name == scorer.inputs()[i].name && feature.role == "feature" && feature.is_label;
    };
    const auto all = std::find_if(pooled.features.begin(), pooled.features.end(), is_input);
    if (all == pooled.features.end()) continue;
    const Feature& seen = own.features[static_cast<std::size_t>(all - pooled.features.begin())];
    if (seen.levels == all->levels && seen.missing_level == all->missing_level) continue;
    GroupLevels levels = {i, all->levels, all->missing_level, {}};
    const auto last = seen.levels.end() - (seen.missing_level ? 1 : 0);
    for (std::size_t k = 0; k < levels.names.size(); ++k) {
      const bool missing = levels.missing_level && k + 1 == levels.names.size();
      const auto found = missing ? last : std::find(seen.levels.begin(), last, levels.names[k]);
      const bool is_seen = missing ? seen.missing_level : found != last;
      levels.numbers.push_back(is_seen ? static_cast<double>(found - seen.levels.begin()) : std::nan(""));
    }
    result.push_back(std::move(levels));
  }
  return result;
}

}  // namespace

std::unique_ptr<Scorer> load_scorer(const Kind& kind, const StoredModel& stored, const Options& options) {
  const auto is_group = [](const Feature& feature) { return feature.role == "group"; };
  const auto group = std::find_if(stored.features.begin(), stored.features.end(), is_group);
  if (group == stored.features.end()) return kind.load(stored, options);

  StoredModel pooled;
  pooled.name = stored.name;
  Rows differences;
  for (const Feature& feature : stored.features) {
    if (is_group(feature)) continue;
    (feature.group_key.empty() ? pooled.features : differences[feature.group_key]).push_back(feature);
  }
  std::map<std::string, std::vector<Coefficient>> coefficients;
  for (const Coefficient& coefficient : stored.coefficients) {
    (coefficient.group_key.empty() ? pooled.coefficients : coefficients[coefficient.group_key])
        .push_back(coefficient);
  }
  std::unique_ptr<Scorer> of_all = kind.load(pooled, options);
  std::vector<ScoredGroup> groups;
  for (const std::string& name : group->levels) {
    const auto found = coefficients.find(name);
    if (found == coefficients.end())
      throw_damaged(stored.name, "ScoredGroup \"" + name + "\" has no coefficients.");
    if (!groups.empty() && !(groups.back().name < name))
      throw_damaged(stored.name, "Its groups are not in order.");
    StoredModel own;
    own.name = stored.name;
    own.features = pooled.features;
    own.coefficients = std::move(found->second);
    adapt_features(differences[name], own);
    std::unique_ptr<Scorer> scorer = kind.load(own, options);
    std::vector<GroupLevels> levels = group_levels(*of_all, pooled, own);
    groups.push_back({name, std::move(scorer), std::move(levels)});
  }
  if (coefficients.size() != groups.size() || differences.size() != groups.size())
    throw_damaged(stored.name, "Its groups do not match its coefficients.");
  return std::make_unique<GroupedScorer>(std::move(of_all), group->name, std::move(groups));
}

}  // namespace persona
