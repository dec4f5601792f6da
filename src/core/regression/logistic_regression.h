// Binary logistic regression by iteratively reweighted least squares over rows cached in blocks.
#pragma once

#include "core/model/kind.h"

namespace persona {

const Kind& logistic_regression();

}  // namespace persona
