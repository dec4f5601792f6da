// One event merged into its portrait's row where the row is: the primary key's index finds it, one small
// query merges, the table access method updates. It does what merge_events does for one row at half the cost,
// and leaves to it whatever is not ordinary. Server code in the C manner.
#pragma once

#include "pg/portraits/maintenance.h"

namespace persona::pg {

/// Prepares entry->row_merge; leaves it impossible when the portrait's table has triggers, constraints, row
/// security or a key that is no plain column of the source.
void prepare_row_merge(Maintenance* entry, const PortraitDefinition& definition);

/// Merges one event, given as the used columns (room for the portrait's columns behind them). False when
/// nothing was done: the key has no row yet, somebody else changes it, or the transaction is REPEATABLE READ
/// or SERIALIZABLE.
bool merge_in_place(Maintenance* entry, Datum* values, char* nulls, Oid* types);

}  // namespace persona::pg
