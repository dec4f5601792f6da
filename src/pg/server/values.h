// Reading one Datum of a user's column as the core wants it: a number, or a label.
#pragma once

#include "pg/server/server.h"

#include "core/model/kind.h"

namespace persona::pg {

/// How values of one type are read. Plain data, so that it may live in palloc'd memory. Its functions are
/// server code: they may ereport, and palloc in the current context.
struct ValueReader {
  Oid type;         ///< the base type, domains looked through
  FmgrInfo output;  ///< the type's output function, looked up by prepare_labels()

  /// Numeric types only. False for NaN, infinities, and numerics beyond float8.
  bool number(Datum value, double* result) const;
  /// The label's bytes, not zero terminated. Booleans read "true" and "false", blank padding is dropped.
  std::string_view label(Datum value);
};

/// Fills a reader for columns of `type`. `labels` looks the output function up in `context`.
void prepare_reader(ValueReader* reader, Oid type, bool labels, MemoryContext context);

/// How fit may use columns of this type.
SourceColumn::Family type_family(Oid type);

}  // namespace persona::pg
