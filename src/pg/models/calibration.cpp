// calibration and gains: the rows of a source in bins by their score, and what came of them.
#include "pg/models/model_rows.h"
#include "pg/models/scoring.h"

#include "core/evaluation/evaluator.h"
#include "core/evaluation/score_bins.h"

namespace persona::pg {
namespace {

struct ScoredSource {
  ModelPtr model;
  std::vector<ScoredRow> rows;
  int bins = 0;
};

ScoredSource score_source(FunctionCallInfo fcinfo) {
  ScoredSource result;
  result.model = find_model(text_argument(fcinfo, 0, "model"));
  const std::string source_text = text_argument(fcinfo, 1, "source");
  result.bins = PG_GETARG_INT32(2);
  if (result.bins < 1 || result.bins > 1000) {
    throw Error(sqlstate::kInvalidParameter, "argument \"bins\" must be between 1 and 1000");
  }
  const LoadedModel& model = *result.model;
  const Scorer& scorer = scorer_of(model);
  if (model.levels.size() > 2) {
    throw Error(sqlstate::kFeatureNotSupported,
                "model \"" + model.address() + "\" tells " + std::to_string(model.levels.size()) +
                    " classes apart and has no single score to sort rows by",
                "", "Use evaluate, or fit a model of one class against the others.");
  }
  with_spi([&] {
    const Source source = describe_source(source_text);
    SharedColumns columns;
    ModelRows rows(model, source, &columns);
    ModelTarget target(model, source, &columns);
    stream_model_rows(source, columns, [&](const RowBlock& block, int row) {
      result.rows.push_back({checked_score(scorer, rows.inputs(block, row)), target.value(block, row)});
    });
  });
  return result;
}

void put_float(std::optional<double> value, Datum* datum, bool* null) {
  *null = !value.has_value();
  *datum = Float8GetDatum(value.value_or(0));
}

}  // namespace
}  // namespace persona::pg

PERSONA_FUNCTION(calibration)
{
  using namespace persona::pg;
  InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
  auto* info = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  guarded([&] {
    ScoredSource scored = score_source(fcinfo);
    ServerPoll poll;
    for (const persona::CalibrationBin& bin :
         persona::calibrate(scored.rows, !scored.model->levels.empty(), scored.bins, poll)) {
      pg_call([&] {
        Datum values[8] = {Int32GetDatum(bin.bin),        Int64GetDatum(bin.rows),
                           Float8GetDatum(bin.lowest),    Float8GetDatum(bin.highest),
                           Float8GetDatum(bin.predicted), Float8GetDatum(bin.observed)};
        bool nulls[8] = {};
        put_float(bin.lower, &values[6], &nulls[6]);
        put_float(bin.upper, &values[7], &nulls[7]);
        tuplestore_putvalues(info->setResult, info->setDesc, values, nulls);
      });
    }
  });
  return Datum{0};
}

PERSONA_FUNCTION(gains)
{
  using namespace persona::pg;
  InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
  auto* info = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  guarded([&] {
    ScoredSource scored = score_source(fcinfo);
    ServerPoll poll;
    for (const persona::GainsBin& bin : persona::gains_by_bin(scored.rows, scored.bins, poll)) {
      pg_call([&] {
        Datum values[9] = {Int32GetDatum(bin.bin), Int64GetDatum(bin.rows), Float8GetDatum(bin.total),
                           Float8GetDatum(bin.rate)};
        bool nulls[9] = {};
        put_float(bin.lift, &values[4], &nulls[4]);
        values[5] = Float8GetDatum(bin.cumulative_share);
        put_float(bin.cumulative_gain, &values[6], &nulls[6]);
        put_float(bin.cumulative_lift, &values[7], &nulls[7]);
        values[8] = Float8GetDatum(bin.threshold);
        tuplestore_putvalues(info->setResult, info->setDesc, values, nulls);
      });
    }
  });
  return Datum{0};
}
