// importance(model): how much each feature matters over all training rows, from the model's stored rows;
// where groups have models, of the one of all rows.
#include "pg/models/load.h"
#include "pg/models/scoring.h"
#include "pg/server/result_row.h"

#include "core/explanation/importance.h"

PERSONA_FUNCTION(importance)
{
  using namespace persona::pg;
  InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
  guarded([&] {
    const ModelPtr model = find_model(text_argument(fcinfo, 0, "model"));
    const persona::Scorer& scorer = scorer_of(*model).pooled();
    const std::vector<persona::Importance> lines = with_spi([&] {
      const std::vector<persona::Feature> features = stored_features(*model);
      std::vector<const persona::Feature*> inputs;
      for (const persona::ScorerInput& input : scorer.inputs()) {
        inputs.push_back(&input_feature(*model, features, input.name));
      }
      const FittedRows fitted = fitted_rows(*model);
      return persona::feature_importance(scorer, inputs, fitted.rows, fitted.skipped, model->address());
    });
    int rank = 0;
    for (const persona::Importance& line : lines) {
      rank++;
      ResultRow().int4(rank).text(line.feature).float8(line.importance).float8(line.share).store(fcinfo);
    }
  });
  return Datum{0};
}
