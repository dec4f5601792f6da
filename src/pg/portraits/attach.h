// The triggers that feed a portrait, on its source and on every partition and child the source has now.
#pragma once

#include "pg/portraits/catalog.h"

namespace persona::pg {

/// Makes the triggers that are missing, enables those that are not as they were made, and binds all of them
/// to the portrait, so that dropping it, or a column it reads, takes them along. Runs as the caller, who must
/// own the source; answers how many it made. Needs SPI and a search_path of pg_catalog.
int attach_triggers(const Portrait& portrait);

/// Partitions and children of the source without triggers that fire: rows inserted into them directly are not
/// seen.
std::vector<std::string> unattached(const Portrait& portrait);

/// Drops the triggers that are left.
void detach_triggers(const Portrait& portrait);

}  // namespace persona::pg
