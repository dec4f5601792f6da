// A linear predictor from stored rows, which may be forged: everything is checked before it is used.
#include <algorithm>
#include <cmath>
#include <utility>

#include "core/base/error.h"
#include "core/model/damaged.h"
#include "core/regression/design.h"
#include "core/regression/interaction_terms.h"
#include "core/regression/linear_predictor.h"

namespace persona {
namespace {

// What the feature's row says of how it is computed; models of before version 0.4 say nothing.
FeaturePlan plan_of(const Feature& feature, const std::string& model) {
  const std::string damaged = "The basis of feature \"" + feature.name + "\" is not one.";
  FeaturePlan plan;
  plan.name = feature.name;
  plan.source = feature.source_column.empty() ? feature.name : feature.source_column;
  plan.knots = feature.knots;
  plan.stream.element = feature.element;
  plan.basis = feature.is_label ? Basis::label : Basis::linear;
  if (const auto part = find_date_part(feature.basis)) {
    plan.stream.part = *part;
    if (is_label(*part) != feature.is_label) throw_damaged(model, damaged);
  } else if (feature.basis == "bins") {
    plan.basis = Basis::bins;
  } else if (feature.basis == "spline") {
    plan.basis = Basis::spline;
  }
  if (!feature.basis.empty() && feature.basis != basis_name(plan)) throw_damaged(model, damaged);
  if (feature.is_label && plan.basis != Basis::label) throw_damaged(model, damaged);
  return plan;
}

void check_knots(const FeaturePlan& plan, const std::string& model) {
  const std::size_t least = plan.basis == Basis::spline ? kLeastKnots : 0;
  const std::size_t most = plan.basis == Basis::spline ? kMostKnots : plan.basis == Basis::bins ? 1000 : 0;
  bool ordered = plan.knots.size() >= least && plan.knots.size() <= most;
  for (std::size_t k = 0; ordered && k < plan.knots.size(); ++k) {
    ordered = std::isfinite(plan.knots[k]) && (k == 0 || plan.knots[k - 1] < plan.knots[k]);
  }
  if (ordered && !plan.knots.empty()) ordered = std::isfinite(plan.knots.back() - plan.knots.front());
  if (!ordered) throw_damaged(model, "The knots of feature \"" + plan.name + "\" are not in order.");
}

}  // namespace

LinearPredictor::LinearPredictor(const StoredModel& stored, Link link, ScoringRules rules)
    : model_(stored.name), link_(link), rules_(std::move(rules)) {
  Terms terms;
  for (const Coefficient& coefficient : stored.coefficients) {
    const double estimate = coefficient.estimate.value_or(0);  // aliased: predicts without it
    if (!std::isfinite(estimate)) throw_damaged(model_, "An estimate is not finite.");
    if (!terms.emplace(coefficient.term, coefficient).second) {
      throw_damaged(model_, "The term \"" + coefficient.term + "\" is there twice.");
    }
  }
  if (terms.count(kInterceptTerm) > 0) intercept_ = take(kInterceptTerm, terms, 0.0).estimate;
  for (const Feature& feature : stored.features) {
    if (feature.role != "target") {
      load_input(feature, stored, terms);
    } else if (link_ == Link::logit) {
      if (feature.levels.size() != 2) throw_damaged(model_, "The target does not have two classes.");
      negative_ = feature.levels[0];
      positive_ = feature.levels[1];
    }
  }
  check_arrays();
  load_products(terms);
  if (!terms.empty()) {
    throw_damaged(model_, "The term \"" + terms.begin()->first + "\" belongs to no feature.");
  }
  if (link_ == Link::logit && positive_.empty() && negative_.empty()) {
    throw_damaged(model_, "The target's classes are missing.");
  }
  plain_ = products_.empty();
  for (const Input& input : details_) {
    plain_ = plain_ && input.basis == Basis::linear && input.missing_term < 0;
    weights_.push_back(input.terms[0].estimate);
  }
}

// Takes the term out of those that are left; `mean` stands for one that is not stored.
LinearPredictor::Term LinearPredictor::take(const std::string& name, Terms& terms,
                                            std::optional<double> mean) const {
  const auto found = terms.find(name);
  if (found == terms.end()) throw_damaged(model_, "The term \"" + name + "\" has no coefficient.");
  const Coefficient& coefficient = found->second;
  if (coefficient.mean.has_value()) mean = coefficient.mean;
  if (!mean.has_value() || !std::isfinite(*mean)) {
    throw_damaged(model_, "The term \"" + name + "\" has no mean.");
  }
  Term term = {name, coefficient.estimate.value_or(0), *mean};
  terms.erase(found);
  return term;
}

void LinearPredictor::load_input(const Feature& feature, const StoredModel& stored, Terms& terms) {
  const FeaturePlan plan = plan_of(feature, model_);
  check_knots(plan, model_);
  Input input;
  input.basis = plan.basis;
  input.part = plan.stream.part;
  input.knots = plan.knots;
  input.mean = feature.mean.value_or(0);
  if (feature.role == "offset") {
    if (plan.basis != Basis::linear) throw_damaged(model_, "The offset is not a number.");
    input.fixed = true;
    input.terms.push_back({feature.name, 1, input.mean});
  } else if (feature.role != "feature") {
    throw_damaged(model_, "The feature \"" + feature.name + "\" has the role \"" + feature.role + "\".");
  } else if (input.has_levels()) {
    load_levels(feature, terms, input);
  } else if (plan.basis == Basis::spline) {
    for (int k = 0; k + 1 < static_cast<int>(plan.knots.size()); ++k) {
      input.terms.push_back(take(spline_term(feature.name, k), terms, std::nullopt));
    }
  } else {
    input.terms.push_back(take(feature.name, terms, input.mean));
  }
  // A feature of that name has the term for itself.
  const std::string missing = missing_term(feature.name);
  const bool named = std::any_of(stored.features.begin(), stored.features.end(),
                                 [&missing](const Feature& other) { return other.name == missing; });
  if (rules_.imputes && !input.fixed && !input.has_levels() && !named && terms.count(missing) > 0) {
    input.missing_term = static_cast<int>(input.terms.size());
    input.terms.push_back(take(missing, terms, std::nullopt));
  }
  for (const Term& term : input.terms) input.average_effect += term.estimate * term.mean;
  ScorerInput column;
  column.name = feature.name;
  column.encoding = feature.is_label ? Encoding::label : Encoding::number;
  if (plan.source != feature.name) column.source = plan.source;
  column.part = plan.stream.part;
  column.element = feature.element;
  inputs_.push_back(std::move(column));
  details_.push_back(std::move(input));
}

void LinearPredictor::load_levels(const Feature& feature, Terms& terms, Input& input) const {
  const std::string damaged = "The levels of feature \"" + feature.name + "\" are not in order.";
  if (feature.levels.empty() || feature.shares.size() != feature.levels.size())
    throw_damaged(model_, damaged);
  input.levels = feature.levels;
  const std::size_t seen = feature.levels.size() - (feature.missing_level ? 1 : 0);
  if (feature.missing_level) input.missing_term = static_cast<int>(seen);
  // The levels there may be, in their order, where that is known beforehand.
  std::vector<std::string> known = date_part_labels(input.part);
  if (input.basis == Basis::bins) known = bin_names(input.knots);
  std::size_t next = 0;
  if (input.basis == Basis::bins) input.level_of_bin.assign(known.size(), -1);
  for (std::size_t k = 0; k < seen; ++k) {
    if (known.empty()) {
      if (k > 0 && !(feature.levels[k - 1] < feature.levels[k])) throw_damaged(model_, damaged);
      continue;
    }
    while (next < known.size() && known[next] != feature.levels[k]) ++next;
    if (next == known.size()) throw_damaged(model_, damaged);
    if (input.basis == Basis::bins) input.level_of_bin[next] = static_cast<int>(k);
    ++next;
  }
  input.terms.push_back({});  // the reference
  for (std::size_t k = 1; k < feature.levels.size(); ++k) {
    input.terms.push_back(take(level_term(feature.name, feature.levels[k]), terms, feature.shares[k]));
  }
}

// The elements of an array stand side by side, from the first to the last.
void LinearPredictor::check_arrays() {
  for (std::size_t i = 0; i < inputs_.size();) {
    std::size_t end = i + 1;
    if (inputs_[i].element != 0) {
      while (end < inputs_.size() && inputs_[end].element > 1 && inputs_[end].column() == inputs_[i].column())
        ++end;
    }
    for (std::size_t k = i; k < end && inputs_[i].element != 0; ++k) {
      if (inputs_[k].element != static_cast<int>(k - i) + 1 || inputs_[k].encoding != Encoding::number ||
          inputs_[k].part != DatePart::none) {
        throw_damaged(model_, "The elements of column \"" + inputs_[i].column() + "\" are not in order.");
      }
      inputs_[k].length = static_cast<int>(end - i);
    }
    i = end;
  }
}

void LinearPredictor::load_products(Terms& terms) {
  std::vector<std::string> names;
  for (const ScorerInput& input : inputs_) names.push_back(input.name);
  std::vector<std::pair<int, int>> pairs;
  try {
    pairs = interaction_pairs(rules_.interactions, names);
  } catch (const Error& error) {
    throw_damaged(model_, "Its interactions are not those of its features.");
  }
  for (const auto& [first, second] : pairs) {
    Product product;
    product.first = first;
    product.second = second;
    for (const Term& b : details_[static_cast<std::size_t>(second)].terms) {
      for (const Term& a : details_[static_cast<std::size_t>(first)].terms) {
        const bool reference = a.name.empty() || b.name.empty();
        product.terms.push_back(reference ? Term() : take(product_term(a.name, b.name), terms, std::nullopt));
        product.average_effect += product.terms.back().estimate * product.terms.back().mean;
      }
    }
    products_.push_back(std::move(product));
  }
}

}  // namespace persona
