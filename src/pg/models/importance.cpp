// importance(model): how much each feature matters over all training rows, from the model's stored rows.
#include "pg/models/load.h"
#include "pg/models/scoring.h"

#include "core/explanation/importance.h"

namespace persona::pg {
namespace {

double fitted_rows(const LoadedModel& model) {
  static Statement statement("SELECT rows FROM persona.model WHERE model_id = $1");
  return as_owner([&] {
    Params params;
    params.int8(model.model_id);
    const Rows rows = statement.run(params, true);
    return rows.empty() ? 0 : static_cast<double>(rows.int8(0, 1));
  });
}

}  // namespace
}  // namespace persona::pg

PERSONA_FUNCTION(importance)
{
  using namespace persona::pg;
  InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
  auto* info = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  guarded([&] {
    const ModelPtr model = find_model(text_argument(fcinfo, 0, "model"));
    const persona::Scorer& scorer = scorer_of(*model);
    const std::vector<persona::Importance> lines = with_spi([&] {
      return persona::feature_importance(scorer, stored_features(*model), fitted_rows(*model),
                                         model->address());
    });
    int rank = 0;
    for (const persona::Importance& line : lines) {
      rank++;
      pg_call([&] {
        Datum values[4] = {Int32GetDatum(rank), CStringGetTextDatum(line.feature.c_str()),
                           Float8GetDatum(line.importance), Float8GetDatum(line.share.value_or(0))};
        bool nulls[4] = {false, false, false, !line.share.has_value()};
        tuplestore_putvalues(info->setResult, info->setDesc, values, nulls);
      });
    }
  });
  return Datum{0};
}
