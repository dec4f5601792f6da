// The arguments that verbs which recommend have in common.
#pragma once

#include "pg/models/recommending.h"

namespace persona::pg {

/// The elements of a text array, NULLs left out; none for NULL.
std::vector<std::string> text_array_argument(FunctionCallInfo fcinfo, int number);

/// An id given as text or bigint; 22004 for NULL.
std::string id_argument(FunctionCallInfo fcinfo, int number, const char* name);

/// 10 for NULL; 22023 where it is negative.
std::int32_t k_argument(FunctionCallInfo fcinfo, int number);

/// candidates and exclude.
void read_candidates(FunctionCallInfo fcinfo, int first, Filters* filters);

/// k, exclude_seen, candidates and exclude, in that order.
Filters recommend_filters(FunctionCallInfo fcinfo, int first);

}  // namespace persona::pg
