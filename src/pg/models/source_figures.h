// What a fit has to know of its source before the first row: how long its arrays are, and the quantiles that
// become edges of bins and knots of splines. Each costs a query of the source, where it is needed at all.
#pragma once

#include "pg/models/source.h"

namespace persona::pg {

/// Fills in SourceColumn::length of arrays that are features, from their first row that is not NULL, and
/// FitRequest::quantiles, over all finite values. As the current user under the current search_path. Needs
/// SPI.
void measure_source(const Source& source, FitRequest* request);

}  // namespace persona::pg
