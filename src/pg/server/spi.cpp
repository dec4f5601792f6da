#include "pg/server/spi.h"

#include "pg/server/identity.h"

extern "C" {
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
}

namespace persona::pg {
namespace {

Datum text_datum(const std::string& value) {
  return pg_call([&] {
    return PointerGetDatum(cstring_to_text_with_len(value.data(), static_cast<int>(value.size())));
  });
}

// An array whose elements are produced one by one; `element(i, &is_null)` is plain server code.
template <class Element>
Datum array_datum(std::size_t count, Oid type, int16 length, bool by_value, char align, Element element) {
  return pg_call([&] {
    auto* values = static_cast<Datum*>(palloc(sizeof(Datum) * (count + 1)));
    auto* nulls = static_cast<bool*>(palloc0(count + 1));
    for (std::size_t i = 0; i < count; i++) values[i] = element(i, &nulls[i]);
    int dims[1] = {static_cast<int>(count)};
    int lower[1] = {1};
    ArrayType* array =
        construct_md_array(values, nulls, count == 0 ? 0 : 1, dims, lower, type, length, by_value, align);
    return PointerGetDatum(array);
  });
}

// An array of numbers that the server stores as we do.
template <class Number>
Datum plain_array(const std::vector<Number>& values, Oid type) {
  return pg_call([&] {
    if (values.empty()) return PointerGetDatum(construct_empty_array(type));
    const std::size_t bytes = ARR_OVERHEAD_NONULLS(1) + sizeof(Number) * values.size();
    if (!AllocSizeIsValid(bytes)) {
      ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                      errmsg("array of %zu numbers is too large", values.size())));
    }
    auto* array = static_cast<ArrayType*>(palloc0(bytes));
    SET_VARSIZE(array, bytes);
    array->ndim = 1;
    array->elemtype = type;
    ARR_DIMS(array)[0] = static_cast<int>(values.size());
    ARR_LBOUND(array)[0] = 1;
    std::memcpy(ARR_DATA_PTR(array), values.data(), sizeof(Number) * values.size());
    return PointerGetDatum(array);
  });
}

template <class Number>
std::vector<Number> read_plain_array(Datum value) {
  const ArrayType* array = pg_call([&] { return DatumGetArrayTypeP(value); });
  if (ARR_HASNULL(array) && pg_call([&] { return array_contains_nulls(const_cast<ArrayType*>(array)); })) {
    throw Error(sqlstate::kDataException, "a stored array holds a NULL");
  }
  const int count = pg_call([&] { return ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array)); });
  const auto* first = reinterpret_cast<const Number*>(ARR_DATA_PTR(array));
  std::vector<Number> result(first, first + count);
  // Whoever reads a large model piece by piece must not gather its detoasted copies.
  if (PointerGetDatum(array) != value) pfree(const_cast<ArrayType*>(array));
  return result;
}

// The elements of a one-dimensional array without NULLs; `take(i, datum)` must not throw.
template <class Begin, class Take>
void read_array(Datum value, Oid type, int16 length, bool by_value, char align, Begin begin, Take take) {
  Datum* elements = nullptr;
  bool* nulls = nullptr;
  int count = 0;
  pg_call([&] {
    deconstruct_array(DatumGetArrayTypeP(value), type, length, by_value, align, &elements, &nulls, &count);
  });
  begin(static_cast<std::size_t>(count));
  for (int i = 0; i < count; i++) {
    if (nulls[i]) throw Error(sqlstate::kDataException, "a stored array holds a NULL");
    take(static_cast<std::size_t>(i), elements[i]);
  }
}

}  // namespace

Params& Params::datum(Oid type, Datum value) {
  types_.push_back(type);
  values_.push_back(value);
  nulls_.push_back(' ');
  return *this;
}

Params& Params::null(Oid type) {
  datum(type, Datum{0});
  nulls_.back() = 'n';
  return *this;
}

Params& Params::text(const std::string& value) { return datum(TEXTOID, text_datum(value)); }

Params& Params::text(const std::optional<std::string>& value) {
  return value.has_value() ? text(*value) : null(TEXTOID);
}

