// The fitter that logistic and Poisson regression share: rows are cached, the likelihood is climbed by
// Newton's method from a start found on a part of the rows, and the maximum is described. What a family does
// its own way is virtual.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/model/kind.h"
#include "core/regression/cross_products_accumulator.h"
#include "core/regression/design.h"
#include "core/regression/elastic_net_model.h"
#include "core/regression/glm_likelihood.h"
#include "core/regression/least_squares.h"
#include "core/regression/newton.h"
#include "core/regression/regression_rows.h"
#include "core/regression/reservoir.h"
#include "core/regression/sandwich.h"

namespace persona {

/// The columns of a model and how they came about.
struct GlmColumns {
  std::vector<Term> terms;
  Collinearity collinearity;         ///< of the terms
  std::vector<ModelColumn> columns;  ///< the intercept, then the terms that are not aliased
  std::vector<std::string> names;    ///< of those columns
  std::vector<double> ranges;        ///< of those columns, for Newton's method
};

/// The model without features: intercept (if there is one) and offset only.
struct NullModel {
  double intercept = 0;
  double log_likelihood = 0;  ///< as Likelihood counts it
};

/// What climb() climbs.
struct Ascent {
  /// The likelihood of every `stride`-th block of rows.
  std::function<std::unique_ptr<Likelihood>(std::size_t stride)> likelihood;
  /// A start found on such a part; may be the null model.
  std::function<Vector(std::size_t stride)> start;
  Vector null_start;  ///< theta of the model without features
  double null_log_likelihood = 0;
};

/// How well a fit describes its rows, in the terms of R's glm.
struct GlmQuality {
  double log_likelihood = 0;
  double null_log_likelihood = 0;
  double deviance = 0;
  double null_deviance = 0;
  std::vector<Metric> more;
};

class GeneralizedLinearFitter : public Fitter {
 public:
  const std::vector<StreamColumn>& columns() const noexcept override { return design_.stream(); }
  void consume(const RowBlock& block, Poll& poll) override;
  FittedModel finish(const RowBlock& last, std::int64_t skipped, Poll& poll) override;

 protected:
  /// `class_target`: the target is a class, which the derived fitter describes; else it is a number.
  GeneralizedLinearFitter(const FitRequest& request, const char* kind, bool class_target);

  /// The target of the observed block's rows, as it is cached: class codes, or counts.
  virtual const double* read_target(const RowBlock& block) = 0;
  /// After the last row; throws 55000 when nothing can be learned of the target.
  virtual void settle_target() = 0;
  /// Family, positive class, class weights and totals.
  virtual GlmRows target_rows() const = 0;
  /// The linear predictor of the target's mean.
  virtual double mean_eta() const = 0;
  /// The log likelihood, as Likelihood counts it, when all rows have this linear predictor.
  virtual double constant_log_likelihood(double eta) const = 0;
  /// A start from the data, which may be better than the null model.
  virtual Vector data_start(GlmLikelihood& likelihood, const Vector& null_start, Poll& poll) const;
  virtual GlmQuality quality(GlmLikelihood& likelihood, const NewtonFit& fit, const NullModel& null,
                             double residual_df, Poll& poll) const = 0;
  /// `names`: terms whose estimates run off to infinity.
  virtual std::string separation_notice(Separation separation, const std::string& names) const = 0;
  virtual Feature describe_target(const CrossProducts& products) const = 0;
  /// Fits and describes the model; for targets that take a model of another shape, to be overridden.
  virtual void fit_model(const GlmColumns& columns, FittedModel& model, Poll& poll);

  double l2() const { return options_.number("l2"); }
  /// The maximum, by way of parts of the rows. `predictors`: how often theta holds the columns.
  NewtonFit climb(const Ascent& ascent, const GlmColumns& columns, int predictors, Poll& poll) const;
  /// The middle of the sandwich with its factor, from the scores that `add` adds up; notes the clusters.
  Matrix corrected_scores(ScoreProducts& products, int estimates, FittedModel& model) const;
  bool clustered() const noexcept { return error_kind_ == ErrorKind::cluster; }
  /// All that target_rows() leaves open.
  GlmRows glm_rows() const;
  /// The rows of persona.coefficient for one linear predictor: v'theta with v taking back the
  /// standardization, `first` being the place of its coefficients in theta. `errors` may be null.
  void add_coefficients(const GlmColumns& columns, const Vector& theta, int first,
                        const StandardErrors* errors, const std::string& outcome, FittedModel& model,
                        Poll& poll) const;
  void add_quality(const GlmColumns& columns, const NewtonFit& fit, const GlmQuality& quality,
                   FittedModel& model) const;
  void add_likelihood(const GlmQuality& quality, FittedModel& model) const;
  void add_notices(const GlmColumns& columns, const NewtonFit& fit, FittedModel& model) const;

  bool of_group_;
  Design design_;
  Options options_;
  PenaltyOptions penalty_;
  ErrorKind error_kind_;
  CrossProductsAccumulator accumulator_;
  Reservoir sample_;
  RegressionRows rows_;

 private:
  GlmColumns model_columns(const CrossProducts& products, bool penalized, Poll& poll) const;
  void fit_elastic_net(const GlmColumns& columns, FittedModel& model, ElasticNetModel& net, Poll& poll) const;
  double offset_level() const;
  NullModel fit_null(Poll& poll) const;

  int offset_column_;  // of the accumulator; -1: none
  int design_column_;  // the first
  std::vector<const double*> block_columns_;
  double offset_peak_ = 0;   // greatest offset so far
  double offset_total_ = 0;  // sum of w exp(offset - peak)
  double weight_total_ = 0;  // sum of w
};

/// The options that logistic and Poisson regression share.
std::vector<OptionSpec> generalized_linear_options();

}  // namespace persona
