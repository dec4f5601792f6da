// Which instruction sets this processor has, asked once. Hot kernels are compiled more than once (the
// portable baseline, AVX2 with FMA, AVX-512) and chosen at run time, so that one build serves every x86-64
// machine.
#pragma once

namespace persona {

/// True when the AVX2 + FMA kernels may run. PERSONA_DISABLE_SIMD in the environment forces the portable
/// ones, so that tests can compare the two.
bool cpu_has_avx2_fma() noexcept;
/// True when the AVX-512 kernels may run, which implies that those of AVX2 may.
bool cpu_has_avx512() noexcept;

}  // namespace persona
