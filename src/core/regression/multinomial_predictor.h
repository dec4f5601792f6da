// The scorer of multinomial logistic regression: a linear predictor for each class but the reference, whose
// own is 0.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/rows.h"
#include "core/model/scorer.h"
#include "core/regression/linear_predictor.h"

namespace persona {

class MultinomialPredictor final : public Scorer {
 public:
  /// `classes`: of the stored target, the reference first. Throws 22000 when the stored rows do not make a
  /// model.
  MultinomialPredictor(const StoredModel& stored, std::vector<std::string> classes,
                       const ScoringRules& rules);

  double level(int input, std::string_view label) const override;
  bool takes_missing(int input) const noexcept override;
  double missing(int input) const override;
  /// Throws 0A000: there is no single number.
  double predict(const double* x) const override;
  /// Of the most probable class. The contributions to its linear predictor, less their mean over all classes:
  /// so they do not depend on which class is the reference.
  std::vector<Contribution> explain(const double* x) const override;
  std::size_t outcomes() const noexcept override { return classes_.size(); }
  std::vector<Contribution> explain_outcome(const double* x, std::size_t outcome) const override;
  std::vector<ClassProbability> probabilities(const double* x) const override;
  /// The most probable class; of several, the first.
  std::string classify(const double* x) const override;
  double average(int input) const override;

 private:
  std::vector<double> probability(const double* x) const;

  std::string model_;
  std::vector<std::string> classes_;
  std::vector<std::unique_ptr<LinearPredictor>> predictors_;  // of classes 1, 2, ...
};

}  // namespace persona
