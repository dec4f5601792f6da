// What most users have: the baseline every recommender has to beat. Over all users, or of the user's segment;
// with a half-life, what is bought now.
//
// Errors of the fit: those of EventFitter, and 22023 for a half-life without option time.
#pragma once

#include "core/model/kind.h"

namespace persona {

const Kind& popularity();

}  // namespace persona
