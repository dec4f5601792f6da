// recommend, recommend_for_items, similar_items and preference: their arguments and answers.
#include "pg/models/options_json.h"
#include "pg/models/recommend_arguments.h"
#include "pg/models/recommending.h"
#include "pg/models/stored_reader.h"
#include "pg/server/result_row.h"

namespace persona::pg {
namespace {

// Arguments 2 to 6 of recommend and recommend_for_items.
Filters read_filters(FunctionCallInfo fcinfo) {
  Filters filters = recommend_filters(fcinfo, 2);
  if (PG_ARGISNULL(6)) return filters;
  const std::vector<OptionSpec> specs = {
      {"diversity", OptionType::number, "0",
       "How much variety counts against the score, from 0 to 1: by maximal marginal relevance.", 0, 1}};
  const Options options(specs, read_json_object(PG_GETARG_DATUM(6), "options"), "");
  filters.diversity = options.number("diversity");
  return filters;
}

void put_recommendations(FunctionCallInfo fcinfo, const std::vector<Recommendation>& rows, bool with_reason) {
  int rank = 0;
  for (const Recommendation& recommendation : rows) {
    ResultRow row;
    row.int4(++rank).text(recommendation.item).float8(recommendation.score);
    if (with_reason) row.text(recommendation.reason).text_array(recommendation.because);
    row.store(fcinfo);
  }
}

Datum recommend_user(FunctionCallInfo fcinfo) {
  InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
  guarded([&] {
    const ModelPtr model = find_model(text_argument(fcinfo, 0, "model"));
    const std::string user = id_argument(fcinfo, 1, "user_id");
    const Filters filters = read_filters(fcinfo);
    const auto rows = with_spi([&] {
      recommender_of(*model);  // before the history is read, which other kinds do not have
      StoredReader reader(*model);
      return recommend(*model, read_history(*model, user), filters, &reader);
    });
    put_recommendations(fcinfo, rows, true);
  });
  return Datum{0};
}

Datum similar(FunctionCallInfo fcinfo) {
  InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
  guarded([&] {
    const ModelPtr model = find_model(text_argument(fcinfo, 0, "model"));
    const std::string item = id_argument(fcinfo, 1, "item_id");
    Filters filters;
    filters.k = k_argument(fcinfo, 2);
    read_candidates(fcinfo, 3, &filters);
    const auto rows = with_spi([&] {
      StoredReader reader(*model);
      return find_similar(*model, item, filters, &reader);
    });
    put_recommendations(fcinfo, rows, false);
  });
  return Datum{0};
}

}  // namespace
}  // namespace persona::pg

PERSONA_FUNCTION(recommend)
{ return persona::pg::recommend_user(fcinfo); }
PERSONA_FUNCTION(similar_items)
{ return persona::pg::similar(fcinfo); }

PERSONA_FUNCTION(recommend_for_items)
{
  using namespace persona::pg;
  InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
  guarded([&] {
    const ModelPtr model = find_model(text_argument(fcinfo, 0, "model"));
    const std::vector<std::string> items = text_array_argument(fcinfo, 1);
    const Filters filters = read_filters(fcinfo);
    const auto rows = with_spi([&] {
      recommender_of(*model);
      StoredReader reader(*model);
      return recommend(*model, list_history(*model, items), filters, &reader);
    });
    put_recommendations(fcinfo, rows, true);
  });
  return Datum{0};
}

PERSONA_FUNCTION(preference)
{
  using namespace persona::pg;
  const std::optional<double> result = guarded([&] {
    const ModelPtr model = find_model(text_argument(fcinfo, 0, "model"));
    const std::string user = id_argument(fcinfo, 1, "user_id");
    const std::string item = id_argument(fcinfo, 2, "item_id");
    return with_spi([&] {
      recommender_of(*model);
      StoredReader reader(*model);
      return score_item(*model, read_history(*model, user), item, &reader);
    });
  });
  if (!result.has_value()) PG_RETURN_NULL();
  PG_RETURN_FLOAT8(*result);
}
