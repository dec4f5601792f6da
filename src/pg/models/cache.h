// Models loaded once a backend, and the rule by which no backend, transaction or standby reads a stale one.
//
// What a name means (which version serves) changes; what a version contains never does. So contents are
// cached by model_id for good, and meanings under this rule:
//   1. at bind, pending invalidations are accepted;
//   2. a shared meaning is used only if its generation is current and its deployment is visible to the active
//      snapshot;
//   3. otherwise the meaning is read under the active snapshot, and shared only if the latest snapshot gives
//      the same and the deployment is not of this transaction (never in parallel mode);
//   4. a call site with an unshared meaning holds for exactly one snapshot.
// Meanings are kept by user too, since row-level security decides who sees a model.
#pragma once

#include "pg/models/catalog.h"
#include "pg/models/event_names.h"

#include "core/model/kind.h"
#include "core/recommend/recommender.h"

namespace persona::pg {

/// The immutable contents of one version.
struct LoadedModel {
  std::int64_t model_id = 0;
  std::string name;
  int version = 0;  ///< 0: not stored
  Oid owner = InvalidOid;
  const Kind* kind = nullptr;
  Options options;
  std::string source;
  SourceSettings settings;
  std::string target;
  std::vector<std::string> levels;                 ///< of the target: negative, positive; empty for a number
  std::unique_ptr<const Scorer> scorer;            ///< null for kinds that do not score rows
  std::unique_ptr<const Transformer> transformer;  ///< null for kinds that do not transform rows
  std::unique_ptr<const Recommender> recommender;  ///< null for kinds that do not recommend
  EventNames events;                               ///< columns of a recommender's source
  std::int32_t items = 0;                          ///< catalog size of a recommender
  std::size_t factors = 0;                         ///< length of its vectors, if its kind has any
  bool keeps_history = false;                      ///< the users' histories are stored with the model

  std::string address() const { return format_address({name, version}); }
};

/// More versions than any backend works with at a time; past it what a backend keeps of models starts over.
inline constexpr std::size_t kMostModels = 256;

using ModelPtr = std::shared_ptr<const LoadedModel>;

/// What a call site is bound to, and for how long that holds. Plain data but for the model.
struct Binding {
  ModelPtr model;
  std::string address;  ///< as the user wrote it
  std::uint64_t generation = 0;
  bool shared = false;
  Oid user = InvalidOid;
  std::uint64_t completion_count = 0;  ///< the three that identify a snapshot
  TransactionId snapshot_xmax = InvalidTransactionId;
  CommandId snapshot_command = 0;
};

/// True when the binding still holds for `address` under the active snapshot. Cheap: called once a row.
bool holds(const Binding& binding, const char* address, std::size_t length) noexcept;

/// Binds an address under the active snapshot. Throws 42704 when there is no such model or the user may not
/// use it.
Binding bind_model(const std::string& address);

/// As bind_model, for verbs that are called once a statement: answers the model only.
ModelPtr find_model(const std::string& address);

/// What to remember beside anything derived from models: it is stale once the generation has moved on, which
/// an invalidation of the table (of deployments) brings about.
struct ModelWatch {
  std::uint64_t generation;
  Oid table;
};
ModelWatch watch_models();

/// Registers the invalidation callbacks; called by _PG_init.
void start_model_cache();

}  // namespace persona::pg
