// Reading the values of any type for persona.describe: what identifies a value (as GROUP BY would have it),
// its place on a line where it has one, and its text.
#pragma once

#include "pg/describe/value_hash.h"

#include "core/describe/column_profile.h"

namespace persona::pg {

/// How the values of one column are read. Plain data; its functions are server code: they may ereport, and
/// palloc in the current context.
struct ColumnReader {
  enum class Shape {
    bits,      ///< passed by value, the bits are the value: integers, dates, times, money, boolean, enum, oid
    floating,  ///< float4, float8
    numeric,
    interval,
    time_tz,
    bytes,    ///< varlenas and fixed lengths whose bytes are the value: text, bytea, uuid
    hashed,   ///< by the type's own hash function: text of other collations, blank-padded, citext, inet
    printed,  ///< any other type by its text
  };

  Oid type;  ///< domains looked through
  Oid collation;
  int16 length;  ///< as pg_type.typlen
  bool by_value;
  bool is_text;  ///< the bytes are a text
  bool ordered;  ///< the least and the greatest value mean something
  Shape shape;
  Measure measure;
  FmgrInfo output;
  FmgrInfo hash;
  FmgrInfo compare;
};

/// A value as it was read.
struct Reading {
  enum class Kind { finite, nan, infinite };
  Datum value;   ///< detoasted
  RowHash hash;  ///< `first` alone identifies the value in its column
  Kind kind;
  double number;  ///< its place on the line, where `placed`; NaN unless finite
  bool placed;    ///< else place_of() tells
};

/// True when values of this type are one when their texts are: arrays, ranges, composite types, json and
/// jsonb and others whose hash functions cannot be relied on, or that have none.
bool is_compared_by_text(Oid type);

void prepare_column_reader(ColumnReader* reader, Oid type, Oid collation, MemoryContext context);

/// Of a value that is not NULL.
Reading read_value(ColumnReader* reader, Datum value);

/// Where a value that is not `placed` lies: a number (infinite when beyond float8), seconds of an interval.
double place_of(const ColumnReader* reader, Datum value);

/// Negative, zero or positive as `a` sorts before, with or after `b`.
int compare_values(ColumnReader* reader, Datum a, Datum b);

/// What to keep of an extreme value, in the current context: a copy, of a long text the beginning.
Datum keep_value(const ColumnReader* reader, Datum value);

/// The text of a value or of a place on the line; long ones are cut and end with "...".
std::string_view value_text(ColumnReader* reader, Datum value);
std::string_view place_text(ColumnReader* reader, double place);

}  // namespace persona::pg
