// recommend_all(model, destination, k): the k best items of every user into a table, user by user of the
// model's source, in batches within one transaction, so that readers see the old rows or the new ones.
#include "pg/models/event_cursor.h"
#include "pg/models/options_json.h"
#include "pg/models/recommend_arguments.h"
#include "pg/models/recommender_evaluation.h"
#include "pg/models/recommending.h"
#include "pg/models/stored_reader.h"
#include "pg/server/row_stream.h"

#include "core/evaluation/fold.h"

namespace persona::pg {
namespace {

constexpr std::size_t kRowsAtOnce = 5000;

struct Parts {
  int parts = 1;
  int part = 1;
};

Parts parts_option(Datum given) {
  const std::vector<OptionSpec> specs = {
      {"parts", OptionType::integer, "1", "Into how many parts the users are divided, by fold().", 1, 1000},
      {"part", OptionType::integer, "1", "Which of the parts is written.", 1, 1000}};
  const Options options(specs, read_json_object(given, "options"), "");
  const Parts parts = {static_cast<int>(options.integer("parts")), static_cast<int>(options.integer("part"))};
  if (parts.part > parts.parts) {
    throw Error(sqlstate::kInvalidParameter, "option \"part\" is larger than \"parts\"", "",
                "Parts are numbered from 1.");
  }
  return parts;
}

void execute(const std::string& sql) {
  pg_call([&] {
    const int rc = SPI_execute(sql.c_str(), false, 0);
    if (rc < 0) elog(ERROR, "persona: %s", SPI_result_code_string(rc));
  });
}

// The table that is written, as the current user.
class Destination {
 public:
  Destination(const std::string& name, const Parts& parts) {
    parse(name);
    if (!exists()) {
      execute("CREATE TABLE " + name_ +
              " (user_id text NOT NULL, rank integer NOT NULL, item text NOT NULL, score float8 NOT NULL, "
              "PRIMARY KEY (user_id, rank))");
    }
    std::string fold;
    if (parts.parts > 1) {
      fold = " WHERE persona.fold(user_id::pg_catalog.text, " + std::to_string(parts.parts) +
             ") OPERATOR(pg_catalog.=) " + std::to_string(parts.part);
    }
    execute("DELETE FROM " + name_ + fold);
    prepare();
  }

  void add(const std::string& user, int rank, const std::string& item, double score) {
    users_.push_back(user);
    ranks_.push_back(rank);
    items_.push_back(item);
    scores_.push_back(score);
  }
  std::size_t waiting() const noexcept { return users_.size(); }

  void flush() {
    if (users_.empty()) return;
    ScratchContext scratch("persona recommendations");
    scratch.enter();
    Params params;
    params.text_array(users_).int4_array(ranks_).text_array(items_).float8_array(scores_);
    scratch.leave();
    pg_call([&] {
      const int rc = SPI_execute_plan(insert_, params.values(), params.nulls(), false, 0);
      if (rc < 0) elog(ERROR, "persona: %s", SPI_result_code_string(rc));
    });
    scratch.reset();
    users_.clear();
    ranks_.clear();
    items_.clear();
    scores_.clear();
  }

 private:
  // As SQL reads a name that may have a schema; quoted anew.
  void parse(const std::string& name) {
    static Statement statement("SELECT pg_catalog.parse_ident($1)");
    Params params;
    params.text(name);
    for (const std::string& part : statement.run(params, true).text_array(0, 1)) {
      name_ += (name_.empty() ? "" : ".") + quote_name(part);
    }
  }

  bool exists() const {
    static Statement statement("SELECT pg_catalog.to_regclass($1) IS NOT NULL");
    Params params;
    params.text(name_);
    bool null;
    return DatumGetBool(statement.run(params, true).datum(0, 1, &null));
  }

  // Ids become what the columns hold: a table with bigint users gets numbers.
  void prepare() {
    const Source table = describe_source("SELECT user_id, rank, item, score FROM " + name_);
    std::string list;
    const char* const columns[] = {"user_id", "rank", "item", "score"};
    for (std::size_t i = 0; i < 4; i++) {
      const std::string type =
          pg_call([&] { return static_cast<const char*>(format_type_be_qualified(table.types[i])); });
      list += (i == 0 ? "x." : ", x.") + std::string(columns[i]) + "::" + type;
    }
    const std::string sql =
        "INSERT INTO " + name_ + " (user_id, rank, item, score) SELECT " + list +
        " FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3), "
        "pg_catalog.unnest($4)) AS x(user_id, rank, item, score)";
    Oid types[] = {TEXTARRAYOID, INT4ARRAYOID, TEXTARRAYOID, FLOAT8ARRAYOID};
    insert_ = pg_call([&] {
      SPIPlanPtr plan = SPI_prepare(sql.c_str(), 4, types);
      if (plan == nullptr) elog(ERROR, "persona: %s", SPI_result_code_string(SPI_result));
      return plan;
    });
  }

