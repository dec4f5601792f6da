#include "core/regression/generalized_linear_fitter.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "core/base/error.h"
#include "core/model/feature_columns.h"
#include "core/regression/feature_summary.h"
#include "core/regression/glm_elastic_net.h"
#include "core/regression/inference.h"
#include "core/regression/score_summary.h"

namespace persona {
namespace {

// Newton's equations are solved in double, and not in double-double as those of least squares: a term must
// keep more of its sum of squares beside earlier terms.
constexpr double kGlmAliasTolerance = 1e-13;

// So many rows are fitted first, then so many, then all: what is learned on a part saves passes over the
// whole, of which the last part leaves about three.
constexpr std::int64_t kPartRows[] = {10000, 100000};
// Only when the whole is so many times larger.
constexpr std::int64_t kLeastRatio = 4;
// A part is fitted to within this share of its sampling error.
constexpr double kPartTolerance = 0.01;

// Imputed columns are accumulated with 0 where they are missing, and what is left after the change to their
// mean may be a small difference.
SumPrecision precision_for(const Options& options) {
  return options.text("nulls") == "impute" ? SumPrecision::full : SumPrecision::double_;
}

// The fit to a part of the rows is not a milestone.
class NoProgress final : public Poll {
 public:
  explicit NoProgress(Poll& poll) : poll_(poll) {}
  void check() override { poll_.check(); }
  void progress(const std::string& /*message*/) override {}

