// What a portrait is, read from its query: SELECT keys, aggregates FROM one table WHERE ... GROUP BY keys.
// The query is kept by the server as the view NAME_recomputed, so that it follows renames, is protected from
// dropped columns and survives a dump; everything else is derived from that view's parse tree.
#pragma once

#include "pg/portraits/merging.h"

extern "C" {
#include "nodes/parsenodes.h"
}

namespace persona::pg {

/// A column of the portrait's primary key.
struct PortraitKey {
  std::string label;   ///< the name as the user wrote it
  std::string name;    ///< the same as an SQL identifier
  std::string sql;     ///< the expression over `event`
  std::string equals;  ///< its type's equality, as OPERATOR(schema.=)
};

/// A summary of the portrait.
struct PortraitColumn {
  std::string name;    ///< as the user wrote it
  std::string quoted;  ///< the same as an SQL identifier
  std::string sql;     ///< the aggregate over `event`
  Oid type = InvalidOid;
  bool local = false;  ///< its first argument is a timestamp or date, not an instant
  Merging merging;
};

/// A column of the source that keys, aggregates or filter read.
struct UsedColumn {
  AttrNumber number;  ///< in the source; a partition may number it otherwise
  std::string name;
};

struct PortraitDefinition {
  Oid source = InvalidOid;
  std::string source_name;  ///< qualified and quoted
  std::vector<PortraitKey> keys;
  std::vector<PortraitColumn> columns;
  std::string filter;  ///< over `event`; empty for none
  std::vector<UsedColumn> used;
};

/// Parses, under the session's search_path, what the user wrote, and checks that a portrait can be kept of
/// it: 22023 or 0A000 with the mend. The texts of the answer are qualified for a search_path of pg_catalog.
PortraitDefinition define_portrait(const std::string& query);

/// The definition as the view `recomputed` has it now. The caller's search_path must be pg_catalog.
PortraitDefinition read_definition(Oid recomputed);

}  // namespace persona::pg
