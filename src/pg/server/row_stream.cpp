#include "pg/server/row_stream.h"

#include "pg/server/time_parts.h"
#include "pg/server/values.h"

extern "C" {
#include "executor/tuptable.h"
}

namespace persona::pg {
namespace {

struct Column {
  int attribute;  // from 0
  int target;     // column of the block
  Missing missing;
  DatePart part;
  bool instant;
  ValueReader reader;
  std::int32_t codes[2];  // of false and true, plus 1; 0 before its first row
};

struct ArrayColumn {
  int attribute;
  int target;  // of the first element; the others follow
  int length;
  Missing missing;
  ArrayReader reader;
};

// The common case, read without a call or a branch.
struct Float8Column {
  int attribute;
  double* rows;  // where the block has the column
};

// The receiver's memory is palloc'd; what it points to in C++ outlives the run.
struct Receiver {
  DestReceiver base;
  const std::vector<StreamColumn>* requested;
  RowBlock* block;
  RowSink* sink;
  StreamCount* count;
  TupleDesc descriptor;
  Float8Column* float8s;  // that must be there
  Column* numbers;        // all others
  Column* labels;
  ArrayColumn* arrays;
  int float8_count;
  int number_count;
  int label_count;
  int array_count;
  double* elements;  // of one array
  pg_tz* zone;
  const double* weights;  // where the block has the weights; null without them
  const char* weight_name;
  int last_attribute;
  int filled;
  bool passed;            // a missing value of the row at hand
  MemoryContext scratch;  // holds what reading a row allocates
  ErrorBuffer error;
};

void flush(Receiver* r) {
  if (r->filled == 0) return;
  r->block->set_rows(r->filled);
  r->filled = 0;
  if (!guard(&r->error, [&] { r->sink->consume(*r->block); })) raise(&r->error);
  MemoryContextReset(r->scratch);
}

const char* column_name(const Receiver* r, int attribute) {
  return NameStr(TupleDescAttr(r->descriptor, attribute)->attname);
}

bool read_number(const Receiver* r, const Column* c, Datum value, double* result) {
  if (c->instant) return read_instant(c->reader.type, value, result);
  if (c->part == DatePart::none) return c->reader.number(value, result);
  int part = 0;
  const bool there = read_date_part(c->reader.type, value, c->part, r->zone, &part);
  *result = part;
  return there;
}

bool read_arrays(Receiver* r, const Datum* values, const bool* nulls) {
  bool complete = true;
  for (int i = 0; i < r->array_count && complete; i++) {
    const ArrayColumn* c = &r->arrays[i];
    bool there = !nulls[c->attribute];
    if (there) {
      there = c->reader.numbers(values[c->attribute], column_name(r, c->attribute), c->length, r->elements);
    } else {
      std::fill_n(r->elements, c->length, std::numeric_limits<double>::quiet_NaN());
    }
    if (!there) {
      complete = c->missing == Missing::pass;
      r->passed = true;
    }
    for (int k = 0; k < c->length; k++) r->block->numbers(c->target + k)[r->filled] = r->elements[k];
  }
  return complete;
}

// Reads the number columns; false when one that must be there is missing.
bool read_numbers(Receiver* r, const Datum* values, const bool* nulls) {
  const int row = r->filled;
  bool complete = true;
  for (int i = 0; i < r->float8_count; i++) {
    const Float8Column c = r->float8s[i];
    const double value = DatumGetFloat8(values[c.attribute]);
    c.rows[row] = value;  // a row left out is overwritten by the next
    complete &= !nulls[c.attribute] & (std::fabs(value) <= std::numeric_limits<double>::max());
  }
  for (int i = 0; i < r->number_count && complete; i++) {
    const Column* c = &r->numbers[i];
    double value;
    if (nulls[c->attribute] || !read_number(r, c, values[c->attribute], &value)) {
      complete = c->missing == Missing::pass;
      r->passed = true;
      value = std::numeric_limits<double>::quiet_NaN();
    }
    r->block->numbers(c->target)[row] = value;
  }
  return complete && (r->array_count == 0 || read_arrays(r, values, nulls));
}

bool label_is_missing(const Receiver* r, const Column* c, const Datum* values, const bool* nulls) {
  if (nulls[c->attribute]) return true;
  int part;
  return c->part != DatePart::none &&
         !read_date_part(c->reader.type, values[c->attribute], c->part, r->zone, &part);
}

bool labels_complete(Receiver* r, const Datum* values, const bool* nulls) {
  for (int i = 0; i < r->label_count; i++) {
    if (!label_is_missing(r, &r->labels[i], values, nulls)) continue;
    if (r->labels[i].missing != Missing::pass) return false;
    r->passed = true;
  }
  return true;
}

void read_labels(Receiver* r, const Datum* values, const bool* nulls) {
  for (int i = 0; i < r->label_count; i++) {
    Column* c = &r->labels[i];
    Dictionary& dictionary = r->block->dictionary(c->target);
    const Datum value = values[c->attribute];
    std::int32_t code = kMissingLabel;
    bool ok = true;
    if (r->passed && label_is_missing(r, c, values, nulls)) {
      ok = true;
    } else if (c->part != DatePart::none) {
      int part = 0;
      read_date_part(c->reader.type, value, c->part, r->zone, &part);
      const auto label = static_cast<std::size_t>(date_part_label(c->part, part));
      ok = guard(&r->error, [&] { code = dictionary.intern(date_part_labels(c->part)[label]); });
    } else if (c->reader.type == INT8OID || c->reader.type == INT4OID) {
      const std::int64_t id = c->reader.type == INT8OID ? DatumGetInt64(value) : DatumGetInt32(value);
      ok = guard(&r->error, [&] { code = dictionary.intern(id); });
    } else if (c->reader.type == BOOLOID) {
      std::int32_t& known = c->codes[DatumGetBool(value) ? 1 : 0];
      if (known == 0) {
        const std::string_view label = c->reader.label(value);
        ok = guard(&r->error, [&] { known = dictionary.intern(label) + 1; });
      }
      code = known - 1;
    } else {
      const std::string_view label = c->reader.label(value);
      ok = guard(&r->error, [&] { code = dictionary.intern(label); });
    }
    if (!ok) raise(&r->error);
    r->block->labels(c->target)[r->filled] = code;
  }
}

// A row of weight 0 says nothing.
bool has_weight(const Receiver* r) {
  if (r->weights == nullptr) return true;
  const double weight = r->weights[r->filled];
  if (weight < 0) {
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("weight column \"%s\" has a negative value", r->weight_name),
                    errhint("Weights count how often a row stands, and are at least 0.")));
  }
  return weight > 0;
}

