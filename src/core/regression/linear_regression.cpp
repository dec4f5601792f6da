#include "core/regression/linear_regression.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>

#include "core/base/error.h"
#include "core/regression/cross_products_accumulator.h"
#include "core/regression/design.h"
#include "core/regression/feature_summary.h"
#include "core/regression/folded_cross_products.h"
#include "core/regression/inference.h"
#include "core/regression/least_squares.h"
#include "core/regression/linear_elastic_net.h"
#include "core/regression/linear_predictor.h"
#include "core/regression/regression_rows.h"
#include "core/regression/reservoir.h"
#include "core/regression/sandwich.h"
#include "core/regression/score_summary.h"

namespace persona {
namespace {

constexpr const char* kName = "linear_regression";
constexpr double kTwoPi = 6.283185307179586;

// Columns of the cross products: the target (less the offset), with an offset the target as it is and the
// offset, and then the design's.
constexpr int kResponseColumn = 0;
constexpr int kRawTargetColumn = 1;
constexpr int kOffsetColumn = 2;

class LinearRegressionFitter final : public Fitter {
 public:
  explicit LinearRegressionFitter(const FitRequest& request)
      : of_group_(request.of_group),
        design_(request, kName, false),
        options_(request.options),
        penalty_(options_),
        error_kind_(error_kind(request.options)),
        first_design_column_(design_.offset_stream() < 0 ? 1 : 3),
        accumulator_(first_design_column_ + design_.columns()),
        sample_(design_.sample_width(), static_cast<std::uint64_t>(options_.integer("seed"))),
        rows_(design_, request) {
    if (penalty_.folds > 0) {
      folds_.emplace(penalty_.folds, static_cast<std::uint64_t>(options_.integer("seed")));
    }
  }

  const std::vector<StreamColumn>& columns() const noexcept override { return design_.stream(); }

  void consume(const RowBlock& block, Poll& poll) override {
    if (block.rows() == 0) return;
    poll.check();
    design_.observe(block);
    const double* target = block.numbers(design_.target_stream());
    const double* weights = design_.weights();
    const double* response = less_offset(target, block.rows());
    block_columns_.assign(1, response);
    if (design_.offsets() != nullptr) {
      block_columns_.push_back(target);
      block_columns_.push_back(design_.offsets());
    }
    const std::vector<const double*>& expanded = design_.expand(block);
    block_columns_.insert(block_columns_.end(), expanded.begin(), expanded.end());
    if (folds_) {
      folds_->consume(design_.stream(), block, block_columns_, weights);
    } else {
      const int grown = static_cast<int>(block_columns_.size()) - accumulator_.columns();
      if (grown > 0) accumulator_.append_columns(grown);
      accumulator_.consume(block_columns_.data(), block.rows(), weights);
    }
    for (int r = 0; r < block.rows() && weights != nullptr; ++r) log_weights_ += std::log(weights[r]);
    if (!of_group_) sample_rows(design_, block, target, sample_);
    if (error_kind_ != ErrorKind::classical) rows_.append(design_, block, response);
  }

  FittedModel finish(const RowBlock& /*last*/, std::int64_t skipped, Poll& poll) override {
    std::vector<CrossProducts> folds;
    if (folds_) folds = folds_->finish(accumulator_);
    CrossProducts products = accumulator_.result();
    if (products.rows() == 0) throw_no_rows(skipped);
    design_.impute(products, first_design_column_);
    for (CrossProducts& fold : folds) design_.fill_in(fold, first_design_column_);
    const std::vector<Term> terms = design_.terms();
    std::vector<int> term_columns;
    term_columns.reserve(terms.size());
    for (const Term& term : terms) term_columns.push_back(first_design_column_ + term.column);
    FittedModel model;
    add_left_out_notice(design_.left_out(), model.notices);
    ElasticNetModel net;
    if (penalty_.needs_elastic_net()) {
      net = fit_linear_elastic_net(products, folds, term_columns, kResponseColumn, design_.intercept(),
                                   penalty_, poll);
    }
    add_rows(products, model);
    if (net.served) {
      add_residuals(*net.served, products, term_columns, model);
    } else {
      add_least_squares(products, terms, term_columns, model, poll);
    }
    if (penalty_.needs_elastic_net()) {
      add_elastic_net(net, penalty_, names_of(terms), design_.intercept(), false, model);
    }
    add_term_means(terms, products, first_design_column_, model.coefficients);
    model.features =
        of_group_ ? describe_levels(design_, static_cast<double>(products.rows()))
                  : describe_features(design_, products, accumulator_, first_design_column_, sample_, poll);
    const bool offset = design_.offset_stream() >= 0;
    if (offset) {
      model.features.push_back(
          describe_offset(options_.text("offset"), products, accumulator_, kOffsetColumn));
    }
    if (of_group_) return model;
    Feature target =
        describe_number(design_.target(), products, accumulator_, offset ? kRawTargetColumn : kResponseColumn,
                        sample_, design_.target_stream());
    target.role = "target";
    model.features.push_back(std::move(target));
    add_score_summary(design_, sample_, Link::identity, options_, model, poll);
    return model;
  }

