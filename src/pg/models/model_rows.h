// The rows of a source as one or several models read them: each model's inputs, found by name, and the
// target's value beside them. What evaluate, calibration, gains, compare and drift have in common.
#pragma once

#include <functional>

#include "pg/models/cache.h"
#include "pg/models/source.h"
#include "pg/server/row_stream.h"

namespace persona::pg {

/// The columns that are streamed for several readers, each once.
class SharedColumns {
 public:
  /// The place in the block of a source's column, or of what is read of it. A row that one reader cannot do
  /// without is left out for all.
  int add(const StreamColumn& column);
  /// Parts of dates are those of the model's time zone. Throws 0A000 when two models of different ones read
  /// some.
  void add_time_zone(const LoadedModel& model);

  const std::vector<StreamColumn>& columns() const noexcept { return columns_; }
  const char* time_zone() const noexcept { return time_zone_.empty() ? nullptr : time_zone_.c_str(); }

 private:
  std::vector<StreamColumn> columns_;
  std::string time_zone_;
};

/// One model's view of a block. Throws 42703 for a column the source lacks, 42804 for one of another type
/// than the model was fitted on, 0A000 for a model that scores no rows.
class ModelRows {
 public:
  /// Rows are left out that lack an input which the model needs; with `all`, none.
  ModelRows(const LoadedModel& model, const Source& source, SharedColumns* columns, bool all = false);

  /// The row's inputs for the scorer, NaN for one that is missing and that the model does not take; valid
  /// until the next call.
  const double* inputs(const RowBlock& block, int row);
  /// Whether the row lacks an input.
  bool is_missing(const RowBlock& block, int row, std::size_t input) const;

 private:
  const LoadedModel& model_;
  std::vector<int> places_;                  // of the inputs, in the block
  std::vector<std::vector<double>> levels_;  // by input and code; NaN: not asked yet
  std::vector<double> x_;
};

/// The target beside a model's inputs. Throws as ModelRows does.
class ModelTarget {
 public:
  ModelTarget(const LoadedModel& model, const Source& source, SharedColumns* columns);

  /// The number, or the number of the class from 0. Throws 22000 for a class the model does not know.
  double value(const RowBlock& block, int row);

 private:
  double class_of(const std::string& label) const;

  const LoadedModel& model_;
  int place_ = 0;
  bool is_number_ = false;
  std::vector<double> class_numbers_;  // the classes of a number target, as numbers
  std::vector<double> class_of_code_;  // of a label target; NaN: not asked yet
};

/// Streams the rows that have all the columns, and calls `use` for each. Needs SPI.
StreamCount stream_model_rows(const Source& source, const SharedColumns& columns,
                              const std::function<void(const RowBlock& block, int row)>& use);

}  // namespace persona::pg
