// The portable kernel of dense linear algebra, and the choice at run time.
#include "core/base/cpu.h"
#include "core/linalg/dense_kernel.h"

#define PERSONA_TARGET
#define PERSONA_LANES 2
#define PERSONA_TILE_ROWS 2
#define PERSONA_TILE_VECTORS 4
#include "core/linalg/dense_kernel_body.h"

namespace persona {

const DenseKernel& portable_dense_kernel() noexcept { return kKernel; }

const DenseKernel& dense_kernel() noexcept {
  if (cpu_has_avx512()) return avx512_dense_kernel();
  return cpu_has_avx2_fma() ? avx2_dense_kernel() : portable_dense_kernel();
}

}  // namespace persona
