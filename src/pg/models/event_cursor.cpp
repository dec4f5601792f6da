// Users are sorted by their ids as text, under the C collation, so that two sources can be merged whatever the
// types of their columns.
#include "pg/models/event_cursor.h"

namespace persona::pg {
namespace {

constexpr long kRowsAtOnce = 5000;

}  // namespace

EventCursor::EventCursor(const Source& source, EventNames names) : names_(std::move(names)) { open(source); }

EventCursor::EventCursor(const LoadedModel& model) : model_(&model), names_(model.events) {
  const SavedIdentity saved = enter_owner(model);
  open(describe_source(model.source));
  pg_call([&] { leave_identity(saved); });
}

void EventCursor::open(const Source& source) {
  const std::string user = "s." + quote_name(names_.user);
  const Oid user_type = source_column_type(source, names_.user);
  pg_call([&] { prepare_reader(&user_, user_type, true, CurrentMemoryContext); });
  reader_.emplace(event_types(source, names_));
  const std::string sql = wrap_source(source, user + ", " + event_list(names_), user + " IS NOT NULL") +
                          " ORDER BY " + user + "::pg_catalog.text COLLATE \"C\"";
  portal_ = pg_call([&] {
    SPIPlanPtr plan = SPI_prepare_cursor(sql.c_str(), 0, nullptr, CURSOR_OPT_NO_SCROLL);
    if (plan == nullptr) elog(ERROR, "persona: %s", SPI_result_code_string(SPI_result));
    return SPI_cursor_open(nullptr, plan, nullptr, nullptr, true)->name;
  });
}

// The next rows; false after the last.
bool EventCursor::fetch() {
  if (ended_) return false;
  if (!rows_.empty()) rows_.free();
  scratch_.reset();
  row_ = 0;
  std::optional<SavedIdentity> saved;
  if (model_ != nullptr) saved = enter_owner(*model_);
  pg_call([&] {
    Portal portal = SPI_cursor_find(portal_.c_str());
    if (portal == nullptr) elog(ERROR, "persona: a cursor is gone");
    SPI_cursor_fetch(portal, true, kRowsAtOnce);
    if (SPI_processed == 0) SPI_cursor_close(portal);
  });
  rows_ = Rows(SPI_tuptable, SPI_processed);
  if (saved.has_value()) pg_call([&] { leave_identity(*saved); });
  ended_ = rows_.empty();
  return !ended_;
}

// Reads ahead to the next row that counts.
bool EventCursor::look_ahead() {
  while (!has_pending_) {
    if (row_ == rows_.size() && !fetch()) return false;
    const std::uint64_t row = row_++;
    scratch_.enter();
    if (reader_->read(rows_, row, 2, &pending_)) {
      bool null;
      const Datum id = rows_.datum(row, 1, &null);
      pending_user_ = std::string(pg_call([&] { return user_.label(id); }));
      has_pending_ = true;
    }
    scratch_.leave();
  }
  return true;
}

bool EventCursor::next(UserEvents* user) {
  user->events.clear();
  if (!look_ahead()) return false;
  user->user = pending_user_;
  do {
    user->events.push_back(std::move(pending_));
    has_pending_ = false;
  } while (look_ahead() && pending_user_ == user->user);
  return true;
}

bool EventCursor::find(const std::string& id, UserEvents* user) {
  while (look_ahead() && pending_user_ < id) next(user);
  return has_pending_ && pending_user_ == id && next(user);
}

}  // namespace persona::pg
