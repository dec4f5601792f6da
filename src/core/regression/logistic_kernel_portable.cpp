// The portable logistic kernel, and the choice at run time.
#include "core/base/cpu.h"
#include "core/regression/logistic_kernel.h"

#define PERSONA_TARGET
#include "core/regression/logistic_kernel_body.h"

namespace persona {

const LogisticKernel& portable_logistic_kernel() noexcept {
  static constexpr LogisticKernel kernel = {standardize, accumulate, exponentials};
  return kernel;
}

const LogisticKernel& logistic_kernel() noexcept {
  return cpu_has_avx2_fma() ? avx2_logistic_kernel() : portable_logistic_kernel();
}

}  // namespace persona
