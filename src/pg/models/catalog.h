// The catalog of models from C: names such as churn@8, who owns what, and writing as the tables' owner.
#pragma once

#include "pg/server/arguments.h"
#include "pg/server/identity.h"
#include "pg/server/spi.h"

namespace persona::pg {

/// What a user writes where a verb takes a model: a name, or name@version.
struct ModelAddress {
  std::string name;
  int version = 0;  ///< 0: the deployed one
};

/// Throws 22023 for an empty name, a bad version or more than one @.
ModelAddress parse_address(const std::string& text);
std::string format_address(const ModelAddress& address);

/// 42704, with the mend as its hint.
[[noreturn]] void throw_no_such_model(const ModelAddress& address);

/// A name's owner, seen through no policy; InvalidOid when there is no such name. Needs SPI and as_owner().
Oid model_owner(const std::string& name);

/// 42501 when the name belongs to a role whose privileges `role` lacks. Needs SPI and as_owner().
void check_name_is_ours(const std::string& name, Oid role);

/// Locks the name against concurrent versions and deployments and checks that `role` may write to it: 42704
/// when there is none (or none it may see), 42501 when it may only use it. Answers the owner. Needs SPI and
/// as_owner().
Oid lock_model(const ModelAddress& address, Oid role);

/// The row of persona.model that a verb answers with, copied to where the caller of SPI sees it. Needs SPI
/// and as_owner().
Datum model_row(const std::string& name, int version);

/// The version that serves; 0 when none does. Needs SPI and as_owner().
int deployed_version(const std::string& name);

/// Appends to the deployments and tells every backend. Needs SPI and as_owner().
void append_deployment(const std::string& name, int version, const char* action, Oid role);

/// Marks every backend's cached models stale at commit.
void invalidate_models();

/// What a source's meaning depends on beside its text: stored with the model, and the same at every reading.
struct SourceSettings {
  std::string search_path;  ///< names pg_temp last: left out or elsewhere, a temporary relation of whoever
                            ///< asks would stand in for the owner's table
  std::string time_zone;
  std::string date_style;
};

/// Those of this session.
SourceSettings current_settings();

/// enter_identity for a model's source; also fixes the settings by which ids become text, so that a fit and
/// every later reader write one id alike.
SavedIdentity enter_source(Oid user, int context_flags, const SourceSettings& settings);

/// 42704 when the role that owns a model has been dropped: nothing runs as a role that is not there.
void check_owner_exists(const std::string& name, Oid owner);

}  // namespace persona::pg
