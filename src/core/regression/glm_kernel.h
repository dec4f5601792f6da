// The inner loops of one pass of a generalized linear model over a block of rows, compiled twice from
// glm_kernel_body.h: portable, and AVX2 with FMA.
#pragma once

namespace persona {

/// Most rows in one call.
inline constexpr int kGlmRows = 256;
/// Columns are handed over in groups of this many; the last group is filled up with columns of zeros.
inline constexpr int kGlmTile = 4;

/// The next multiple of kGlmTile.
constexpr int padded_columns(int count) { return (count + kGlmTile - 1) / kGlmTile * kGlmTile; }

/// A block of standardized rows. Columns, target, weight and offset are padded with zeros to a multiple of 4
/// rows.
struct GlmBlock {
  const double* const* columns = nullptr;  ///< padded_columns(count) pointers
  int count = 0;                           ///< columns that matter
  int rows = 0;                            ///< 1 .. kGlmRows
  const double* target = nullptr;          ///< 0 or 1, or a count
  const double* weight = nullptr;          ///< of each row; null: 1
  const double* offset = nullptr;          ///< added to the linear predictor; null: 0
  const double* theta = nullptr;           ///< padded_columns(count) coefficients
};

/// What a pass adds up, with eta = X theta + offset and mu the mean of the target.
struct GlmSums {
  double* gradient = nullptr;  ///< count: X' w (y - mu), added to
  /// X' w V X with V the variance of the target, pair (i, j), i <= j, at j (j + 1) / 2 + i, added to; null:
  /// not asked for.
  double* hessian = nullptr;
  double log_likelihood = 0;  ///< added to; of counts without the term -log(y!)
  double least_margin = 0;    ///< of X theta where y = 1 and -X theta where y = 0, lowered; classes only
  double greatest_eta = 0;    ///< of |X theta|, raised
};

struct GlmKernel {
  /// z[r] = (x[r] - center) * inverse_scale.
  void (*standardize)(const double* x, int rows, double center, double inverse_scale, double* z);
  /// Binary target, logit link: mu = 1 / (1 + exp(-eta)).
  void (*accumulate_logit)(const GlmBlock& block, GlmSums& sums);
  /// Counts, log link: mu = exp(eta), not above exp(709).
  void (*accumulate_poisson)(const GlmBlock& block, GlmSums& sums);

  // The parts of those, for models of other shapes. `rows` is a multiple of 4; `columns` and `theta` are
  // padded as in a block.
  /// eta[r] = sum_j columns[j][r] theta[j].
  void (*predict)(const double* const* columns, int count, int rows, const double* theta, double* eta);
  /// gradient[j] += sum_r columns[j][r] residual[r].
  void (*add_gradient)(const double* const* columns, int count, int rows, const double* residual,
                       double* gradient);
  /// hessian[pair (i, j)] += sum_r columns[i][r] weight[r] columns[j][r]; pairs as in GlmSums.
  void (*add_hessian)(const double* const* columns, int count, int rows, const double* weight,
                      double* hessian);
  /// exp of n values in [-708, 709], n a multiple of 4; values beyond count as those. Within 2 ulp.
  void (*exponentials)(const double* x, int n, double* result);
};

const GlmKernel& portable_glm_kernel() noexcept;
/// The portable one where the compiler's target is not x86-64. Call only if cpu_has_avx2_fma().
const GlmKernel& avx2_glm_kernel() noexcept;
/// The best this processor has.
const GlmKernel& glm_kernel() noexcept;

}  // namespace persona
