// What a backend keeps for each trigger of a portrait: whose it is, the statements to run, and their plans.
#pragma once

#include "pg/portraits/catalog.h"
#include "pg/server/row_query.h"

extern "C" {
#include "commands/trigger.h"
#include "utils/rel.h"
}

namespace persona::pg {

/// A statement planned at its first use, in memory that lives as long as its Maintenance.
struct PortraitPlan {
  const char* sql;
  SPIPlanPtr plan;
};

struct UsedAttribute {
  AttrNumber number;  ///< in the trigger's relation
  Oid type;
  int16 length;
  bool by_value;
};

/// How one event is merged into its portrait's row without the executor: see row_merge.h.
struct RowMerge {
  struct Key {
    int used;  ///< which of the used columns
    Oid equals;
    Oid collation;
  };
  bool possible;
  Oid index;
  int key_count;
  Key keys[INDEX_MAX_KEYS];  ///< in the index's order
  int column_count;
  AttrNumber* columns;  ///< of the portrait, in the definition's order
  RowQuery merged;      ///< the columns' new values, of the used columns and then the stored values
};

/// Plain data in a memory context of its own.
struct Maintenance {
  Oid trigger;  ///< the hash key
  bool valid;   ///< false after a change of one of the relations
  int running;  ///< calls under way, also nested ones
  MemoryContext context;
  bool gone;     ///< the portrait was dropped, or the partition detached, and its trigger was left
  Oid relation;  ///< the trigger's
  Oid portrait, source, recomputed, owner;
  bool deferred;
  TimestampTz recomputed_at;  ///< start of the client's statement that last recomputed keys of the portrait
  int used_count;
  UsedAttribute* used;
  PortraitPlan merge_rows;  ///< of the relation `new_rows`
  PortraitPlan merge_row;   ///< of parameters, the used columns
  RowMerge row_merge;
  PortraitPlan touched;     ///< keys of the relation `touched`
  PortraitPlan everything;  ///< all keys of the portrait
  PortraitPlan lock_dirty;  ///< these and the next: the keys in `dirty`
  PortraitPlan recompute;
  PortraitPlan queue_dirty;  ///< of a deferred portrait
  PortraitPlan queue_all;
};

/// The entry of a trigger, loaded at first and after changes. Raises 39P01 or 55000 for a trigger that
/// belongs to no portrait. C code: the frames that call it hold no objects.
Maintenance* find_maintenance(const TriggerData* trigger);

/// Notes that the client's statement under way recomputed keys of the portrait: rows that are being inserted
/// may have been counted by it already, as those of an ON CONFLICT DO UPDATE, a MERGE, or a statement whose
/// triggers update the table.
void note_recomputation(Oid portrait);

/// Whether that happened in the client's statement under way.
bool recomputed_already(const Maintenance* maintenance);

}  // namespace persona::pg
