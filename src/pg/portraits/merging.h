// How values of an aggregate are added up: what makes a portrait maintainable without reading its events
// again.
#pragma once

#include "pg/server/spi.h"

namespace persona::pg {

/// SQL over placeholders: {a} the stored value, {b} the new part, {x} a value of many.
struct Merging {
  std::string merge;     ///< of {a} and {b}, either of which may be NULL
  std::string rollup;    ///< an aggregate of {x}
  std::string compared;  ///< text of {x} by which a stored value is compared with a recomputed one
};

/// Of the aggregate `function` (argument and result types resolved); nothing when its values cannot be added
/// up. Under a search_path of pg_catalog.
std::optional<Merging> find_merging(Oid function, Oid result_type);

/// `text` with every placeholder replaced.
std::string fill_in(const std::string& text, const std::map<std::string, std::string>& values);

}  // namespace persona::pg
