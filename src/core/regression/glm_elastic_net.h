// The elastic net of a generalized linear model over cached rows: path, choice by cross-validation, and the
// fit that serves, in terms of the columns as they are.
#pragma once

#include <vector>

#include "core/regression/elastic_net_model.h"
#include "core/regression/glm_likelihood.h"
#include "core/regression/likelihood_elastic_net.h"
#include "core/regression/newton.h"

namespace persona {

class GlmElasticNet {
 public:
  /// `cache` must outlive this; with cross-validation each of its blocks is of one fold. `columns`: those of
  /// the model, the constant of the intercept first.
  GlmElasticNet(const RowCache& cache, GlmRows rows, std::vector<ModelColumn> columns, bool intercept)
      : cache_(&cache), rows_(std::move(rows)), columns_(std::move(columns)), intercept_(intercept) {}

  /// What `penalty` asks for; estimates are of the columns but for the intercept's. `row_count`: for the
  /// length of the path. `served`: theta and log likelihood of the fit that serves, where one has a penalty.
  /// Throws 55000 when a fold cannot be done without.
  ElasticNetModel fit(const PenaltyOptions& penalty, const LikelihoodNetOptions& options, double row_count,
                      NewtonFit& served, Poll& poll) const;

 private:
  CrossValidation cross_validate(const PenaltyOptions& penalty, const LikelihoodNetOptions& options,
                                 const std::vector<double>& lambdas, Poll& poll) const;
  ElasticNetFit in_columns(const LikelihoodNetFit& fit) const;

  const RowCache* cache_;
  GlmRows rows_;
  std::vector<ModelColumn> columns_;
  bool intercept_;
};

/// Puts a zero where a term has no column.
void spread_estimates(const std::vector<bool>& without, std::vector<double>& estimates);

}  // namespace persona
