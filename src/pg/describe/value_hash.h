// Hashes that identify a value of any type, 128 bits of two halves, each good for itself: values that are
// equal to GROUP BY have equal hashes, and others do not but by chance. The types' own hash functions are
// made for hash tables, which look again: all numerics that are no number share one hash, arrays hash alike
// whatever their dimensions, and jsonb whatever its brackets. Server code: may ereport and palloc.
#pragma once

#include "pg/server/gates.h"

#include "core/describe/row_set.h"

namespace persona::pg {

RowHash hash_null();
RowHash hash_bits(std::uint64_t bits);
RowHash hash_bytes(const void* bytes, std::size_t size);

/// By `function`, the type's extended hash function.
RowHash hash_by_type(FmgrInfo* function, Oid collation, Datum value);

/// Of the type's hash and the dimensions.
RowHash hash_array(FmgrInfo* function, Oid collation, Datum value);

/// Of the scalars and of what holds them.
RowHash hash_jsonb(Datum value);

/// Two rows, or a row so far and its next value.
RowHash combine(RowHash a, RowHash b);

}  // namespace persona::pg
