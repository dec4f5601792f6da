// The inner loops of one pass of logistic regression over a block of rows, compiled twice from
// logistic_kernel_body.h: portable, and AVX2 with FMA.
#pragma once

namespace persona {

/// Most rows in one call.
inline constexpr int kLogisticRows = 256;
/// Columns are handed over in groups of this many; the last group is filled up with a column of zeros.
inline constexpr int kLogisticTile = 4;

/// A block of standardized rows. Columns and target are padded with zeros to a multiple of 4 rows.
struct LogisticBlock {
  const double* const* columns = nullptr;  ///< `padded_count` pointers
  int count = 0;                           ///< columns that matter
  int padded_count = 0;                    ///< the next multiple of kLogisticTile
  int rows = 0;                            ///< 1 .. kLogisticRows
  const double* target = nullptr;          ///< 0 or 1
  const double* theta = nullptr;           ///< `padded_count` coefficients
};

/// What a pass adds up. With eta = X theta and p the fitted probability, the log likelihood is
/// lower - sum_k log(product[k]) over the blocks.
struct LogisticSums {
  double* gradient = nullptr;  ///< count: X'(y - p), added to
  double* hessian = nullptr;   ///< X' p (1 - p) X, pair (i, j), i <= j, at j (j + 1) / 2 + i, added to
  double lower = 0;            ///< sum of min(margin, 0), added to
  double product[4] = {};      ///< of 1 + exp(-|eta|) over the block's rows, set
  double least_margin = 0;     ///< of eta where y = 1 and -eta where y = 0, lowered
  double greatest_eta = 0;     ///< of |eta|, raised
};

struct LogisticKernel {
  /// z[r] = (x[r] - center) * inverse_scale.
  void (*standardize)(const double* x, int rows, double center, double inverse_scale, double* z);
  void (*accumulate)(const LogisticBlock& block, LogisticSums& sums);
  /// exp of n values in [-708, 0], n a multiple of 4; smaller values count as -708. Within 2 ulp.
  void (*exponentials)(const double* x, int n, double* result);
};

const LogisticKernel& portable_logistic_kernel() noexcept;
/// The portable one where the compiler's target is not x86-64. Call only if cpu_has_avx2_fma().
const LogisticKernel& avx2_logistic_kernel() noexcept;
/// The best this processor has.
const LogisticKernel& logistic_kernel() noexcept;

}  // namespace persona
