#include "pg/describe/value_hash.h"

#include "core/base/random.h"

extern "C" {
#include "common/hashfn.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"
}

namespace persona::pg {
namespace {

constexpr std::uint64_t kSecondSeed = 0xd1b54a32d192ed03;

}  // namespace

RowHash hash_null() { return {0x243f6a8885a308d3, 0x13198a2e03707344}; }

RowHash hash_bits(std::uint64_t bits) { return {mix64(bits), mix64(bits ^ kSecondSeed)}; }

RowHash hash_bytes(const void* bytes, std::size_t size) {
  const auto* key = static_cast<const unsigned char*>(bytes);
  return {hash_bytes_extended(key, static_cast<int>(size), 0),
          hash_bytes_extended(key, static_cast<int>(size), kSecondSeed)};
}

RowHash hash_by_type(FmgrInfo* function, Oid collation, Datum value) {
  return {DatumGetUInt64(FunctionCall2Coll(function, collation, value, UInt64GetDatum(0))),
          DatumGetUInt64(FunctionCall2Coll(function, collation, value, UInt64GetDatum(kSecondSeed)))};
}

RowHash hash_numeric(Datum value) {
  const RowHash size = {
      DatumGetUInt64(DirectFunctionCall2(hash_numeric_extended, value, UInt64GetDatum(0))),
      DatumGetUInt64(DirectFunctionCall2(hash_numeric_extended, value, UInt64GetDatum(kSecondSeed)))};
  // The packed form tells the sign by comparison only; against zero that looks at no digits.
  static Numeric zero = nullptr;
  if (zero == nullptr) {
    MemoryContext const outer = MemoryContextSwitchTo(TopMemoryContext);
    zero = int64_to_numeric(0);
    MemoryContextSwitchTo(outer);
  }
  const bool negative = DatumGetBool(DirectFunctionCall2(numeric_lt, value, NumericGetDatum(zero)));
  return negative ? RowHash{~size.first, ~size.second} : size;
}

RowHash hash_interval(const Interval* interval) {
  __extension__ using Wide = __int128;
  const std::int64_t days = static_cast<std::int64_t>(interval->month) * DAYS_PER_MONTH + interval->day;
  const Wide span = static_cast<Wide>(days) * USECS_PER_DAY + interval->time;
  return combine(hash_bits(static_cast<std::uint64_t>(span)),
                 hash_bits(static_cast<std::uint64_t>(span >> 64U)));
}

RowHash combine(RowHash a, RowHash b) { return {mix64(a.first ^ b.first), mix64(a.second ^ b.second)}; }

}  // namespace persona::pg
