// The portable kernel of generalized linear models, and the choice at run time.
#include "core/base/cpu.h"
#include "core/regression/glm_kernel.h"

#define PERSONA_TARGET
#include "core/regression/glm_kernel_body.h"

namespace persona {

const GlmKernel& portable_glm_kernel() noexcept { return kKernel; }

const GlmKernel& glm_kernel() noexcept {
  return cpu_has_avx2_fma() ? avx2_glm_kernel() : portable_glm_kernel();
}

}  // namespace persona
