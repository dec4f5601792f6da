#include "core/regression/poisson_regression.h"

#include <charconv>
#include <cmath>
#include <memory>

#include "core/base/error.h"
#include "core/model/feature_columns.h"
#include "core/regression/feature_summary.h"
#include "core/regression/generalized_linear_fitter.h"
#include "core/regression/linear_predictor.h"
#include "core/regression/poisson_deviance.h"

namespace persona {
namespace {

constexpr const char* kName = "poisson_regression";
// R's glm starts from the means y + 0.1.
constexpr double kStartingMean = 0.1;
constexpr int kTargetColumn = 0;

class PoissonRegressionFitter final : public GeneralizedLinearFitter {
 public:
  explicit PoissonRegressionFitter(const FitRequest& request)
      : GeneralizedLinearFitter(request, kName, false) {}

 private:
  const double* read_target(const RowBlock& block) override {
    const double* counts = block.numbers(design_.target_stream());
    const double* weights = design_.weights();
    for (int r = 0; r < block.rows(); ++r) {
      if (counts[r] < 0) throw_negative(counts[r]);
      const double weight = weights == nullptr ? 1 : weights[r];
      total_ += weight * counts[r];
      weight_ += weight;
    }
    return counts;
  }

  [[noreturn]] void throw_negative(double count) const {
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, count);
    throw Error(sqlstate::kInvalidParameter, "target " + quoted(design_.target()) + " is negative",
                "A row has " + std::string(text, end.ptr) + ".",
                "The kind poisson_regression models counts, which are 0 or more.");
  }

  void settle_target() override {
    if (total_ > 0) return;
    throw Error(sqlstate::kNotInPrerequisiteState,
                "target " + quoted(design_.target()) + " is zero in all rows",
                "The maximum likelihood estimate of its mean is zero, which no finite coefficient gives.",
                "Check the source's condition and the expression behind the target.");
  }

  GlmRows target_rows() const override {
    GlmRows rows;
    rows.family = GlmFamily::poisson;
    rows.total_weight = weight_;
    rows.gradient_scale = total_;
    return rows;
  }

  double mean_eta() const override { return std::log(total_ / weight_); }

  double constant_log_likelihood(double eta) const override { return total_ * eta - weight_ * std::exp(eta); }

  // The first step of R's glm: weighted least squares of log(mu) - offset + (y - mu) / mu with weights w mu.
  Vector data_start(GlmLikelihood& likelihood, const Vector& null_start, Poll& poll) const override {
    const int size = likelihood.size();
    Vector gradient = Vector::Zero(size);
    std::vector<double> products(static_cast<std::size_t>(size * (size + 1) / 2));
    likelihood.visit(
        null_start,
        [&](const VisitedRows& rows) {
          alignas(32) double weight[kGlmRows] = {};
          alignas(32) double response[kGlmRows] = {};
          for (int r = 0; r < rows.block.rows; ++r) {
            const double mu = rows.target[r] + kStartingMean;
            const double eta = std::log(mu) - (rows.offset == nullptr ? 0 : rows.offset[r]);
            weight[r] = (rows.weight == nullptr ? 1 : rows.weight[r]) * mu;
            response[r] = weight[r] * (eta + (rows.target[r] - mu) / mu);
          }
          const ModelMatrix& matrix = rows.matrix;
          matrix.kernel().add_gradient(matrix.pointers(), size, matrix.padded_rows(), response,
                                       gradient.data());
          matrix.kernel().add_hessian(matrix.pointers(), size, matrix.padded_rows(), weight, products.data());
        },
        poll);
    const Eigen::LLT<Matrix> factor(unpack_symmetric(products, size));
    if (factor.info() != Eigen::Success) return null_start;
    const Vector start = factor.solve(gradient);
    return start.allFinite() ? start : null_start;
  }

  GlmQuality quality(GlmLikelihood& likelihood, const NewtonFit& fit, const NullModel& null,
                     double residual_df, Poll& poll) const override {
    const PoissonDeviance sums = poisson_deviance(likelihood, fit.theta, null.intercept, poll);
    GlmQuality quality;
    quality.log_likelihood = sums.log_likelihood;
    quality.null_log_likelihood = sums.null_log_likelihood;
    quality.deviance = sums.deviance;
    quality.null_deviance = sums.null_deviance;
    quality.more.push_back({"pearson_chi2", sums.pearson});
    if (residual_df > 0) quality.more.push_back({"dispersion", sums.pearson / residual_df});
    return quality;
  }

  std::string separation_notice(Separation /*separation*/, const std::string& names) const override {
    return "the counts are all zero where a combination of the features is large; the estimates are not "
           "finite maximum likelihood estimates" +
           (names.empty() ? std::string() : " (see " + names + ")") +
           ": set the option \"l2\", or leave the feature out";
  }

  Feature describe_target(const CrossProducts& products) const override {
    Feature feature = describe_number(design_.target(), products, accumulator_, kTargetColumn, sample_,
                                      design_.target_stream());
    feature.role = "target";
    return feature;
  }

  double total_ = 0;   // weighted total of the counts
  double weight_ = 0;  // total weight
};

std::unique_ptr<Fitter> make_fitter(const FitRequest& request) {
  return std::make_unique<PoissonRegressionFitter>(request);
}

std::unique_ptr<Scorer> load(const StoredModel& stored, const Options& options) {
  return std::make_unique<LinearPredictor>(stored, Link::log, scoring_rules(options));
}

}  // namespace

const Kind& poisson_regression() {
  static const Kind kind = {
      kName,
      Task::regression,
      "Poisson regression with a log link by maximum likelihood; predicts the mean of a "
      "count.",
      generalized_linear_options(),
      make_fitter,
      load,
      nullptr,
      Distribution::poisson};
  return kind;
}

}  // namespace persona
