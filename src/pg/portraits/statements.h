// The SQL that keeps a portrait: text built once per trigger and backend from its definition. Names are
// qualified for a search_path of pg_catalog; events stand as `event`, stored rows as `portrait`.
#pragma once

#include "pg/portraits/definition.h"

namespace persona::pg {

/// The relations of one portrait, qualified and quoted.
struct PortraitTables {
  std::string portrait;
  std::string recomputed;  ///< the view that computes it anew
  std::string delta;       ///< of a deferred portrait, else empty
};

/// SELECT key and aggregate columns FROM `from` AS event, grouped; `condition` is added to the filter.
std::string summarize_events(const PortraitDefinition& definition, const std::string& from,
                             const std::string& condition = "");

/// Merges the rows of `from`, in the order of their keys, so that two writers wait for each other instead of
/// deadlocking; or, with `tables.delta`, appends them.
std::string merge_events(const PortraitDefinition& definition, const PortraitTables& tables,
                         const std::string& from);

/// A row of parameters $1, $2, ... as a FROM item: the used columns, whose collations are those of
/// `relation`.
std::string parameter_row(const PortraitDefinition& definition, Oid relation);

/// The columns of a stored row, which follow the used columns as parameters, merged with such a row of
/// parameters; no row when the filter leaves it out.
std::string merge_into_row(const PortraitDefinition& definition, Oid portrait, Oid relation);

/// The keys, each once, of the source's rows in the relation `touched`.
std::string touched_keys(const PortraitDefinition& definition);

/// Of all rows that the portrait has.
std::string all_keys(const PortraitDefinition& definition, const PortraitTables& tables);

/// For the keys in the relation `dirty`: locks their rows, in order, making those that are missing; and
/// brings them, in a later snapshot, to what the source has.
std::string lock_dirty(const PortraitDefinition& definition, const PortraitTables& tables);
std::string recompute_dirty(const PortraitDefinition& definition, const PortraitTables& tables);

/// Of a deferred portrait: notes the keys in `dirty` for the next refresh; or that all are to be recomputed.
std::string queue_dirty(const PortraitDefinition& definition, const PortraitTables& tables);
std::string queue_all(const PortraitTables& tables);

/// Folds the deltas into the portrait, one statement so that the deltas taken and the source's rows read are
/// of one snapshot.
std::string fold_deltas(const PortraitDefinition& definition, const PortraitTables& tables);

/// Where the portrait and its recomputation differ by more than rounding: rows (key jsonb, column_name text,
/// stored text, recomputed text), or the keys alone. Deltas that wait are counted in, keys that wait to be
/// recomputed left out.
std::string differences(const PortraitDefinition& definition, const PortraitTables& tables);
std::string different_keys(const PortraitDefinition& definition, const PortraitTables& tables);

/// The name of the column of the deltas that asks for a recomputation.
inline constexpr const char* kDirtyColumn = "persona_dirty";

}  // namespace persona::pg
