// Rows of one of our tables by its index on (model_id, key), found through the index itself: a plan is as
// good as the table's statistics, and after a large fit there are none for a while.
#pragma once

#include "pg/server/gates.h"

#include <initializer_list>

extern "C" {
#include "access/genam.h"
#include "executor/tuptable.h"
}

namespace persona::pg {

/// Reads as whoever owns the tables. Needs an active snapshot.
class KeyLookup {
 public:
  /// `table` in schema persona has an index on (model_id, `key`), else 55000. `columns` are numbered from 1,
  /// as those of Rows.
  KeyLookup(const char* table, const char* key, std::initializer_list<const char*> columns);

  /// Whether there is such a row, which is then the one that the others read.
  bool find(std::int64_t model_id, std::int32_t key);
  bool find(std::int64_t model_id, const std::string& key);

  /// A NULL reads as 0, "" or an empty vector.
  std::int32_t int4(int column) const;
  std::int64_t int8(int column) const;
  std::string text(int column) const;
  std::vector<std::int32_t> int4_array(int column) const;
  std::vector<float> float4_array(int column) const;

  /// To be called when no exception ends the transaction, whose abort does the same.
  void close();

 private:
  static constexpr std::size_t kMostColumns = 8;

  void open_index(const char* key);
  bool find_key(std::int64_t model_id, Datum key, Oid equals);
  Datum datum(int column, bool* is_null) const;

  Relation table_ = nullptr;
  Relation index_ = nullptr;
  IndexScanDesc scan_ = nullptr;
  TupleTableSlot* row_ = nullptr;
  AttrNumber columns_[kMostColumns] = {};
};

/// Runs `body(lookup)`.
template <class Body>
void with_lookup(const char* table, const char* key, std::initializer_list<const char*> columns,
                 Body&& body) {
  KeyLookup lookup(table, key, columns);
  body(lookup);
  lookup.close();
}

}  // namespace persona::pg
