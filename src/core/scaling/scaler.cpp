// Without clipping, means, deviations and extremes are exact, in one pass. Quantiles, and with clipping all
// parameters, are those of a seeded sample of 10,000 rows, which are all rows where there are no more.
#include "core/scaling/scaler.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/model/feature_columns.h"
#include "core/regression/cross_products_accumulator.h"
#include "core/regression/design.h"
#include "core/regression/feature_summary.h"
#include "core/regression/reservoir.h"
#include "core/scaling/row_scaler.h"
#include "core/scaling/scaled_columns.h"

namespace persona {
namespace {

// Mean, deviation and extremes of one column, exactly.
class ColumnMoments {
 public:
  void consume(const double* values, int rows) { accumulator_.consume(&values, rows); }
  void consume(const std::vector<double>& values) {
    constexpr std::size_t kBlock = RowBlock::kMaxRows;
    for (std::size_t first = 0; first < values.size(); first += kBlock) {
      consume(&values[first], static_cast<int>(std::min(kBlock, values.size() - first)));
    }
  }
  Feature describe(const std::string& name, const Reservoir& sample, int sampled) {
    return describe_number(name, accumulator_.result(), accumulator_, 0, sample, sampled);
  }
  /// Center and scale of the method standard; the scale is 0 where all values are equal.
  void standardize(ColumnScale& scale) {
    const CrossProducts products = accumulator_.result();
    scale.center = products.mean_value(0);
    scale.scale = products.sample_deviation(0);
  }

 private:
  CrossProductsAccumulator accumulator_{1};
};

class ScalerFitter final : public Fitter {
 public:
  explicit ScalerFitter(const FitRequest& request)
      : columns_(scaled_columns(request)),
        clip_(clip_probabilities(request.options)),
        moments_(columns_.names.size()),
        log_moments_(columns_.names.size()),
        sample_(static_cast<int>(columns_.names.size()),
                static_cast<std::uint64_t>(request.options.integer("seed"))) {}

  const std::vector<StreamColumn>& columns() const noexcept override { return columns_.stream; }

  void consume(const RowBlock& block, Poll& poll) override {
    const int rows = block.rows();
    if (rows == 0) return;
    poll.check();
    for (std::size_t c = 0; c < moments_.size(); ++c) {
      const double* values = block.numbers(static_cast<int>(c));
      moments_[c].consume(values, rows);
      if (columns_.methods[c] != ScalingMethod::log || clip_.has_value()) continue;
      logs_.resize(static_cast<std::size_t>(rows));
      std::transform(values, values + rows, logs_.begin(), symmetric_log);
      log_moments_[c].consume(logs_);
    }
    for (int r = 0; r < rows; ++r) {
      double* row = sample_.next_row();
      if (row == nullptr) continue;
      for (std::size_t c = 0; c < moments_.size(); ++c) row[c] = block.numbers(static_cast<int>(c))[r];
    }
  }

  FittedModel finish(const RowBlock& /*last*/, std::int64_t skipped, Poll& poll) override {
    if (sample_.rows() == 0) throw_no_rows(skipped);
    FittedModel model;
    std::vector<std::string> without_scale;
    for (std::size_t c = 0; c < moments_.size(); ++c) {
      poll.check();
      Feature feature = moments_[c].describe(columns_.names[c], sample_, static_cast<int>(c));
      ColumnScale scale = clip_.has_value() ? clipped_scale(c, feature) : plain_scale(c, feature);
      if (scale.scale == 0) {
        scale.scale = 1;
        without_scale.push_back(feature.name);
      }
      check_range(feature, scale);
      add_scale_rows(feature.name, scale, model.coefficients);
      model.features.push_back(std::move(feature));
    }
    add_notices(without_scale, model.notices);
    return model;
  }

 private:
  // Places in Feature::quantiles.
  static constexpr std::size_t kLowerQuartile = (kQuantiles - 1) / 4;
  static constexpr std::size_t kMedian = (kQuantiles - 1) / 2;
  static constexpr std::size_t kUpperQuartile = kLowerQuartile * 3;

