// The SQL face of persona.cross_products: the type, its aggregates, its accessors. The arithmetic and the
// layout are in src/core/summaries/cross_products_state.h, the transition state in cross_products_rows.h.
#include "pg/summaries/summary_functions.h"

#include "core/regression/design.h"
#include "core/summaries/cross_products_rows.h"
#include "core/summaries/cross_products_state.h"

namespace persona::pg {
namespace {

constexpr int kCoefficientColumns = 7;

State read_cross_products(Datum value) {
  const State state =
      read_state(value, SummaryKind::cross_products, kCrossProductsVersion, kCrossProductsFirstSize);
  if (unlikely(!cross_products_size_fits(state.bytes, state.size)))
    raise(sqlstate::kDataException, "stored cross_products is damaged",
          "The length does not fit the contents.");
  return state;
}

[[noreturn]] void raise_not_finite(const double* row, int columns) {
  int column = 0;
  while (column < columns - 1 && std::isfinite(row[column])) ++column;
  char name[16] = "y";
  char message[64];
  char hint[160];
  if (column > 0) pg_snprintf(name, sizeof name, "x%d", column);
  pg_snprintf(message, sizeof message, "%s is NaN or infinite", name);
  pg_snprintf(hint, sizeof hint,
              "Leave such rows out, for instance with FILTER (WHERE %s <> ALL ('{NaN,Infinity,-Infinity}')) "
              "after the aggregate.",
              name);
  raise(sqlstate::kNumericOutOfRange, message, "", hint);
}

[[noreturn]] void raise_other_columns(int columns, int expected) {
  char detail[96];
  pg_snprintf(detail, sizeof detail, "This row has %d x, the rows before have %d.", columns - 1,
              expected - 1);
  raise(sqlstate::kInvalidParameter, "rows with different numbers of x", detail,
        "Give every row of a group the same columns in the same order.");
}

// A full state with room for another row, where it lies if it fits there.
char* with_room(char* bytes) {
  State state = state_of(reinterpret_cast<varlena*>(bytes));
  const std::size_t size = cross_products_room(bytes);
  if (!grow_in_place(&state, size)) state = new_state(size);
  guarded([=] { cross_products_make_room(state.bytes, bytes); });
  return state.bytes;
}

// One row of the aggregate: y and columns - 1 x. `fill` writes them to where they belong and answers whether
// all are finite; it is not asked when one is NULL.
template <class Fill>
inline Datum add_row(FunctionCallInfo fcinfo, int columns, bool complete, Fill fill) {
  char* state = nullptr;
  if (unlikely(PG_ARGISNULL(0))) {
    state = new_state(cross_products_start_size(columns)).bytes;
    cross_products_start(state, columns);
  } else {
    state = PG_GETARG_POINTER(0);
  }
  CrossProductsHead head = CrossProductsHead::read(state);
  if (unlikely(head.columns != columns)) raise_other_columns(columns, head.columns);
  if (!complete) {
    cross_products_skip_row(state);
    return PointerGetDatum(state);
  }
  if (unlikely(head.full())) {
    state = with_room(state);
    head = CrossProductsHead::read(state);
  }
  double* const row = cross_products_next_row(state, head);
  if (unlikely(!fill(row))) raise_not_finite(row, columns);
  cross_products_count_row(state, head);
  return PointerGetDatum(state);
}

// For use inside guarded().
State stored(const CrossProductsState& values) {
  const State state = pg_call([size = values.size()] { return new_state(size); });
  values.write(state.bytes);
  return state;
}

State merged(const State& a, const State& b) {
  return guarded([&] {
    CrossProductsState result = CrossProductsState::read(a.bytes);
    result.merge(CrossProductsState::read(b.bytes));
    return stored(result);
  });
}

// The names of the x in argument 1, or x1, x2, ... For use inside guarded().
std::vector<std::string> term_names(FunctionCallInfo fcinfo, int features) {
  std::vector<std::string> names;
  if (PG_NARGS() < 2) {
    for (int j = 1; j <= features; ++j) names.push_back(cross_products_column_name(j));
    return names;
  }
  Datum* elements = nullptr;
  bool* nulls = nullptr;
  int count = 0;
  pg_call([&] {
    deconstruct_array(PG_GETARG_ARRAYTYPE_P(1), TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &count);
  });
  if (count != features)
    throw Error(sqlstate::kInvalidParameter, "names must be one for each x",
                "There are " + std::to_string(count) + " names and " + std::to_string(features) + " x.");
  for (int j = 0; j < count; ++j) {
    if (nulls[j]) throw Error(sqlstate::kInvalidParameter, "names must not contain NULL");
    const char* const name = pg_call([&] { return TextDatumGetCString(elements[j]); });
    if (name == std::string_view(kInterceptTerm) ||
        std::find(names.begin(), names.end(), name) != names.end())
      throw Error(sqlstate::kInvalidParameter, "two terms would be named \"" + std::string(name) + "\"");
    names.emplace_back(name);
  }
  return names;
}

// For use inside guarded().
void put_coefficient(FunctionCallInfo fcinfo, const Coefficient& c) {
  const std::optional<double> numbers[] = {c.estimate, c.std_error, c.statistic,
                                           c.p_value,  c.ci_low,    c.ci_high};
  Datum values[kCoefficientColumns];
  bool nulls[kCoefficientColumns] = {};
  for (int k = 1; k < kCoefficientColumns; ++k) {
    nulls[k] = !numbers[k - 1].has_value();
    values[k] = Float8GetDatum(numbers[k - 1].value_or(0));
  }
  const char* const term = c.term.data();
  const int length = static_cast<int>(c.term.size());
  pg_call([&] {
    values[0] = PointerGetDatum(cstring_to_text_with_len(term, length));
    auto* info = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
    tuplestore_putvalues(info->setResult, info->setDesc, values, nulls);
  });
}

// A square matrix as float8[][]; NULL for an empty one. For use inside guarded().
Datum matrix_datum(const std::vector<std::optional<double>>& matrix, int columns) {
  if (matrix.empty()) return Datum{0};
  std::vector<Datum> values;
  std::unique_ptr<bool[]> nulls(new bool[matrix.size()]);
  for (std::size_t k = 0; k < matrix.size(); ++k) {
    values.push_back(Float8GetDatum(matrix[k].value_or(0)));
    nulls[k] = !matrix[k].has_value();
  }
  int dims[] = {columns, columns};
  int lower[] = {1, 1};
  Datum* const elements = values.data();
  bool* const missing = nulls.get();
  return pg_call([&] {
    return PointerGetDatum(construct_md_array(elements, missing, 2, dims, lower, FLOAT8OID, sizeof(double),
                                              FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
  });
}

Datum answer_matrix(FunctionCallInfo fcinfo,
                    std::vector<std::optional<double>> (CrossProductsState::*matrix)() const) {
  const State state = read_cross_products(PG_GETARG_DATUM(0));
  const Datum result = guarded([&] {
    const CrossProductsState values = CrossProductsState::read(state.bytes);
    return matrix_datum((values.*matrix)(), values.columns());
  });
  if (result == Datum{0}) PG_RETURN_NULL();
  return result;
}

}  // namespace

PERSONA_SUMMARY_FORMS(cross_products, read_cross_products)
PERSONA_SUMMARY_COMPARISONS(cross_products)

// The transition function for numbers passed one by one, of any count: no array is built for a row.
PERSONA_FUNCTION(cross_products_add_numbers)
{
  require_aggregate(fcinfo);
  const int columns = PG_NARGS() - 1;
  const NullableDatum* const numbers = fcinfo->args + 1;
  bool complete = true;
  for (int j = 0; j < columns; ++j) complete &= !numbers[j].isnull;
  return add_row(fcinfo, columns, complete, [=](double* row) {
    bool finite = true;
    for (int j = 0; j < columns; ++j) {
      row[j] = DatumGetFloat8(numbers[j].value);
      finite &= std::isfinite(row[j]);
    }
    return finite;
  });
}

PERSONA_FUNCTION(cross_products_add_array)
{
  require_aggregate(fcinfo);
  if (PG_ARGISNULL(2))
    raise(sqlstate::kInvalidParameter, "x must not be a NULL array", "",
          "Leave such rows out, for instance with FILTER (WHERE xs IS NOT NULL) after the aggregate.");
  ArrayType* const x = PG_GETARG_ARRAYTYPE_P(2);
  const int features = ArrayGetNItems(ARR_NDIM(x), ARR_DIMS(x));
  if (features < 1 || ARR_NDIM(x) != 1)
    raise(sqlstate::kInvalidParameter, "x must be an array of one dimension with at least one number");
  if (features > kMaxFeatures)
    raise(sqlstate::kProgramLimit, "too many x for cross_products", "There may be at most 100.",
          "Leave columns out, or fit a model with persona.fit.");
  return add_row(fcinfo, features + 1, !PG_ARGISNULL(1) && !array_contains_nulls(x), [=](double* row) {
    row[0] = PG_GETARG_FLOAT8(1);
    const auto* const numbers = reinterpret_cast<const double*>(ARR_DATA_PTR(x));
    bool finite = std::isfinite(row[0]);
    for (int j = 0; j < features; ++j) {
      row[j + 1] = numbers[j];
      finite &= std::isfinite(numbers[j]);
    }
    return finite;
  });
}

// Leaves the state as it is: a running window asks again after the next row.
PERSONA_FUNCTION(cross_products_final)
{
  require_aggregate(fcinfo);
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const State state = read_cross_products(PG_GETARG_DATUM(0));
  return PointerGetDatum(guarded([&] { return stored(CrossProductsState::read(state.bytes)); }).bytes);
}

// Combine function of the aggregates and transition function of rollup.
PERSONA_FUNCTION(cross_products_combine)
{ return combine_states(fcinfo, read_cross_products, merged); }

PERSONA_FUNCTION(cross_products_merge)
{ return merge_states(fcinfo, read_cross_products, merged); }

PERSONA_FUNCTION(cross_products_subtract)
{
  if (PG_ARGISNULL(1)) {
    if (PG_ARGISNULL(0)) PG_RETURN_NULL();
    return PG_GETARG_DATUM(0);
  }
  if (PG_ARGISNULL(0))
    raise(sqlstate::kDataException, "the part to subtract cannot have been in these cross products",
          "There are no cross products to subtract from.");
  const State whole = read_cross_products(PG_GETARG_DATUM(0));
  const State part = read_cross_products(PG_GETARG_DATUM(1));
  char* const rest = guarded([&]() -> char* {
    CrossProductsState values = CrossProductsState::read(whole.bytes);
    values.subtract(CrossProductsState::read(part.bytes));
    return values.rows() == 0 && values.skipped() == 0 ? nullptr : stored(values).bytes;
  });
  if (rest == nullptr) PG_RETURN_NULL();
  return PointerGetDatum(rest);
}

PERSONA_FUNCTION(cross_products_rows)
{
  const CrossProductsHead head = CrossProductsHead::read(read_cross_products(PG_GETARG_DATUM(0)).bytes);
  PG_RETURN_INT64(head.rows + head.waiting);
}

PERSONA_FUNCTION(cross_products_skipped)
{
  PG_RETURN_INT64(load<std::int64_t>(read_cross_products(PG_GETARG_DATUM(0)).bytes + kCrossProductsSkipped));
}

PERSONA_FUNCTION(cross_products_linear_fit)
{
  InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
  const State state = read_cross_products(PG_GETARG_DATUM(0));
  guarded([&] {
    const CrossProductsState values = CrossProductsState::read(state.bytes);
    for (const Coefficient& c : values.linear_fit(term_names(fcinfo, values.columns() - 1)))
      put_coefficient(fcinfo, c);
  });
  return Datum{0};
}

PERSONA_FUNCTION(cross_products_r_squared)
{
  const State state = read_cross_products(PG_GETARG_DATUM(0));
  bool known = false;
  const double r_squared = guarded([&] {
    const std::optional<double> value = CrossProductsState::read(state.bytes).r_squared();
    known = value.has_value();
    return value.value_or(0);
  });
  if (!known) PG_RETURN_NULL();
  PG_RETURN_FLOAT8(r_squared);
}

PERSONA_FUNCTION(cross_products_correlation)
{ return answer_matrix(fcinfo, &CrossProductsState::correlation); }

PERSONA_FUNCTION(cross_products_covariance)
{ return answer_matrix(fcinfo, &CrossProductsState::covariance); }

}  // namespace persona::pg
