// The penalized log likelihood of multinomial logistic regression over cached rows (McFadden, "Conditional
// logit analysis of qualitative choice behavior", in Frontiers in Econometrics, 1974; McCullagh and Nelder,
// "Generalized Linear Models", 2nd edition, 5.2.4). Of the classes 0, 1, ..., K - 1 the first is the
// reference: log(P(k) / P(0)) = z theta_k, and theta holds theta_1, theta_2, ... one behind the other.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "core/regression/glm_likelihood.h"

namespace persona {

class MultinomialLikelihood final : public Likelihood {
 public:
  /// As GlmLikelihood; `rank_of_code` gives the class of a cached class code. `rows` has no offset.
  MultinomialLikelihood(const RowCache& cache, GlmRows rows, std::vector<int> rank_of_code,
                        std::vector<ModelColumn> columns, double l2, std::size_t stride = 1,
                        const GlmKernel& kernel = glm_kernel());

  int size() const noexcept override { return (classes_ - 1) * matrix_.count(); }
  double rows() const noexcept override { return share_ * rows_.total_weight; }
  LikelihoodEvaluation evaluate(const Vector& theta, Derivatives derivatives, Poll& poll) override;
  /// Calls `visit` for each block with scores[k - 1] = w ((class == k) - P(k)).
  void visit(
      const Vector& theta,
      const std::function<void(const RowCache::Block&, const ModelMatrix&, const double* const*)>& visit,
      Poll& poll);

 private:
  struct Extremes {
    double log_likelihood = 0;
    double least_margin = 0;
    double greatest_eta = 0;
  };

  double* of_class(std::vector<double>& values, int k) {
    return &values[static_cast<std::size_t>(k) * kGlmRows];
  }
  void fill(const RowCache::Block& block);
  void predict(const std::vector<double>& coefficients, Extremes& extremes);
  void add_hessian(std::vector<double>& hessian, Poll& poll);
  Matrix unpack(const std::vector<double>& hessian) const;

  const RowCache* cache_;
  GlmRows rows_;
  std::vector<int> rank_of_code_;
  int classes_;
  double l2_;
  std::size_t stride_;
  double share_;
  ModelMatrix matrix_;
  // Of a block:
  std::vector<int> class_;
  std::vector<double> weight_;
  std::vector<double> probability_;  // by class
  std::vector<double> rest_;         // by class: the probability of all others
  std::vector<double> score_;        // by class
};

}  // namespace persona
