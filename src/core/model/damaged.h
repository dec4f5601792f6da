// The error for stored rows that no fit wrote: loaders check them as they would check a forged state.
#pragma once

#include <string>

#include "core/base/error.h"

namespace persona {

/// 22000. `model`: its address; `why`: a whole sentence.
[[noreturn]] inline void throw_damaged(const std::string& model, const std::string& why) {
  throw Error(sqlstate::kDataException, "the stored rows of model \"" + model + "\" are damaged", why,
              "Fit the model again.");
}

}  // namespace persona