 private:
  const double* less_offset(const double* target, int rows) {
    if (design_.offsets() == nullptr) return target;
    response_.resize(RowBlock::kMaxRows);
    for (int r = 0; r < rows; ++r) {
      response_[static_cast<std::size_t>(r)] = target[r] - design_.offsets()[r];
    }
    return response_.data();
  }

  // Replaces the standard errors by robust ones, from the residuals of the cached rows. Answers the degrees
  // of freedom of the estimates' t distribution: those of the residuals, or the clusters less one.
  double make_robust(const CrossProducts& products, const std::vector<Term>& terms, LeastSquares& fit,
                     FittedModel& model, Poll& poll) const {
    const bool clustered = error_kind_ == ErrorKind::cluster;
    const std::vector<ModelColumn> columns = model_columns(terms, fit);
    ModelMatrix matrix(columns);
    Vector theta = Vector::Zero(padded_columns(matrix.count()));
    if (design_.intercept()) theta(0) = fit.target_mean;
    for (std::size_t j = 0, next = design_.intercept() ? 1 : 0; j < terms.size(); ++j) {
      if (fit.terms[j].aliased) continue;
      theta(static_cast<Eigen::Index>(next++)) = fit.terms[j].estimate * fit.scales[j];
    }
    ScoreProducts scores(matrix.count(), 1, clustered);
    const double unit = std::ldexp(1.0, -products.weight_exponent());
    std::vector<double> residual(kGlmRows);
    for (std::size_t i = 0; i < rows_.cache().blocks(); ++i) {
      poll.check();
      const RowCache::Block& block = rows_.cache().block(i);
      matrix.fill(block);
      matrix.kernel().predict(matrix.pointers(), matrix.count(), matrix.padded_rows(), theta.data(),
                              residual.data());
      const double* response = block.number(rows_.target());
      const double* weight = rows_.weight() < 0 ? nullptr : block.number(rows_.weight());
      for (std::size_t r = 0; r < residual.size(); ++r) {
        const bool there = r < static_cast<std::size_t>(block.rows);
        residual[r] = there ? (response[r] - residual[r]) * (weight == nullptr ? 1 : weight[r] * unit) : 0;
      }
      const double* one = residual.data();
      scores.add(matrix, &one, clustered ? block.label(rows_.cluster()) : nullptr);
    }
    if (clustered) {
      model.metrics.push_back({"clusters", scores.clusters()});
      if (scores.clusters() < 2) {
        model.notices.emplace_back(kOneClusterNotice);
        fit.has_std_errors = false;
        return 0;
      }
    }
    const Matrix middle =
        scores.result() *
        small_sample_factor(error_kind_, static_cast<double>(products.rows()), fit.rank, scores.clusters());
    const auto replace = [&middle](LeastSquaresTerm& term) {
      if (term.aliased) return;
      const Eigen::Map<const Vector> v(term.influence.data(), middle.rows());
      term.std_error = std::sqrt(std::max(v.dot(middle * v), 0.0));
    };
    if (design_.intercept()) replace(fit.intercept);
    for (LeastSquaresTerm& term : fit.terms) replace(term);
    return clustered ? scores.clusters() - 1 : fit.residual_df;
  }

  std::vector<ModelColumn> model_columns(const std::vector<Term>& terms, const LeastSquares& fit) const {
    std::vector<ModelColumn> columns(design_.intercept() ? 1 : 0);
    for (std::size_t j = 0; j < terms.size(); ++j) {
      if (fit.terms[j].aliased) continue;
      ModelColumn column;
      column.column = terms[j].column;
      column.recipe = design_.recipes()[static_cast<std::size_t>(column.column)];
      column.center = fit.centers[j];
      column.scale = fit.scales[j];
      columns.push_back(column);
    }
    return columns;
  }

  static std::vector<std::string> names_of(const std::vector<Term>& terms) {
    std::vector<std::string> names;
    names.reserve(terms.size());
    for (const Term& term : terms) names.push_back(term.name);
    return names;
  }

  void add_least_squares(const CrossProducts& products, const std::vector<Term>& terms,
                         const std::vector<int>& term_columns, FittedModel& model, Poll& poll) const {
    const bool robust = error_kind_ != ErrorKind::classical;
    LeastSquares fit = solve_least_squares(products, term_columns, kResponseColumn, design_.intercept(),
                                           options_.number("l2"), poll, robust);
    double error_df = fit.residual_df;
    if (robust && fit.has_std_errors) error_df = make_robust(products, terms, fit, model, poll);
    add_coefficients(terms, fit, error_df, model);
    add_metrics(fit, static_cast<double>(products.rows()), model);
  }

