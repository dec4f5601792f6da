#include "core/regression/glm_elastic_net.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "core/base/error.h"

namespace persona {
namespace {

// A column whose variance in a fold's training rows is less than this share of its mean square is constant
// there.
constexpr double kConstantShare = 1e-12;

// Of the rows of one fold.
struct FoldSums {
  int fold = 0;
  double weight = 0;
  double target = 0;                  // weighted total
  double saturated = 0;               // log likelihood, as Likelihood counts it, if each row had its own mean
  std::vector<double> first, second;  // weighted moments of the standardized columns

  void add(const FoldSums& other) {
    weight += other.weight;
    target += other.target;
    for (std::size_t j = 0; j < first.size(); ++j) {
      first[j] += other.first[j];
      second[j] += other.second[j];
    }
  }
};

FoldSums sums_of(GlmLikelihood& likelihood, GlmFamily family, int fold, Poll& poll) {
  const auto size = static_cast<std::size_t>(likelihood.size());
  FoldSums sums;
  sums.fold = fold;
  sums.first.resize(size);
  sums.second.resize(size);
  likelihood.visit(
      Vector::Zero(likelihood.size()),
      [&](const VisitedRows& rows) {
        for (int r = 0; r < rows.block.rows; ++r) {
          const double weight = rows.weight == nullptr ? 1 : rows.weight[r];
          const double y = rows.target[r];
          sums.weight += weight;
          sums.target += weight * y;
          if (family == GlmFamily::poisson && y > 0) sums.saturated += weight * (y * std::log(y) - y);
          for (std::size_t j = 0; j < size; ++j) {
            const double z = rows.matrix.pointers()[j][r];
            sums.first[j] += weight * z;
            sums.second[j] += weight * z * z;
          }
        }
      },
      poll);
  return sums;
}

// The deviation of each column among the rows behind `sums`, which is the weight of its penalty; infinite for
// one that is constant beside an intercept.
Vector penalty_factors(const FoldSums& sums, bool intercept) {
  Vector factors = Vector::Zero(static_cast<Eigen::Index>(sums.first.size()));
  for (std::size_t j = intercept ? 1 : 0; j < sums.first.size(); ++j) {
    const double mean = sums.first[j] / sums.weight;
    const double square = sums.second[j] / sums.weight;
    const double variance = square - mean * mean;
    const bool constant = !(variance > kConstantShare * square);
    factors(static_cast<Eigen::Index>(j)) = !constant ? std::sqrt(variance)
                                            : intercept || square == 0
                                                ? std::numeric_limits<double>::infinity()
                                                : 0;
  }
  return factors;
}

[[noreturn]] void throw_lost_target(GlmFamily family) {
  throw Error(sqlstate::kNotInPrerequisiteState,
              family == GlmFamily::logit ? "a class has too few rows for cross-validation"
                                         : "too few counts are greater than zero for cross-validation",
              family == GlmFamily::logit ? "All rows of the class are of one fold."
                                         : "All rows with a count greater than zero are of one fold.",
              "Lower \"folds\", or set \"l1\" and \"l2\" instead.");
}

}  // namespace

ElasticNetModel GlmElasticNet::fit(const PenaltyOptions& penalty, const LikelihoodNetOptions& options,
                                   double row_count, NewtonFit& served, Poll& poll) const {
  GlmLikelihood likelihood(*cache_, rows_, columns_, 0);
  Vector factors = Vector::Zero(likelihood.size());
  for (std::size_t j = 0; j < columns_.size(); ++j) {
    factors(static_cast<Eigen::Index>(j)) = std::sqrt(columns_[j].penalty);
  }
  LikelihoodElasticNet net(likelihood, factors, options);
  const double alpha = penalty.alpha();
  ElasticNetModel model;
  std::vector<LikelihoodNetFit> path;
  std::vector<double> lambdas;
  const auto serve = [&](const LikelihoodNetFit& fit) {
    served.theta = fit.theta;
    served.at.log_likelihood = fit.log_likelihood;
    served.iterations = fit.iterations;
    served.converged = fit.converged;
  };
  if (penalty.needs_path()) {
    lambdas =
        penalty_path(net.greatest_lambda(alpha, poll), row_count, columns_.size() - (intercept_ ? 1 : 0));
    path = net.fit_path(lambdas, alpha, poll);
    for (const LikelihoodNetFit& fit : path) model.path.push_back(in_columns(fit));
  }
  if (penalty.folds > 0) {
    model.folds = cross_validate(penalty, options, lambdas, poll);
    model.serve_choice(penalty);
    serve(path[penalty.one_se ? model.folds->one_se : model.folds->minimum]);
  } else if (penalty.penalizes()) {
    const LikelihoodNetFit fit = net.fit(penalty.lambda(likelihood.rows()), alpha, poll);
    model.served = in_columns(fit);
    serve(fit);
  }
  return model;
}

CrossValidation GlmElasticNet::cross_validate(const PenaltyOptions& penalty,
                                              const LikelihoodNetOptions& options,
                                              const std::vector<double>& lambdas, Poll& poll) const {
  std::vector<FoldSums> sums;
  for (int fold = 0; fold < penalty.folds; ++fold) {
    GlmRows rows = rows_;
    rows.fold = fold;
    GlmLikelihood likelihood(*cache_, rows, columns_, 0);
    sums.push_back(sums_of(likelihood, rows.family, fold, poll));
    if (!(sums.back().weight > 0)) sums.pop_back();
  }
  if (sums.size() < 2) throw_one_fold();
  std::vector<std::unique_ptr<GlmLikelihood>> likelihoods;
  std::vector<LikelihoodFold> folds;
  for (const FoldSums& held : sums) {
    FoldSums others;
    others.first.resize(columns_.size());
    others.second.resize(columns_.size());
    for (const FoldSums& fold : sums) {
      if (&fold != &held) others.add(fold);
    }
    const bool classes = rows_.family == GlmFamily::logit;
    if (!(others.target > 0) || (classes && !(others.target < others.weight)))
      throw_lost_target(rows_.family);
    const auto restricted = [&](const FoldSums& of, bool other_folds) {
      GlmRows rows = rows_;
      rows.fold = held.fold;
      rows.other_folds = other_folds;
      rows.total_weight = of.weight;
      rows.gradient_scale = classes ? of.weight : of.target;
      likelihoods.push_back(std::make_unique<GlmLikelihood>(*cache_, std::move(rows), columns_, 0));
      return likelihoods.back().get();
    };
    LikelihoodFold fold;
    fold.training = restricted(others, true);
    fold.factors = penalty_factors(others, intercept_);
    fold.held = restricted(held, false);
    fold.saturated = held.saturated;
    folds.push_back(std::move(fold));
  }
  return cross_validate_likelihood(folds, lambdas, penalty.alpha(), options, poll);
}

ElasticNetFit GlmElasticNet::in_columns(const LikelihoodNetFit& fit) const {
  ElasticNetFit result;
  result.lambda = fit.lambda;
  result.nonzero = fit.nonzero;
  result.converged = fit.converged;
  const std::size_t first = intercept_ ? 1 : 0;
  if (intercept_) result.intercept = fit.theta(0);
  for (std::size_t j = first; j < columns_.size(); ++j) {
    const double estimate = fit.theta(static_cast<Eigen::Index>(j)) / columns_[j].scale;
    result.intercept -= estimate * columns_[j].center;
    result.estimates.push_back(estimate);
  }
  if (!intercept_) result.intercept = 0;
  if (!std::isfinite(result.intercept) || !std::all_of(result.estimates.begin(), result.estimates.end(),
                                                       [](double b) { return std::isfinite(b); })) {
    throw Error(sqlstate::kNumericOutOfRange, "an estimate is out of range", "",
                "Multiply or divide the features by a power of ten in the source.");
  }
  return result;
}

void spread_estimates(const std::vector<bool>& without, std::vector<double>& estimates) {
  std::vector<double> all;
  all.reserve(without.size());
  std::size_t next = 0;
  for (const bool gap : without) all.push_back(gap ? 0 : estimates[next++]);
  estimates = std::move(all);
}

}  // namespace persona
