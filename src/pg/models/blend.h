// Blends: other recommenders found by name when they are needed, so that what they deploy serves at once.
#pragma once

#include "pg/models/cache.h"
#include "pg/models/fit.h"

namespace persona::pg {

/// Adds the weights of a blend's members to what its fit answers, as coefficients: those given, or the best
/// on rows held out of the source, on which the members are fitted anew without them. Nothing for other
/// kinds. Runs as the current user. Needs SPI.
void find_blend_weights(Fit* fit, Datum options);

/// The recommender of a stored blend. Needs SPI and as_owner().
std::unique_ptr<Recommender> load_blend(const LoadedModel& blend);

}  // namespace persona::pg
