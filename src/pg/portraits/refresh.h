// Refreshing a portrait, for refresh_portrait and for refresh_all.
#pragma once

#include "pg/portraits/catalog.h"

namespace persona::pg {

/// Folds the deltas of a deferred portrait; with `repair` (by default where nothing is deferred), attaches
/// the triggers that are missing and recomputes the keys that differ. The caller must own it. Needs SPI.
void refresh_portrait(const Portrait& portrait, std::optional<bool> repair);

/// Portraits the caller may refresh that have collected something, qualified. Needs SPI.
std::vector<std::string> stale_portraits();

}  // namespace persona::pg
