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

/// How arrays of a numeric type are read. Plain data and server code, as ValueReader.
struct ArrayReader {
  ValueReader element;
  int16 size;  ///< of an element, and how it is stored
  bool by_value;
  char alignment;

  /// Reads `length` numbers, NaN where one is NULL, NaN or infinite; answers whether all are there. 22023,
  /// naming the column, for an array of another length.
  bool numbers(Datum array, const char* column, int length, double* values) const;
};

/// Fills a reader for columns of the array type `type`.
void prepare_array_reader(ArrayReader* reader, Oid type);

/// How fit may use columns of this type.
SourceColumn::Family type_family(Oid type);

}  // namespace persona::pg