// Whether a column of the row at hand is missing. The elements of an array are read at its first.
bool is_missing(Receiver* r, const StreamColumn& column, const Datum* values, const bool* nulls) {
  if (nulls[column.source]) return true;
  const Oid type = TupleDescAttr(r->descriptor, column.source)->atttypid;
  if (column.element > 0) {
    if (column.element == 1) {
      ArrayReader reader = {};
      prepare_array_reader(&reader, type);
      reader.numbers(values[column.source], column_name(r, column.source), column.length, r->elements);
    }
    return std::isnan(r->elements[column.element - 1]);
  }
  int part;
  if (column.part != DatePart::none) {
    return !read_date_part(getBaseType(type), values[column.source], column.part, r->zone, &part);
  }
  if (column.encoding == Encoding::label) return false;
  double value;
  if (column.instant) return !read_instant(getBaseType(type), values[column.source], &value);
  ValueReader reader = {};
  reader.type = getBaseType(type);
  return !reader.number(values[column.source], &value);
}

// Counts which columns of a row are missing, or refuses the row.
void count_missing(Receiver* r, const Datum* values, const bool* nulls) {
  for (std::size_t i = 0; i < r->requested->size(); i++) {
    const StreamColumn& column = (*r->requested)[i];
    if (!is_missing(r, column, values, nulls)) continue;
    r->count->missing[i]++;
    if (column.missing != Missing::fail) continue;
    ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
                    errmsg("column \"%s\" has a NULL, NaN or infinite value", column_name(r, column.source)),
                    errdetail("The option \"nulls\" is \"error\"."),
                    errhint("Fill the value in the source, or set \"nulls\" to \"omit\" or \"impute\".")));
  }
}

bool receive(TupleTableSlot* slot, DestReceiver* self) {
  auto* r = reinterpret_cast<Receiver*>(self);
  slot_getsomeattrs(slot, r->last_attribute);
  const Datum* values = slot->tts_values;
  const bool* nulls = slot->tts_isnull;
  MemoryContext const outer = MemoryContextSwitchTo(r->scratch);
  r->passed = false;
  const bool complete = read_numbers(r, values, nulls) && labels_complete(r, values, nulls);
  const bool weighs = !complete || has_weight(r);
  if (complete && weighs) read_labels(r, values, nulls);
  if (!complete || (weighs && r->passed)) count_missing(r, values, nulls);
  MemoryContextSwitchTo(outer);
  if (!complete || !weighs) {
    if (!weighs) r->count->weightless++;
    if (++r->count->skipped % RowBlock::kMaxRows == 0) MemoryContextReset(r->scratch);
    return true;
  }
  r->count->rows++;
  r->filled++;
  if (r->filled == RowBlock::kMaxRows) flush(r);
  return true;
}

