// Rows in a temporary file of the server's own kind: it counts against temp_file_limit, lies in
// temp_tablespaces, shows in the server's statistics, and is gone after an error and after a crash.
#pragma once

#include "pg/server/gates.h"

#include "core/model/row_store.h"

namespace persona::pg {

/// Makes row stores that belong to the memory context and the resource owner current at this call, and must
/// not outlive them.
OpenRowStore temp_stores();

}  // namespace persona::pg
