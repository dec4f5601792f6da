// Session neighborhoods: what sessions like the one at hand had, after STAN (Garg, Gupta, Malhotra, Vig and
// Shroff, "Sequence and time aware neighborhood for session-based recommendations", SIGIR 2019). A session is
// what the option basket names, else the user; its rows are ordered by time. Let the session at hand have
// items i, the last of age 0, the one before of age 1; df_i the number of stored sessions with i, |s| the
// number of items of s:
//   sim(s)  = sum over the items i that s has of q^age_i df_i^-a |s|^-un
//   score_j = sum over the k sessions of the largest sim, ties by the newer, of sim(s) e^(-|p_j - p*| / w3)
// where p_j is the place of j in s, and p* the last place in s of an item of the session at hand, as
// published implementations of STAN have it. To this, divided by its largest value, the scores of next_item
// with its default options are added, divided by theirs and times next_item_weight.
//
// An item that comes several times in a session, stored or at hand, counts once, at its last place. Rows of
// one time have one age; their places are by item number. Sessions of a single item are not stored.
//
// Errors of the fit: those of EventFitter and of next_item.
#pragma once

#include "core/model/kind.h"

namespace persona {

const Kind& session_knn();

}  // namespace persona
