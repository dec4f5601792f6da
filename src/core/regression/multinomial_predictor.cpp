#include "core/regression/multinomial_predictor.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "core/base/error.h"
#include "core/model/damaged.h"

namespace persona {

MultinomialPredictor::MultinomialPredictor(const StoredModel& stored, std::vector<std::string> classes,
                                           const ScoringRules& rules)
    : model_(stored.name), classes_(std::move(classes)) {
  if (std::set<std::string>(classes_.begin(), classes_.end()).size() != classes_.size()) {
    throw_damaged(model_, "Two classes of the target have the same name.");
  }
  std::map<std::string, std::vector<Coefficient>> by_class;
  for (const Coefficient& coefficient : stored.coefficients) {
    by_class[coefficient.outcome].push_back(coefficient);
  }
  for (std::size_t k = 1; k < classes_.size(); ++k) {
    const auto found = by_class.find(classes_[k]);
    if (found == by_class.end()) throw_damaged(model_, "Class \"" + classes_[k] + "\" has no coefficients.");
    StoredModel one = stored;
    one.coefficients = std::move(found->second);
    by_class.erase(found);
    predictors_.push_back(std::make_unique<LinearPredictor>(one, Link::identity, rules));
  }
  if (!by_class.empty()) {
    throw_damaged(model_, "The coefficients of \"" + by_class.begin()->first + "\" belong to no class.");
  }
  inputs_ = predictors_.front()->inputs();
}

double MultinomialPredictor::level(int input, std::string_view label) const {
  return predictors_.front()->level(input, label);
}

bool MultinomialPredictor::takes_missing(int input) const noexcept {
  return predictors_.front()->takes_missing(input);
}

double MultinomialPredictor::missing(int input) const { return predictors_.front()->missing(input); }

double MultinomialPredictor::predict(const double* /*x*/) const {
  throw Error(sqlstate::kFeatureNotSupported,
              "model \"" + model_ + "\" has " + std::to_string(classes_.size()) + " classes, not one number",
              "", "Use persona.probabilities or persona.classify.");
}

std::vector<double> MultinomialPredictor::probability(const double* x) const {
  std::vector<double> values(1, 0.0);
  for (const auto& predictor : predictors_) values.push_back(predictor->linear_predictor(x));
  const double greatest = *std::max_element(values.begin(), values.end());
  double sum = 0;
  for (double& value : values) sum += value = std::exp(value - greatest);
  for (double& value : values) value /= sum;
  return values;
}

std::vector<ClassProbability> MultinomialPredictor::probabilities(const double* x) const {
  const std::vector<double> values = probability(x);
  std::vector<ClassProbability> result;
  for (std::size_t k = 0; k < classes_.size(); ++k) result.push_back({classes_[k], values[k]});
  return result;
}

std::string MultinomialPredictor::classify(const double* x) const {
  const std::vector<double> values = probability(x);
  return classes_[static_cast<std::size_t>(std::max_element(values.begin(), values.end()) - values.begin())];
}

std::vector<Contribution> MultinomialPredictor::explain(const double* x) const {
  const std::vector<double> values = probability(x);
  return explain_outcome(
      x, static_cast<std::size_t>(std::max_element(values.begin(), values.end()) - values.begin()));
}

std::vector<Contribution> MultinomialPredictor::explain_outcome(const double* x, std::size_t outcome) const {
  // A line is found again by its inputs.
  std::map<std::pair<int, int>, Contribution> lines;
  for (std::size_t k = 1; k < classes_.size(); ++k) {
    const double share = (k == outcome ? 1.0 : 0.0) - 1.0 / static_cast<double>(classes_.size());
    for (Contribution& line : predictors_[k - 1]->explain(x)) {
      const auto [place, fresh] = lines.try_emplace({line.input, line.second}, line);
      Contribution& total = place->second;
      if (fresh) total.estimate = total.contribution = 0;
      total.estimate += share * line.estimate;
      total.contribution += share * line.contribution;
    }
  }
  std::vector<Contribution> result;
  result.reserve(lines.size());
  for (auto& [inputs, line] : lines) result.push_back(std::move(line));
  std::stable_sort(result.begin(), result.end(), [](const Contribution& a, const Contribution& b) {
    return std::fabs(a.contribution) > std::fabs(b.contribution);
  });
  return result;
}

double MultinomialPredictor::average(int input) const { return predictors_.front()->average(input); }

}  // namespace persona
