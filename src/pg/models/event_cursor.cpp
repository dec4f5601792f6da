// Users are sorted by their ids as text, under the C collation, so that two sources can be merged whatever
// the types of their columns.
#include "pg/models/event_cursor.h"

namespace persona::pg {
namespace {

constexpr long kRowsAtOnce = 5000;

}  // namespace

EventCursor::EventCursor(const Source& source, EventNames names)
    : names_(std::move(names)), date_style_(current_settings().date_style) {
  const SavedIdentity saved = enter();
  open(source);
  pg_call([&] { leave_identity(saved); });
}

EventCursor::EventCursor(const LoadedModel& model) : model_(&model), names_(model.events) {
  const SavedIdentity saved = enter();
  open(describe_source(model.source));
  pg_call([&] { leave_identity(saved); });
}

// Ids are written as at a fit whatever the session's DateStyle or extra_float_digits: by them two sources are
// merged, and items found.
SavedIdentity EventCursor::enter() const {
  if (model_ != nullptr) return enter_owner(*model_);
  return pg_call([&] {
    const SavedIdentity saved = enter_identity(GetUserId(), 0, GetConfigOption("search_path", false, false));
    settle_text_forms();
    set_locally("datestyle", date_style_.c_str());
    return saved;
  });
}

void EventCursor::open(const Source& source) {
  const std::string user = "s." + quote_name(names_.user);
  const Oid user_type = source_column_type(source, names_.user);
  pg_call([&] { prepare_reader(&user_, user_type, true, CurrentMemoryContext); });
  reader_.emplace(event_types(source, names_));
  const std::string sql = wrap_source(source, user + ", " + event_list(names_), user + " IS NOT NULL") +
                          " ORDER BY " + user + "::pg_catalog.text COLLATE \"C\"";
  SPIPlanPtr plan = pg_call([&] {
    SPIPlanPtr prepared = SPI_prepare_cursor(sql.c_str(), 0, nullptr, CURSOR_OPT_NO_SCROLL);
    if (prepared == nullptr) elog(ERROR, "persona: %s", SPI_result_code_string(SPI_result));
    return prepared;
  });
  if (model_ != nullptr) refuse_temporary_tables(plan, *model_);
  portal_ = pg_call([&] { return SPI_cursor_open(nullptr, plan, nullptr, nullptr, true)->name; });
}

// The next rows; false after the last.
bool EventCursor::fetch() {
  if (ended_) return false;
  block_.clear();
  row_ = 0;
  const SavedIdentity saved = enter();
  pg_call([&] {
    Portal portal = SPI_cursor_find(portal_.c_str());
    if (portal == nullptr) elog(ERROR, "persona: a cursor is gone");
    SPI_cursor_fetch(portal, true, kRowsAtOnce);
    if (SPI_processed == 0) SPI_cursor_close(portal);
  });
  Rows rows(SPI_tuptable, SPI_processed);
  ended_ = rows.empty();
  scratch_.enter();
  for (std::uint64_t row = 0; row < rows.size(); row++) {
    UserEvent each;
    if (!reader_->read(rows, row, 2, &each.event)) continue;
    bool null;
    const Datum id = rows.datum(row, 1, &null);
    each.user = std::string(pg_call([&] { return user_.label(id); }));
    block_.push_back(std::move(each));
  }
  scratch_.leave();
  scratch_.reset();
  rows.free();
  pg_call([&] { leave_identity(saved); });
  return !ended_;
}

bool EventCursor::has_more() {
  while (row_ == block_.size()) {
    if (!fetch()) return false;
  }
  return true;
}

bool EventCursor::next(UserEvents* user) {
  user->events.clear();
  if (!has_more()) return false;
  user->user = block_[row_].user;
  do {
    user->events.push_back(std::move(block_[row_++].event));
  } while (has_more() && block_[row_].user == user->user);
  return true;
}

bool EventCursor::find(const std::string& id, UserEvents* user) {
  while (has_more() && block_[row_].user < id) next(user);
  return has_more() && block_[row_].user == id && next(user);
}

}  // namespace persona::pg
