// Hashes that identify a value, 128 bits of two halves, each good for itself: equal values have equal hashes,
// and others do not but by chance. Hash functions of types are made for hash tables, which look again: that
// of numeric leaves out the sign, that of bigint and interval folds 64 bits to 32, arrays hash alike whatever
// their dimensions, and jsonb whatever its brackets. So only those are used that are a hash of all bytes that
// count. Server code: may ereport.
#pragma once

#include "pg/server/gates.h"

#include "core/describe/hash_set.h"

namespace persona::pg {

RowHash hash_null();
RowHash hash_bits(std::uint64_t bits);
RowHash hash_bytes(const void* bytes, std::size_t size);

/// By `function`, an extended hash function.
RowHash hash_by_type(FmgrInfo* function, Oid collation, Datum value);

/// Of the number, whatever its scale. Neither NaN nor infinite.
RowHash hash_numeric(Datum value);

/// Of the span, a day being 24 hours and a month 30 days, as PostgreSQL compares intervals.
RowHash hash_interval(const Interval* interval);

/// Of two values, or of a row so far and its next value.
RowHash combine(RowHash a, RowHash b);

}  // namespace persona::pg
