#include "pg/server/key_lookup.h"

#include "pg/server/identity.h"
#include "pg/server/spi.h"

extern "C" {
#include "access/table.h"
#include "access/tableam.h"
#include "access/transam.h"
#include "catalog/pg_am.h"
#include "catalog/pg_index.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
}

namespace persona::pg {

namespace {

AttrNumber column_number(Relation table, const char* column) {
  const AttrNumber number = get_attnum(RelationGetRelid(table), column);
  if (number == InvalidAttrNumber) {
    ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN),
                    errmsg("column \"%s\" of table persona.%s does not exist", column,
                           RelationGetRelationName(table)),
                    errhint("Run ALTER EXTENSION persona UPDATE.")));
  }
  return number;
}

// Complete, and as old as every snapshot of this transaction.
bool is_usable(Relation index) {
  const FormData_pg_index* facts = index->rd_index;
  return index->rd_rel->relam == BTREE_AM_OID && facts->indisvalid &&
         (!facts->indcheckxmin ||
          TransactionIdPrecedes(HeapTupleHeaderGetXmin(index->rd_indextuple->t_data), TransactionXmin));
}

}  // namespace

// The table's lock is held, so that none of its indexes goes away.
void KeyLookup::open_index(const char* key) {
  const AttrNumber model = column_number(table_, "model_id");
  const AttrNumber second = column_number(table_, key);
  ListCell* cell;
  foreach (cell, RelationGetIndexList(table_)) {
    Relation index = index_open(lfirst_oid(cell), AccessShareLock);
    const FormData_pg_index* facts = index->rd_index;
    if (facts->indnkeyatts >= 2 && facts->indkey.values[0] == model && facts->indkey.values[1] == second &&
        is_usable(index)) {
      index_ = index;
      return;
    }
    index_close(index, AccessShareLock);
  }
  ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                  errmsg("table persona.%s has no valid index on (model_id, %s)",
                         RelationGetRelationName(table_), key),
                  errhint("Create it as CREATE EXTENSION persona does, or wait until it is built.")));
}

KeyLookup::KeyLookup(const char* table, const char* key, std::initializer_list<const char*> columns) {
  pg_call([&] {
    const Oid table_id = catalog_table(table);
    if (!OidIsValid(table_id)) {
      ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE), errmsg("table persona.%s does not exist", table),
                      errhint("Run ALTER EXTENSION persona UPDATE.")));
    }
    table_ = table_open(table_id, AccessShareLock);
    open_index(key);
    Assert(columns.size() <= kMostColumns);
    std::size_t next = 0;
    for (const char* column : columns) columns_[next++] = column_number(table_, column);
    scan_ = index_beginscan(table_, index_, GetActiveSnapshot(), 2, 0);
    row_ = table_slot_create(table_, nullptr);
  });
}

bool KeyLookup::find_key(std::int64_t model_id, Datum key, Oid equals) {
  CHECK_FOR_INTERRUPTS();
  ScanKeyData keys[2];
  ScanKeyInit(&keys[0], 1, BTEqualStrategyNumber, F_INT8EQ, Int64GetDatum(model_id));
  ScanKeyInit(&keys[1], 2, BTEqualStrategyNumber, equals, key);
  keys[1].sk_collation = index_->rd_indcollation[1];
  index_rescan(scan_, keys, 2, nullptr, 0);
  if (!index_getnext_slot(scan_, ForwardScanDirection, row_)) return false;
  slot_getallattrs(row_);
  return true;
}

bool KeyLookup::find(std::int64_t model_id, std::int32_t key) {
  return pg_call([&] { return find_key(model_id, Int32GetDatum(key), F_INT4EQ); });
}

bool KeyLookup::find(std::int64_t model_id, const std::string& key) {
  const char* data = key.data();
  const auto length = static_cast<int>(key.size());
  return pg_call([&] {
    struct varlena* value = cstring_to_text_with_len(data, length);
    const bool found = find_key(model_id, PointerGetDatum(value), F_TEXTEQ);
    pfree(value);
    return found;
  });
}

Datum KeyLookup::datum(int column, bool* is_null) const {
  const int attribute = columns_[column - 1] - 1;
  *is_null = row_->tts_isnull[attribute];
  return row_->tts_values[attribute];
}

std::int32_t KeyLookup::int4(int column) const {
  bool null;
  const Datum value = datum(column, &null);
  return null ? 0 : DatumGetInt32(value);
}

std::int64_t KeyLookup::int8(int column) const {
  bool null;
  const Datum value = datum(column, &null);
  return null ? 0 : DatumGetInt64(value);
}

std::string KeyLookup::text(int column) const {
  bool null;
  const Datum value = datum(column, &null);
  return null ? "" : text_of(value);
}

std::vector<std::int32_t> KeyLookup::int4_array(int column) const {
  bool null;
  const Datum value = datum(column, &null);
  return null ? std::vector<std::int32_t>{} : int4_array_of(value);
}

std::vector<float> KeyLookup::float4_array(int column) const {
  bool null;
  const Datum value = datum(column, &null);
  return null ? std::vector<float>{} : float4_array_of(value);
}

void KeyLookup::close() {
  pg_call([&] {
    index_endscan(scan_);
    ExecDropSingleTupleTableSlot(row_);
    index_close(index_, NoLock);
    table_close(table_, NoLock);
  });
}

}  // namespace persona::pg
