// The kernel of generalized linear models with AVX2 and FMA. Only the functions of glm_kernel_body.h use
// these instructions, and they are internal to this file, so the linker cannot pick them for an older
// processor.
#include "core/regression/glm_kernel.h"

#if defined(__x86_64__) && defined(__GNUC__)

#define PERSONA_TARGET __attribute__((target("avx2,fma")))
#include "core/regression/glm_kernel_body.h"

namespace persona {

const GlmKernel& avx2_glm_kernel() noexcept { return kKernel; }

}  // namespace persona

#else

namespace persona {

const GlmKernel& avx2_glm_kernel() noexcept { return portable_glm_kernel(); }

}  // namespace persona

#endif
