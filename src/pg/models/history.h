// What one user has: read live through the model's source, so that a purchase made a second ago counts; or,
// where the source cannot be asked for one user cheaply, as stored with the model.
#pragma once

#include "pg/models/cache.h"
#include "pg/models/history_plan.h"
#include "pg/server/values.h"

#include "core/recommend/history.h"

namespace persona::pg {

/// One row of the source, ids as text.
struct SourceEvent {
  std::string item;
  double weight = 1;
  double time = 0;
  std::string basket;
  std::optional<std::string> segment;
};

/// A history in the model's numbers, with what the model does not know left out.
struct KnownHistory {
  History history;
  std::vector<std::string> ids;  ///< all ids of the history, known or not, each once, sorted
};

/// Reads the columns of event_list() from rows of a statement or a cursor.
class EventReader {
 public:
  explicit EventReader(const EventTypes& types);

  /// `first`: the number of the item's column. False for a row that the fit would have skipped: something
  /// other than the segment is NULL, NaN or infinite.
  bool read(const Rows& rows, std::uint64_t row, int first, SourceEvent* event);

 private:
  EventTypes types_;
  ValueReader item_;
  ValueReader basket_;
  ValueReader segment_;
};

/// The label of a value, as the fit reads it.
std::string label_of(Datum value, Oid type);

/// In the model's numbers, which `numbers` has for the ids it knows.
KnownHistory number_history(const std::vector<SourceEvent>& events, Baskets rule,
                            const std::unordered_map<std::string, std::int32_t>& numbers);

/// The history of one user. Empty for a user the source does not know, and for an id that the source's user
/// column cannot hold. A live read runs the source as the model's owner, under SECURITY_RESTRICTED_OPERATION
/// and the model's search_path. Needs SPI.
KnownHistory read_history(const LoadedModel& model, const std::string& user);

/// A list of items in place of a history: one basket, or for sequential kinds a sequence, the last the
/// newest. Needs SPI.
KnownHistory list_history(const LoadedModel& model, const std::vector<std::string>& items);

}  // namespace persona::pg
