// Which columns of a source are features: the options "features" and "ignore" and the argument key, as every
// kind that takes them reads them.
#pragma once

#include <string>
#include <vector>

#include "core/model/kind.h"

namespace persona {

/// Throws 22023 when two columns of the source have one name.
void check_distinct_columns(const FitRequest& request);

/// Throws 42703, with the source's columns as the hint, when the column does not exist: `role` column "name".
void require_column(const FitRequest& request, const std::string& name, const char* role);

/// Throws 42703 for a column in key, "ignore", "features" or one of kRoleOptions that does not exist, and
/// 22023 for the target or a column of another role among the features, and for the target in a role.
void check_feature_options(const FitRequest& request);

/// The options by which a regression takes a column for another purpose than a feature.
inline constexpr const char* kRoleOptions[] = {"weight", "offset", "cluster", "group_by"};

/// The column that such an option names; empty when the kind lacks the option or it is not given.
std::string role_column(const Options& options, const char* role);

/// Neither target, ignored nor of another role; one of "features" where that is given, even if it is part of
/// the key; else not of the key.
bool is_feature(const FitRequest& request, const std::string& name);

/// `"a"`: for messages.
std::string quoted(const std::string& name);

/// `"a"`, `"a" and "b"`, `"a", "b" and 7 more`: for messages.
std::string quoted_list(const std::vector<std::string>& names);

}  // namespace persona