  std::string name_;
  SPIPlanPtr insert_ = nullptr;
  std::vector<std::string> users_;
  std::vector<std::int32_t> ranks_;
  std::vector<std::string> items_;
  std::vector<double> scores_;
};

// What may be recommended to everybody, in the model's numbers.
struct Everybody {
  ItemSet candidates;
  ItemSet excluded;
  bool has_candidates = false;
  std::vector<std::string>
      unknown;  // candidates that the model has never seen and that are not excluded, sorted
};

Everybody read_filters(const Filters& filters, const ItemCatalog& catalog) {
  const auto items = static_cast<std::int32_t>(catalog.support.size());
  Everybody all{ItemSet(items), ItemSet(items), filters.candidates.has_value(), {}};
  const auto insert = [&](const std::vector<std::string>& ids, ItemSet* set) {
    for (const std::string& id : ids) {
      const auto found = catalog.numbers.find(id);
      if (found != catalog.numbers.end()) set->insert(found->second);
    }
  };
  if (all.has_candidates) insert(*filters.candidates, &all.candidates);
  insert(filters.excluded, &all.excluded);
  if (all.has_candidates) all.unknown = unknown_candidates(filters, catalog.numbers, filters.excluded);
  return all;
}

std::int64_t recommend_all(const LoadedModel& model, const std::string& destination, const Filters& filters,
                           const Parts& parts) {
  const Recommender& recommender = recommender_of(model);
  const bool exclude_seen = filters.exclude_seen.value_or(recommender.excludes_seen());
  const ItemCatalog catalog = stored_catalog(model);
  std::vector<std::string> ids(catalog.support.size());
  for (const auto& [id, number] : catalog.numbers) ids[static_cast<std::size_t>(number)] = id;
  const Everybody everybody = read_filters(filters, catalog);
  Destination table(destination, parts);
  StoredReader reader(model);
  EventCursor users(model);
  ItemScores scores(model.items);
  UserEvents user;
  ServerPoll poll;
  std::int64_t done = 0;
  while (users.next(&user)) {
    if (parts.parts > 1 && fold_of(user.user, parts.parts, 0) != parts.part) continue;
    const KnownHistory known = number_history(user.events, model.events.rule(), catalog.numbers);
    ItemSet excluded = everybody.excluded;
    if (exclude_seen) {
      for (const std::string& id : known.ids) {
        const auto found = catalog.numbers.find(id);
        if (found != catalog.numbers.end()) excluded.insert(found->second);
      }
    }
    RankingRequest request;
    request.k = filters.k;
    request.excluded = &excluded;
    if (everybody.has_candidates) request.candidates = &everybody.candidates;
    request.segment = reader.segment_popularity(known.history.segment);
    scores.clear();
    scores.want(request);
    recommender.score(known.history, reader, scores, poll);
    int rank = 0;
    for (const RankedItem& each : rank_items(scores, request, poll)) {
      table.add(user.user, ++rank, ids[static_cast<std::size_t>(each.item)], each.score);
    }
    for (const std::string& id : everybody.unknown) {
      if (rank >= filters.k) break;
      if (exclude_seen && std::binary_search(known.ids.begin(), known.ids.end(), id)) continue;
      table.add(user.user, ++rank, id, 0);
    }
    done++;
    if (table.waiting() >= kRowsAtOnce) {
      table.flush();
      poll.progress("recommended to " + std::to_string(done) + " users");
    }
    poll.check();
  }
  table.flush();
  return done;
}

}  // namespace
}  // namespace persona::pg

PERSONA_FUNCTION(recommend_all)
{
  using namespace persona::pg;
  guarded([&] {
    const ModelPtr model = find_model(text_argument(fcinfo, 0, "model"));
    const std::string destination = text_argument(fcinfo, 1, "destination");
    const Filters filters = recommend_filters(fcinfo, 2);
    if (PG_ARGISNULL(6)) throw persona::Error("22004", "argument \"options\" must not be null");
    const Parts parts = parts_option(PG_GETARG_DATUM(6));
    pg_call([] { PreventCommandIfReadOnly("recommend_all()"); });
    const std::int64_t users = with_spi([&] { return recommend_all(*model, destination, filters, parts); });
    notice("recommended to " + std::to_string(users) + (users == 1 ? " user" : " users"));
  });
  return Datum{0};
}
