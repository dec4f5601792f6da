#include "pg/describe/column_reader.h"

extern "C" {
#include "catalog/pg_collation.h"
#include "mb/pg_wchar.h"
#include "parser/parse_coerce.h"
#include "utils/date.h"
#include "utils/datum.h"
#include "utils/float.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"
}

namespace persona::pg {
namespace {

using Shape = ColumnReader::Shape;
using Kind = Reading::Kind;

constexpr int kShownBytes = 80;   // of a text in the answer
constexpr int kKeptBytes = 1000;  // of an extreme text: two that agree so far count as one

bool has_hash(Oid type) {
  return OidIsValid(lookup_type_cache(type, TYPECACHE_HASH_EXTENDED_PROC)->hash_extended_proc);
}

// Of a base type.
Shape shape_of(Oid type, Oid collation) {
  switch (type) {
    case FLOAT4OID:
    case FLOAT8OID:
      return Shape::floating;
    case NUMERICOID:
      return Shape::numeric;
    case INTERVALOID:
      return Shape::interval;
    case TIMETZOID:
      return Shape::time_tz;
    case TEXTOID:
    case VARCHAROID:
      return get_collation_isdeterministic(collation) ? Shape::bytes : Shape::hashed;
    case BYTEAOID:
    case UUIDOID:
    case MACADDROID:
    case MACADDR8OID:
      return Shape::bytes;
    case BPCHAROID:
    case NAMEOID:
    case INETOID:
    case CIDROID:
      return Shape::hashed;
    default:
      if (get_typbyval(type)) return Shape::bits;
      return IsBinaryCoercible(type, TEXTOID) && has_hash(type) ? Shape::hashed : Shape::printed;
  }
}

Measure measure_of(Oid type) {
  switch (type) {
    case INT2OID:
    case INT4OID:
    case INT8OID:
    case FLOAT4OID:
    case FLOAT8OID:
    case NUMERICOID:
    case INTERVALOID:
      return Measure::continuous;
    case DATEOID:
    case TIMEOID:
    case TIMESTAMPOID:
    case TIMESTAMPTZOID:
    case CASHOID:
      return Measure::point;
    default:
      return Measure::label;
  }
}

// Whether least and greatest say anything: not of documents, sets and rows, although they can be sorted.
bool is_scalar(Oid type) {
  if (type == JSONBOID || type == TSVECTOROID || type == TSQUERYOID) return false;
  char category;
  bool preferred;
  get_type_category_preferred(type, &category, &preferred);
  return category != TYPCATEGORY_ARRAY && category != TYPCATEGORY_COMPOSITE &&
         category != TYPCATEGORY_RANGE && category != TYPCATEGORY_PSEUDOTYPE;
}

void read_bits(const ColumnReader* reader, Datum value, Reading* reading) {
  std::int64_t bits;
  switch (reader->type) {
    case DATEOID:
      bits = DatumGetDateADT(value);
      if (DATE_NOT_FINITE(bits)) reading->kind = Kind::infinite;
      break;
    case TIMESTAMPOID:
    case TIMESTAMPTZOID:
      bits = DatumGetInt64(value);
      if (TIMESTAMP_NOT_FINITE(bits)) reading->kind = Kind::infinite;
      break;
    default:
      switch (reader->length) {
        case 1:
          bits = DatumGetChar(value);
          break;
        case 2:
          bits = DatumGetInt16(value);
          break;
        case 4:
          bits = DatumGetInt32(value);
          break;
        default:
          bits = DatumGetInt64(value);
      }
  }
  reading->hash = hash_bits(static_cast<std::uint64_t>(bits));
  reading->number = static_cast<double>(bits);
}

void read_floating(double x, Reading* reading) {
  if (std::isnan(x)) {
    reading->kind = Kind::nan;
    x = std::numeric_limits<double>::quiet_NaN();  // of one sign
  } else if (std::isinf(x)) {
    reading->kind = Kind::infinite;
  }
  x += 0.0;  // -0 is 0
  std::uint64_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  reading->hash = hash_bits(bits);
  reading->number = x;
}

void read_numeric(ColumnReader* reader, Reading* reading) {
  const auto numeric = DatumGetNumeric(reading->value);
  if (numeric_is_nan(numeric) || numeric_is_inf(numeric)) {
    read_floating(DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, reading->value)), reading);
    return;
  }
  reading->hash = hash_numeric(reading->value);
  reading->placed = false;
}

std::string_view cut_text(const char* text, std::size_t size) {
  if (size <= kShownBytes) return {text, size};
  const int kept =
      pg_mbcliplen(text, static_cast<int>(std::min<std::size_t>(size, kKeptBytes)), kShownBytes - 3);
  const char* cut = psprintf("%.*s...", kept, text);
  return cut;
}

}  // namespace

bool is_compared_by_text(Oid type) {
  return shape_of(getBaseType(type), DEFAULT_COLLATION_OID) == Shape::printed;
}

void prepare_column_reader(ColumnReader* reader, Oid type, Oid collation, MemoryContext context) {
  reader->type = getBaseType(type);
  reader->collation = collation != InvalidOid ? collation : DEFAULT_COLLATION_OID;
  get_typlenbyval(reader->type, &reader->length, &reader->by_value);
  Oid output;
  bool is_varlena;
  getTypeOutputInfo(reader->type, &output, &is_varlena);
  fmgr_info_cxt(output, &reader->output, context);
  const TypeCacheEntry* cache = lookup_type_cache(reader->type, TYPECACHE_CMP_PROC);
  reader->ordered = OidIsValid(cache->cmp_proc) && is_scalar(reader->type);
  if (reader->ordered) fmgr_info_cxt(cache->cmp_proc, &reader->compare, context);
  reader->shape = shape_of(reader->type, reader->collation);
  if (reader->shape == Shape::hashed) {
    cache = lookup_type_cache(reader->type, TYPECACHE_HASH_EXTENDED_PROC);
    fmgr_info_cxt(cache->hash_extended_proc, &reader->hash, context);
  }
  reader->measure = measure_of(reader->type);
  reader->is_text = reader->length == -1 && IsBinaryCoercible(reader->type, TEXTOID);
}

