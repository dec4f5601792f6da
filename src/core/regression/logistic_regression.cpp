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

namespace persona {
namespace {

constexpr const char* kName = "logistic_regression";

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
    if (target_.size() > 2) throw_too_many_classes();
    factors_ = class_factors();
    for (std::size_t rank = 0; rank < target_.size(); ++rank) {
      totals_.push_back(target_.weight(rank) * (factors_.empty() ? 1 : factors_[rank]));
    }
  }

  [[noreturn]] void throw_too_many_classes() const {
    throw Error(
        sqlstate::kInvalidParameter,
        "target \"" + design_.target() + "\" has " + std::to_string(target_.size()) + " distinct values",
        "Among them are " + quoted_list(classes()) + "; this kind of model needs exactly two.",
        "Turn it into two classes in the source.");
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
    if (found < given.size()) throw_unknown_class(given);
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
