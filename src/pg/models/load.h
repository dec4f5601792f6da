// Reading a version's rows back into what scores with them.
#pragma once

#include "pg/models/cache.h"
#include "pg/models/fit.h"

namespace persona::pg {

/// Reads a version under the active snapshot, as the tables' owner: who may see it was decided when its
/// address was resolved. Checks what it reads as it would check a forged state. Needs SPI.
ModelPtr load_model(std::int64_t model_id);

/// What the training rows of a version looked like. Needs SPI.
std::vector<Feature> stored_features(const LoadedModel& model);

/// Of them the one that describes an input of the scorer. Throws 22000 when there is none.
const Feature& input_feature(const LoadedModel& model, const std::vector<Feature>& features,
                             const std::string& input);

/// Rows of the fit, and rows of its source that it left out. Needs SPI.
struct FittedRows {
  double rows = 0;
  double skipped = 0;
};
FittedRows fitted_rows(const LoadedModel& model);

/// A fit as the model it would be once stored, under its name without a version.
ModelPtr load_fitted(const Fit& fit);

}  // namespace persona::pg
