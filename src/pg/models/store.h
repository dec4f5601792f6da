// Writing a fitted model as rows of the catalog's tables.
#pragma once

#include "pg/models/catalog.h"

#include "core/model/rows.h"

namespace persona::pg {

/// Version of the stored rows' layout, persona.model.format.
inline constexpr int kModelFormat = 1;

/// What persona.model says of a version beside its results.
struct ModelDefinition {
  std::string name;
  std::string kind;
  std::string source;
  SourceSettings settings;
  std::optional<std::string> target;
  std::optional<std::string> key;
  std::string options = "{}";
};

struct StoredVersion {
  std::int64_t model_id;
  int version;
};

/// Creates the name for `owner` when it is new; locks it; checks that `role` may write to it; numbers the
/// version and writes all rows. Needs SPI and as_owner().
StoredVersion store_model(const ModelDefinition& definition, const FittedModel& fitted, Oid role,
                          std::int64_t rows, std::int64_t skipped, double seconds);

}  // namespace persona::pg
