#include "pg/describe/value_hash.h"

#include "core/base/random.h"

extern "C" {
#include "common/hashfn.h"
#include "utils/jsonb.h"
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

RowHash hash_array(FmgrInfo* function, Oid collation, Datum value) {
  ArrayType* array = DatumGetArrayTypeP(value);
  const std::size_t size = sizeof(int) * static_cast<std::size_t>(ARR_NDIM(array));
  const RowHash sizes = hash_bytes(ARR_DIMS(array), size);
  const RowHash bounds = hash_bytes(ARR_LBOUND(array), size);
  return combine(combine(sizes, bounds), hash_by_type(function, collation, PointerGetDatum(array)));
}

RowHash hash_jsonb(Datum value) {
  Jsonb* document = DatumGetJsonbP(value);
  JsonbIterator* iterator = JsonbIteratorInit(&document->root);
  RowHash hash = hash_null();
  JsonbValue v;
  JsonbIteratorToken token;
  while ((token = JsonbIteratorNext(&iterator, &v, false)) != WJB_DONE) {
    hash = combine(hash, hash_bits(token));
    if (token == WJB_BEGIN_ARRAY) hash = combine(hash, hash_bits(v.val.array.rawScalar ? 1 : 0));
    if (token != WJB_KEY && token != WJB_VALUE && token != WJB_ELEM) continue;
    RowHash scalar = {0, 0};
    JsonbHashScalarValueExtended(&v, &scalar.first, 0);
    JsonbHashScalarValueExtended(&v, &scalar.second, kSecondSeed);
    hash = combine(hash, scalar);
  }
  return hash;
}

RowHash combine(RowHash a, RowHash b) { return {mix64(a.first ^ b.first), mix64(a.second ^ b.second)}; }

}  // namespace persona::pg