Params& Params::jsonb(const std::string& value) {
  return datum(JSONBOID,
               pg_call([&] { return DirectFunctionCall1(jsonb_in, CStringGetDatum(value.c_str())); }));
}

Params& Params::int4(int value) { return datum(INT4OID, Int32GetDatum(value)); }
Params& Params::int8(std::int64_t value) { return datum(INT8OID, Int64GetDatum(value)); }
Params& Params::oid(Oid value) { return datum(OIDOID, ObjectIdGetDatum(value)); }

Params& Params::float8(std::optional<double> value) {
  return value.has_value() ? datum(FLOAT8OID, Float8GetDatum(*value)) : null(FLOAT8OID);
}

Params& Params::text_array(const std::vector<std::string>& values) {
  return datum(TEXTARRAYOID,
               array_datum(values.size(), TEXTOID, -1, false, TYPALIGN_INT, [&](std::size_t i, bool*) {
                 return PointerGetDatum(
                     cstring_to_text_with_len(values[i].data(), static_cast<int>(values[i].size())));
               }));
}

Params& Params::int4_array(const std::vector<std::int32_t>& values) {
  return datum(INT4ARRAYOID, plain_array(values, INT4OID));
}

Params& Params::float4_array(const std::vector<float>& values) {
  return datum(FLOAT4ARRAYOID, plain_array(values, FLOAT4OID));
}

Params& Params::float8_array(const std::vector<double>& values) {
  return datum(FLOAT8ARRAYOID, array_datum(values.size(), FLOAT8OID, 8, true, TYPALIGN_DOUBLE,
                                           [&](std::size_t i, bool*) { return Float8GetDatum(values[i]); }));
}

Params& Params::nullable_float8_array(const std::vector<std::optional<double>>& values) {
  return datum(FLOAT8ARRAYOID, array_datum(values.size(), FLOAT8OID, 8, true, TYPALIGN_DOUBLE,
                                           [&](std::size_t i, bool* is_null) {
                                             *is_null = !values[i].has_value();
                                             return Float8GetDatum(values[i].value_or(0));
                                           }));
}

Datum Rows::datum(std::uint64_t row, int column, bool* is_null) const {
  return SPI_getbinval(table_->vals[row], table_->tupdesc, column, is_null);
}

std::string text_of(Datum value) {
  const struct varlena* text = pg_call([&] { return PG_DETOAST_DATUM_PACKED(value); });
  return std::string(VARDATA_ANY(text), VARSIZE_ANY_EXHDR(text));
}

std::vector<std::int32_t> int4_array_of(Datum value) { return read_plain_array<std::int32_t>(value); }

std::vector<float> float4_array_of(Datum value) { return read_plain_array<float>(value); }

std::optional<std::string> Rows::optional_text(std::uint64_t row, int column) const {
  bool null;
  const Datum value = datum(row, column, &null);
  if (null) return std::nullopt;
  const Oid type = TupleDescAttr(table_->tupdesc, column - 1)->atttypid;
  if (type == TEXTOID) return text_of(value);
  return std::string(pg_call([&] {
    Oid output;
    bool is_varlena;
    getTypeOutputInfo(type, &output, &is_varlena);
    return static_cast<const char*>(OidOutputFunctionCall(output, value));
  }));
}

std::string Rows::text(std::uint64_t row, int column) const {
  return optional_text(row, column).value_or("");
}

std::int64_t Rows::int8(std::uint64_t row, int column) const {
  bool null;
  const Datum value = datum(row, column, &null);
  return null ? 0 : DatumGetInt64(value);
}

std::int32_t Rows::int4(std::uint64_t row, int column) const {
  bool null;
  const Datum value = datum(row, column, &null);
  return null ? 0 : DatumGetInt32(value);
}

Oid Rows::oid(std::uint64_t row, int column) const {
  bool null;
  const Datum value = datum(row, column, &null);
  return null ? InvalidOid : DatumGetObjectId(value);
}

std::optional<double> Rows::float8(std::uint64_t row, int column) const {
  bool null;
  const Datum value = datum(row, column, &null);
  if (null) return std::nullopt;
  return DatumGetFloat8(value);
}

