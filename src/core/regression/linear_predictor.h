// The scorer of every model whose score is a function of b0 + sum_j b_j x_j: linear, logistic and Poisson
// regression.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/rows.h"
#include "core/model/scorer.h"

namespace persona {

/// How the linear predictor becomes the mean of the target.
enum class Link { identity, logit, log };

/// 1 / (1 + exp(-eta)), without overflow and without cancellation in the lower tail.
double inverse_logit(double eta) noexcept;

class LinearPredictor final : public Scorer {
 public:
  /// Throws 22000 when the stored rows do not make a model. `unseen_is_error`: level() throws for a label
  /// that training did not see. `threshold`: classify() answers the positive class from this probability on.
  LinearPredictor(const StoredModel& stored, Link link, bool unseen_is_error, double threshold);

  double level(int input, std::string_view label) const override;
  double predict(const double* x) const override;
  std::vector<Contribution> explain(const double* x) const override;
  std::vector<ClassProbability> probabilities(const double* x) const override;
  std::string classify(const double* x) const override;
  /// NaN for a label input.
  double average(int input) const override;

  double linear_predictor(const double* x) const noexcept;

 private:
  struct Input {
    bool is_label = false;
    double weight = 0;                // of a number
    double mean = 0;                  // of a number
    std::vector<std::string> levels;  // of a label, sorted; the reference first
    std::vector<double> effects;      // of each level; the reference's is zero
    double mean_effect = 0;           // of a label, in training
  };

  double effect(const Input& input, double x) const noexcept;
  void require_classes() const;

  std::string model_;
  Link link_;
  bool unseen_is_error_;
  double threshold_;
  double intercept_ = 0;
  std::vector<double> weights_;  // by input; zero for labels
  std::vector<int> label_inputs_;
  std::vector<Input> details_;
  std::string negative_;
  std::string positive_;
};

}  // namespace persona