Reading read_value(ColumnReader* reader, Datum value) {
  Reading reading = {value, {}, Kind::finite, 0, true};
  if (reader->length == -1) reading.value = PointerGetDatum(PG_DETOAST_DATUM_PACKED(value));
  switch (reader->shape) {
    case Shape::bits:
      read_bits(reader, value, &reading);
      break;
    case Shape::floating:
      read_floating(
          reader->type == FLOAT8OID ? DatumGetFloat8(value) : static_cast<double>(DatumGetFloat4(value)),
          &reading);
      break;
    case Shape::numeric:
      read_numeric(reader, &reading);
      break;
    case Shape::interval:
      reading.hash = hash_interval(DatumGetIntervalP(value));
      reading.placed = false;
      break;
    case Shape::time_tz: {
      const TimeTzADT* time = DatumGetTimeTzADTP(value);
      reading.hash = combine(hash_bits(static_cast<std::uint64_t>(time->time)),
                             hash_bits(static_cast<std::uint64_t>(time->zone)));
      break;
    }
    case Shape::bytes:
      if (reader->length == -1) {
        const auto* varlena_value = reinterpret_cast<const varlena*>(DatumGetPointer(reading.value));
        reading.hash = hash_bytes(VARDATA_ANY(varlena_value), VARSIZE_ANY_EXHDR(varlena_value));
      } else {
        reading.hash = hash_bytes(DatumGetPointer(value), static_cast<std::size_t>(reader->length));
      }
      break;
    case Shape::hashed:
      reading.hash = hash_by_type(&reader->hash, reader->collation, reading.value);
      break;
    case Shape::printed: {
      const char* text = OutputFunctionCall(&reader->output, reading.value);
      reading.hash = hash_bytes(text, std::strlen(text));
      break;
    }
  }
  if (reading.kind != Kind::finite) {
    reading.number = std::numeric_limits<double>::quiet_NaN();
    reading.placed = true;
  }
  return reading;
}

double place_of(const ColumnReader* reader, Datum value) {
  if (reader->shape == Shape::numeric) {
    return DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, value));
  }
  const Interval* interval = DatumGetIntervalP(value);
  const double days = static_cast<double>(interval->month) * DAYS_PER_MONTH + interval->day;
  return days * SECS_PER_DAY + static_cast<double>(interval->time) / USECS_PER_SEC;
}

int compare_values(ColumnReader* reader, Datum a, Datum b) {
  return DatumGetInt32(FunctionCall2Coll(&reader->compare, reader->collation, a, b));
}

Datum keep_value(const ColumnReader* reader, Datum value) {
  if (reader->is_text) {
    const auto* text = reinterpret_cast<const varlena*>(DatumGetPointer(value));
    const char* data = VARDATA_ANY(text);
    const auto size = static_cast<int>(VARSIZE_ANY_EXHDR(text));
    if (size > kKeptBytes) {
      return PointerGetDatum(cstring_to_text_with_len(data, pg_mbcliplen(data, size, kKeptBytes)));
    }
  }
  return datumCopy(value, reader->by_value, reader->length);
}

std::string_view value_text(ColumnReader* reader, Datum value) {
  if (reader->is_text) {
    const auto* text = reinterpret_cast<const varlena*>(DatumGetPointer(value));
    return cut_text(VARDATA_ANY(text), VARSIZE_ANY_EXHDR(text));
  }
  if (reader->type == BOOLOID) return DatumGetBool(value) ? "true" : "false";
  const char* text = OutputFunctionCall(&reader->output, value);
  return cut_text(text, std::strlen(text));
}

std::string_view place_text(ColumnReader* reader, double place) {
  switch (reader->type) {
    case DATEOID:
      return OutputFunctionCall(&reader->output, DateADTGetDatum(static_cast<DateADT>(place)));
    case TIMEOID:
    case TIMESTAMPOID:
    case TIMESTAMPTZOID:
    case CASHOID:
      return OutputFunctionCall(&reader->output, Int64GetDatum(static_cast<std::int64_t>(place)));
    case INTERVALOID: {
      auto* interval = static_cast<Interval*>(palloc0(sizeof(Interval)));
      double days = std::trunc(place / SECS_PER_DAY);
      interval->time = std::llround((place - days * SECS_PER_DAY) * USECS_PER_SEC);
      if (std::fabs(days) > 1e9) {
        interval->month = static_cast<int32>(days / DAYS_PER_MONTH);
        days -= static_cast<double>(interval->month) * DAYS_PER_MONTH;
      }
      interval->day = static_cast<int32>(days);
      return OutputFunctionCall(&reader->output, IntervalPGetDatum(interval));
    }
    case FLOAT4OID:
      return OutputFunctionCall(&reader->output, Float4GetDatum(static_cast<float>(place)));
    default:
      // Integers without an exponent.
      if (place == std::trunc(place) && std::fabs(place) < 0x1p63) {
        return psprintf(INT64_FORMAT, static_cast<int64>(place));
      }
      return float8out_internal(place);
  }
}

}  // namespace persona::pg
