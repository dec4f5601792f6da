// Which columns of the source say who, what, how much, when and in which basket: the options that all
// recommenders share, and the reading of those columns.
#pragma once

#include <string>
#include <vector>

#include "core/model/kind.h"
#include "core/recommend/interactions.h"

namespace persona {

/// Where the columns stand in the stream; -1 for one that no option names.
struct EventColumns {
  std::vector<StreamColumn> stream;
  int user = -1, item = -1, weight = -1, time = -1, basket = -1, segment = -1, attribute = -1;
};

/// Declares user, item, weight, time, basket, segment and diversity_key.
std::vector<OptionSpec> event_options();

/// What a kind cannot do without, beside the item.
struct EventNeeds {
  bool user = true;
  bool time = false;
  bool basket = false;
  /// Where both are given the basket, which names a session, takes the place of the user, whose column is not
  /// read; what is left are rows of one session and time.
  bool session = false;
};

/// The columns to stream. All but weight and time are read as labels, whatever their type. Without an option
/// user the basket stands in for it. Throws 22023 where a target is given, an option is missing, or two of
/// them name the same column; 42703 where the source lacks a column; 42804 where the weight is not numeric,
/// or the time neither that nor a date or timestamp.
EventColumns event_columns(const FitRequest& request, const std::string& kind, EventNeeds needs = {});

/// Adds the rows of a block to the events.
void append_events(const RowBlock& block, const EventColumns& columns, Events& events);

}  // namespace persona
