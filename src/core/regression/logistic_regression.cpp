#include "core/regression/logistic_regression.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "core/base/error.h"
#include "core/model/feature_columns.h"
#include "core/regression/class_target.h"
#include "core/regression/generalized_linear_fitter.h"
#include "core/regression/linear_predictor.h"
#include "core/regression/multinomial_likelihood.h"
#include "core/regression/multinomial_predictor.h"

namespace persona {
namespace {

constexpr const char* kName = "logistic_regression";
// Newton's equations grow with their square.
constexpr std::size_t kMostEstimates = 2000;

class LogisticRegressionFitter final : public GeneralizedLinearFitter {
 public:
  explicit LogisticRegressionFitter(const FitRequest& request)
      : GeneralizedLinearFitter(request, kName, true), target_(design_.target(), design_.target_is_label()) {}

 private:
  const double* read_target(const RowBlock& block) override {
    return target_.encode(block, design_.target_stream(), design_.weights());
  }

  void settle_target() override {
    target_.settle();
    factors_ = class_factors();
    for (std::size_t rank = 0; rank < target_.size(); ++rank) {
      totals_.push_back(target_.weight(rank) * (factors_.empty() ? 1 : factors_[rank]));
    }
  }

  std::vector<std::string> classes() const {
    std::vector<std::string> names;
    for (std::size_t rank = 0; rank < target_.size(); ++rank) names.push_back(target_.text(rank));
    return names;
  }

  // What the option class_weight multiplies the weights of each class by, by rank; empty when it is not
  // given.
  std::vector<double> class_factors() const {
    std::vector<double> factors;
    if (!options_.has("class_weight")) return factors;
    const NumberMap given = options_.number_map("class_weight");
    std::size_t found = 0;
    for (std::size_t rank = 0; rank < target_.size(); ++rank) {
      if (options_.text("class_weight") == "balanced") {
        factors.push_back(static_cast<double>(rows_.rows()) / static_cast<double>(target_.size()) /
                          static_cast<double>(target_.rows(rank)));
        continue;
      }
      const auto entry = given.find(target_.text(rank));
      factors.push_back(entry == given.end() ? 1 : positive_weight(entry->first, entry->second));
      found += entry == given.end() ? 0 : 1;
    }
    if (found < given.size() && !of_group_) throw_unknown_class(given);  // all rows have them all
    return factors;
  }

  static double positive_weight(const std::string& name, const NumberOrList& value) {
    if (!value.is_list && value.numbers.front() > 0) return value.numbers.front();
    throw Error(sqlstate::kInvalidParameter,
                "the class weight of \"" + name + "\" must be a number greater than 0");
  }

  [[noreturn]] void throw_unknown_class(const NumberMap& given) const {
    const std::vector<std::string> known = classes();
    for (const auto& [name, weight] : given) {
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      throw Error(sqlstate::kInvalidParameter,
                  "option \"class_weight\" names \"" + name + "\", which is no class of the target", "",
                  "The classes are " + quoted_list(known) + ".");
    }
    throw Error(sqlstate::kInternalError, "all classes are known");
  }

  GlmRows target_rows() const override {
    GlmRows rows;
    rows.family = GlmFamily::logit;
    rows.positive = static_cast<double>(target_.code(1));
    if (!factors_.empty()) {
      rows.class_weights.resize(target_.size());
      for (std::size_t rank = 0; rank < target_.size(); ++rank) {
        rows.class_weights[target_.code(rank)] = factors_[rank];
      }
    }
    for (const double total : totals_) rows.total_weight += total;
    rows.gradient_scale = rows.total_weight;
    return rows;
  }

  double mean_eta() const override { return std::log(totals_[1] / totals_[0]); }

  double constant_log_likelihood(double eta) const override {
    return totals_[1] * std::log(inverse_logit(eta)) + totals_[0] * std::log(inverse_logit(-eta));
  }

  GlmQuality quality(GlmLikelihood& /*likelihood*/, const NewtonFit& fit, const NullModel& null,
                     double /*residual_df*/, Poll& /*poll*/) const override {
    GlmQuality quality;
    quality.log_likelihood = fit.at.log_likelihood;
    quality.null_log_likelihood = null.log_likelihood;
    quality.deviance = -2 * fit.at.log_likelihood;
    quality.null_deviance = -2 * null.log_likelihood;
    return quality;
  }

  std::string separation_notice(Separation separation, const std::string& names) const override {
    return std::string(separation == Separation::complete
                           ? "a combination of the features perfectly separates the classes"
                           : "a combination of the features separates some of the rows perfectly") +
           "; the estimates are not finite maximum likelihood estimates" +
           (names.empty() ? "" : " (see " + names + ")") +
           ": set the option \"l2\", or look for a feature that gives the target away";
  }

  Feature describe_target(const CrossProducts& /*products*/) const override { return target_.describe(); }

  void fit_model(const GlmColumns& columns, FittedModel& model, Poll& poll) override {
    if (target_.size() == 2) {
      GeneralizedLinearFitter::fit_model(columns, model, poll);
    } else {
      fit_multinomial(columns, model, poll);
    }
  }

  int classes_but_reference() const { return static_cast<int>(target_.size()) - 1; }

