#include "pg/server/values.h"

extern "C" {
#include "utils/fmgrprotos.h"
}

namespace persona::pg {

bool ValueReader::number(Datum value, double* result) const {
  switch (type) {
    case FLOAT8OID:
      *result = DatumGetFloat8(value);
      break;
    case INT4OID:
      *result = DatumGetInt32(value);
      return true;
    case INT8OID:
      *result = static_cast<double>(DatumGetInt64(value));
      return true;
    case FLOAT4OID:
      *result = static_cast<double>(DatumGetFloat4(value));
      break;
    case INT2OID:
      *result = DatumGetInt16(value);
      return true;
    case NUMERICOID:
      *result = DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, value));
      break;
    default:
      ereport(ERROR,
              (errcode(ERRCODE_DATATYPE_MISMATCH), errmsg("type %s is not numeric", format_type_be(type))));
  }
  return std::isfinite(*result);
}

std::string_view ValueReader::label(Datum value) {
  switch (type) {
    case BOOLOID:
      return DatumGetBool(value) ? std::string_view("true") : std::string_view("false");
    case TEXTOID:
    case VARCHAROID: {
      const text* t = DatumGetTextPP(value);
      return {VARDATA_ANY(t), VARSIZE_ANY_EXHDR(t)};
    }
    case BPCHAROID: {
      const BpChar* t = DatumGetBpCharPP(value);
      const char* data = VARDATA_ANY(t);
      return {data, static_cast<std::size_t>(bpchartruelen(const_cast<char*>(data), VARSIZE_ANY_EXHDR(t)))};
    }
    case NUMERICOID:  // 5.0 and 5 are one number, so they are one label
      return OutputFunctionCall(&output, DirectFunctionCall1(numeric_trim_scale, value));
    default:
      return OutputFunctionCall(&output, value);
  }
}

void prepare_reader(ValueReader* reader, Oid type, bool labels, MemoryContext context) {
  reader->type = getBaseType(type);
  if (!labels) return;
  Oid output;
  bool is_varlena;
  getTypeOutputInfo(reader->type, &output, &is_varlena);
  fmgr_info_cxt(output, &reader->output, context);
}

bool ArrayReader::numbers(Datum array, const char* column, int length, double* values) const {
  ArrayType* a = DatumGetArrayTypeP(array);
  const int count = ArrayGetNItems(ARR_NDIM(a), ARR_DIMS(a));
  if (count != length) {
    ereport(ERROR,
            (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
             errmsg("array column \"%s\" has a row with %d elements and not %d", column, count, length),
             errhint("Give all arrays of the column the same length.")));
  }
  bool complete = true;
  Datum* elements = nullptr;
  bool* nulls = nullptr;
  const bool direct = element.type == FLOAT8OID && !ARR_HASNULL(a);
  if (direct) {
    std::memcpy(values, ARR_DATA_PTR(a), sizeof(double) * static_cast<std::size_t>(length));
  } else {
    int n = 0;
    deconstruct_array(a, ARR_ELEMTYPE(a), size, by_value, alignment, &elements, &nulls, &n);
  }
  for (int i = 0; i < length; i++) {
    const bool there =
        direct ? std::isfinite(values[i]) : !nulls[i] && element.number(elements[i], &values[i]);
    if (!there) values[i] = std::numeric_limits<double>::quiet_NaN();
    complete = complete && there;
  }
  return complete;
}

void prepare_array_reader(ArrayReader* reader, Oid type) {
  const Oid element = get_element_type(getBaseType(type));
  prepare_reader(&reader->element, element, false, CurrentMemoryContext);
  get_typlenbyvalalign(element, &reader->size, &reader->by_value, &reader->alignment);
}

SourceColumn::Family type_family(Oid type) {
  const Oid base = getBaseType(type);
  const Oid element = get_element_type(base);
  if (OidIsValid(element)) {
    return type_family(element) == SourceColumn::Family::number ? SourceColumn::Family::array
                                                                : SourceColumn::Family::other;
  }
  switch (base) {
    case INT2OID:
    case INT4OID:
    case INT8OID:
    case FLOAT4OID:
    case FLOAT8OID:
    case NUMERICOID:
      return SourceColumn::Family::number;
    case BOOLOID:
    case TEXTOID:
    case VARCHAROID:
    case BPCHAROID:
    case NAMEOID:
      return SourceColumn::Family::label;
    case DATEOID:
    case TIMESTAMPOID:
    case TIMESTAMPTZOID:
      return SourceColumn::Family::time;
    default:
      return type_is_enum(base) ? SourceColumn::Family::label : SourceColumn::Family::other;
  }
}

}  // namespace persona::pg
