// Regression of counts with a logarithmic link by iteratively reweighted least squares over cached rows.
#pragma once

#include "core/model/kind.h"

namespace persona {

const Kind& poisson_regression();

}  // namespace persona