 private:
  Poll& poll_;
};

}  // namespace

GeneralizedLinearFitter::GeneralizedLinearFitter(const FitRequest& request, const char* kind,
                                                 bool class_target)
    : of_group_(request.of_group),
      design_(request, kind, class_target),
      options_(request.options),
      penalty_(options_),
      error_kind_(error_kind(request.options)),
      accumulator_(0, cross_products_kernel(), precision_for(options_)),
      sample_(design_.sample_width(), static_cast<std::uint64_t>(options_.integer("seed"))),
      rows_(design_, request) {
  const int numbers = class_target ? 0 : 1;  // the target's column
  offset_column_ = design_.offset_stream() < 0 ? -1 : numbers;
  design_column_ = numbers + (offset_column_ < 0 ? 0 : 1);
  accumulator_.append_columns(design_column_ + design_.columns());
  if (penalty_.folds > 0) {
    rows_.set_folds(penalty_.folds, static_cast<std::uint64_t>(options_.integer("seed")));
  }
}

void GeneralizedLinearFitter::consume(const RowBlock& block, Poll& poll) {
  if (block.rows() == 0) return;
  poll.check();
  design_.observe(block);
  const double* target = read_target(block);
  const double* weights = design_.weights();
  const double* offsets = design_.offsets();
  block_columns_.clear();
  if (design_column_ > (offset_column_ < 0 ? 0 : 1)) block_columns_.push_back(target);
  if (offsets != nullptr) block_columns_.push_back(offsets);
  const std::vector<const double*>& expanded = design_.expand(block);
  block_columns_.insert(block_columns_.end(), expanded.begin(), expanded.end());
  const int grown = static_cast<int>(block_columns_.size()) - accumulator_.columns();
  if (grown > 0) accumulator_.append_columns(grown);
  accumulator_.consume(block_columns_.data(), block.rows(), weights);
  for (int r = 0; r < block.rows(); ++r) {
    const double weight = weights == nullptr ? 1 : weights[r];
    weight_total_ += weight;
    if (offsets == nullptr) continue;
    if (offset_total_ == 0 || offsets[r] > offset_peak_) {
      offset_total_ *= std::exp(offset_peak_ - offsets[r]);
      offset_peak_ = offsets[r];
    }
    offset_total_ += weight * std::exp(offsets[r] - offset_peak_);
  }
  if (!of_group_) sample_rows(design_, block, target, sample_);
  rows_.append(design_, block, target);
}

FittedModel GeneralizedLinearFitter::finish(const RowBlock& /*last*/, std::int64_t skipped, Poll& poll) {
  rows_.finish();
  if (rows_.rows() == 0) throw_no_rows(skipped);
  CrossProducts products = accumulator_.result();
  design_.impute(products, design_column_);
  settle_target();
  FittedModel model;
  ElasticNetModel net;
  if (penalty_.needs_elastic_net()) {
    if (describe_target(products).levels.size() > 2) {
      throw Error(sqlstate::kFeatureNotSupported,
                  "the options \"l1\", \"path\" and \"folds\" need a target of two classes", "",
                  "Use \"l2\", or turn the target into two classes in the source.");
    }
    const GlmColumns columns = model_columns(products, true, poll);
    fit_elastic_net(columns, model, net, poll);
  }
  if (!net.served) fit_model(model_columns(products, penalty_.penalizes(), poll), model, poll);
  if (penalty_.needs_elastic_net()) {
    std::vector<std::string> names;
    for (const Term& term : design_.terms()) names.push_back(term.name);
    add_elastic_net(net, penalty_, names, design_.intercept(), true, model);
  }
  add_term_means(design_.terms(), products, design_column_, model.coefficients);
  model.features = of_group_
                       ? describe_levels(design_, static_cast<double>(rows_.rows()))
                       : describe_features(design_, products, accumulator_, design_column_, sample_, poll);
  if (offset_column_ >= 0) {
    model.features.push_back(
        describe_offset(options_.text("offset"), products, accumulator_, offset_column_));
  }
  model.features.push_back(describe_target(products));
  if (of_group_) return model;
  add_score_summary(design_, sample_, target_rows().family == GlmFamily::logit ? Link::logit : Link::log,
                    options_, model, poll);
  return model;
}

Vector GeneralizedLinearFitter::data_start(GlmLikelihood& /*likelihood*/, const Vector& null_start,
                                           Poll& /*poll*/) const {
  return null_start;
}

GlmRows GeneralizedLinearFitter::glm_rows() const {
  GlmRows rows = target_rows();
  rows.target = rows_.target();
  rows.weight = rows_.weight();
  rows.offset = rows_.offset();
  return rows;
}

// Columns are centered only beside an intercept, which takes up the shift; else they are scaled to a mean
// square of one.
GlmColumns GeneralizedLinearFitter::model_columns(const CrossProducts& products, bool penalized,
                                                  Poll& poll) const {
  const bool intercept = design_.intercept();
  GlmColumns result;
  result.terms = design_.terms();
  std::vector<int> places;
  for (const Term& term : result.terms) places.push_back(design_column_ + term.column);
  result.collinearity = find_collinearity(products, places, intercept, kGlmAliasTolerance, poll);
  if (penalized) {
    // A penalty makes collinear terms share their effect; only a constant has none to share.
    for (std::size_t j = 0; j < places.size(); ++j) {
      result.collinearity.aliased[j] =
          intercept ? products.constant(places[j]) : !(products.raw_product(places[j], places[j]).hi > 0);
    }
  }
  if (intercept) {
    result.columns.emplace_back();
    result.names.emplace_back(kInterceptTerm);
    result.ranges.push_back(1);
  }
  for (std::size_t j = 0; j < places.size(); ++j) {
    if (result.collinearity.aliased[j]) continue;
    const int place = places[j];
    ModelColumn column;
    column.column = result.terms[j].column;
    column.recipe = design_.recipes()[static_cast<std::size_t>(column.column)];
    const double deviation = products.population_deviation(place);
    column.center = intercept ? products.mean_value(place) : 0;
    column.scale =
        intercept
            ? deviation
            : std::ldexp(std::sqrt(products.raw_product(place, place).value() / products.weight().value()),
                         products.exponent(place));
    column.penalty = (deviation / column.scale) * (deviation / column.scale);
    result.columns.push_back(column);
    result.names.push_back(result.terms[j].name);
    result.ranges.push_back((accumulator_.maximum(place) - accumulator_.minimum(place)) / column.scale);
  }
  return result;
}

// The constant offset that would have the same mean of exp(offset).
double GeneralizedLinearFitter::offset_level() const {
  return offset_column_ < 0 ? 0 : offset_peak_ + std::log(offset_total_ / weight_total_);
}

NullModel GeneralizedLinearFitter::fit_null(Poll& poll) const {
  NullModel null;
  if (design_.intercept()) null.intercept = mean_eta() - offset_level();
  if (rows_.offset() < 0) {
    null.log_likelihood = constant_log_likelihood(null.intercept);
    return null;
  }
  NoProgress quiet(poll);
  std::vector<ModelColumn> columns(design_.intercept() ? 1 : 0);
  NewtonOptions newton;
  newton.tolerance = options_.number("tolerance");
  newton.ranges.resize(columns.size(), 1);
  GlmLikelihood likelihood(rows_.cache(), glm_rows(), columns, 0);
  const Vector start = Vector::Constant(likelihood.size(), null.intercept);
  const NewtonFit fit = maximize(likelihood, start, newton, quiet);
  if (design_.intercept()) null.intercept = fit.theta(0);
  null.log_likelihood = fit.at.log_likelihood;
  return null;
}

NewtonFit GeneralizedLinearFitter::climb(const Ascent& ascent, const GlmColumns& columns, int predictors,
                                         Poll& poll) const {
  NewtonOptions newton;
  newton.max_iterations = static_cast<int>(options_.integer("max_iterations"));
  newton.tolerance = options_.number("tolerance");
  newton.penalized = l2() > 0;
  for (int k = 0; k < predictors; ++k) {
    newton.ranges.insert(newton.ranges.end(), columns.ranges.begin(), columns.ranges.end());
  }
  NoProgress quiet(poll);
  Vector start;  // empty: not yet known
  for (const std::int64_t part : kPartRows) {
    if (rows_.rows() < kLeastRatio * part) break;
    // Whole blocks, evenly spread: rows in any order are represented.
    const auto stride = static_cast<std::size_t>(rows_.rows() / part);
    NewtonOptions rough = newton;
    rough.tolerance = std::max(newton.tolerance, kPartTolerance / std::sqrt(static_cast<double>(part)));
    const Vector from = start.size() > 0 ? start : ascent.start(stride);
    const NewtonFit fit = maximize(*ascent.likelihood(stride), from, rough, quiet);
    if (fit.converged) start = fit.theta;
  }
  if (start.size() == 0) start = ascent.start(1);
  // A part that lacks a level leaves its fit undetermined: what is worse than no features is not used. The
  // slack is for rounding: a start at the null model itself is as good.
  newton.fallback = ascent.null_start;
  newton.least_objective = ascent.null_log_likelihood - 1e-9 * std::fabs(ascent.null_log_likelihood);
  return maximize(*ascent.likelihood(1), std::move(start), newton, poll);
}

Matrix GeneralizedLinearFitter::corrected_scores(ScoreProducts& products, int estimates,
                                                 FittedModel& model) const {
  if (clustered()) {
    model.metrics.push_back({"clusters", products.clusters()});
    if (products.clusters() < 2) model.notices.emplace_back(kOneClusterNotice);
  }
  return products.result() *
         small_sample_factor(error_kind_, static_cast<double>(rows_.rows()), estimates, products.clusters());
}

// The path, and where a penalty serves what is to be said of that fit.
void GeneralizedLinearFitter::fit_elastic_net(const GlmColumns& columns, FittedModel& model,
                                              ElasticNetModel& net, Poll& poll) const {
  LikelihoodNetOptions options;
  options.max_iterations = static_cast<int>(options_.integer("max_iterations"));
  options.tolerance = options_.number("tolerance");
  const GlmElasticNet fits(rows_.cache(), glm_rows(), columns.columns, design_.intercept());
  NewtonFit served;
  net = fits.fit(penalty_, options, static_cast<double>(rows_.rows()), served, poll);
  for (ElasticNetFit& fit : net.path) spread_estimates(columns.collinearity.aliased, fit.estimates);
  if (!net.served) return;
  spread_estimates(columns.collinearity.aliased, net.served->estimates);
  add_left_out_notice(design_.left_out(), model.notices);
  GlmLikelihood likelihood(rows_.cache(), glm_rows(), columns.columns, 0);
  add_likelihood(quality(likelihood, served, fit_null(poll), 0, poll), model);
  model.metrics.push_back({"iterations", static_cast<double>(served.iterations)});
}

void GeneralizedLinearFitter::fit_model(const GlmColumns& columns, FittedModel& model, Poll& poll) {
  const NullModel null = fit_null(poll);
  const auto likelihood_of = [&](std::size_t stride) {
    return std::make_unique<GlmLikelihood>(rows_.cache(), glm_rows(), columns.columns, l2(), stride);
  };
  Ascent ascent;
  ascent.likelihood = likelihood_of;
  ascent.null_log_likelihood = null.log_likelihood;
  ascent.null_start = Vector::Zero(static_cast<Eigen::Index>(columns.columns.size()));
  if (design_.intercept()) ascent.null_start(0) = null.intercept;
  ascent.start = [&](std::size_t stride) {
    NoProgress quiet(poll);
    return data_start(*likelihood_of(stride), ascent.null_start, quiet);
  };
  const NewtonFit fit = climb(ascent, columns, 1, poll);

  const std::unique_ptr<GlmLikelihood> likelihood = likelihood_of(1);
  const double residual_df = static_cast<double>(rows_.rows()) - likelihood->size();
  add_quality(columns, fit, quality(*likelihood, fit, null, residual_df, poll), model);
  std::unique_ptr<StandardErrors> errors;
  if (fit.converged && !(l2() > 0)) {  // no honest standard errors otherwise
    if (error_kind_ == ErrorKind::classical) {
      errors = std::make_unique<StandardErrors>(fit.at.hessian);
    } else {
      ScoreProducts products(likelihood->size(), 1, clustered());
      const auto add = [&](const VisitedRows& rows) {
        products.add(rows.matrix, &rows.score, clustered() ? rows.block.label(rows_.cluster()) : nullptr);
      };
      likelihood->visit(fit.theta, add, poll);
      errors = std::make_unique<StandardErrors>(fit.at.hessian,
                                                corrected_scores(products, likelihood->size(), model));
    }
  }
  add_coefficients(columns, fit.theta, 0, errors.get(), "", model, poll);
  add_notices(columns, fit, model);
}

std::vector<OptionSpec> generalized_linear_options() {
  std::vector<OptionSpec> specs = regression_options();
  for (OptionSpec& spec : penalty_option_specs()) specs.push_back(std::move(spec));
  for (OptionSpec& spec : row_options()) specs.push_back(std::move(spec));
  specs.push_back(
      {"max_iterations", OptionType::integer, "50", "Most Newton steps before the fit gives up.", 1, 10000});
  specs.push_back({"tolerance", OptionType::number, "1e-10",
                   "The fit has converged when the norm of the gradient, for standardized columns, is at "
                   "most this times the number of rows (their total weight, or the total of counts).",
                   1e-15, 1});
  return specs;
}

}  // namespace persona
