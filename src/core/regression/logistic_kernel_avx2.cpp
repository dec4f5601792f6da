// The logistic kernel with AVX2 and FMA. Only the functions of logistic_kernel_body.h use these instructions,
// and they are internal to this file, so the linker cannot pick them for an older processor.
#include "core/regression/logistic_kernel.h"

#if defined(__x86_64__) && defined(__GNUC__)

#define PERSONA_TARGET __attribute__((target("avx2,fma")))
#include "core/regression/logistic_kernel_body.h"

namespace persona {

const LogisticKernel& avx2_logistic_kernel() noexcept {
  static constexpr LogisticKernel kernel = {standardize, accumulate, exponentials};
  return kernel;
}

}  // namespace persona

#else

namespace persona {

const LogisticKernel& avx2_logistic_kernel() noexcept { return portable_logistic_kernel(); }

}  // namespace persona

#endif
