#include "core/regression/linear_predictor.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/base/error.h"

namespace persona {

double inverse_logit(double eta) noexcept {
  if (eta >= 0) return 1 / (1 + std::exp(-eta));
  const double e = std::exp(eta);
  return e / (1 + e);
}

ScoringRules scoring_rules(const Options& options) {
  ScoringRules rules;
  rules.unseen_is_error = options.text("unseen") == "error";
  rules.imputes = options.declares("nulls") && options.text("nulls") == "impute";
  if (options.declares("threshold")) rules.threshold = options.number("threshold");
  if (options.declares("interactions")) rules.interactions = options.text_list("interactions");
  return rules;
}

double LinearPredictor::level(int input, std::string_view label) const {
  const Input& detail = details_[static_cast<std::size_t>(input)];
  const auto first = detail.levels.begin();
  const auto last = detail.levels.end() - (detail.missing_term >= 0 ? 1 : 0);
  // Only the parts of a date are not in byte order, and they are few.
  const auto found =
      detail.part == DatePart::none ? std::lower_bound(first, last, label) : std::find(first, last, label);
  if (found != last && *found == label) return static_cast<double>(found - first);
  return unseen(input, "label \"" + std::string(label) + "\"");
}

bool LinearPredictor::takes_missing(int input) const noexcept {
  return rules_.imputes && !details_[static_cast<std::size_t>(input)].fixed;
}

double LinearPredictor::missing(int input) const {
  const Input& detail = details_[static_cast<std::size_t>(input)];
  if (detail.basis != Basis::label) return std::numeric_limits<double>::quiet_NaN();
  return detail.missing_term >= 0 ? detail.missing_term : unseen(input, "a missing value");
}

double LinearPredictor::unseen(int input, const std::string& what) const {
  if (!rules_.unseen_is_error) return -1;
  throw Error(
      sqlstate::kInvalidParameter,
      what + " of column \"" + inputs_[static_cast<std::size_t>(input)].name + "\" was not seen in training",
      "Model \"" + model_ + "\" was fitted with the option \"unseen\" set to \"error\".",
      "Fit the model again with rows that have it.");
}

LinearPredictor::Active LinearPredictor::activate(int index, double x) const {
  const Input& input = details_[static_cast<std::size_t>(index)];
  Active active;
  const bool missing = rules_.imputes && !input.fixed && !std::isfinite(x);
  if (input.basis == Basis::bins && std::isnan(x) && !missing) {
    active.seen = false;
    active.add(0, x);  // the score of what is not a number is not a number
  } else if (input.has_levels()) {
    double level = x;
    if (input.basis == Basis::bins) {
      level =
          missing ? input.missing_term : input.level_of_bin[static_cast<std::size_t>(bin_of(input.knots, x))];
      if (level < 0) level = unseen(index, missing ? "a missing value" : "the bin of " + std::to_string(x));
    }
    active.seen = level >= 0 && level < static_cast<double>(input.terms.size());
    active.add(active.seen ? static_cast<int>(level) : 0, 1);
  } else if (missing) {
    const int numbers = static_cast<int>(input.terms.size()) - (input.missing_term >= 0 ? 1 : 0);
    for (int k = 0; k < numbers; ++k) active.add(k, input.terms[static_cast<std::size_t>(k)].mean);
    if (input.missing_term >= 0) active.add(input.missing_term, 1);
  } else if (input.basis == Basis::spline) {
    natural_spline(input.knots, x, active.values);
    active.count = static_cast<int>(input.knots.size()) - 1;
    for (int k = 0; k < active.count; ++k) active.terms[k] = k;
  } else {
    active.add(0, x);
  }
  return active;
}

double LinearPredictor::effect(const Product& product, const Active& first,
                               const Active& second) const noexcept {
  const std::size_t width = details_[static_cast<std::size_t>(product.first)].terms.size();
  double sum = 0;
  for (int j = 0; j < second.count; ++j) {
    for (int i = 0; i < first.count; ++i) {
      const std::size_t place =
          static_cast<std::size_t>(second.terms[j]) * width + static_cast<std::size_t>(first.terms[i]);
      sum += product.terms[place].estimate * first.values[i] * second.values[j];
    }
  }
  return sum;
}

// What the terms of one input add up to.
double LinearPredictor::main_effect(int index, double x) const {
  const Input& input = details_[static_cast<std::size_t>(index)];
  if (input.basis == Basis::linear && (!rules_.imputes || std::isfinite(x)))
    return input.terms[0].estimate * x;
  const Active active = activate(index, x);
  double sum = 0;
  for (int k = 0; k < active.count; ++k) {
    sum += input.terms[static_cast<std::size_t>(active.terms[k])].estimate * active.values[k];
  }
  return sum;
}

double LinearPredictor::general_predictor(const double* x) const {
  double eta = intercept_;
  for (std::size_t i = 0; i < details_.size(); ++i) eta += main_effect(static_cast<int>(i), x[i]);
  for (const Product& product : products_) {
    eta += effect(product, activate(product.first, x[product.first]),
                  activate(product.second, x[product.second]));
  }
  return eta;
}

double LinearPredictor::linear_predictor(const double* x) const {
  if (!plain_) return general_predictor(x);
  double eta = intercept_;
  for (std::size_t i = 0; i < weights_.size(); ++i) eta += weights_[i] * x[i];
  return rules_.imputes && !std::isfinite(eta) ? general_predictor(x) : eta;
}

double LinearPredictor::predict(const double* x) const {
  const double eta = linear_predictor(x);
  if (link_ == Link::identity) return eta;
  return link_ == Link::log ? std::exp(eta) : inverse_logit(eta);
}

// What an input is in a row, as a term: "age", "spline(age)", "country=GB", "age=NULL". An unseen level has
// no term of its own: the column's name stands for it.
std::string LinearPredictor::term_name(int index, const Active& active) const {
  const Input& input = details_[static_cast<std::size_t>(index)];
  const std::string& name = inputs_[static_cast<std::size_t>(index)].name;
  if (input.missing_term >= 0 && active.terms[active.count - 1] == input.missing_term)
    return missing_term(name);
  if (input.basis == Basis::spline) return "spline(" + name + ")";
  if (!input.has_levels() || !active.seen) return name;
  return level_term(name, input.levels[static_cast<std::size_t>(active.terms[0])]);
}

Contribution LinearPredictor::explain_input(int index, const Active& active) const {
  const Input& input = details_[static_cast<std::size_t>(index)];
  Contribution line;
  line.input = index;
  line.term = term_name(index, active);
  for (int k = 0; k < active.count; ++k) {
    const Term& term = input.terms[static_cast<std::size_t>(active.terms[k])];
    line.estimate += term.estimate * active.values[k];
    line.contribution += term.estimate * (active.values[k] - term.mean);
  }
  if (input.has_levels()) {
    line.contribution = line.estimate - input.average_effect;
  } else if (input.missing_term >= 0 && active.terms[active.count - 1] != input.missing_term) {
    const Term& term = input.terms.back();
    line.contribution -= term.estimate * term.mean;
  }
  if (input.basis == Basis::linear && active.count == 1) line.estimate = input.terms[0].estimate;
  return line;
}

std::vector<Contribution> LinearPredictor::explain(const double* x) const {
  std::vector<Contribution> result;
  std::vector<Active> active;
  result.reserve(details_.size() + products_.size());
  active.reserve(details_.size());
  for (std::size_t i = 0; i < details_.size(); ++i) {
    active.push_back(activate(static_cast<int>(i), x[i]));
    result.push_back(explain_input(static_cast<int>(i), active.back()));
  }
  for (const Product& product : products_) {
    const Active& first = active[static_cast<std::size_t>(product.first)];
    const Active& second = active[static_cast<std::size_t>(product.second)];
    Contribution line;
    line.input = product.first;
    line.second = product.second;
    line.term = product_term(term_name(product.first, first), term_name(product.second, second));
    line.estimate = effect(product, first, second);
    line.contribution = line.estimate - product.average_effect;
    if (first.count == 1 && second.count == 1) {
      const std::size_t width = details_[static_cast<std::size_t>(product.first)].terms.size();
      line.estimate = product
                          .terms[static_cast<std::size_t>(second.terms[0]) * width +
                                 static_cast<std::size_t>(first.terms[0])]
                          .estimate;
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
  return predict(x) >= rules_.threshold ? positive_ : negative_;
}

double LinearPredictor::average(int input) const {
  const Input& detail = details_[static_cast<std::size_t>(input)];
  return detail.basis == Basis::label ? std::numeric_limits<double>::quiet_NaN() : detail.mean;
}

}  // namespace persona
