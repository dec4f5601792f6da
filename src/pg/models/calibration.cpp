// calibration and gains: the rows of a source in bins by their score, and what came of them.
#include "pg/models/model_rows.h"
#include "pg/models/scoring.h"
#include "pg/server/result_row.h"

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

}  // namespace
}  // namespace persona::pg

PERSONA_FUNCTION(calibration)
{
  using namespace persona::pg;
  InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
  guarded([&] {
    ScoredSource scored = score_source(fcinfo);
    ServerPoll poll;
    for (const persona::CalibrationBin& bin :
         persona::calibrate(scored.rows, !scored.model->levels.empty(), scored.bins, poll)) {
      ResultRow row;
      row.int4(bin.bin).int8(bin.rows).float8(bin.lowest).float8(bin.highest);
      row.float8(bin.predicted).float8(bin.observed).float8(bin.lower).float8(bin.upper);
      row.store(fcinfo);
    }
  });
  return Datum{0};
}

PERSONA_FUNCTION(gains)
{
  using namespace persona::pg;
  InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
  guarded([&] {
    ScoredSource scored = score_source(fcinfo);
    ServerPoll poll;
    for (const persona::GainsBin& bin : persona::gains_by_bin(scored.rows, scored.bins, poll)) {
      ResultRow row;
      row.int4(bin.bin).int8(bin.rows).float8(bin.total).float8(bin.rate).float8(bin.lift);
      row.float8(bin.cumulative_share).float8(bin.cumulative_gain).float8(bin.cumulative_lift);
      row.float8(bin.threshold).store(fcinfo);
    }
  });
  return Datum{0};
}
