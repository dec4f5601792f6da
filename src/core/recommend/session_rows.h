// Sessions as they are stored: the items of each in order, and the sessions of each item.
#pragma once

#include <cstdint>
#include <vector>

#include "core/model/rows.h"
#include "core/recommend/paced_poll.h"
#include "core/recommend/sequences.h"

namespace persona {

/// `sequences`: a session in the place of each user, of item numbers, with times. `rank`: by session, the
/// place of its id among all. `items`: size of the catalogue. An item that comes several times stands at its
/// last place. Sessions of fewer than two items are left out: they say nothing of another item. Sessions are
/// numbered by the time of their last event, ties by rank.
SessionRows make_sessions(const Sequences& sequences, const std::vector<std::int32_t>& rank,
                          std::int32_t items, PacedPoll& poll);

}  // namespace persona
