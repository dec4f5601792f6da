// The option "interactions": pairs of features, written "a:b", whose terms are multiplied.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace persona {

/// The pairs given, as places in `features`, in the order given. A name may hold a colon itself, as long as
/// the pair can be read in one way only. Throws 22023 for anything else than a pair of two different
/// features, and for a pair that is there twice.
std::vector<std::pair<int, int>> interaction_pairs(const std::vector<std::string>& given,
                                                   const std::vector<std::string>& features);

}  // namespace persona
