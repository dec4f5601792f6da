// The scorer of every model whose score is a function of b0 + sum_j b_j x_j over terms x_j: linear, logistic
// and Poisson regression. Terms are computed from the inputs as the design of the fit computed them from its
// columns.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/model/rows.h"
#include "core/model/scorer.h"
#include "core/regression/basis.h"
#include "core/regression/spline_basis.h"

namespace persona {

/// How the linear predictor becomes the mean of the target.
enum class Link { identity, logit, log };

/// 1 / (1 + exp(-eta)), without overflow and without cancellation in the lower tail.
double inverse_logit(double eta) noexcept;

/// What the options of the fit say about scoring.
struct ScoringRules {
  bool unseen_is_error = false;  ///< for a label or bin that training did not see, rather than the reference
  bool imputes = false;          ///< missing values are scored
  double threshold = 0.5;        ///< classify() answers the positive class from this probability on
  std::vector<std::string> interactions = {};
};

/// From the options of a regression, as far as it declares them.
ScoringRules scoring_rules(const Options& options);

class LinearPredictor final : public Scorer {
 public:
  /// Throws 22000 when the stored rows do not make a model.
  LinearPredictor(const StoredModel& stored, Link link, ScoringRules rules);

  double level(int input, std::string_view label) const override;
  bool takes_missing(int input) const noexcept override;
  double missing(int input) const override;
  double predict(const double* x) const override;
  std::vector<Contribution> explain(const double* x) const override;
  std::vector<ClassProbability> probabilities(const double* x) const override;
  std::string classify(const double* x) const override;
  /// NaN for a label input.
  double average(int input) const override;

  /// Throws 22023 for a bin unseen in training, when that is an error.
  double linear_predictor(const double* x) const;

 private:
  struct Term {
    std::string name;
    double estimate = 0;
    double mean = 0;  // in the training rows
  };
  // Terms are: of a number, its own and then the one for missing values if it has one; with levels, one a
  // level, the reference's without a name and an effect.
  struct Input {
    Basis basis = Basis::linear;
    DatePart part = DatePart::none;
    bool fixed = false;  // an offset: no estimate, and never missing
    std::vector<Term> terms;
    int missing_term = -1;
    double mean = 0;                  // of a number
    std::vector<std::string> levels;  // the reference first
    std::vector<int> level_of_bin;    // -1: unseen
    std::vector<double> knots;
    double average_effect = 0;  // of its terms, in training
    bool has_levels() const noexcept { return basis == Basis::label || basis == Basis::bins; }
  };
  struct Product {
    int first = 0;
    int second = 0;
    std::vector<Term> terms;  // first's terms run fastest
    double average_effect = 0;
  };
  // The terms of an input that are not zero in a row.
  struct Active {
    int count = 0;
    bool seen = true;  // false for a level that training did not see
    int terms[kMostKnots];
    double values[kMostKnots];
    void add(int term, double value) noexcept {
      terms[count] = term;
      values[count++] = value;
    }
  };
  using Terms = std::map<std::string, Coefficient>;  // those that no input has taken yet

  void load_input(const Feature& feature, const StoredModel& stored, Terms& terms);
  void load_levels(const Feature& feature, Terms& terms, Input& input) const;
  void check_arrays();
  void load_products(Terms& terms);
  Term take(const std::string& name, Terms& terms, std::optional<double> mean) const;
  Active activate(int input, double x) const;
  double main_effect(int input, double x) const;
  double effect(const Product& product, const Active& first, const Active& second) const noexcept;
  double unseen(int input, const std::string& what) const;
  std::string term_name(int input, const Active& active) const;
  Contribution explain_input(int input, const Active& active) const;
  double general_predictor(const double* x) const;
  void require_classes() const;

  std::string model_;
  Link link_;
  ScoringRules rules_;
  double intercept_ = 0;
  bool plain_ = true;            // all inputs are numbers that are their own terms, and nothing interacts
  std::vector<double> weights_;  // by input, when plain
  std::vector<Input> details_;
  std::vector<Product> products_;
  std::string negative_;
  std::string positive_;
};

}  // namespace persona
