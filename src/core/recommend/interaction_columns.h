// Which columns of the source say who, what and how much: the options user, item and weight that all
// recommenders share, and the reading of those columns.
#pragma once

#include <string>
#include <vector>

#include "core/model/kind.h"
#include "core/recommend/interactions.h"

namespace persona {

/// Where the columns stand in the stream.
inline constexpr int kUserColumn = 0;
inline constexpr int kItemColumn = 1;
inline constexpr int kWeightColumn = 2;  ///< only with option weight

/// Declares the options user, item and weight.
std::vector<OptionSpec> interaction_options();

/// The columns to stream. User and item are read as labels, whatever their type. Throws 22023 where a target
/// is given, user or item is missing, or two of the options name the same column; 42703 where the source
/// lacks a column; 42804 where the weight is not numeric.
std::vector<StreamColumn> interaction_columns(const FitRequest& request, const std::string& kind);

/// Adds the rows of a block to the events.
void append_events(const RowBlock& block, bool weighted, Events& events);

}  // namespace persona
