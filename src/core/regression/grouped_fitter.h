// The option group_by: one model for each group of rows, and the pooled one of all, in one scan. Any
// regression kind serves: every group has a fitter of the kind, which is handed the group's rows when a few
// dozen have gathered.
#pragma once

#include <memory>

#include "core/model/kind.h"

namespace persona {

/// More groups than this are an error: each holds its own sums.
inline constexpr std::size_t kMostGroups = 20000;

/// The kind's fitter, or one of each group with the option group_by. A group whose fit fails (too few
/// classes, not more rows than estimates, no convergence) has no model of its own, and a notice says so:
/// 22023 for a group without a name, 54000 for too many groups.
std::unique_ptr<Fitter> make_fitter(const Kind& kind, const FitRequest& request);

}  // namespace persona
