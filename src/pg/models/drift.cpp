// drift(model, source): the rows of a source, and the scores the model gives them, against the model's
// training rows.
#include "pg/models/load.h"
#include "pg/models/model_rows.h"
#include "pg/models/scoring.h"
#include "pg/server/result_row.h"

#include "core/evaluation/evaluator.h"
#include "core/explanation/drift.h"
#include "core/model/damaged.h"
#include "core/regression/score_summary.h"

namespace persona::pg {
namespace {

struct DriftLine {
  std::string name;
  Drift drift;
  std::optional<double> then_missing, then_mean;
};

NumberDrift number_drift(const LoadedModel& model, const Feature& feature) {
  const auto finite = [](double x) { return std::isfinite(x); };
  if (feature.quantiles.size() == 1 ||
      (!feature.ranks.empty() && feature.ranks.size() != feature.quantiles.size()) ||
      !std::all_of(feature.quantiles.begin(), feature.quantiles.end(), finite) ||
      !std::all_of(feature.ranks.begin(), feature.ranks.end(), finite)) {
    throw_damaged(model.address(), "The quantiles of \"" + feature.name + "\" are not what a fit writes.");
  }
  return {feature.quantiles, feature.ranks};
}

// One input of the model, or its score, against the feature. `rows`: those of the source of the fit.
class InputDrift {
 public:
  InputDrift(const LoadedModel& model, const Feature& feature, double rows) : feature_(feature) {
    if (!feature.basis.empty() && rows > 0) then_missing_ = static_cast<double>(feature.missing) / rows;
    if (feature.is_label) {
      labels_ = std::make_unique<LabelDrift>(level_shares());
    } else {
      numbers_ = std::make_unique<NumberDrift>(number_drift(model, feature));
    }
  }

  void add(double x) { labels_ != nullptr ? labels_->add(x) : numbers_->add(x); }
  void add_missing() { labels_ != nullptr ? labels_->add_missing() : numbers_->add_missing(); }

  DriftLine line() const {
    DriftLine line;
    line.name = feature_.name;
    line.then_missing = then_missing_;
    line.drift = labels_ != nullptr ? labels_->result(then_missing_) : numbers_->result(then_missing_);
    line.then_mean = feature_.mean;
    return line;
  }

 private:
  // Among the values that were there.
  std::vector<double> level_shares() const {
    std::vector<double> shares = feature_.shares;
    if (!feature_.missing_level) return shares;
    const double there = 1 - shares.back();
    shares.pop_back();
    for (double& share : shares) share /= there;
    return shares;
  }

  const Feature& feature_;
  std::optional<double> then_missing_;
  std::unique_ptr<LabelDrift> labels_;
  std::unique_ptr<NumberDrift> numbers_;
};

void warn_of_chance(const std::vector<DriftLine>& lines) {
  constexpr double kWorthSaying = 0.05;
  const auto larger = [](const DriftLine& a, const DriftLine& b) {
    return drift_by_chance(a.drift) < drift_by_chance(b.drift);
  };
  const auto worst = std::max_element(lines.begin(), lines.end(), larger);
  if (worst == lines.end() || worst->drift.rows == 0) return;
  const double chance = drift_by_chance(worst->drift);
  if (chance < kWorthSaying) return;
  notice("with " + std::to_string(worst->drift.rows) + " rows chance alone gives a psi of about " +
         number_text(chance) + " for \"" + worst->name + "\"");
}

std::vector<DriftLine> measure_drift(const LoadedModel& model, const std::string& source_text) {
  const Scorer& scorer = scorer_of(model);
  const std::vector<Feature> features = stored_features(model);
  const FittedRows fitted = fitted_rows(model);
  const Source source = describe_source(source_text);
  SharedColumns columns;
  ModelRows rows(model, source, &columns, true);
  std::vector<InputDrift> inputs;
  for (const ScorerInput& input : scorer.inputs()) {
    inputs.emplace_back(model, input_feature(model, features, input.name), fitted.rows + fitted.skipped);
  }
  const auto is_score = [](const Feature& feature) { return feature.role == kScoreRole; };
  const auto score_feature = std::find_if(features.begin(), features.end(), is_score);
  std::unique_ptr<InputDrift> score;
  if (score_feature != features.end()) score = std::make_unique<InputDrift>(model, *score_feature, 0);
  const StreamCount count = stream_model_rows(source, columns, [&](const RowBlock& block, int row) {
    const double* x = rows.inputs(block, row);
    bool complete = true;
    for (std::size_t i = 0; i < inputs.size(); i++) {
      if (rows.is_missing(block, row, i)) {
        inputs[i].add_missing();
        complete = complete && scorer.takes_missing(static_cast<int>(i));
      } else {
        inputs[i].add(x[i]);
      }
    }
    if (score == nullptr) return;
    if (complete) {
      score->add(checked_score(scorer, x));
    } else {
      score->add_missing();
    }
  });
  if (count.rows == 0)
    throw Error(sqlstate::kNotInPrerequisiteState, "no rows to compare", "The source gave no rows.");
  std::vector<DriftLine> lines;
  for (const InputDrift& input : inputs) lines.push_back(input.line());
  std::stable_sort(lines.begin(), lines.end(), [](const DriftLine& a, const DriftLine& b) {
    return a.drift.psi.value_or(-1) > b.drift.psi.value_or(-1);
  });
  if (score != nullptr) lines.insert(lines.begin(), score->line());
  warn_of_chance(lines);
  return lines;
}

}  // namespace
}  // namespace persona::pg

PERSONA_FUNCTION(drift)
{
  using namespace persona::pg;
  InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
  guarded([&] {
    const ModelPtr model = find_model(text_argument(fcinfo, 0, "model"));
    const std::string source = text_argument(fcinfo, 1, "source");
    for (const DriftLine& line : with_spi([&] { return measure_drift(*model, source); })) {
      const persona::Drift& drift = line.drift;
      ResultRow row;
      row.text(line.name).float8(drift.psi).float8(drift.ks);
      row.text(drift.psi.has_value() ? std::optional<std::string>(persona::assess_drift(*drift.psi))
                                     : std::nullopt);
      row.int8(drift.rows);
      row.float8(drift.outside);
      row.float8(static_cast<double>(drift.missing) / static_cast<double>(drift.rows + drift.missing));
      row.float8(line.then_missing).float8(drift.mean).float8(line.then_mean).store(fcinfo);
    }
  });
  return Datum{0};
}
