// The only place that includes Eigen: its assertions throw instead of aborting the server process, and it
// never starts threads. No `auto` for Eigen expressions elsewhere.
#pragma once

#include <stdexcept>

#define EIGEN_DONT_PARALLELIZE
#define eigen_assert(condition)                                     \
  do {                                                              \
    if (!(condition)) throw std::logic_error("Eigen: " #condition); \
  } while (false)

#include <Eigen/Dense>

namespace persona {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

}  // namespace persona
