// Reads a source once, row by row, and profiles every column and the repetition of whole rows: the executor
// hands each row to a DestReceiver of ours. Memory is bounded: about 600 kB for each of up to 100 columns and
// no more for the whole of wider sources, and work_mem for the rows, beyond which the server's sort spills to
// disk.
#pragma once

#include "pg/models/source.h"

#include "core/describe/column_profile.h"

namespace persona::pg {

struct ColumnReport {
  std::string type;  ///< with its length or precision
  std::int64_t nulls = 0;
  std::int64_t nan = 0;
  std::int64_t infinite = 0;
  std::int64_t distinct = 0;  ///< estimated unless figures.distinct
  ColumnFigures figures;
  std::optional<std::string> minimum;  ///< of what is neither NaN nor infinite
  std::optional<std::string> maximum;
  std::array<std::optional<std::string>, 5> quantiles;  ///< at kProfileQuantiles
};

struct SourceReport {
  std::int64_t rows = 0;
  std::int64_t with_null = 0;  ///< rows with a NULL in some column
  std::int64_t with_nan = 0;
  std::int64_t with_infinity = 0;
  std::int64_t repeated = 0;  ///< rows that equal an earlier one in every column
  std::vector<ColumnReport> columns;
};

/// Runs the source as the current user. Needs SPI.
SourceReport profile_source(const Source& source);

}  // namespace persona::pg
