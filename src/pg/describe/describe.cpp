// describe(source): what an analyst looks at first, one row a column and one for the source as a whole.
#include "pg/describe/source_profile.h"
#include "pg/models/catalog.h"

namespace persona::pg {
namespace {

// A row of the answer, filled from left to right.
class Row {
 public:
  static constexpr int kColumns = 22;

  void text(const std::optional<std::string>& value) {
    if (!value.has_value()) return null();
    const std::string* from = &*value;
    put(pg_call([=] {
      return PointerGetDatum(cstring_to_text_with_len(from->data(), static_cast<int>(from->size())));
    }));
  }
  void int4(int value) { put(Int32GetDatum(value)); }
  void int8(std::int64_t value) { put(Int64GetDatum(value)); }
  void int8(const std::optional<std::int64_t>& value) { value.has_value() ? int8(*value) : null(); }
  void float8(const std::optional<double>& value) {
    value.has_value() ? put(Float8GetDatum(*value)) : null();
  }
  void boolean(bool value) { put(BoolGetDatum(value)); }
  void null() {
    nulls_[filled_] = true;
    values_[filled_++] = Datum{0};
  }

  void store(ReturnSetInfo* info) {
    while (filled_ < kColumns) null();
    pg_call([&] { tuplestore_putvalues(info->setResult, info->setDesc, values_, nulls_); });
  }

 private:
  void put(Datum value) { values_[filled_++] = value; }

  int filled_ = 0;
  Datum values_[kColumns] = {};
  bool nulls_[kColumns] = {};
};

void store_source(const SourceReport& report, ReturnSetInfo* info) {
  Row row;
  row.int4(0);
  row.null();
  row.null();
  row.int8(report.rows);
  row.int8(report.with_null);
  row.int8(report.with_nan);
  row.int8(report.with_infinity);
  row.int8(report.rows - report.repeated);
  row.int8(report.repeated);
  for (int i = 9; i < Row::kColumns - 1; i++) row.null();
  row.boolean(false);
  row.store(info);
}

void store_column(const SourceReport& source, const ColumnReport& report, int ordinal,
                  const std::string& name, ReturnSetInfo* info) {
  const ColumnFigures& figures = report.figures;
  Row row;
  row.int4(ordinal);
  row.text(name);
  row.text(report.type);
  row.int8(source.rows);
  row.int8(report.nulls);
  row.int8(report.nan);
  row.int8(report.infinite);
  row.int8(report.distinct);
  row.null();
  row.text(figures.commonest);
  if (figures.commonest.has_value()) {
    row.float8(static_cast<double>(figures.commonest_count) / static_cast<double>(figures.values));
  } else {
    row.null();
  }
  row.float8(figures.mean);
  row.float8(figures.stddev);
  row.text(report.minimum);
  for (const std::optional<std::string>& quantile : report.quantiles) row.text(quantile);
  row.text(report.maximum);
  row.int8(figures.outliers);
  row.boolean(!figures.exact);
  row.store(info);
}

}  // namespace
}  // namespace persona::pg

PERSONA_FUNCTION(describe)
{
  using namespace persona::pg;
  InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
  auto* info = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  guarded([&] {
    const std::string text = text_argument(fcinfo, 0, "source");
    with_spi([&] {
      const Source source = describe_source(text);
      const SourceReport report = profile_source(source);
      store_source(report, info);
      for (std::size_t i = 0; i < report.columns.size(); i++) {
        store_column(report, report.columns[i], static_cast<int>(i) + 1, source.columns[i].name, info);
      }
    });
  });
  return Datum{0};
}
