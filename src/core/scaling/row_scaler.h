// The loaded scaler, and its rows of persona.coefficient: for each column its center and scale, and lower and
// upper where values are clipped. The term is the column, the group the method, the outcome the parameter.
#pragma once

#include <string>
#include <vector>

#include "core/model/rows.h"
#include "core/model/transformer.h"
#include "core/scaling/column_scale.h"

namespace persona {

/// Appends the column's rows.
void add_scale_rows(const std::string& column, const ColumnScale& scale,
                    std::vector<Coefficient>& coefficients);

class RowScaler final : public Transformer {
 public:
  /// Throws 22000 when the stored rows do not make a scaler.
  explicit RowScaler(const StoredModel& stored);

  void transform(const double* x, double* y) const noexcept override;

 private:
  std::vector<ColumnScale> scales_;
};

}  // namespace persona
