// drift(model, source): the rows of a source, and the scores the model gives them, against the model's
// training rows.
#include "pg/models/load.h"
#include "pg/models/model_rows.h"
#include "pg/models/scoring.h"

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

// A number's comparison; none when training had no value of it.
std::unique_ptr<NumberDrift> number_drift(const LoadedModel& model, const Feature& feature) {
  if (feature.quantiles.empty()) return nullptr;
  const auto finite = [](double x) { return std::isfinite(x); };
  if (feature.quantiles.size() < 2 ||
      (!feature.ranks.empty() && feature.ranks.size() != feature.quantiles.size()) ||
      !std::all_of(feature.quantiles.begin(), feature.quantiles.end(), finite) ||
      !std::all_of(feature.ranks.begin(), feature.ranks.end(), finite)) {
    throw_damaged(model.address(), "The quantiles of \"" + feature.name + "\" are not what a fit writes.");
  }
  return std::make_unique<NumberDrift>(feature.quantiles, feature.ranks);
}

// One input of the model against its feature.
class InputDrift {
 public:
  InputDrift(const LoadedModel& model, const Feature& feature) : feature_(feature) {
    if (feature.is_label) {
      labels_ = std::make_unique<LabelDrift>(feature.shares);
    } else {
      numbers_ = number_drift(model, feature);
    }
  }

  void add(double x) {
    if (std::isnan(x)) {
      if (labels_ != nullptr) labels_->add_missing();
      if (numbers_ != nullptr) numbers_->add_missing();
    } else {
      if (labels_ != nullptr) labels_->add(x);
      if (numbers_ != nullptr) numbers_->add(x);
    }
  }

  DriftLine line() const {
    DriftLine line;
    line.name = feature_.name;
    if (labels_ != nullptr) line.drift = labels_->result(line.then_missing);
    if (numbers_ != nullptr) line.drift = numbers_->result(line.then_missing);
    line.then_mean = feature_.mean;
    return line;
  }

 private:
  const Feature& feature_;
  std::unique_ptr<LabelDrift> labels_;
  std::unique_ptr<NumberDrift> numbers_;
};

const Feature* find_feature(const std::vector<Feature>& features, const std::string& name, const char* role) {
  for (const Feature& feature : features) {
    if (feature.name == name && feature.role == role) return &feature;
  }
  return nullptr;
}

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
  const Source source = describe_source(source_text);
  SharedColumns columns;
  ModelRows rows(model, source, &columns, Missing::pass);
  std::vector<InputDrift> inputs;
  for (const ScorerInput& input : scorer.inputs()) {
    const Feature* feature = find_feature(features, input.name, "feature");
    if (feature == nullptr)
      throw_damaged(model.address(), "The input \"" + input.name + "\" has no feature.");
    inputs.emplace_back(model, *feature);
  }
  const Feature* score_feature = find_feature(features, kScoreFeature, kScoreRole);
  std::unique_ptr<InputDrift> score;
  if (score_feature != nullptr) score = std::make_unique<InputDrift>(model, *score_feature);
  const StreamCount count = stream_model_rows(source, columns, [&](const RowBlock& block, int row) {
    const double* x = rows.inputs(block, row);
    bool complete = true;
    for (std::size_t i = 0; i < inputs.size(); i++) {
      inputs[i].add(x[i]);
      complete = complete && !std::isnan(x[i]);
    }
    if (score != nullptr) score->add(complete ? checked_score(scorer, x) : std::nan(""));
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

void put_float(std::optional<double> value, Datum* datum, bool* null) {
  *null = !value.has_value();
  *datum = Float8GetDatum(value.value_or(0));
}

}  // namespace
}  // namespace persona::pg

PERSONA_FUNCTION(drift)
{
  using namespace persona::pg;
  InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
  auto* info = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  guarded([&] {
    const ModelPtr model = find_model(text_argument(fcinfo, 0, "model"));
    const std::string source = text_argument(fcinfo, 1, "source");
    for (const DriftLine& line : with_spi([&] { return measure_drift(*model, source); })) {
      const persona::Drift& drift = line.drift;
      pg_call([&] {
        Datum values[10] = {CStringGetTextDatum(line.name.c_str())};
        bool nulls[10] = {};
        put_float(drift.psi, &values[1], &nulls[1]);
        put_float(drift.ks, &values[2], &nulls[2]);
        nulls[3] = nulls[1];
        values[3] = nulls[1] ? Datum{0} : CStringGetTextDatum(persona::assess_drift(*drift.psi));
        values[4] = Int64GetDatum(drift.rows);
        values[5] = Float8GetDatum(drift.outside);
        nulls[5] = drift.rows == 0;
        values[6] = Float8GetDatum(static_cast<double>(drift.missing) /
                                   static_cast<double>(drift.rows + drift.missing));
        nulls[6] = drift.rows + drift.missing == 0;
        put_float(line.then_missing, &values[7], &nulls[7]);
        put_float(drift.mean, &values[8], &nulls[8]);
        put_float(line.then_mean, &values[9], &nulls[9]);
        tuplestore_putvalues(info->setResult, info->setDesc, values, nulls);
      });
    }
  });
  return Datum{0};
}
