// Fitting: a source is streamed once into a kind's fitter, and what comes out is stored as a new version.
#pragma once

#include "pg/models/source.h"
#include "pg/models/store.h"
#include "pg/server/row_stream.h"

#include "core/recommend/history.h"

namespace persona::pg {

/// Users' histories that are to be stored with a recommender, in the order of users (see history.h).
struct StoredHistories {
  std::vector<std::string> users;
  std::vector<History> histories;  ///< in item numbers
};

/// A fit that has read its rows and is ready to be stored: nothing of the source runs after this.
struct Fit {
  FittedModel fitted;
  StoredHistories histories;
  StreamCount count;
  std::string missing;  ///< the columns most often missing, for the message about skipped rows
  double seconds = 0;
  ModelDefinition definition;  ///< as given, the key filled in
  Source source;
  Options options;
  const Kind* kind = nullptr;
};

/// The key as given, or the relation's primary key, which a NOTICE names; fills in `definition->key`.
std::vector<std::string> resolve_key(const Kind& kind, const Source& source, ModelDefinition* definition);

/// Streams and fits, as the current user under the current search_path. Users' histories are kept, where they
/// have to be, only of a fit that is `to_store`. Needs SPI.
Fit fit_source(const ModelDefinition& definition, Datum options, bool to_store = true);

/// Stores the fit for `role`, deploys it when asked, and raises its notices. Answers the row of
/// persona.model. Needs SPI.
Datum store_fit(const Fit& fit, Oid role, bool deploy);

}  // namespace persona::pg
