// Seconds and peak memory of the inverse of a dense symmetric matrix of the given size: the inner part of
// kind ease.
#include <sys/resource.h>

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>

#include "core/base/poll.h"
#include "core/base/random.h"
#include "core/linalg/symmetric_matrix.h"

int main(int argc, char** argv) {
  const std::ptrdiff_t size = argc > 1 ? std::atol(argv[1]) : 5000;
  persona::NoPoll poll;
  persona::Random random(1);
  persona::SymmetricMatrix matrix(size, poll);
  for (std::ptrdiff_t i = 0; i < size; ++i) {
    for (std::ptrdiff_t j = i; j < size; ++j) matrix.row(i)[j] = random.uniform();
    matrix.row(i)[i] += static_cast<double>(size);
  }
  const auto begin = std::chrono::steady_clock::now();
  if (persona::invert(matrix, 1e-12, poll) >= 0) return 1;
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("%.3f %.0f\n", seconds.count(), static_cast<double>(usage.ru_maxrss) / 1024);
}
