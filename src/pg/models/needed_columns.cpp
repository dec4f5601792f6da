#include "pg/models/needed_columns.h"

extern "C" {
#include "nodes/value.h"
#include "utils/snapmgr.h"
}

namespace persona::pg {
namespace {

struct Needed {
  std::uint64_t generation;
  std::vector<std::string> columns;
};

std::unordered_map<std::string, Needed>& kept() {
  static auto* map = new std::unordered_map<std::string, Needed>;
  return *map;
}

// Of all versions, so that the answer holds for whatever is deployed, reverted to, or seen by an older
// snapshot; a version that is stored later makes it stale.
std::vector<std::string> read_columns(const std::string& name) {
  static Statement statement(
      "SELECT DISTINCT coalesce(f.source_column, f.feature) FROM persona.model m JOIN persona.feature f "
      "USING (model_id) "
      "WHERE m.name OPERATOR(pg_catalog.=) $1 AND f.role NOT IN ('target', 'score')");
  return with_spi([&] {
    return as_owner([&] {
      Params params;
      params.text(name);
      pg_call([] { PushActiveSnapshot(GetLatestSnapshot()); });
      const Rows rows = statement.run(params, true);
      pg_call([] { PopActiveSnapshot(); });
      std::vector<std::string> columns;
      for (std::uint64_t i = 0; i < rows.size(); i++) columns.push_back(rows.text(i, 1));
      return columns;
    });
  });
}

const std::vector<std::string>& columns_of(const std::string& name, std::uint64_t generation) {
  const auto found = kept().find(name);
  if (found != kept().end() && found->second.generation == generation) return found->second.columns;
  std::vector<std::string> columns = read_columns(name);
  if (kept().size() >= 4 * kMostModels) kept().clear();
  Needed& entry = kept()[name];
  entry = {generation, std::move(columns)};
  return entry.columns;
}

}  // namespace

List* needed_columns(const char* address, Oid* table) {
  if (!ActiveSnapshotSet()) return NIL;
  return guarded([&]() -> List* {
    ModelAddress parsed;
    try {
      parsed = parse_address(address);
    } catch (const Error&) {
      return NIL;  // the call itself will say what is wrong with it
    }
    const ModelWatch watch = watch_models();
    *table = watch.table;
    List* list = NIL;
    for (const std::string& column : columns_of(parsed.name, watch.generation)) {
      const char* name = column.c_str();
      list = pg_call([=] { return lappend(list, makeString(pstrdup(name))); });
    }
    return list;
  });
}

}  // namespace persona::pg