  ColumnScale plain_scale(std::size_t c, const Feature& feature) {
    ColumnScale scale;
    scale.method = columns_.methods[c];
    switch (scale.method) {
      case ScalingMethod::standard:
        moments_[c].standardize(scale);
        break;
      case ScalingMethod::log:
        log_moments_[c].standardize(scale);
        break;
      case ScalingMethod::minmax:
        scale.center = *feature.min;
        scale.scale = *feature.max - *feature.min;
        break;
      case ScalingMethod::robust:
        scale.center = feature.quantiles[kMedian];
        scale.scale = feature.quantiles[kUpperQuartile] - feature.quantiles[kLowerQuartile];
        break;
    }
    return scale;
  }

  // The parameters of the clipped values, so that outliers do not stretch the scale they are clipped by.
  ColumnScale clipped_scale(std::size_t c, const Feature& feature) {
    std::vector<double> values(sample_.rows());
    for (std::size_t r = 0; r < values.size(); ++r) values[r] = sample_.value(r, static_cast<int>(c));
    const auto bound = [&](double probability) {
      if (probability == 0) return *feature.min;
      return probability == 1 ? *feature.max : sample_quantile(values, probability);
    };
    ColumnScale scale;
    scale.method = columns_.methods[c];
    scale.clip = std::make_pair(bound(clip_->first), bound(clip_->second));
    for (double& value : values) value = scale.transformed(value);
    switch (scale.method) {
      case ScalingMethod::standard:
      case ScalingMethod::log: {
        ColumnMoments moments;
        moments.consume(values);
        moments.standardize(scale);
        break;
      }
      case ScalingMethod::minmax:
        scale.center = scale.clip->first;
        scale.scale = scale.clip->second - scale.clip->first;
        break;
      case ScalingMethod::robust:
        scale.center = sample_quantile(values, 0.5);
        scale.scale = sample_quantile(values, 0.75) - sample_quantile(values, 0.25);
        break;
    }
    return scale;
  }

  static void check_range(const Feature& feature, const ColumnScale& scale) {
    if (std::isfinite(scale.center) && std::isfinite(scale.scale) && std::isfinite(scale(*feature.min)) &&
        std::isfinite(scale(*feature.max))) {
      return;
    }
    throw Error(sqlstate::kNumericOutOfRange,
                "the scale of column " + quoted(feature.name) + " is out of range", "",
                "Divide the column by a power of ten in the source.");
  }

  void add_notices(const std::vector<std::string>& without_scale, std::vector<std::string>& notices) const {
    if (!columns_.left_out.empty()) {
      const std::string names = quoted_list(columns_.left_out);
      notices.push_back(columns_.left_out.size() == 1
                            ? "column " + names + " is no number and is left out"
                            : "columns " + names + " are no numbers and are left out");
    }
    if (without_scale.empty()) return;
    const std::string names = quoted_list(without_scale);
    notices.push_back(without_scale.size() == 1
                          ? "the spread of column " + names + " is 0 in the training rows: its scale is 1"
                          : "the spreads of columns " + names +
                                " are 0 in the training rows: their scales are 1");
  }

  ScaledColumns columns_;
  std::optional<std::pair<double, double>> clip_;
  std::vector<ColumnMoments> moments_;
  std::vector<ColumnMoments> log_moments_;  // of the logarithms, for columns that take them
  Reservoir sample_;
  std::vector<double> logs_;
};

std::unique_ptr<Fitter> make_fitter(const FitRequest& request) {
  return std::make_unique<ScalerFitter>(request);
}

std::unique_ptr<Transformer> load(const StoredModel& stored) { return std::make_unique<RowScaler>(stored); }

}  // namespace

const Kind& scaler() {
  static const Kind kind = {"scaler",
                            Task::transformation,
                            "Normalizes number columns, in training and serving alike.",
                            scaler_options(),
                            make_fitter,
                            nullptr,
                            load};
  return kind;
}

}  // namespace persona
