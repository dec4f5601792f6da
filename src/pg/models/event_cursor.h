// The events of a source user by user, sorted by the users' ids, in pieces: for verbs that go through all
// users without holding all events.
#pragma once

#include "pg/models/history.h"

namespace persona::pg {

struct UserEvents {
  std::string user;
  std::vector<SourceEvent> events;
};

/// Needs SPI for as long as it reads, and an active snapshot.
class EventCursor {
 public:
  /// Reads a query (one SELECT) as the current user.
  EventCursor(const Source& source, EventNames names);
  /// Reads a stored model's source as its owner, security-restricted.
  explicit EventCursor(const LoadedModel& model);
  ~EventCursor() = default;
  EventCursor(const EventCursor&) = delete;
  EventCursor& operator=(const EventCursor&) = delete;

  /// The next user, by id in byte order; false after the last. His rows are those that the fit would read.
  bool next(UserEvents* user);
  /// As next(), but skips the users before `id`; false, and nothing read of the next, when there is none with
  /// that id.
  bool find(const std::string& id, UserEvents* user);

 private:
  struct UserEvent {
    std::string user;
    SourceEvent event;
  };

  SavedIdentity enter() const;
  void open(const Source& source);
  bool fetch();
  bool has_more();

  const LoadedModel* model_ = nullptr;  // whose owner reads; null: the current user
  EventNames names_;
  std::string date_style_;  // of the current user's query
  std::string portal_;
  std::optional<EventReader> reader_;
  ValueReader user_ = {};
  ScratchContext scratch_{"persona events"};
  std::vector<UserEvent> block_;  // read and not yet asked for, from row_
  std::size_t row_ = 0;
  bool ended_ = false;
};

}  // namespace persona::pg
