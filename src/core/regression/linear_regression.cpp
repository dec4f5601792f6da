#include "core/regression/linear_regression.h"

#include <cmath>
#include <memory>
#include <utility>

#include "core/base/error.h"
#include "core/regression/cross_products_accumulator.h"
#include "core/regression/design.h"
#include "core/regression/feature_summary.h"
#include "core/regression/inference.h"
#include "core/regression/least_squares.h"
#include "core/regression/linear_predictor.h"
#include "core/regression/reservoir.h"
#include "core/regression/score_summary.h"

namespace persona {
namespace {

constexpr const char* kName = "linear_regression";
constexpr double kTwoPi = 6.283185307179586;

// Columns of the cross products: the target, then the design's.
constexpr int kTargetColumn = 0;
constexpr int kFirstDesignColumn = 1;

std::unique_ptr<Scorer> load(const StoredModel& stored, const Options& options);

class LinearRegressionFitter final : public Fitter {
 public:
  explicit LinearRegressionFitter(const FitRequest& request)
      : design_(request, kName, false),
        options_(request.options),
        accumulator_(kFirstDesignColumn + design_.columns()),
        sample_(design_.sample_width(), static_cast<std::uint64_t>(options_.integer("seed"))) {}

  const std::vector<StreamColumn>& columns() const noexcept override { return design_.stream(); }

  void consume(const RowBlock& block, Poll& poll) override {
    if (block.rows() == 0) return;
    poll.check();
    design_.observe(block);
    const double* target = block.numbers(design_.target_stream());
    const std::vector<const double*>& expanded = design_.expand(block);
    block_columns_.assign(1, target);
    block_columns_.insert(block_columns_.end(), expanded.begin(), expanded.end());
    const int grown = static_cast<int>(block_columns_.size()) - accumulator_.columns();
    if (grown > 0) accumulator_.append_columns(grown);
    accumulator_.consume(block_columns_.data(), block.rows());
    sample_rows(design_, block, target, sample_);
  }

  FittedModel finish(const RowBlock& /*last*/, std::int64_t skipped, Poll& poll) override {
    CrossProducts products = accumulator_.result();
    if (products.rows() == 0) throw_no_rows(skipped);
    design_.impute(products, kFirstDesignColumn);
    const std::vector<Term> terms = design_.terms();
    std::vector<int> term_columns;
    term_columns.reserve(terms.size());
    for (const Term& term : terms) term_columns.push_back(kFirstDesignColumn + term.column);
    const LeastSquares fit = solve_least_squares(products, term_columns, kTargetColumn, design_.intercept(),
                                                 options_.number("l2"), poll);
    FittedModel model;
    add_coefficients(terms, fit, model);
    add_term_means(terms, products, kFirstDesignColumn, model.coefficients);
    add_metrics(fit, static_cast<double>(products.rows()), model);
    model.features = describe_features(design_, products, accumulator_, kFirstDesignColumn, sample_, poll);
    Feature target = describe_number(design_.target(), products, accumulator_, kTargetColumn, sample_,
                                     design_.target_stream());
    target.role = "target";
    model.features.push_back(std::move(target));
    add_score_summary(design_, sample_, load, options_, model, poll);
    return model;
  }

 private:
  void add_coefficients(const std::vector<Term>& terms, const LeastSquares& fit, FittedModel& model) const {
    std::vector<std::string> names;
    std::vector<std::string> aliased;
    for (std::size_t j = 0; j < terms.size(); ++j) {
      names.push_back(terms[j].name);
      if (fit.terms[j].aliased) aliased.push_back(terms[j].name);
    }
    add_left_out_notice(design_.left_out(), model.notices);
    model.coefficients = coefficient_table(fit, names, design_.intercept(), options_.number("confidence"));
    add_alias_notice(aliased, model.notices);
    if (fit.residual_df <= 0 && !(options_.number("l2") > 0)) {
      model.notices.push_back("as many terms as rows: the fit is exact and has no standard errors");
    }
  }

  // Values that do not exist (a ratio of zeros, an overflow) are left out rather than stored as NaN.
  void add_metrics(const LeastSquares& fit, double rows, FittedModel& model) const {
    const auto add = [&model](const char* name, double value) {
      if (std::isfinite(value)) model.metrics.push_back({name, value});
    };
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
      const double log_likelihood = -rows / 2 * (std::log(kTwoPi / rows) + fit.log_rss + 1);
      const double parameters = fit.rank + 1;
      add("log_likelihood", log_likelihood);
      add("aic", 2 * parameters - 2 * log_likelihood);
      add("bic", std::log(rows) * parameters - 2 * log_likelihood);
    }
    add("rank", fit.rank);
    if (!penalized) add("residual_df", fit.residual_df);
    add("condition_number", fit.condition_number);
  }

  Design design_;
  Options options_;
  CrossProductsAccumulator accumulator_;
  Reservoir sample_;
  std::vector<const double*> block_columns_;
};

std::unique_ptr<Fitter> make_fitter(const FitRequest& request) {
  return std::make_unique<LinearRegressionFitter>(request);
}

std::unique_ptr<Scorer> load(const StoredModel& stored, const Options& options) {
  return std::make_unique<LinearPredictor>(stored, Link::identity, scoring_rules(options));
}

}  // namespace

const Kind& linear_regression() {
  static const Kind kind = {kName,
                            Task::regression,
                            "Linear regression by least squares; predicts the mean of a number.",
                            regression_options(),
                            make_fitter,
                            load};
  return kind;
}

}  // namespace persona
