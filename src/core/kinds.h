// The registry of model kinds: the only place where kinds are named.
#pragma once

#include <string>
#include <vector>

#include "core/model/kind.h"

namespace persona {

const std::vector<const Kind*>& kinds();

/// Throws 42704 with a hint that lists the kinds.
const Kind& find_kind(const std::string& name);

}  // namespace persona
