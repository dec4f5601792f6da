// Logistic regression, binary and multinomial by the levels of the target, by Newton's method over cached
// rows.
#pragma once

#include "core/model/kind.h"

namespace persona {

const Kind& logistic_regression();

}  // namespace persona