  void check_multinomial(const GlmColumns& columns) const {
    if (rows_.offset() >= 0) {
      throw Error(sqlstate::kFeatureNotSupported, "an offset needs a target of two classes",
                  "The target has " + std::to_string(target_.size()) +
                      " classes; it is not clear whose linear predictor the offset is to be added to.");
    }
    const std::size_t estimates = (target_.size() - 1) * columns.columns.size();
    if (estimates <= kMostEstimates) return;
    throw Error(sqlstate::kProgramLimit, "too many estimates",
                "A target of " + std::to_string(target_.size()) + " classes and " +
                    std::to_string(columns.columns.size()) + " terms make " + std::to_string(estimates) +
                    "; the limit is " + std::to_string(kMostEstimates) + ".",
                "Name columns in the option \"ignore\", or turn the target into fewer classes.");
  }

  void fit_multinomial(const GlmColumns& columns, FittedModel& model, Poll& poll) {
    check_multinomial(columns);
    const int predictors = classes_but_reference();
    const auto count = static_cast<Eigen::Index>(columns.columns.size());
    std::vector<int> rank_of_code(target_.size());
    for (std::size_t rank = 0; rank < target_.size(); ++rank) {
      rank_of_code[target_.code(rank)] = static_cast<int>(rank);
    }
    const auto likelihood_of = [&](std::size_t stride) {
      return std::make_unique<MultinomialLikelihood>(rows_.cache(), glm_rows(), rank_of_code, columns.columns,
                                                     l2(), stride);
    };
    Ascent ascent;
    ascent.likelihood = likelihood_of;
    ascent.null_start = Vector::Zero(count * predictors);
    for (int k = 0; k < predictors && design_.intercept(); ++k) {
      ascent.null_start(k * count) = std::log(totals_[static_cast<std::size_t>(k) + 1] / totals_[0]);
    }
    ascent.null_log_likelihood = multinomial_null();
    ascent.start = [&](std::size_t /*stride*/) { return ascent.null_start; };
    const NewtonFit fit = climb(ascent, columns, predictors, poll);

    GlmQuality quality;
    quality.log_likelihood = fit.at.log_likelihood;
    quality.null_log_likelihood = ascent.null_log_likelihood;
    quality.deviance = -2 * quality.log_likelihood;
    quality.null_deviance = -2 * quality.null_log_likelihood;
    quality.more.push_back({"classes", static_cast<double>(target_.size())});
    add_quality(columns, fit, quality, model);
    std::unique_ptr<StandardErrors> errors;
    if (fit.converged && !(l2() > 0)) {  // no honest standard errors otherwise
      errors = multinomial_errors(*likelihood_of(1), fit, predictors, model, poll);
    }
    for (int k = 0; k < predictors; ++k) {
      add_coefficients(columns, fit.theta, static_cast<int>(k * count), errors.get(),
                       target_.text(static_cast<std::size_t>(k) + 1), model, poll);
    }
    add_notices(columns, fit, model);
  }

  // Of the model without features.
  double multinomial_null() const {
    const double total = target_rows().total_weight;
    double sum = 0;
    for (const double weight : totals_) {
      sum += design_.intercept() ? weight * std::log(weight / total)
                                 : -weight * std::log(static_cast<double>(target_.size()));
    }
    return sum;
  }

  std::unique_ptr<StandardErrors> multinomial_errors(MultinomialLikelihood& likelihood, const NewtonFit& fit,
                                                     int predictors, FittedModel& model, Poll& poll) const {
    if (error_kind_ == ErrorKind::classical) return std::make_unique<StandardErrors>(fit.at.hessian);
    ScoreProducts products(likelihood.size() / predictors, predictors, clustered());
    const auto add = [&](const RowCache::Block& block, const ModelMatrix& matrix,
                         const double* const* scores) {
      products.add(matrix, scores, clustered() ? block.label(rows_.cluster()) : nullptr);
    };
    likelihood.visit(fit.theta, add, poll);
    return std::make_unique<StandardErrors>(fit.at.hessian,
                                            corrected_scores(products, likelihood.size(), model));
  }

  ClassTarget target_;
  std::vector<double> factors_;  // by rank
  std::vector<double> totals_;   // weight of each class, by rank, factors included
};

std::vector<OptionSpec> options() {
  std::vector<OptionSpec> specs = generalized_linear_options();
  specs.push_back({"class_weight",
                   OptionType::number_map,
                   "null",
                   "Multiplies the weights of a class's rows, as in {\"yes\": 5}; \"balanced\" gives all "
                   "classes the same total.",
                   0,
                   1e300,
                   {"balanced"}});
  specs.push_back({"threshold", OptionType::number, "0.5",
                   "classify answers the positive class from this probability on.", 0, 1});
  return specs;
}

std::unique_ptr<Fitter> make_fitter(const FitRequest& request) {
  return std::make_unique<LogisticRegressionFitter>(request);
}

std::unique_ptr<Scorer> load(const StoredModel& stored, const Options& options) {
  for (const Feature& feature : stored.features) {
    if (feature.role == "target" && feature.levels.size() > 2) {
      return std::make_unique<MultinomialPredictor>(stored, feature.levels, scoring_rules(options));
    }
  }
  return std::make_unique<LinearPredictor>(stored, Link::logit, scoring_rules(options));
}

}  // namespace

const Kind& logistic_regression() {
  static const Kind kind = {
      kName,
      Task::classification,
      "Logistic regression by maximum likelihood; predicts the probability of the positive class, or of "
      "each of several.",
      options(),
      make_fitter,
      load};
  return kind;
}

}  // namespace persona