  void add_coefficients(const std::vector<Term>& terms, const LeastSquares& fit, double error_df,
                        FittedModel& model) const {
    std::vector<std::string> aliased;
    for (std::size_t j = 0; j < terms.size(); ++j) {
      if (fit.terms[j].aliased) aliased.push_back(terms[j].name);
    }
    model.coefficients =
        coefficient_table(fit, names_of(terms), design_.intercept(), error_df, options_.number("confidence"));
    add_alias_notice(aliased, model.notices);
    if (fit.residual_df <= 0 && !(options_.number("l2") > 0)) {
      model.notices.push_back("as many terms as rows: the fit is exact and has no standard errors");
    }
  }

  void add_rows(const CrossProducts& products, FittedModel& model) const {
    model.metrics.push_back({"rows", static_cast<double>(products.rows())});
    if (design_.weight_stream() >= 0) model.metrics.push_back({"total_weight", products.total_weight()});
  }

  void add_residuals(const ElasticNetFit& fit, const CrossProducts& products,
                     const std::vector<int>& term_columns, FittedModel& model) const {
    const double rss = squared_error(products, term_columns, kResponseColumn, fit);
    const double total = squared_total(products, kResponseColumn, design_.intercept());
    add_if_finite(model, "r_squared", 1 - rss / total);
    add_if_finite(model, "rss", rss);
  }

  // Values that do not exist (a ratio of zeros, an overflow) are left out rather than stored as NaN.
  static void add_if_finite(FittedModel& model, const char* name, double value) {
    if (std::isfinite(value)) model.metrics.push_back({name, value});
  }

  void add_metrics(const LeastSquares& fit, double rows, FittedModel& model) const {
    const auto add = [&model](const char* name, double value) { add_if_finite(model, name, value); };
    const bool penalized = options_.number("l2") > 0;
    const int constant = design_.intercept() ? 1 : 0;
    add("r_squared", fit.explained);
    if (!penalized && fit.residual_df > 0) {
      add("adjusted_r_squared", 1 - (1 - fit.explained) * (rows - constant) / fit.residual_df);
      add("sigma", fit.sigma);
      const double model_df = fit.rank - constant;
      if (model_df > 0 && !fit.exact) {
        const double f = fit.ratio * fit.residual_df / model_df;
        add("f_statistic", f);
        if (std::isfinite(f)) add("f_p_value", f_p_value(f, model_df, fit.residual_df));
      }
    }
    add("rss", fit.rss);
    if (!penalized && !fit.exact) {
      // As R's logLik of lm: the maximum likelihood variance is rss / n, and counts as a parameter.
      const double log_likelihood = (log_weights_ - rows * (std::log(kTwoPi / rows) + fit.log_rss + 1)) / 2;
      const double parameters = fit.rank + 1;
      add("log_likelihood", log_likelihood);
      add("aic", 2 * parameters - 2 * log_likelihood);
      add("bic", std::log(rows) * parameters - 2 * log_likelihood);
    }
    add("rank", fit.rank);
    if (!penalized) add("residual_df", fit.residual_df);
    add("condition_number", fit.condition_number);
  }

  bool of_group_;
  Design design_;
  Options options_;
  PenaltyOptions penalty_;
  ErrorKind error_kind_;
  int first_design_column_;
  CrossProductsAccumulator accumulator_;
  std::optional<FoldedCrossProducts> folds_;
  Reservoir sample_;
  RegressionRows rows_;  // only for robust errors
  std::vector<const double*> block_columns_;
  std::vector<double> response_;  // of a block: the target less the offset
  double log_weights_ = 0;        // sum over rows of log(w)
};

std::vector<OptionSpec> options() {
  std::vector<OptionSpec> specs = regression_options();
  for (OptionSpec& spec : penalty_option_specs()) specs.push_back(std::move(spec));
  for (OptionSpec& spec : row_options()) specs.push_back(std::move(spec));
  return specs;
}

std::unique_ptr<Fitter> make_fitter(const FitRequest& request) {
  return std::make_unique<LinearRegressionFitter>(request);
}

std::unique_ptr<Scorer> load(const StoredModel& stored, const Options& options) {
  return std::make_unique<LinearPredictor>(stored, Link::identity, scoring_rules(options));
}

}  // namespace

const Kind& linear_regression() {
  static const Kind kind = {
      kName,     Task::regression, "Linear regression by least squares; predicts the mean of a number.",
      options(), make_fitter,      load};
  return kind;
}

}  // namespace persona
