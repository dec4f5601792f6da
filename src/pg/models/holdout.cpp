// The split is SQL over the source, so that it is what a user would write himself.
#include "pg/models/holdout.h"

#include "pg/server/arguments.h"

namespace persona::pg {
namespace {

constexpr int kParts = 5;  // one of which is held out

// The source with a column that numbers each user's baskets, the last being 1.
std::string numbered_baskets(const Source& source, const EventNames& names) {
  const std::string user = "s." + quote_name(names.user);
  const std::string time = "s." + quote_name(names.time);
  if (names.basket.empty() || names.basket == names.user) {
    return wrap_source(source,
                       "s.*, pg_catalog.dense_rank() OVER (PARTITION BY " + user + " ORDER BY " + time +
                           " DESC) AS persona_age",
                       time + " IS NOT NULL");
  }
  const std::string basket = "s." + quote_name(names.basket);
  const std::string dated = wrap_source(
      source,
      "s.*, pg_catalog.min(" + time + ") OVER (PARTITION BY " + user + ", " + basket + ") AS persona_at",
      time + " IS NOT NULL AND " + basket + " IS NOT NULL");
  return "SELECT s.*, pg_catalog.dense_rank() OVER (PARTITION BY " + user + " ORDER BY s.persona_at DESC, " +
         basket + "::pg_catalog.text COLLATE \"C\" DESC) AS persona_age FROM (" + dated + ") AS s";
}

Source with_query(const Source& source, std::string query) {
  Source result = source;
  result.query = std::move(query);
  result.primary_key.clear();
  return result;
}

std::string column_list(const Source& source) {
  std::string list;
  for (const SourceColumn& each : source.columns) {
    list += (list.empty() ? "s." : ", s.") + quote_name(each.name);
  }
  return list;
}

}  // namespace

std::string fold_expression(const std::vector<std::string>& key, int folds, std::int64_t seed) {
  std::string value = "ROW(s.*)";
  if (key.size() == 1) value = "s." + quote_name(key[0]);
  if (key.size() > 1) {
    value.clear();
    for (const std::string& column : key) value += (value.empty() ? "ROW(s." : ", s.") + quote_name(column);
    value += ")";
  }
  return "persona.fold(coalesce(" + value + "::pg_catalog.text, ''), " + std::to_string(folds) + ", '" +
         std::to_string(seed) + "'::pg_catalog.int8)";
}

Holdout split_rows(const Source& source, const std::vector<std::string>& key) {
  const std::string fold = fold_expression(key, kParts, 0);
  const std::string columns = column_list(source);
  return {with_query(source, wrap_source(source, columns, fold + " OPERATOR(pg_catalog.<>) 1")),
          with_query(source, wrap_source(source, columns, fold + " OPERATOR(pg_catalog.=) 1"))};
}

Holdout split_events(const Source& source, const EventNames& names) {
  const std::string columns = column_list(source);
  if (!names.time.empty()) {
    const std::string user = "s." + quote_name(names.user);
    const std::string last = "SELECT s.*, pg_catalog.max(s.persona_age) OVER (PARTITION BY " + user +
                             ") AS persona_baskets FROM (" + numbered_baskets(source, names) + ") AS s";
    const std::string from = "SELECT " + columns + " FROM (" + last + ") AS s WHERE ";
    return {with_query(source, from + "s.persona_age OPERATOR(pg_catalog.>) 1 OR s.persona_baskets "
                                      "OPERATOR(pg_catalog.=) 1"),
            with_query(source, from + "s.persona_age OPERATOR(pg_catalog.=) 1 AND s.persona_baskets "
                                      "OPERATOR(pg_catalog.>) 1")};
  }
  return split_rows(source, {names.user, names.item});
}

}  // namespace persona::pg
