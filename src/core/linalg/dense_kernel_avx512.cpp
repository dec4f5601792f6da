// The kernel of dense linear algebra with AVX-512. Only the functions of dense_kernel_body.h use these
// instructions, and they are internal to this file, so the linker cannot pick them for an older processor.
#include "core/linalg/dense_kernel.h"

#if defined(__x86_64__) && defined(__GNUC__)

#define PERSONA_TARGET __attribute__((target("avx512f,avx2,fma")))
#define PERSONA_LANES 8
#define PERSONA_TILE_ROWS 8
#define PERSONA_TILE_VECTORS 3
#include "core/linalg/dense_kernel_body.h"

namespace persona {

const DenseKernel& avx512_dense_kernel() noexcept { return kKernel; }

}  // namespace persona

#else

namespace persona {

const DenseKernel& avx512_dense_kernel() noexcept { return portable_dense_kernel(); }

}  // namespace persona

#endif
