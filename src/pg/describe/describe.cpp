// describe(source): what an analyst looks at first, one row a column and one for the source as a whole.
#include "pg/describe/source_profile.h"
#include "pg/models/catalog.h"
#include "pg/server/result_row.h"

namespace persona::pg {
namespace {

void store_source(const SourceReport& report, FunctionCallInfo fcinfo) {
  ResultRow row;
  row.int4(0);
  row.null();
  row.null();
  row.int8(report.rows);
  row.int8(report.with_null);
  row.int8(report.with_nan);
  row.int8(report.with_infinity);
  row.int8(report.rows - report.repeated);
  row.int8(report.repeated);
  for (int i = 9; i < 21; i++) row.null();
  row.boolean(false);
  row.store(fcinfo);
}

void store_column(const SourceReport& source, const ColumnReport& report, int ordinal,
                  const std::string& name, FunctionCallInfo fcinfo) {
  const ColumnFigures& figures = report.figures;
  ResultRow row;
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
  row.store(fcinfo);
}

}  // namespace
}  // namespace persona::pg

PERSONA_FUNCTION(describe)
{
  using namespace persona::pg;
  InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
  guarded([&] {
    const std::string text = text_argument(fcinfo, 0, "source");
    with_spi([&] {
      const Source source = describe_source(text);
      const SourceReport report = profile_source(source);
      store_source(report, fcinfo);
      for (std::size_t i = 0; i < report.columns.size(); i++) {
        store_column(report, report.columns[i], static_cast<int>(i) + 1, source.columns[i].name, fcinfo);
      }
    });
  });
  return Datum{0};
}
