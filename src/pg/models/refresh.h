// Refreshing models, for refresh_model and for refresh_all.
#pragma once

#include "pg/models/catalog.h"

namespace persona::pg {

/// Fits the deployed version's definition again and deploys it; answers its row. Needs SPI.
Datum refresh_model(const std::string& name);

/// Names the caller may refresh and whose serving version is older than its option refresh_hours. Needs SPI.
std::vector<std::string> stale_models();

}  // namespace persona::pg