void startup(DestReceiver* self, int /*operation*/, TupleDesc descriptor) {
  auto* r = reinterpret_cast<Receiver*>(self);
  const int n = static_cast<int>(r->requested->size());
  r->descriptor = descriptor;
  r->float8s = static_cast<Float8Column*>(palloc0(sizeof(Float8Column) * (n + 1)));
  r->numbers = static_cast<Column*>(palloc0(sizeof(Column) * (n + 1)));
  r->labels = static_cast<Column*>(palloc0(sizeof(Column) * (n + 1)));
  r->arrays = static_cast<ArrayColumn*>(palloc0(sizeof(ArrayColumn) * (n + 1)));
  r->elements = static_cast<double*>(palloc(sizeof(double) * (n + 1)));
  r->scratch = AllocSetContextCreate(CurrentMemoryContext, "persona row", ALLOCSET_DEFAULT_SIZES);
  for (int i = 0; i < n; i++) {
    const StreamColumn& requested = (*r->requested)[i];
    const bool label = requested.encoding == Encoding::label;
    const Oid type = TupleDescAttr(descriptor, requested.source)->atttypid;
    if (requested.source + 1 > r->last_attribute) r->last_attribute = requested.source + 1;
    if (requested.weight) {
      r->weights = r->block->numbers(i);
      r->weight_name = NameStr(TupleDescAttr(descriptor, requested.source)->attname);
    }
    if (!label && requested.missing != Missing::pass && getBaseType(type) == FLOAT8OID) {
      r->float8s[r->float8_count++] = {requested.source, r->block->numbers(i)};
      continue;
    }
    if (requested.element > 0) {
      if (requested.element > 1) continue;
      ArrayColumn* array = &r->arrays[r->array_count++];
      array->attribute = requested.source;
      array->target = i;
      array->length = requested.length;
      array->missing = requested.missing;
      prepare_array_reader(&array->reader, type);
      continue;
    }
    Column* c = label ? &r->labels[r->label_count++] : &r->numbers[r->number_count++];
    c->attribute = requested.source;
    c->target = i;
    c->missing = requested.missing;
    c->part = requested.part;
    c->instant = requested.instant;
    prepare_reader(&c->reader, type, label, CurrentMemoryContext);
  }
}

void shutdown(DestReceiver* self) { flush(reinterpret_cast<Receiver*>(self)); }

void destroy(DestReceiver* /*self*/) {}

}  // namespace

void send_rows(const char* query, DestReceiver* receiver) {
  SPIPlanPtr plan = SPI_prepare_cursor(query, 0, nullptr, CURSOR_OPT_PARALLEL_OK);
  if (plan == nullptr) elog(ERROR, "persona: %s", SPI_result_code_string(SPI_result));
  SPIExecuteOptions options = {};
  options.read_only = true;
  options.must_return_tuples = true;
  options.dest = receiver;
  const int rc = SPI_execute_plan_extended(plan, &options);
  if (rc < 0) elog(ERROR, "persona: %s", SPI_result_code_string(rc));
}

StreamCount stream_rows(const std::string& query, const std::vector<StreamColumn>& columns, RowBlock* block,
                        RowSink* sink, const char* zone) {
  StreamCount count;
  count.missing.resize(columns.size());
  pg_call([&] {
    auto* r = static_cast<Receiver*>(palloc0(sizeof(Receiver)));
    r->base.receiveSlot = receive;
    r->base.rStartup = startup;
    r->base.rShutdown = shutdown;
    r->base.rDestroy = destroy;
    r->base.mydest = DestNone;
    r->requested = &columns;
    r->block = block;
    r->sink = sink;
    r->count = &count;
    r->zone = find_time_zone(zone);
    send_rows(query.c_str(), &r->base);
  });
  return count;
}

ServerPoll::ServerPoll() : last_(GetCurrentTimestamp()) {}

void ServerPoll::check() {
  if (INTERRUPTS_PENDING_CONDITION()) pg_call([] { ProcessInterrupts(); });
}

void ServerPoll::progress(const std::string& message) {
  const std::int64_t now = GetCurrentTimestamp();
  if (now - last_ < 5 * USECS_PER_SEC) return;
  last_ = now;
  pg_call([&] { ereport(NOTICE, (errmsg("%s", message.c_str()))); });
}

}  // namespace persona::pg
