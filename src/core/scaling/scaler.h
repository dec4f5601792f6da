// The kind scaler: learns from the training rows how to normalize number columns, so that training and
// serving do it alike.
#pragma once

#include "core/model/kind.h"

namespace persona {

const Kind& scaler();

}  // namespace persona
