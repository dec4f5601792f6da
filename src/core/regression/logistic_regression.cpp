#include "core/regression/logistic_regression.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "core/base/error.h"
#include "core/regression/binary_target.h"
#include "core/regression/cross_products_accumulator.h"
#include "core/regression/design.h"
#include "core/regression/feature_summary.h"
#include "core/regression/inference.h"
#include "core/regression/least_squares.h"
#include "core/regression/linear_predictor.h"
#include "core/regression/logistic_likelihood.h"
#include "core/regression/newton.h"
#include "core/regression/reservoir.h"
#include "core/regression/row_cache.h"
#include "core/regression/score_summary.h"

namespace persona {
namespace {

constexpr const char* kName = "logistic_regression";

// Newton's equations are solved in double, and not in double-double as those of least squares: a term must
// keep more of its sum of squares beside earlier terms.
constexpr double kLogisticAliasTolerance = 1e-13;

// From this many rows on a fit to the sample comes first: it costs a hundredth of a pass over a million rows,
// and saves about four passes.
constexpr std::int64_t kWarmStartRows = 40000;

std::unique_ptr<Scorer> load(const StoredModel& stored, const Options& options);

class LogisticRegressionFitter final : public Fitter {
 public:
  explicit LogisticRegressionFitter(const FitRequest& request)
      : design_(request, kName, true),
        options_(request.options),
        target_(design_.target(), design_.target_is_label()),
        accumulator_(design_.columns()),
        sample_(design_.sample_width(), static_cast<std::uint64_t>(options_.integer("seed"))),
        cache_(empty_cache()) {}

  const std::vector<StreamColumn>& columns() const noexcept override { return design_.stream(); }

  void consume(const RowBlock& block, Poll& poll) override {
    if (block.rows() == 0) return;
    poll.check();
    design_.observe(block);
    const std::uint8_t* classes = target_.encode(block, design_.target_stream());
    const std::vector<const double*>& expanded = design_.expand(block);
    const int grown = static_cast<int>(expanded.size()) - accumulator_.columns();
    if (grown > 0) accumulator_.append_columns(grown);
    accumulator_.consume(expanded.data(), block.rows());
    double class_numbers[RowBlock::kMaxRows];
    std::copy_n(classes, block.rows(), class_numbers);
    sample_rows(design_, block, class_numbers, sample_);
    cache_.append(design_.base_numbers().data(), design_.base_labels().data(), classes, block.rows());
  }

  FittedModel finish(const RowBlock& /*last*/, std::int64_t skipped, Poll& poll) override {
    CrossProducts products = accumulator_.result();
    if (cache_.rows() == 0) throw_no_rows(skipped);
    design_.impute(products, 0);
    target_.settle();
    const std::vector<Term> terms = design_.terms();
    const std::vector<bool> aliased = aliased_terms(products, terms, poll);
    const std::vector<LogisticColumn> columns = model_columns(products, terms, aliased);
    const NewtonFit fit = run(columns, poll);

    FittedModel model;
    add_coefficients(terms, aliased, columns, fit, model, poll);
    add_term_means(terms, products, 0, model.coefficients);
    add_metrics(fit, static_cast<int>(columns.size()), model);
    add_notices(fit, model);
    model.features = describe_features(design_, products, accumulator_, 0, sample_, poll);
    model.features.push_back(target_.describe());
    add_score_summary(design_, sample_, load, options_, model, poll);
    return model;
  }

 private:
  RowCache empty_cache() const {
    return RowCache(static_cast<int>(design_.base_numbers().size()),
                    static_cast<int>(design_.base_labels().size()));
  }

  // Of the model without features.
  double null_log_likelihood() const {
    const auto positive = static_cast<double>(target_.rows(true));
    const auto negative = static_cast<double>(target_.rows(false));
    const double rows = positive + negative;
    return design_.intercept() ? positive * std::log(positive / rows) + negative * std::log(negative / rows)
                               : -rows * std::log(2.0);
  }

  double l2() const { return options_.number("l2"); }

  std::vector<bool> aliased_terms(const CrossProducts& products, const std::vector<Term>& terms,
                                  Poll& poll) const {
    std::vector<int> columns;
    columns.reserve(terms.size());
    for (const Term& term : terms) columns.push_back(term.column);
    if (!(l2() > 0))
      return find_aliased(products, columns, design_.intercept(), kLogisticAliasTolerance, poll);
    // A penalty makes collinear terms share their effect; only a constant has none to share.
    std::vector<bool> constant;
    constant.reserve(columns.size());
    for (const int column : columns) {
      constant.push_back(design_.intercept() ? products.constant(column)
                                             : !(products.raw_product(column, column).hi > 0));
    }
    return constant;
  }

