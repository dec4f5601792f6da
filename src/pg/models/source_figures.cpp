#include "pg/models/source_figures.h"

#include "core/model/feature_columns.h"
#include "core/regression/basis.h"

#include <charconv>

namespace persona::pg {
namespace {

Rows run_query(const std::string& query) {
  pg_call([&] {
    const int rc = SPI_execute(query.c_str(), true, 0);
    if (rc < 0) elog(ERROR, "persona: %s", SPI_result_code_string(rc));
  });
  return Rows(SPI_tuptable, SPI_processed);
}

std::string column_of(const std::string& name) { return "s." + quote_name(name); }

int array_length(const Source& source, const std::string& name) {
  const std::string column = column_of(name);
  const Rows rows = run_query(
      wrap_source(source, "pg_catalog.cardinality(" + column + ")", column + " IS NOT NULL LIMIT 1"));
  return rows.empty() ? 0 : rows.int4(0, 1);
}

std::string quantiles_sql(const QuantileRequest& request) {
  const std::string column = column_of(request.column);
  std::string list;
  for (const double p : request.probabilities) {
    char buffer[32];
    list += (list.empty() ? "" : ", ") +
            std::string(buffer, std::to_chars(buffer, buffer + sizeof buffer, p).ptr);
  }
  // NaN is larger than all numbers. The literals are a double's range.
  return "pg_catalog.percentile_cont(ARRAY[" + list + "]::pg_catalog.float8[]) WITHIN GROUP (ORDER BY " +
         column + "::pg_catalog.float8) FILTER (WHERE " + column +
         " OPERATOR(pg_catalog.>=) (-1.7976931348623157e308) AND " + column +
         " OPERATOR(pg_catalog.<=) 1.7976931348623157e308)";
}

}  // namespace

void measure_source(const Source& source, FitRequest* request) {
  for (SourceColumn& column : request->columns) {
    if (column.family == SourceColumn::Family::array && is_feature(*request, column.name)) {
      column.length = array_length(source, column.name);
    }
  }
  const std::vector<QuantileRequest> quantiles = quantile_requests(*request);
  if (quantiles.empty()) return;
  std::string select;
  for (const QuantileRequest& each : quantiles) select += (select.empty() ? "" : ", ") + quantiles_sql(each);
  const Rows rows = run_query(wrap_source(source, select, "true"));
  int column = 0;
  for (const QuantileRequest& each : quantiles)
    request->quantiles[each.column] = rows.float8_array(0, ++column);
}

}  // namespace persona::pg
