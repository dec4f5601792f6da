// The penalized log likelihood of a generalized linear model with its canonical link over cached rows, in
// terms of standardized columns: a pass over the rows for each evaluation.
//   objective(theta) = sum_i w_i log P(y_i | z_i theta + offset_i) - l2 / 2 * sum_j penalty_j theta_j^2
#pragma once

#include <functional>
#include <vector>

#include "core/regression/likelihood.h"
#include "core/regression/model_matrix.h"

namespace persona {

enum class GlmFamily {
  logit,   ///< two classes; P(positive) = 1 / (1 + exp(-eta))
  poisson  ///< counts with mean exp(eta)
};

/// Which numbers of the cache are no features, and what they mean.
struct GlmRows {
  GlmFamily family = GlmFamily::logit;
  int target = -1;      ///< class codes, or counts
  double positive = 1;  ///< the class code with y = 1
  int weight = -1;      ///< -1: all 1
  int offset = -1;      ///< -1: all 0
  /// By class code, multiplied into the weights; empty: all 1.
  std::vector<double> class_weights;
  /// Of the cache's blocks only those of this fold, or of all others; -1: all.
  int fold = -1;
  bool other_folds = false;
  double total_weight = 0;    ///< of all rows, class weights included
  double gradient_scale = 0;  ///< of all rows: total_weight; of counts, their weighted total
};

/// The weights of a block's rows, class weights included, padded with zeros to `padded` rows.
void fill_weights(const GlmRows& rows, const RowCache::Block& block, int padded, double* weight);

/// The share of the cache's rows that are in every `stride`-th block.
double share_of_blocks(const RowCache& cache, std::size_t stride);

/// Rows as they are visited at some theta; arrays are padded with zeros to a multiple of 4 rows.
struct VisitedRows {
  const RowCache::Block& block;
  const ModelMatrix& matrix;
  const double* target;  ///< 0 or 1, or a count
  const double* weight;  ///< null: all 1
  const double* offset;  ///< null: all 0
  const double* eta;     ///< the linear predictor, offset included
  const double* mean;    ///< mu
  const double* score;   ///< w (y - mu)
};

class GlmLikelihood final : public Likelihood {
 public:
  /// `cache` must outlive this. Of its blocks only every `stride`-th is read.
  GlmLikelihood(const RowCache& cache, GlmRows rows, std::vector<ModelColumn> columns, double l2,
                std::size_t stride = 1, const GlmKernel& kernel = glm_kernel());

  int size() const noexcept override { return matrix_.count(); }
  double rows() const noexcept override { return share_ * rows_.total_weight; }
  double gradient_scale() const noexcept override { return share_ * rows_.gradient_scale; }
  LikelihoodEvaluation evaluate(const Vector& theta, Derivatives derivatives, Poll& poll) override;
  /// Calls `visit` for each block.
  void visit(const Vector& theta, const std::function<void(const VisitedRows&)>& visit, Poll& poll);

 private:
  bool reads(std::size_t block) const {
    return rows_.fold < 0 || (cache_->block_fold(block) == rows_.fold) != rows_.other_folds;
  }
  void fill(const RowCache::Block& block);
  void compare_with_mean();

  const RowCache* cache_;
  GlmRows rows_;
  double l2_;
  std::size_t stride_;
  double share_;  // of the cache's rows that are read
  ModelMatrix matrix_;
  bool weighted_;
  std::vector<double> target_, weight_, offset_, eta_, mean_, score_;  // of a block
};

/// The upper triangle that a kernel adds up as a symmetric matrix.
Matrix unpack_symmetric(const std::vector<double>& packed, int size);

}  // namespace persona