  // The intercept, then the terms that are not aliased. Centered only beside an intercept, which takes up the
  // shift; else scaled to a mean square of one.
  std::vector<LogisticColumn> model_columns(const CrossProducts& products, const std::vector<Term>& terms,
                                            const std::vector<bool>& aliased) const {
    const auto rows = static_cast<double>(products.rows());
    std::vector<LogisticColumn> columns;
    if (design_.intercept()) columns.emplace_back();
    for (std::size_t j = 0; j < terms.size(); ++j) {
      if (aliased[j]) continue;
      const int c = terms[j].column;
      LogisticColumn column;
      column.recipe = design_.recipes()[static_cast<std::size_t>(c)];
      column.column = c;
      const double deviation = products.population_deviation(c);
      column.center = design_.intercept() ? products.mean_value(c) : 0;
      column.scale = design_.intercept() ? deviation
                                         : std::ldexp(std::sqrt(products.raw_product(c, c).value() / rows),
                                                      products.exponent(c));
      column.penalty = (deviation / column.scale) * (deviation / column.scale);
      columns.push_back(column);
    }
    return columns;
  }

  NewtonFit run(const std::vector<LogisticColumn>& columns, Poll& poll) {
    NewtonOptions newton;
    newton.max_iterations = static_cast<int>(options_.integer("max_iterations"));
    newton.tolerance = options_.number("tolerance");
    newton.penalized = l2() > 0;
    for (const LogisticColumn& column : columns) newton.ranges.push_back(range(column));

    Vector start = Vector::Zero(static_cast<Eigen::Index>(columns.size()));
    if (design_.intercept()) {
      start(0) = std::log(static_cast<double>(target_.rows(true)) / static_cast<double>(target_.rows(false)));
    }
    // A level that the sample lacks leaves its fit undetermined: what is worse than no features is not used.
    newton.fallback = start;
    if (cache_.rows() >= kWarmStartRows) {
      const RowCache rows = cached_sample();
      const double share = static_cast<double>(rows.rows()) / static_cast<double>(cache_.rows());
      LogisticLikelihood likelihood(rows, columns, target_.positive(), l2() * share);
      NoProgress quiet(poll);
      NewtonFit fit = maximize(likelihood, start, newton, quiet);
      if (fit.converged) start = std::move(fit.theta);
    }
    // The slack is for rounding: a start at the null model itself is as good.
    newton.least_objective = null_log_likelihood() * (1 + 1e-9);
    LogisticLikelihood likelihood(cache_, columns, target_.positive(), l2());
    return maximize(likelihood, std::move(start), newton, poll);
  }

  double range(const LogisticColumn& column) const {
    if (column.column < 0) return 1;
    return (accumulator_.maximum(column.column) - accumulator_.minimum(column.column)) / column.scale;
  }

  // The fit to the sample is not a milestone.
  class NoProgress final : public Poll {
   public:
    explicit NoProgress(Poll& poll) : poll_(poll) {}
    void check() override { poll_.check(); }
    void progress(const std::string& /*message*/) override {}

   private:
    Poll& poll_;
  };

  RowCache cached_sample() const {
    const std::size_t number_count = design_.base_numbers().size();
    const std::size_t label_count = design_.base_labels().size();
    RowCache rows = empty_cache();
    std::vector<double> numbers(number_count * RowBlock::kMaxRows);
    std::vector<std::int32_t> levels(label_count * RowBlock::kMaxRows);
    std::vector<std::uint8_t> classes(RowBlock::kMaxRows);
    std::vector<const double*> number_columns(number_count);
    std::vector<const std::int32_t*> level_columns(label_count);
    for (std::size_t i = 0; i < number_count; ++i) number_columns[i] = &numbers[i * RowBlock::kMaxRows];
    for (std::size_t i = 0; i < label_count; ++i) level_columns[i] = &levels[i * RowBlock::kMaxRows];
    for (std::size_t first = 0; first < sample_.rows(); first += RowBlock::kMaxRows) {
      const std::size_t count = std::min<std::size_t>(RowBlock::kMaxRows, sample_.rows() - first);
      for (std::size_t r = 0; r < count; ++r) {
        for (std::size_t i = 0; i < number_count; ++i) {
          numbers[i * RowBlock::kMaxRows + r] = sample_.value(first + r, design_.sampled_number(i));
        }
        for (std::size_t i = 0; i < label_count; ++i) {
          levels[i * RowBlock::kMaxRows + r] =
              static_cast<std::int32_t>(sample_.value(first + r, design_.sampled_label(i)));
        }
        classes[r] = static_cast<std::uint8_t>(sample_.value(first + r, design_.target_stream()));
      }
      rows.append(number_columns.data(), level_columns.data(), classes.data(), static_cast<int>(count));
    }
    return rows;
  }

