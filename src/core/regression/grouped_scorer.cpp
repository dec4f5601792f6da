#include "core/regression/grouped_scorer.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>
#include <utility>

#include "core/model/damaged.h"

namespace persona {
namespace {

class GroupedScorer final : public Scorer {
 public:
  GroupedScorer(std::unique_ptr<Scorer> pooled, std::string column, std::vector<std::string> names,
                std::vector<std::unique_ptr<Scorer>> groups)
      : pooled_(std::move(pooled)), names_(std::move(names)), groups_(std::move(groups)) {
    inputs_ = pooled_->inputs();
    ScorerInput group;
    group.name = std::move(column);
    group.encoding = Encoding::label;
    inputs_.push_back(std::move(group));
  }

  double level(int input, std::string_view label) const override {
    if (input != group_input()) return pooled_->level(input, label);
    const auto found = std::lower_bound(names_.begin(), names_.end(), label);
    return found != names_.end() && *found == label ? static_cast<double>(found - names_.begin()) : -1;
  }

  bool takes_missing(int input) const noexcept override {
    return input == group_input() || pooled_->takes_missing(input);
  }
  double missing(int input) const override { return input == group_input() ? -1 : pooled_->missing(input); }

  double predict(const double* x) const override { return of(x).predict(x); }
  std::vector<Contribution> explain(const double* x) const override { return of(x).explain(x); }
  std::vector<ClassProbability> probabilities(const double* x) const override {
    return of(x).probabilities(x);
  }
  std::string classify(const double* x) const override { return of(x).classify(x); }
  double average(int input) const override {
    return input == group_input() ? std::numeric_limits<double>::quiet_NaN() : pooled_->average(input);
  }

 private:
  int group_input() const noexcept { return static_cast<int>(inputs_.size()) - 1; }

  const Scorer& of(const double* x) const noexcept {
    const double group = x[group_input()];
    if (group >= 0 && group < static_cast<double>(groups_.size()))
      return *groups_[static_cast<std::size_t>(group)];
    return *pooled_;
  }

  std::unique_ptr<Scorer> pooled_;
  std::vector<std::string> names_;               // sorted
  std::vector<std::unique_ptr<Scorer>> groups_;  // same length
};

// A group has estimates for the levels it has seen; the others count as its reference, with 0.
std::vector<Coefficient> complete(const std::map<std::string, Coefficient>& of_group,
                                  const std::vector<Coefficient>& pooled) {
  std::vector<Coefficient> all;
  for (const Coefficient& term : pooled) {
    const auto found = of_group.find(term.outcome + '\0' + term.term);
    Coefficient coefficient = found != of_group.end() ? found->second : term;
    if (found == of_group.end()) coefficient.estimate.reset();
    coefficient.group_key.clear();
    all.push_back(std::move(coefficient));
  }
  return all;
}

}  // namespace

std::unique_ptr<Scorer> load_scorer(const Kind& kind, const StoredModel& stored, const Options& options) {
  const auto is_group = [](const Feature& feature) { return feature.role == "group"; };
  const auto group = std::find_if(stored.features.begin(), stored.features.end(), is_group);
  if (group == stored.features.end()) return kind.load(stored, options);

  StoredModel pooled;
  pooled.name = stored.name;
  std::copy_if(stored.features.begin(), stored.features.end(), std::back_inserter(pooled.features),
               [&](const Feature& feature) { return !is_group(feature); });
  std::map<std::string, std::map<std::string, Coefficient>> by_group;
  for (const Coefficient& coefficient : stored.coefficients) {
    if (coefficient.group_key.empty()) {
      pooled.coefficients.push_back(coefficient);
    } else if (!by_group[coefficient.group_key]
                    .emplace(coefficient.outcome + '\0' + coefficient.term, coefficient)
                    .second) {
      throw_damaged(stored.name, "The term \"" + coefficient.term + "\" of group \"" + coefficient.group_key +
                                     "\" is there twice.");
    }
  }
  std::vector<std::unique_ptr<Scorer>> groups;
  for (const std::string& name : group->levels) {
    const auto found = by_group.find(name);
    if (found == by_group.end()) throw_damaged(stored.name, "Group \"" + name + "\" has no coefficients.");
    StoredModel own = pooled;
    own.coefficients = complete(found->second, pooled.coefficients);
    groups.push_back(kind.load(own, options));
  }
  if (!std::is_sorted(group->levels.begin(), group->levels.end()) || by_group.size() != group->levels.size())
    throw_damaged(stored.name, "Its groups do not match its coefficients.");
  return std::make_unique<GroupedScorer>(kind.load(pooled, options), group->name, group->levels,
                                         std::move(groups));
}

}  // namespace persona
