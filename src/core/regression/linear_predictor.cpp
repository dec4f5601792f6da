#include "core/regression/linear_predictor.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "core/base/error.h"
#include "core/model/damaged.h"
#include "core/regression/design.h"

namespace persona {
double inverse_logit(double eta) noexcept {
  if (eta >= 0) return 1 / (1 + std::exp(-eta));
  const double e = std::exp(eta);
  return e / (1 + e);
}

LinearPredictor::LinearPredictor(const StoredModel& stored, Link link, bool unseen_is_error, double threshold)
    : model_(stored.name), link_(link), unseen_is_error_(unseen_is_error), threshold_(threshold) {
  std::map<std::string, double> estimates;
  for (const Coefficient& coefficient : stored.coefficients) {
    const double estimate = coefficient.estimate.value_or(0);  // aliased: predicts without it
    if (!std::isfinite(estimate)) throw_damaged(model_, "An estimate is not finite.");
    if (!estimates.emplace(coefficient.term, estimate).second) {
      throw_damaged(model_, "The term \"" + coefficient.term + "\" is there twice.");
    }
  }
  const auto take = [&estimates, this](const std::string& term) {
    const auto found = estimates.find(term);
    if (found == estimates.end()) throw_damaged(model_, "The term \"" + term + "\" has no coefficient.");
    const double estimate = found->second;
    estimates.erase(found);
    return estimate;
  };
  if (estimates.count(kInterceptTerm) > 0) intercept_ = take(kInterceptTerm);

  for (const Feature& feature : stored.features) {
    if (feature.role == "target") {
      if (link_ != Link::logit) continue;
      if (feature.levels.size() != 2) throw_damaged(model_, "The target does not have two classes.");
      negative_ = feature.levels[0];
      positive_ = feature.levels[1];
      continue;
    }
    if (feature.role == "score") continue;
    Input input;
    input.is_label = feature.is_label;
    if (feature.is_label) {
      if (feature.levels.empty() || feature.shares.size() != feature.levels.size() ||
          !std::is_sorted(feature.levels.begin(), feature.levels.end())) {
        throw_damaged(model_, "The levels of feature \"" + feature.name + "\" are not in order.");
      }
      input.levels = feature.levels;
      for (std::size_t k = 0; k < feature.levels.size(); ++k) {
        input.effects.push_back(k == 0 ? 0 : take(feature.name + "=" + feature.levels[k]));
        input.mean_effect += feature.shares[k] * input.effects[k];
      }
      label_inputs_.push_back(static_cast<int>(inputs_.size()));
    } else {
      input.weight = take(feature.name);
      input.mean = feature.mean.value_or(0);
    }
    weights_.push_back(input.weight);
    inputs_.push_back({feature.name, feature.is_label ? Encoding::label : Encoding::number});
    details_.push_back(std::move(input));
  }
  if (!estimates.empty()) {
    throw_damaged(model_, "The term \"" + estimates.begin()->first + "\" belongs to no feature.");
  }
  if (link_ == Link::logit && positive_.empty() && negative_.empty()) {
    throw_damaged(model_, "The target's classes are missing.");
  }
}

double LinearPredictor::level(int input, std::string_view label) const {
  const std::vector<std::string>& levels = details_[static_cast<std::size_t>(input)].levels;
  const auto found = std::lower_bound(levels.begin(), levels.end(), label);
  if (found != levels.end() && *found == label) return static_cast<double>(found - levels.begin());
  if (!unseen_is_error_) return -1;
  throw Error(sqlstate::kInvalidParameter,
              "label \"" + std::string(label) + "\" of column \"" +
                  inputs_[static_cast<std::size_t>(input)].name + "\" was not seen in training",
              "Model \"" + model_ + "\" was fitted with the option \"unseen\" set to \"error\".",
              "Fit the model again with rows that have this label.");
}

double LinearPredictor::effect(const Input& input, double x) const noexcept {
  if (!input.is_label) return input.weight * x;
  return x >= 0 && x < static_cast<double>(input.effects.size()) ? input.effects[static_cast<std::size_t>(x)]
                                                                 : 0;
}

double LinearPredictor::linear_predictor(const double* x) const noexcept {
  double eta = intercept_;
  if (label_inputs_.empty()) {
    for (std::size_t i = 0; i < weights_.size(); ++i) eta += weights_[i] * x[i];
    return eta;
  }
  for (std::size_t i = 0; i < details_.size(); ++i) eta += effect(details_[i], x[i]);
  return eta;
}

double LinearPredictor::predict(const double* x) const {
  const double eta = linear_predictor(x);
  return link_ == Link::identity ? eta : inverse_logit(eta);
}

std::vector<Contribution> LinearPredictor::explain(const double* x) const {
  std::vector<Contribution> result;
  result.reserve(details_.size());
  for (std::size_t i = 0; i < details_.size(); ++i) {
    const Input& input = details_[i];
    Contribution line;
    line.input = static_cast<int>(i);
    line.term = inputs_[i].name;
    if (input.is_label) {
      line.estimate = effect(input, x[i]);
      line.contribution = line.estimate - input.mean_effect;
      // An unseen label has no term of its own: the column's name stands for it.
      if (x[i] >= 0 && x[i] < static_cast<double>(input.levels.size())) {
        line.term += "=" + input.levels[static_cast<std::size_t>(x[i])];
      }
    } else {
      line.estimate = input.weight;
      line.contribution = input.weight * (x[i] - input.mean);
    }
    result.push_back(std::move(line));
  }
  std::stable_sort(result.begin(), result.end(), [](const Contribution& a, const Contribution& b) {
    return std::fabs(a.contribution) > std::fabs(b.contribution);
  });
  return result;
}

void LinearPredictor::require_classes() const {
  if (link_ == Link::logit) return;
  throw Error(sqlstate::kFeatureNotSupported, "model \"" + model_ + "\" predicts a number, not a class", "",
              "Use persona.predict.");
}

std::vector<ClassProbability> LinearPredictor::probabilities(const double* x) const {
  require_classes();
  // Each tail by its own formula, so that a probability near zero keeps its digits.
  const double eta = linear_predictor(x);
  return {{negative_, inverse_logit(-eta)}, {positive_, inverse_logit(eta)}};
}

std::string LinearPredictor::classify(const double* x) const {
  require_classes();
  return predict(x) >= threshold_ ? positive_ : negative_;
}

double LinearPredictor::average(int input) const {
  const Input& detail = details_[static_cast<std::size_t>(input)];
  return detail.is_label ? std::numeric_limits<double>::quiet_NaN() : detail.mean;
}

}  // namespace persona
