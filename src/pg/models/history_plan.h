// One user's rows of a recommender's source by a plan kept a backend, and the identity under which it runs.
#pragma once

#include "pg/models/cache.h"
#include "pg/models/event_names.h"
#include "pg/models/source.h"

namespace persona::pg {

/// Types of the columns that event_list() names, InvalidOid for one that is not named.
struct EventTypes {
  Oid item = InvalidOid;
  Oid weight = InvalidOid;
  Oid time = InvalidOid;
  Oid basket = InvalidOid;
  Oid segment = InvalidOid;
};

/// Takes the user's id as $1, of type user_type.
struct HistoryPlan {
  SPIPlanPtr plan = nullptr;
  Oid user_type = InvalidOid;
  EventTypes events;
};

/// 42703 when the source has lost the column since the fit.
Oid source_column_type(const Source& source, const std::string& name);

EventTypes event_types(const Source& source, const EventNames& names);

/// What is selected of an event: item, weight, time, basket and segment, those that are named.
std::string event_list(const EventNames& names);

/// Under the current identity. Needs SPI.
HistoryPlan prepare_history(const std::string& source_text, const EventNames& names, int cursor_options);

/// Until leave_identity(): the model's owner, security-restricted, as every stored source. 42501 where
/// temporary objects of this session could run code as the owner.
SavedIdentity enter_owner(const LoadedModel& model);

/// After enter_owner(), for a statement over the model's source that is prepared and not yet run: 42501 where
/// it would read a temporary table of another role.
void refuse_temporary_tables(SPIPlanPtr plan, const LoadedModel& model);

/// The plan of the model, after enter_owner(). 42501 where it would read a temporary table of another role.
HistoryPlan kept_history_plan(const LoadedModel& model);

}  // namespace persona::pg
