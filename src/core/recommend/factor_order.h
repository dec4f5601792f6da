// The order in which the vectors of items are read: by falling length, so that reading can stop where no
// vector left can make a score large enough.
#pragma once

#include <vector>

#include "core/model/rows.h"

namespace persona {

double length_of(const std::vector<float>& factors);

/// The rows of items, the longest vector first, of equal ones the earlier row; users are left out. Points
/// into `factors`.
std::vector<const FactorRow*> longest_items_first(const std::vector<FactorRow>& factors);

}  // namespace persona