  void add_coefficients(const std::vector<Term>& terms, const std::vector<bool>& aliased,
                        const std::vector<LogisticColumn>& columns, const NewtonFit& fit, FittedModel& model,
                        Poll& poll) const {
    const bool inference = fit.converged && !(l2() > 0);  // no honest standard errors otherwise
    const double multiplier = normal_multiplier(options_.number("confidence"));
    const Eigen::LLT<Matrix> factor(fit.at.hessian);
    const auto size = static_cast<Eigen::Index>(columns.size());
    // An estimate is a linear function v'theta; its variance is |L^-1 v|^2 with L L' the information.
    const auto add = [&](const std::string& term, const Vector& v) {
      Coefficient coefficient;
      coefficient.term = term;
      coefficient.estimate = v.dot(fit.theta);
      if (!std::isfinite(*coefficient.estimate)) {
        throw Error(sqlstate::kNumericOutOfRange, "the estimate of term \"" + term + "\" is out of range", "",
                    "Multiply or divide the column by a power of ten in the source.");
      }
      if (inference) {
        poll.check();
        const Vector half = factor.matrixL().solve(v);
        coefficient.std_error = half.norm();
        add_inference(coefficient, 0, multiplier);
      }
      model.coefficients.push_back(std::move(coefficient));
    };
    std::size_t next = 0;
    if (design_.intercept()) {
      Vector v = Vector::Zero(size);
      v(0) = 1;
      for (Eigen::Index j = 1; j < size; ++j) {
        const LogisticColumn& column = columns[static_cast<std::size_t>(j)];
        v(j) = -column.center / column.scale;
      }
      add(kInterceptTerm, v);
      next = 1;
    }
    std::vector<std::string> without;
    for (std::size_t j = 0; j < terms.size(); ++j) {
      if (aliased[j]) {
        Coefficient coefficient;
        coefficient.term = terms[j].name;
        model.coefficients.push_back(std::move(coefficient));
        without.push_back(terms[j].name);
        continue;
      }
      Vector v = Vector::Zero(size);
      v(static_cast<Eigen::Index>(next)) = 1 / columns[next].scale;
      add(terms[j].name, v);
      ++next;
    }
    add_left_out_notice(design_.left_out(), model.notices);
    add_alias_notice(without, model.notices);
  }

  void add_metrics(const NewtonFit& fit, int rank, FittedModel& model) const {
    const auto rows = static_cast<double>(cache_.rows());
    const double log_likelihood = fit.at.log_likelihood;
    const double null = null_log_likelihood();
    const auto add = [&model](const char* name, double value) { model.metrics.push_back({name, value}); };
    add("log_likelihood", log_likelihood);
    add("deviance", -2 * log_likelihood);
    add("null_deviance", -2 * null);
    add("pseudo_r_squared", 1 - log_likelihood / null);
    if (!(l2() > 0)) {
      add("aic", 2 * rank - 2 * log_likelihood);
      add("bic", std::log(rows) * rank - 2 * log_likelihood);
    }
    add("rank", rank);
    add("iterations", fit.iterations);
    add("converged", fit.converged ? 1 : 0);
    add("gradient_norm", fit.at.gradient.norm());
  }

  void add_notices(const NewtonFit& fit, FittedModel& model) const {
    if (fit.separation == Separation::complete) {
      model.notices.emplace_back(
          "a combination of the features perfectly separates the classes; the estimates are not finite "
          "maximum "
          "likelihood estimates: set the option \"l2\", or look for a feature that gives the target away");
    } else if (fit.separation == Separation::quasi) {
      model.notices.emplace_back(
          "a combination of the features separates some of the rows perfectly; the estimates are not finite "
          "maximum likelihood estimates: set the option \"l2\", or look for a feature that gives the target "
          "away");
    } else if (!fit.converged) {
      model.notices.push_back("the fit did not converge in " + std::to_string(fit.iterations) +
                              " iterations; raise \"max_iterations\" or set \"l2\"");
    }
  }

  Design design_;
  Options options_;
  BinaryTarget target_;
  CrossProductsAccumulator accumulator_;
  Reservoir sample_;
  RowCache cache_;
};

std::vector<OptionSpec> options() {
  std::vector<OptionSpec> specs = regression_options();
  specs.push_back(
      {"max_iterations", OptionType::integer, "50", "Most Newton steps before the fit gives up.", 1, 10000});
  specs.push_back(
      {"tolerance", OptionType::number, "1e-10",
       "The fit has converged when the norm of the gradient, for standardized columns, is at most "
       "this times the number of rows.",
       1e-15, 1});
  specs.push_back({"threshold", OptionType::number, "0.5",
                   "classify answers the positive class from this probability on.", 0, 1});
  return specs;
}

std::unique_ptr<Fitter> make_fitter(const FitRequest& request) {
  return std::make_unique<LogisticRegressionFitter>(request);
}

std::unique_ptr<Scorer> load(const StoredModel& stored, const Options& options) {
  return std::make_unique<LinearPredictor>(stored, Link::logit, scoring_rules(options));
}

}  // namespace

const Kind& logistic_regression() {
  static const Kind kind = {
      kName,
      Task::classification,
      "Binary logistic regression by maximum likelihood; predicts the probability of the positive class.",
      options(),
      make_fitter,
      load};
  return kind;
}

}  // namespace persona
