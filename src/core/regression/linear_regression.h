// Ordinary and ridge least squares from cross products carried to 106 bits.
#pragma once

#include "core/model/kind.h"

namespace persona {

const Kind& linear_regression();

}  // namespace persona