std::vector<std::string> Rows::text_array(std::uint64_t row, int column) const {
  std::vector<std::string> result;
  bool null;
  const Datum value = datum(row, column, &null);
  if (null) return result;
  read_array(
      value, TEXTOID, -1, false, TYPALIGN_INT, [&](std::size_t n) { result.reserve(n); },
      [&](std::size_t, Datum d) {
        const auto* t = reinterpret_cast<const struct varlena*>(DatumGetPointer(d));
        result.emplace_back(VARDATA_ANY(t), VARSIZE_ANY_EXHDR(t));
      });
  return result;
}

std::vector<std::int32_t> Rows::int4_array(std::uint64_t row, int column) const {
  bool null;
  const Datum value = datum(row, column, &null);
  return null ? std::vector<std::int32_t>{} : int4_array_of(value);
}

std::vector<float> Rows::float4_array(std::uint64_t row, int column) const {
  bool null;
  const Datum value = datum(row, column, &null);
  return null ? std::vector<float>{} : float4_array_of(value);
}

std::vector<double> Rows::float8_array(std::uint64_t row, int column) const {
  std::vector<double> result;
  bool null;
  const Datum value = datum(row, column, &null);
  if (null) return result;
  read_array(
      value, FLOAT8OID, 8, true, TYPALIGN_DOUBLE, [&](std::size_t n) { result.resize(n); },
      [&](std::size_t i, Datum d) { result[i] = DatumGetFloat8(d); });
  return result;
}

namespace {

// What our own statements lack, a newer version of the extension's script has.
void hint_at_update(void*) {
  const int code = geterrcode();
  if (code == ERRCODE_UNDEFINED_COLUMN || code == ERRCODE_UNDEFINED_TABLE ||
      code == ERRCODE_UNDEFINED_FUNCTION)
    errhint(
        "The installed library is newer than the extension in this database: run ALTER EXTENSION persona "
        "UPDATE.");
}

SPIPlanPtr prepare(const char* sql, int count, Oid* types) {
  ErrorContextCallback callback = {error_context_stack, hint_at_update, nullptr};
  error_context_stack = &callback;
  SPIPlanPtr plan = SPI_prepare(sql, count, types);
  error_context_stack = callback.previous;
  return plan;
}

}  // namespace

SPIPlanPtr prepare_kept(const char* sql, int count, Oid* types) {
  settle_text_forms();
  SPIPlanPtr plan = SPI_prepare_cursor(sql, count, types, CURSOR_OPT_GENERIC_PLAN);
  if (plan == nullptr) elog(ERROR, "persona: %s: %s", SPI_result_code_string(SPI_result), sql);
  if (SPI_keepplan(plan) != 0) elog(ERROR, "persona: could not keep a plan");
  return plan;
}

void Statement::prepare_once(Params& params) {
  if (plan_ != nullptr) return;
  pg_call([&] {
    SPIPlanPtr plan = prepare(sql_, params.size(), params.types());
    if (plan == nullptr) elog(ERROR, "persona: %s: %s", SPI_result_code_string(SPI_result), sql_);
    if (SPI_keepplan(plan) != 0) elog(ERROR, "persona: could not keep a plan");
    plan_ = plan;
  });
}

Rows Statement::run(Params& params, bool read_only) {
  prepare_once(params);
  pg_call([&] {
    const int rc = SPI_execute_plan(plan_, params.values(), params.nulls(), read_only, 0);
    if (rc < 0) elog(ERROR, "persona: %s: %s", SPI_result_code_string(rc), sql_);
  });
  return Rows(SPI_tuptable, SPI_processed);
}

void Statement::run_in_pieces(Params& params, long count, const std::function<bool(const Rows&)>& use) {
  prepare_once(params);
  Portal portal =
      pg_call([&] { return SPI_cursor_open(nullptr, plan_, params.values(), params.nulls(), true); });
  for (;;) {
    pg_call([&] { SPI_cursor_fetch(portal, true, count); });
    Rows rows(SPI_tuptable, SPI_processed);
    const bool more = !rows.empty() && use(rows);
    rows.free();
    if (!more) break;
  }
  pg_call([&] { SPI_cursor_close(portal); });
}

void Rows::free() {
  pg_call([&] { SPI_freetuptable(table_); });
  table_ = nullptr;
  count_ = 0;
}

}  // namespace persona::pg
