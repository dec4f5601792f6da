#include "pg/models/cache.h"

#include "pg/models/load.h"

extern "C" {
#include "access/parallel.h"
#include "access/transam.h"
#include "access/xact.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
}

namespace persona::pg {
namespace {

// Counts everything that may change what a name means: deployments, grants, roles, the extension itself.
std::uint64_t generation = 1;
// The tables whose invalidation counts; looked up at bind, since their oids change with DROP EXTENSION.
Oid deployment_table = InvalidOid;

struct Meaning {
  std::uint64_t generation;
  TransactionId xmin;  // of the deployment, or of the version addressed directly
  ModelPtr model;
};

// Never destroyed: a backend's exit must not run our destructors after the server's own.
std::unordered_map<std::string, Meaning>& meanings() {
  static auto* map = new std::unordered_map<std::string, Meaning>;
  return *map;
}

struct Contents {
  Oid table;  // the extension instance the id belongs to
  std::unordered_map<std::int64_t, ModelPtr> models;
};

Contents& contents() {
  static auto* all = new Contents{InvalidOid, {}};
  return *all;
}

void relation_changed(Datum /*argument*/, Oid relation) {
  if (!OidIsValid(relation) || !OidIsValid(deployment_table) || relation == deployment_table) generation++;
}

void roles_changed(Datum /*argument*/, int /*cache*/, uint32 /*hash*/) { generation++; }

ModelPtr load_once(std::int64_t model_id) {
  Contents& all = contents();
  if (all.table != deployment_table || all.models.size() >= kMostModels) {
    all.models.clear();
    all.table = deployment_table;
  }
  const auto found = all.models.find(model_id);
  if (found != all.models.end()) return found->second;
  ModelPtr model = load_model(model_id);
  all.models[model_id] = model;
  return model;
}

struct Resolved {
  std::int64_t model_id = 0;  // 0: no such model
  TransactionId xmin = InvalidTransactionId;
};

// What the address means under the active snapshot, seen through the user's row-level security.
Resolved resolve(const ModelAddress& address) {
  static Statement deployed(
      "SELECT m.model_id, d.xmin FROM persona.deployment d "
      "JOIN persona.model m ON m.name OPERATOR(pg_catalog.=) d.name AND m.version OPERATOR(pg_catalog.=) "
      "d.version "
      "WHERE d.name OPERATOR(pg_catalog.=) $1 ORDER BY d.deployment_id DESC LIMIT 1");
  static Statement addressed(
      "SELECT m.model_id, m.xmin FROM persona.model m "
      "WHERE m.name OPERATOR(pg_catalog.=) $1 AND m.version OPERATOR(pg_catalog.=) $2");
  Params params;
  params.text(address.name);
  if (address.version != 0) params.int4(address.version);
  // Its own policies are what decides here, whatever row_security is set to for the user's tables.
  const int nest_level = pg_call([] {
    const int level = NewGUCNestLevel();
    set_config_option("row_security", "on", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
    return level;
  });
  const Rows rows = (address.version == 0 ? deployed : addressed).run(params, true);
  pg_call([&] { AtEOXact_GUC(false, nest_level); });
  if (rows.empty()) return {};
  return {rows.int8(0, 1), static_cast<TransactionId>(rows.oid(0, 2))};
}

bool same_under_latest_snapshot(const ModelAddress& address, std::int64_t model_id) {
  pg_call([] { PushActiveSnapshot(GetLatestSnapshot()); });
  const Resolved latest = resolve(address);
  pg_call([] { PopActiveSnapshot(); });
  return latest.model_id == model_id;
}

}  // namespace

void start_model_cache() {
  CacheRegisterRelcacheCallback(relation_changed, Datum{0});
  CacheRegisterSyscacheCallback(AUTHMEMROLEMEM, roles_changed, Datum{0});
  CacheRegisterSyscacheCallback(AUTHOID, roles_changed, Datum{0});
}

bool holds(const Binding& binding, const char* address, std::size_t length) noexcept {
  if (binding.model == nullptr || binding.generation != generation || binding.user != GetUserId() ||
      binding.address.size() != length || std::memcmp(binding.address.data(), address, length) != 0) {
    return false;
  }
  if (binding.shared) return true;
  const SnapshotData* snapshot = GetActiveSnapshot();
  return snapshot->snapXactCompletionCount == binding.completion_count &&
         snapshot->xmax == binding.snapshot_xmax && snapshot->curcid == binding.snapshot_command;
}

ModelWatch watch_models() {
  pg_call([] {
    AcceptInvalidationMessages();
    deployment_table = catalog_table("deployment");
  });
  return {generation, deployment_table};
}

Binding bind_model(const std::string& text) {
  watch_models();
  Snapshot snapshot = GetActiveSnapshot();
  Binding binding;
  binding.address = text;
  binding.user = GetUserId();
  binding.generation = generation;
  binding.completion_count = snapshot->snapXactCompletionCount;
  binding.snapshot_xmax = snapshot->xmax;
  binding.snapshot_command = snapshot->curcid;

  const std::string key = std::to_string(binding.user) + "/" + text;
  const auto found = meanings().find(key);
  if (found != meanings().end() && found->second.generation == generation &&
      !pg_call([&] { return XidInMVCCSnapshot(found->second.xmin, snapshot); })) {
    binding.model = found->second.model;
    binding.shared = true;
    return binding;
  }

  const ModelAddress address = parse_address(text);
  with_spi([&] {
    const Resolved resolved = resolve(address);
    if (resolved.model_id == 0) throw_no_such_model(address);
    binding.model = load_once(resolved.model_id);
    if (IsInParallelMode() || TransactionIdIsCurrentTransactionId(resolved.xmin)) return;
    if (!same_under_latest_snapshot(address, resolved.model_id) || binding.generation != generation) return;
    if (meanings().size() >= 4 * kMostModels) meanings().clear();
    meanings()[key] = {generation, resolved.xmin, binding.model};
    binding.shared = true;
  });
  return binding;
}

ModelPtr find_model(const std::string& address) { return bind_model(address).model; }

}  // namespace persona::pg
