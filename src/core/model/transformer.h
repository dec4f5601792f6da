// A loaded model that makes a row of numbers of a row of numbers, column by column.
#pragma once

#include <vector>

#include "core/model/scorer.h"

namespace persona {

/// Immutable once loaded; shared by every call site of a backend.
class Transformer {
 public:
  virtual ~Transformer() = default;

  /// The columns that go in, all of them numbers; those that come out have the same names and order.
  const std::vector<ScorerInput>& inputs() const noexcept { return inputs_; }
  /// `x` and `y` have one double per input. A value that is missing (NaN) or infinite, or whose answer is
  /// past a double's range, comes out as NaN.
  virtual void transform(const double* x, double* y) const noexcept = 0;

 protected:
  std::vector<ScorerInput> inputs_;
};

}  // namespace persona
