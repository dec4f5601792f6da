#include "pg/portraits/row_merge.h"

#include "pg/portraits/recompute.h"
#include "pg/server/arguments.h"

extern "C" {
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_am.h"
#include "executor/executor.h"
#include "utils/acl.h"
#include "utils/snapmgr.h"
}

namespace persona::pg {
namespace {

// Nothing of the table but its indexes would notice that the executor did not update it.
bool is_ordinary(Relation table, Oid owner) {
  const TupleConstr* constraints = RelationGetDescr(table)->constr;
  const AclMode needed = ACL_SELECT | ACL_INSERT | ACL_UPDATE;
  return table->rd_rel->relkind == RELKIND_RELATION && table->trigdesc == nullptr &&
         (constraints == nullptr || (constraints->num_check == 0 && !constraints->has_generated_stored)) &&
         !table->rd_rel->relrowsecurity && !table->rd_rel->relhassubclass && !table->rd_rel->relispartition &&
         pg_class_aclmask(RelationGetRelid(table), owner, needed, ACLMASK_ALL) == needed;
}

// Which of the used columns each column of the primary key is, and how the index compares it.
bool find_keys(Maintenance* entry, Relation table, const AttrNumber* key_numbers, const int* key_used,
               int keys) {
  RowMerge* merge = &entry->row_merge;
  const Oid primary = RelationGetPrimaryKeyIndex(table);
  if (!OidIsValid(primary)) return false;
  Relation index = index_open(primary, AccessShareLock);
  bool found = index->rd_rel->relam == BTREE_AM_OID && index->rd_index->indisvalid &&
               index->rd_index->indnkeyatts == keys;
  for (int k = 0; k < keys && found; k++) {
    int key = 0;
    while (key < keys && key_numbers[key] != index->rd_index->indkey.values[k]) key++;
    found = key < keys;
    if (!found) break;
    const Oid type = index->rd_opcintype[k];
    const Oid equals = get_opfamily_member(index->rd_opfamily[k], type, type, BTEqualStrategyNumber);
    merge->keys[k] = {key_used[key], get_opcode(equals), index->rd_indcollation[k]};
    found = OidIsValid(equals);
  }
  merge->index = primary;
  merge->key_count = keys;
  index_close(index, AccessShareLock);
  return found;
}

// The other indexes, when the new version of the row did not find room on its page.
void insert_index_entries(Relation table, TupleTableSlot* row) {
  EState* state = CreateExecutorState();
  RangeTblEntry* entry = makeNode(RangeTblEntry);
  entry->rtekind = RTE_RELATION;
  entry->relid = RelationGetRelid(table);
  entry->relkind = table->rd_rel->relkind;
  entry->rellockmode = RowExclusiveLock;
  ExecInitRangeTable(state, list_make1(entry));
  ResultRelInfo* result = makeNode(ResultRelInfo);
  InitResultRelInfo(result, table, 1, nullptr, 0);
  ExecOpenIndices(result, false);
  list_free(ExecInsertIndexTuples(result, row, state, true, false, nullptr, NIL));
  ExecCloseIndices(result);
  FreeExecutorState(state);
}

// The row's values are of the types that the portrait's columns have now, as an assignment would make them.
bool fits(const RowMerge* merge, TupleDesc columns, TupleDesc row) {
  if (row->natts != merge->column_count) return false;
  for (int i = 0; i < merge->column_count; i++) {
    const FormData_pg_attribute* column = TupleDescAttr(columns, merge->columns[i] - 1);
    if (column->atttypid != TupleDescAttr(row, i)->atttypid || column->atttypmod != -1) return false;
  }
  return true;
}

// Merges into a row that is found, unless somebody else changes it or the values have other types.
bool update_row(Maintenance* entry, Relation table, TupleTableSlot* stored, Datum* values, char* nulls,
                Oid* types) {
  RowMerge* merge = &entry->row_merge;
  TupleDesc columns = RelationGetDescr(table);
  for (int i = 0; i < merge->column_count; i++) {
    bool null;
    values[entry->used_count + i] = slot_getattr(stored, merge->columns[i], &null);
    nulls[entry->used_count + i] = null ? 'n' : ' ';
    types[entry->used_count + i] = TupleDescAttr(columns, merge->columns[i] - 1)->atttypid;
  }
  const QueryRow merged = run_row_query(&merge->merged, entry->used_count + merge->column_count, types,
                                        values, nulls, entry->running > 1);
  if (merged.columns == nullptr) {  // the portrait's filter leaves the event out
    finish_row_query(&merge->merged);
    return true;
  }
  if (!fits(merge, columns, merged.columns)) {
    finish_row_query(&merge->merged);
    return false;
  }
  slot_getallattrs(stored);
  for (int i = 0; i < merge->column_count; i++) {
    const int column = merge->columns[i] - 1;
    stored->tts_values[column] = merged.values[i];
    stored->tts_isnull[column] = merged.nulls[i];
  }
  HeapTuple tuple = heap_form_tuple(columns, stored->tts_values, stored->tts_isnull);
  finish_row_query(&merge->merged);
  TupleTableSlot* row = MakeSingleTupleTableSlot(columns, &TTSOpsHeapTuple);
  ExecStoreHeapTuple(tuple, row, false);
  TM_FailureData failure;
  LockTupleMode lock_mode;
  bool indexes_too = false;
  // Waits for a writer of the same row; when that one committed, the row merged here is not the latest.
  const TM_Result result =
      table_tuple_update(table, &stored->tts_tid, row, GetCurrentCommandId(true), GetActiveSnapshot(),
                         InvalidSnapshot, true, &failure, &lock_mode, &indexes_too);
  if (result == TM_Ok && indexes_too) insert_index_entries(table, row);
  ExecDropSingleTupleTableSlot(row);
  return result == TM_Ok;
}

bool find_and_update(Maintenance* entry, Relation table, Datum* values, char* nulls, Oid* types) {
  const RowMerge* merge = &entry->row_merge;
  ScanKeyData keys[INDEX_MAX_KEYS];
  for (int k = 0; k < merge->key_count; k++) {
    ScanKeyInit(&keys[k], static_cast<AttrNumber>(k + 1), BTEqualStrategyNumber, merge->keys[k].equals,
                values[merge->keys[k].used]);
    keys[k].sk_collation = merge->keys[k].collation;
  }
  Relation index = index_open(merge->index, RowExclusiveLock);
  IndexScanDesc scan = index_beginscan(table, index, GetActiveSnapshot(), merge->key_count, 0);
  index_rescan(scan, keys, merge->key_count, nullptr, 0);
  TupleTableSlot* stored = table_slot_create(table, nullptr);
  const bool done = index_getnext_slot(scan, ForwardScanDirection, stored) &&
                    update_row(entry, table, stored, values, nulls, types);
  index_endscan(scan);
  ExecDropSingleTupleTableSlot(stored);
  index_close(index, NoLock);
  return done;
}

}  // namespace

void prepare_row_merge(Maintenance* entry, const PortraitDefinition& definition) {
  RowMerge* merge = &entry->row_merge;
  merge->possible = false;
  const auto keys = static_cast<int>(definition.keys.size());
  if (entry->deferred || keys > INDEX_MAX_KEYS) return;
  AttrNumber key_numbers[INDEX_MAX_KEYS];
  int key_used[INDEX_MAX_KEYS];
  for (int k = 0; k < keys; k++) {
    const PortraitKey& key = definition.keys[static_cast<std::size_t>(k)];
    int used = 0;
    while (used < entry->used_count &&
           key.sql != "event." + quote_name(definition.used[static_cast<std::size_t>(used)].name))
      used++;
    if (used == entry->used_count) return;
    key_used[k] = used;
    key_numbers[k] = pg_call([&] { return get_attnum(entry->portrait, key.label.c_str()); });
    const Oid type = pg_call([&] { return get_atttype(entry->portrait, key_numbers[k]); });
    if (type != entry->used[used].type) return;
  }
  merge->column_count = static_cast<int>(definition.columns.size());
  if (entry->used_count + merge->column_count > MaxHeapAttributeNumber) return;
  merge->columns = pg_call([&] {
    return static_cast<AttrNumber*>(MemoryContextAlloc(
        entry->context, sizeof(AttrNumber) * static_cast<std::size_t>(merge->column_count + 1)));
  });
  for (int i = 0; i < merge->column_count; i++) {
    const char* name = definition.columns[static_cast<std::size_t>(i)].name.c_str();
    merge->columns[i] = pg_call([&] { return get_attnum(entry->portrait, name); });
    if (merge->columns[i] <= 0) return;
    // The merging query is written for this type.
    const Oid type = pg_call([&] { return get_atttype(entry->portrait, merge->columns[i]); });
    if (type != definition.columns[static_cast<std::size_t>(i)].type) return;
  }
  merge->possible = pg_call([&] {
    Relation table = table_open(entry->portrait, AccessShareLock);
    const bool possible =
        is_ordinary(table, entry->owner) && find_keys(entry, table, key_numbers, key_used, keys);
    table_close(table, AccessShareLock);
    return possible;
  });
}

bool merge_in_place(Maintenance* entry, Datum* values, char* nulls, Oid* types) {
  const RowMerge* merge = &entry->row_merge;
  if (!merge->possible || IsolationUsesXactSnapshot()) return false;
  for (int k = 0; k < merge->key_count; k++)
    if (nulls[merge->keys[k].used] == 'n') return false;
  Relation table = table_open(entry->portrait, RowExclusiveLock);
  bool done = false;
  if (entry->valid) {  // the lock may have told of a change
    // What this transaction did before counts, and whatever was committed by now.
    CommandCounterIncrement();
    CheckCmdReplicaIdentity(table, CMD_UPDATE);
    PushActiveSnapshot(GetTransactionSnapshot());
    done = find_and_update(entry, table, values, nulls, types);
    PopActiveSnapshot();
  }
  table_close(table, NoLock);
  return done;
}

}  // namespace persona::pg
